#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# However a recording ends, it says how, its exit status does too, QEMU is gone,
# and what was recorded can be read.
# shellcheck disable=SC2317 # functions are run by exits and ok
# shellcheck source=tests/tap.sh source=tests/record.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh

# Long enough to be ended in the middle.
forever=(--append rounds=100000)

# start DIR ARGS...: record in the background until there are events.
start()
{
	interruptible "$BUILD/vmiprof" record -o "$@" > "$SCRATCH/out" 2>&1 &
	pid=$!
	wait_for 60 has_events "$1" || diag "no events come: $(cat "$SCRATCH/out")"
	qemu=$(qemu_of "$pid")
}

# ended NAME STATUS MESSAGE: it ends so, and QEMU with it.
ended()
{
	local status
	wait "$pid" 2> /dev/null
	status=$?
	is "$1: exit status" "$status" "$2"
	like "$1: message" "$(cat "$SCRATCH/out")" "$3"
	ok "$1: QEMU is gone" wait_for 20 gone "$qemu"
}

readable() # NAME DIR
{
	ok "$1: the counts agree" check_counts "$2"
	is "$1: babeltrace2 has no other warning" "$(other_warnings)" ''
}

exits 'timeout' 4 record -o "$SCRATCH/timeout" --timeout 12 "${forever[@]}"
like 'timeout: message' "$OUTPUT" 'did not end within 12 s'
like 'progress without a terminal: time, events, rate and lost' "$OUTPUT" \
	'^vmiprof: [0-9]+\.[0-9] s  [0-9,]+ events  [0-9]+\.[0-9]+ M/s  lost [0-9,]+$'
is 'timeout: run.json' "$(run_json "$SCRATCH/timeout" 'r["status"], r["exit"]["kind"]')" "('partial', 'timeout')"
# Too many events for babeltrace2; the shorter recordings below go through it.
is 'timeout: recorded + lost = counted' "$(run_json "$SCRATCH/timeout" \
	'v["events_counted"] > 0 and v["events_recorded"] + v["events_lost"] == v["events_counted"]')" True
rm -r "$SCRATCH/timeout"

for signal in INT TERM HUP; do
	start "$SCRATCH/$signal" "${forever[@]}"
	kill -s "$signal" "$pid"
	ended "SIG$signal" $((128 + $(kill -l "$signal"))) 'interrupted by signal'
	readable "SIG$signal" "$SCRATCH/$signal"
done

start "$SCRATCH/killed" "${forever[@]}"
kill -s KILL "$qemu"
ended 'QEMU killed' 5 'QEMU was killed by signal 9'
is 'QEMU killed: run.json' "$(run_json "$SCRATCH/killed" 'r["status"], r["exit"]["kind"]')" "('partial', 'qemu-died')"
readable 'QEMU killed' "$SCRATCH/killed"

start "$SCRATCH/orphan" "${forever[@]}"
kill -s KILL "$pid"
ended 'vmiprof killed' 137 ''
is 'vmiprof killed: run.json' "$(run_json "$SCRATCH/orphan" 'r["status"], r["reason"]')" "('partial', 'the recording has not ended')"
# The last packet may be torn, which only our own reader can cut off.
"$BUILD/vmiprof" report "$SCRATCH/orphan" > "$SCRATCH/report" 2>&1
like 'vmiprof killed: what was written can be read' "$(cat "$SCRATCH/report")" 'DisableInterrupts +[0-9,]+'

