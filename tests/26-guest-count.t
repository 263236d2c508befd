#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# level=count: the guest counts its calls itself, makes none of the ROM's, and a
# host that sees its memory finds the counters.
# shellcheck source=tests/tap.sh source=tests/guest.sh
. "$(dirname "$0")/tap.sh"
. tests/guest.sh

ram=$SCRATCH/ram

# run ROM WORDS: boots with guest memory in a file that stays behind.
# shellcheck disable=SC2317 # called by exits
run()
{
	truncate -s 64M "$ram"
	boot "$1" pc,memory-backend=ram "$2" -no-reboot "${GUEST_EXACT[@]}" \
		-object "memory-backend-file,id=ram,size=64M,share=on,mem-path=$ram"
}

# counters: "NAME IN-GUEST IN-ROM" for each call that either has counted.
# Offsets: include/vmi/descriptor.h, include/vmi/trace.h.
counters()
{
	python3 - "$ram" << 'EOF'
import re, struct, sys
memory = open(sys.argv[1], "rb").read()
word = lambda at: struct.unpack_from("<I", memory, at)[0]
rom = next(at for at in range(0xc0000, 0xe0000, 2048) if word(at + 8) == 0x696d5663)
descriptor = rom + word(rom + 0x28)
ctl = rom + word(descriptor + 4 * 4)
in_rom = rom + word(descriptor + 6 * 4)
at, cpus, stride = (word(ctl + offset) for offset in (0x54, 0x58, 0x5c))
if at:
    print("cpus %u stride %u" % (cpus, stride))
calls = re.findall(r"^\tX\((\d+), (\w+),", open("include/vmi/calls.h").read(), re.M)
names = {int(number): name for number, name in calls}
for number in range(128):
    own = word(at + 4 * number) if at else 0
    if own or word(in_rom + 4 * number):
        print(names.get(number, number), own, word(in_rom + 4 * number))
EOF
}

# counted NAME: what the guest says of it
counted() { awk -v name="$1" '$1 == name { print $2 }' <<< "$found"; }

exits 'profile' "$GUEST_DONE" run "$BUILD/rom-trace.bin" 'rounds=2 level=count'
found=$(counters)
is 'one vCPU, and its stride' "$(head -1 <<< "$found")" 'cpus 1 stride 512'
calls=$(sed -n 's/^profile: \([0-9]*\) system calls.*/\1/p' <<< "$OUTPUT")
switches=$(sed -n 's/^profile: .* \([0-9]*\) switches.*/\1/p' <<< "$OUTPUT")
ok "EnableInterrupts: one for each of $calls system calls" \
	test "$(counted EnableInterrupts)" -ge "$calls"
ok "SetCR3: one for each of $switches switches" test "$(counted SetCR3)" -ge "$switches"
is 'ReleasePage: as many as AllocatePage, but the four that stay' \
	"$(counted ReleasePage)" $(($(counted AllocatePage) - 4))
is 'Shutdown is not made' "$(counted Shutdown)" ""
is 'Init is counted' "$(counted Init)" 1
is 'the ROM has seen no call but Init' "$(awk 'NF == 3 && $3 { print $1 }' <<< "$found")" Init
is 'no count beside the calls' "$(grep -c '^[0-9]' <<< "$found")" 0

# The same workload through the ROM: what does not hang on time is the same.
exits 'the same, traced' "$GUEST_DONE" run "$BUILD/rom-trace.bin" 'rounds=2'
traced=$(counters)
is 'traced: the guest tells of no counters' "$(grep -c '^cpus' <<< "$traced")" 0
for call in Init CPUID SetCR0 SetCR4 AllocatePage ReleasePage WriteIDTEntry SYSEXIT SetGDT; do
	is "$call: as often as the trace ROM counts" "$(counted $call)" \
		"$(awk -v name=$call '$1 == name { print $3 }' <<< "$traced")"
done

exits 'a ROM without a trace state' "$GUEST_FAILED" run "$BUILD/rom-native.bin" 'rounds=1 level=count'
like 'a ROM without: said so' "$OUTPUT" '^vmi: level=count: found native, expected a ROM with'
exits 'no ROM' "$GUEST_FAILED" run none 'rounds=1 level=count'
exits 'not with the self-test' "$GUEST_USAGE" run "$BUILD/rom-trace.bin" 'selftest level=count'
like 'not with the self-test: said so' "$OUTPUT" "found 'level=count', expected 'profile' beside it"

done_testing
