#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vmiprof record --lttng: the same events as in our trace, in guest time, in a
# session of our own or of somebody else; a daemon that dies.
# shellcheck disable=SC2317 # functions are run by exits, ok and wait_for
# shellcheck source=tests/tap.sh source=tests/record.sh source=tests/lttng.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh
. tests/lttng.sh

short=(--append rounds=2)
long=(--append rounds=100000)
report() { timeout 60 "$BUILD/vmiprof" report "$@"; }

# A session of our own, and no daemon before.
t=$SCRATCH/trace
exits 'a session of our own' 0 record -o "$t" --lttng "${short[@]}"
like 'it says that it started the daemon' "$OUTPUT" 'started lttng-sessiond, process [0-9]+'
like 'it names the session' "$OUTPUT" "events go to the LTTng session 'vmiprof-[-0-9]+', $LTTNG_HOME/"
ok 'the daemon has ended' gone "$(sed -n 's/.*started lttng-sessiond, process //p' <<< "$OUTPUT")"
ok 'the trace in the directory is whole' check_counts "$t"
is 'each call as often in LTTng as in our trace' "$(lttng_calls "$LTTNG_HOME")" "$(cat "$SCRATCH/.calls")"
babeltrace2 "$LTTNG_HOME" | grep -Eo 'vmi:call: .* time = [0-9]+' | grep -Eo '[0-9]+$' > "$SCRATCH/times"
ok 'events come in the order of guest time' sort -nc "$SCRATCH/times"
is 'the run' "$(babeltrace2 "$LTTNG_HOME" | grep 'vmi:run:' | tail -n 1 | grep -Eo '(uuid|tsc_hz|guest) = [^,]*')" \
	"uuid = \"$(sed -n '/^trace {/,/^}/s/^\tuuid = "\(.*\)";/\1/p' "$t/metadata")\"
$(run_json "$t" "'tsc_hz = %d' % r['tsc_hz']")
guest = \"embedded\""

# Reading it.
ok 'report reads it' report "$LTTNG_HOME"
report "$LTTNG_HOME" > "$SCRATCH/lttng.txt"
report "$t" > "$SCRATCH/ctf.txt"
is 'report shows the same of both' "$(table "$SCRATCH/lttng.txt")" "$(table "$SCRATCH/ctf.txt")"
ok 'plot draws it' "$BUILD/vmiprof" plot -o "$SCRATCH/plot.svg" "$LTTNG_HOME"