# The guest scribbles over the ring: the test writes for it.
scribble() # DIR ROM-OFFSET FOUR-BYTES-AS-PRINTF-ESCAPES
{
	local ram base
	for ram in "/proc/$pid/fd/"*; do
		[ "$(readlink "$ram")" = '/memfd:vmiprof-guest-ram (deleted)' ] && break
	done
	base=$((16#$(sed -n 's/.*ROM at 0x\([0-9a-f]*\):.*/\1/p' "$1/run/console.log" | head -n 1)))
	# shellcheck disable=SC2059 # the escapes are the data
	printf "$3" | dd of="$ram" bs=4 seek=$(((base + $2) / 4)) conv=notrunc status=none
}
offset_of() # MEMBER
{
	"$BUILD/vmiprof" rom --json "$BUILD/rom-trace.bin" |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["descriptor"][sys.argv[1]])' "$1"
}

ctl=$(offset_of ctl_offset)
packets=$(awk '$2 == "VMI_CTL_PACKETS" { print $3 }' include/vmi/trace.h)
start "$SCRATCH/corrupt" "${forever[@]}"
scribble "$SCRATCH/corrupt" $((ctl + packets)) '\xf0\xff\xff\x7f'
ended 'ring corrupted' 6 'guest corrupted the ring: ctl.packets is 21474836[0-9]*, expected at most [0-9]+'
is 'ring corrupted: run.json' "$(run_json "$SCRATCH/corrupt" 'r["status"], r["exit"]["kind"]')" "('partial', 'ring-corrupt')"
readable 'ring corrupted' "$SCRATCH/corrupt"

# The counter of a call that does not exist.
start "$SCRATCH/miscounted" "${forever[@]}"
scribble "$SCRATCH/miscounted" "$(offset_of counters_offset)" '\x07\x00\x00\x00'
kill -s INT "$pid"
ended 'counts that do not agree' 130 'interrupted by signal 2 .*; the ROM counted [0-9]+ calls, but [0-9]+ recorded and 0 lost make [0-9]+'

# A full disk, where a file system of one MiB can be had.
if unshare -rm true 2> /dev/null; then
	mkdir "$SCRATCH/disk"
	cat > "$SCRATCH/full.sh" <<-'END'
	mount -t tmpfs -o size=1m none "$SCRATCH/disk" || exit 99
	"$BUILD/vmiprof" record -o "$SCRATCH/disk/trace" --append rounds=100000
	status=$?
	cp -r "$SCRATCH/disk/trace" "$SCRATCH/full"
	exit $status
	END
	exits 'full disk' 2 timeout 300 unshare -rm bash "$SCRATCH/full.sh"
	like 'full disk: message' "$OUTPUT" 'cannot write .*/vcpu0: No space left on device'
	is 'full disk: run.json' "$(run_json "$SCRATCH/full" 'r["status"], r["exit"]["kind"]')" "('partial', 'write-error')"
	readable 'full disk' "$SCRATCH/full"
else
	skip 'full disk' 'no user namespaces here'
fi

# shellcheck disable=SC2016 # registers and numbers of the assembler
tiny_guest ends 'movb $0, %al; outb %al, $0xf4'
exits 'a guest that never calls the ROM' 7 record -o "$SCRATCH/untraced" --guest "$SCRATCH/ends"
like 'never calls the ROM: message' "$OUTPUT" 'did not call Init of the ROM "trace"'
exits 'the same from a guest that could' 7 record -o "$SCRATCH/noinit" --append init=no
exits 'never calls the ROM: babeltrace2 reads the empty trace' 0 babeltrace2 "$SCRATCH/untraced"

# shellcheck disable=SC2016 # registers and numbers of the assembler
tiny_guest fails 'movb $5, %al; outb %al, $0xf4'
exits 'a guest that fails' 3 record -o "$SCRATCH/of-fails" --guest "$SCRATCH/fails"
like 'a guest that fails: message' "$OUTPUT" 'exited with code 5'

# shellcheck disable=SC2016 # registers and numbers of the assembler
tiny_guest resets 'movl $0, %esp; lidt 0; int3'
exits 'a reset is how other guests end' 0 record -o "$SCRATCH/of-resets" --guest "$SCRATCH/resets" --rom none
is 'a reset: run.json' "$(run_json "$SCRATCH/of-resets" 'r["exit"]["kind"]')" reset

# The embedded guest is known to say a last word.
cp "$SCRATCH/ends" "$SCRATCH/guest.elf"
cp "$BUILD/rom-trace.bin" "$SCRATCH"
exits 'an embedded guest that ends too early' 3 env VMIPROF_LIB="$SCRATCH" "$BUILD/vmiprof" record -o "$SCRATCH/early"
like 'ends too early: message' "$OUTPUT" 'ended without "vmiprof-guest: done"'

done_testing
