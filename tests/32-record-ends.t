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

# shellcheck disable=SC2016,SC2034 # in_time's
enough='grep -q "^vmiprof: [0-9.]* s .* events" <<< "$OUTPUT"'
in_time 'timeout' 4 record -o "$SCRATCH/timeout" --force "${forever[@]}"
# shellcheck disable=SC2154 # in_time sets it
like 'timeout: message' "$OUTPUT" "did not end within $seconds s"
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

# Below a wrapper QEMU is no child of ours; it goes away all the same.
cat > "$SCRATCH/wrapper" <<-'END'
	#!/bin/bash
	qemu-system-x86_64 "$@" &
	echo $! > "$SCRATCH/wrapped"
	wait
END
chmod +x "$SCRATCH/wrapper"
export SCRATCH
for signal in KILL TERM; do
	QEMU=$SCRATCH/wrapper start "$SCRATCH/wrapped-$signal" "${forever[@]}"
	kill -s "$signal" "$pid"
	wait "$pid" 2> /dev/null
	ok "QEMU below a wrapper, SIG$signal: it is gone" wait_for 20 gone "$(cat "$SCRATCH/wrapped")"
done

# Another monitor of the same QEMU stops the guest, and nothing will come any more.
start "$SCRATCH/stopped" "${forever[@]}" -- -monitor "unix:$SCRATCH/monitor,server=on,wait=off"
python3 - "$SCRATCH/monitor" <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	s.sendall(b"stop\n")
	# Who hangs up early is not heard; QEMU does when it is ended.
	s.settimeout(120)
	while s.recv(4096):
	    pass
END
ended 'stopped by another' 5 'QEMU stopped the guest, which nobody here asked for: its state is "paused"'
is 'stopped by another: run.json' "$(run_json "$SCRATCH/stopped" 'r["status"], r["exit"]["kind"]')" "('partial', 'qemu-stopped')"
readable 'stopped by another' "$SCRATCH/stopped"

# How QEMUs that are none, or are broken, are met.
fake()
{
	FAKE_QEMU=$1 QEMU=tests/fake_qemu.py timeout 120 "$BUILD/vmiprof" record --force \
		-o "$SCRATCH/fake" --accel tcg "${@:2}"
}
exits 'an internal error stops the guest' 5 fake stopped
like 'an internal error: the state and what QEMU said' "$OUTPUT" \
	'its state is "internal-error"; .*qemu.log ends with:'
like 'an internal error: what QEMU said' "$OUTPUT" '^KVM internal error. Suberror: 1'
exits 'a reboot that QEMU carries out' 2 fake rebooted
like 'a reboot: message' "$OUTPUT" 'the guest rebooted'
exits 'a list of vCPUs that is none' 5 fake cpus
like 'a list of vCPUs that is none: message' "$OUTPUT" 'something else than a list of vCPUs; is .*fake_qemu.py a QEMU'
exits 'no JSON' 5 fake nonsense
like 'no JSON: it is quoted' "$OUTPUT" 'sent what is no JSON object, "HTTP/1.1 400 Bad Request'
exits 'talk without end' 4 fake endless --rom none --timeout 3
like 'talk without end: the limit holds' "$OUTPUT" 'did not end within 3 s'

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
ended 'counts that do not agree' 130 'interrupted by signal 2 .*the ROM counted 7 calls of slot 0, in which there is none'

# shellcheck disable=SC2016 # registers and numbers of the assembler
tiny_guest triple 'movl $0, %esp; lidt 0; int3'
# Standard output that nobody reads, and a guest that talks without end.
# shellcheck disable=SC2016 # registers and numbers of the assembler
tiny_guest talks 'movw $0x3f8, %dx; movb $65, %al; 2: outb %al, %dx; jmp 2b'
mkfifo "$SCRATCH/unread"
exec 7<> "$SCRATCH/unread"
head -c 65536 /dev/zero >&7	# it is full
unread() { timeout 120 "$BUILD/vmiprof" record -o "$SCRATCH/talk" --guest "$SCRATCH/talks" "$@" > "$SCRATCH/unread"; }
exits 'a console that nobody reads' 4 unread --rom none --console --timeout 3
like 'nobody reads: it says what was not shown' "$OUTPUT" 'standard output was too slow for [0-9]+ bytes of the console'
exec 7>&-
exits 'Init was never called, and the time is over' 7 record -o "$SCRATCH/late" --guest "$SCRATCH/talks" --timeout 2
like 'never called in time: both are said' "$OUTPUT" 'did not end within 2 s; nothing was recorded: .* Init of the ROM "trace"'
exits 'Init was never called, and a triple fault' 3 record -o "$SCRATCH/soon" --accel tcg --guest "$SCRATCH/triple"
like 'a triple fault: both are said' "$OUTPUT" 'a triple fault, .*; nothing was recorded'

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
tiny_guest resets 'movb $0xfe, %al; outb %al, $0x64'
# QEMU would carry the second one out, or stay there after the third.
for arguments in '' '-action reboot=reset' '-no-shutdown'; do
	# shellcheck disable=SC2086 # words
	exits "a reset is how other guests end, $arguments" 0 record --force -o "$SCRATCH/of-resets" \
		--guest "$SCRATCH/resets" --rom none -- $arguments
	is "a reset, $arguments: run.json" "$(run_json "$SCRATCH/of-resets" 'r["exit"]["kind"]')" reset
done

exits 'a triple fault is none' 3 record -o "$SCRATCH/of-triple" --accel tcg --guest "$SCRATCH/triple" --rom none
like 'a triple fault: message' "$OUTPUT" 'the guest failed: a triple fault'

# A boot sector that exits with code 0 by itself, or with 5 from a read-only image.
boot_sector() # NAME CODE
{
	# movb $CODE, %al; outb %al, $0xf4; 1: hlt; jmp 1b
	# shellcheck disable=SC2059 # the code is in the escapes
	{ printf "\\xb0\\x$(printf %02x "$2")\\xe6\\xf4\\xf4\\xeb\\xfd"; head -c 503 /dev/zero; printf '\x55\xaa'
		head -c 65024 /dev/zero; } > "$1"
}
image="$SCRATCH/a disk, an image"
boot_sector "$image" 0
exits 'the BIOS boots from a disk' 7 record -o "$SCRATCH/of-disk" --disk "$image"
like 'from a disk: it ran, and never called the ROM' "$OUTPUT" 'did not call Init of the ROM "trace"'
is 'from a disk: run.json' "$(run_json "$SCRATCH/of-disk" 'r["exit"]["kind"], r["guest"]')" "('debug-exit', '$image')"
boot_sector "$SCRATCH/failing" 5
chmod a-w "$SCRATCH/failing"
exits 'what QEMU arguments say boots, too' 3 record -o "$SCRATCH/of-hda" --guest none -- \
	-drive "file=$SCRATCH/failing,format=raw,snapshot=on"
like 'what QEMU arguments say: message' "$OUTPUT" 'exited with code 5'
exits 'the embedded guest with a disk beside it' 0 record -o "$SCRATCH/both" --guest embedded \
	--disk "$SCRATCH/failing" --append rounds=1

# The embedded guest is known to say a last word.
cp "$SCRATCH/ends" "$SCRATCH/guest.elf"
cp "$BUILD/rom-trace.bin" "$SCRATCH"
exits 'an embedded guest that ends too early' 3 env VMIPROF_LIB="$SCRATCH" "$BUILD/vmiprof" record -o "$SCRATCH/early"
like 'ends too early: message' "$OUTPUT" 'ended without "vmiprof-guest: done"'

done_testing