stream=$(find "$LTTNG_HOME" -name 'vmi_*' ! -name '*.idx' -printf '%s %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
cp -r "$LTTNG_HOME/lttng-traces" "$SCRATCH/torn"
truncate -s -100 "$SCRATCH/torn/${stream#*/lttng-traces/}"
exits 'a torn file: what can be read is shown' 2 report "$SCRATCH/torn"
like 'it names the file and the bytes' "$OUTPUT" "${stream##*/}: the packet at byte [0-9]+ is torn or corrupt: the [0-9]+ bytes"
like 'and says that the report is partial' "$OUTPUT" 'PARTIAL'
like 'with calls' "$OUTPUT" '^GetInterruptMask +[1-9]'
cp -r "$LTTNG_HOME/lttng-traces" "$SCRATCH/foreign"
find "$SCRATCH/foreign" -name metadata -exec truncate -s 1000 {} +
exits 'metadata that is cut off' 1 report "$SCRATCH/foreign"
like 'it names the file' "$OUTPUT" 'metadata: the packet at byte 0 is torn or corrupt'

# Somebody else's session.
rm -rf "$LTTNG_HOME/lttng-traces"
mkdir "$SCRATCH/tmp"
start_sessiond || echo "Bail out! lttng-sessiond does not start"
lttng -q create mine --output "$SCRATCH/mine"
exits 'no -o: into a session that is there' 0 env TMPDIR="$SCRATCH/tmp" "$BUILD/vmiprof" record --lttng=mine "${short[@]}"
ok 'its daemon lives on' kill -0 "$SESSIOND"
like 'the session too' "$(lttng list)" 'mine'
is 'no file is left' "$(ls "$SCRATCH/tmp")" ''
lttng -q destroy mine
exits 'report over that session' 0 report "$SCRATCH/mine"
# Nobody promised that none is lost: the guest does not wait.
read -r counted recorded lost < <(sed -nE 's/,//g; s/^Events +([0-9]+) counted by the ROM ([0-9]+) recorded ([0-9]+) lost.*/\1 \2 \3/p' <<< "$OUTPUT")
ok 'the counts agree' test "$counted" -gt 0 -a "$counted" = "$((recorded + lost))"

# What cannot be.
exits '--lttng-url without --lttng' 64 record -o "$SCRATCH/no" --lttng-url net://localhost
exits '--lttng with totals only' 64 record --lttng --level=count
exits 'neither -o nor --lttng' 64 record
exits 'nobody listens at the URL' 1 record --lttng --lttng-url net://127.0.0.1:9:9
like 'it names session and URL' "$OUTPUT" "LTTng session 'vmiprof-.*127\.0\.0\.1"
kill "$SESSIOND" && wait_for 10 gone "$SESSIOND"
mkdir "$SCRATCH/bin"
ln -s "$(command -v qemu-system-x86_64)" "$SCRATCH/bin"
exits 'no session daemon to start' 1 env PATH="$SCRATCH/bin" "$BUILD/vmiprof" record --lttng
like 'it names the package' "$OUTPUT" 'lttng-sessiond: .*lttng-tools'

# A daemon that dies.  There is something in the session by then.
arrived()
{
	[ -n "$(find "$1" -name 'vmi_*' -size +0 ! -name '*.idx' 2> /dev/null)" ] || return
	[ "$1" != "$LTTNG_HOME" ] || [ -n "$(find "$1" -name metadata -size +8k)" ]
}
# while_recording NAME DIR-OF-LTTNG PID URL...: record, kill PID, stop.
while_recording()
{
	local t=$SCRATCH/$1 dir=$2 pid=$3 vmiprof
	shift 3
	interruptible "$BUILD/vmiprof" record -o "$t" "${long[@]}" --lttng "$@" > "$t.out" 2>&1 &
	vmiprof=$!
	wait_for 60 arrived "$dir" || echo "nothing arrived"
	kill -KILL "$pid"
	# It has to notice by itself, while events go on.
	runs_for "$vmiprof" 100
	sleep 3
	kill -INT "$vmiprof"
	wait "$vmiprof"
	echo "status $?"
}
start_sessiond
is 'the session daemon dies: exit status' "$(while_recording daemon "$LTTNG_HOME" "$SESSIOND")" 'status 130'
like 'it is named' "$(cat "$SCRATCH/daemon.out")" 'the LTTng session daemon has gone: events are missing'
# It has millions of events: report compares all counts, too.
ok 'what is in the directory is whole' report "$SCRATCH/daemon"
is 'run.json says partial' "$(run_json "$SCRATCH/daemon" 'r["status"], "session daemon" in r["reason"]')" "('partial', True)"
exits 'what LTTng got can be read' 2 report "$LTTNG_HOME"
like 'and is partial' "$OUTPUT" 'no event vmi:end'
like 'with calls' "$OUTPUT" '^GetInterruptMask +[1-9]'

rm -rf "$LTTNG_HOME/lttng-traces"
wait_for 10 gone "$SESSIOND"
lttng-relayd -C tcp://127.0.0.1:25342 -D tcp://127.0.0.1:25343 -L tcp://127.0.0.1:25344 \
	-o "$SCRATCH/relayed" > /dev/null 2>&1 &
relayd=$!
disown "$relayd"
daemons+=("$relayd")
listens() { grep -qiE "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$1") [0-9A-F]+:0000 0A" /proc/net/tcp /proc/net/tcp6; }
for port in 25342 25343 25344; do
	wait_for 60 listens "$port"
done
is 'the relay dies: exit status' "$(while_recording relay "$SCRATCH/relayed" "$relayd" \
	--lttng-url net://127.0.0.1:25342:25343)" 'status 130'
like 'it is named' "$(cat "$SCRATCH/relay.out")" 'the LTTng relay at .*127\.0\.0\.1:25342.* has gone: events are missing'
ok 'what is in the directory is whole, with a dead relay too' report "$SCRATCH/relay"

done_testing
