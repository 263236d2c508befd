#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The patched kernel tells the host how each call is made, at boot and when that
# is switched; vmiprof record notes it with the guest's time.
# shellcheck disable=SC2317 # functions are run by ok
# shellcheck source=tests/tap.sh source=tests/record.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh

[ -s "$BUILD/linux/bzImage" ] || skip_all "$BUILD/linux/bzImage is not built; run make linux"

mkdir -p "$SCRATCH/extra/bin"
cat > "$SCRATCH/extra/bin/switch" <<-'END'
#!/bin/sh
mode=/sys/kernel/debug/vmi/mode
sleep 0.1
echo native > $mode
sleep 0.1
echo cli:count,sti:stub > $mode
sleep 0.1
END
chmod +x "$SCRATCH/extra/bin/switch"
(cd "$SCRATCH/extra" && find . | cpio -o -H newc -R 0:0 --quiet | gzip) > "$SCRATCH/extra.gz"
cat "$BUILD/initramfs.cpio.gz" "$SCRATCH/extra.gz" > "$SCRATCH/initrd"

t=$SCRATCH/trace
exits 'Linux is recorded while its sites are switched' 0 record -q -o "$t" --guest linux \
	--initrd "$SCRATCH/initrd" --append 'run=/bin/switch vmi=stub,pushf:count' --lossless
history() # CALL
{
	run_json "$t" "' '.join(m['mode'] for m in r['modes'] if m['call'] == '$1')"
}
is 'a call that was switched twice' "$(history DisableInterrupts)" 'stub native count'
is 'another one' "$(history EnableInterrupts)" 'stub native stub'
is 'one with a mode of its own at boot' "$(history GetInterruptMask)" 'count native'
is 'one that was switched once' "$(history SetCR3)" 'stub native'
is 'a call without a site' "$(history Init)" ''
is 'nothing is left out' "$(run_json "$t" 'r["modes_left_out"]')" 0
is 'times never step back' \
	"$(run_json "$t" '[m["time"] for m in r["modes"]] == sorted(m["time"] for m in r["modes"])')" True
is 'seconds are those of the clock' \
	"$(run_json "$t" 'all(abs(m["since_s"] - m["time"] / r["tsc_hz"]) < 1e-6 for m in r["modes"])')" True

is 'calls that only their sites counted are told' \
	"$(run_json "$t" 'r["site_counts"]["DisableInterrupts"] > 0, r["site_counts"]["GetInterruptMask"] > 0, "SetCR3" in r["site_counts"]')" \
	'(True, True, False)'
is 'and are none of the recorded ones' \
	"$(run_json "$t" 'v["events_counted"] == v["events_recorded"] + v["events_lost"] == sum(v["counted"].values())')" True

# The guest's time is that of the events: a native call is in none.
events_after() # CALL MODE: events of the call since it has that mode.
{
	local since
	since=$(run_json "$t" "[m['time'] for m in r['modes'] if m['call'] == '$1' and m['mode'] == '$2'][-1]")
	babeltrace2 --clock-cycles "$t" 2> /dev/null |
		sed -n "s/^\[0*\([0-9]*\)\].*call = ( \"$1\".*/\1/p" |
		awk -v since="$since" '{ n[$1 > since]++ } END { print (n[0] > 0) "," n[1] + 0 }'
}
is 'no event of a call since it is native' "$(events_after SetCR3 native)" '1,0'
is 'nor since it is counted' "$(events_after DisableInterrupts count)" '1,0'
like 'but of one that is a stub again' "$(events_after EnableInterrupts stub)" '^1,[1-9]'

exits 'a guest that says nothing' 0 record -q -o "$SCRATCH/embedded"
is 'has no modes' "$(run_json "$SCRATCH/embedded" 'r["modes"], r["modes_left_out"], r["site_counts"]')" '(None, 0, None)'

done_testing
