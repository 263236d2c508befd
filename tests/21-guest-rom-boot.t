#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The guest finds the ROM as firmware leaves it, says what is wrong with one that
# it cannot use, and stays native then.
# shellcheck source=tests/tap.sh source=tests/guest.sh
. "$(dirname "$0")/tap.sh"
. tests/guest.sh

for machine in pc q35; do
	exits "trace, $machine" "$GUEST_DONE" \
		boot "$BUILD/rom-trace.bin" $machine rounds=1 -no-reboot
	like "trace, $machine: name and version" "$OUTPUT" \
		'^vmi: ROM at 0xc[0-9a-f]+: "trace", API 13\.3, [0-9]+ bytes$'
	like "trace, $machine: takes memory for its ring" "$OUTPUT" \
		'^vmi: a larger ring for the trace: taken$'
done
exits 'donate=no' "$GUEST_DONE" \
	boot "$BUILD/rom-trace.bin" pc 'rounds=1 donate=no' -no-reboot
is 'donate=no: keeps it' "$(grep 'larger ring' <<< "$OUTPUT")" ""

# refused NAME ROM WHY [QEMU-ARGS...]
refused()
{
	exits "$1: exit status" "$GUEST_REFUSED" boot "$2" pc rounds=1 -no-reboot "${@:4}"
	like "$1: says why" "$OUTPUT" "^vmi: ROM at 0xc[0-9a-f]+: $3; not used\$"
	like "$1: stays native" "$OUTPUT" '^vmi: no usable ROM .*; staying native$'
	like "$1: works on natively" "$OUTPUT" '^profile: [0-9]+ system calls'
}

refused 'VMI signature' "$BUILD/roms/bad-signature.bin" \
	'VMI signature is 0x[0-9a-f]+, expected 0x696d5663 \(cVmi\)'
refused 'length' "$BUILD/roms/bad-length.bin" \
	'length in 512-byte units is 0x[0-9a-f]+, expected 0x8 to 0x7f, inside the ROM area'
refused 'major version' "$BUILD/roms/bad-major.bin" \
	'API major version is 0x[0-9a-f]+, expected 0xd \(13\)'

# Firmware drops an image whose checksum is wrong: there is none to be found.
exits 'checksum wrong in the file' "$GUEST_DONE" \
	boot "$BUILD/roms/bad-checksum.bin" pc rounds=1 -no-reboot
like 'checksum wrong in the file: no ROM' "$OUTPUT" '^vmi: no ROM .*; staying native$'

# shellcheck disable=SC2016 # Perl's variables
{
# One that firmware accepted and that breaks itself when it is started: its
# 16-bit entry, "jmp 0xfe0", leads to "incb %cs:0xfff; lret" in the last slot.
patch_rom "$BUILD/rom-native.bin" "$SCRATCH/late.bin" \
	'substr($_, 3, 3) = "\xe9" . pack("v", 0xfe0 - 6); substr($_, 0xfe0, 6) = "\x2e\xfe\x06\xff\x0f\xcb"'
refused 'checksum' "$SCRATCH/late.bin" 'checksum is 0x1, expected 0'

# Init says no: "mov $-1,%eax; ret".
patch_rom "$BUILD/rom-native.bin" "$SCRATCH/init.bin" \
	'substr($_, 0x80, 6) = "\xb8\xff\xff\xff\xff\xc3"'
refused 'Init' "$SCRATCH/init.bin" 'result of Init is 0xffffffff, expected 0'

}

# lacks ROM CPU WHAT: its Init says no on a processor that cannot run it, and the
# guest says why.
lacks()
{
	refused "$1 on $2" "$BUILD/rom-$1.bin" 'result of Init is 0xffffffff, expected 0' -cpu "$2"
	like "$1 on $2: says what is missing" "$OUTPUT" \
		"^vmi: Init failed on a processor that lacks$3, which a ROM may need"
}

for rom in trace stamp aggregate; do
	lacks $rom 486 ' RDTSC CMPXCHG8B'
	lacks $rom pentium,-tsc ' RDTSC'
	lacks $rom pentium,-cx8 ' CMPXCHG8B'
done
lacks native 486 ' RDTSC CMPXCHG8B'
exits 'native on pentium,-tsc' "$GUEST_DONE" \
	boot "$BUILD/rom-native.bin" pc rounds=1 -no-reboot -cpu pentium,-tsc
like 'native on pentium,-tsc: used' "$OUTPUT" '^vmi: ROM at .*"native"'

# A good ROM behind one of another version is used.  Firmware starts with the
# file name that comes last in the alphabet.
cp "$BUILD/roms/bad-major.bin" "$SCRATCH/z.bin"
exits 'two ROMs' "$GUEST_DONE" boot "$BUILD/rom-native.bin" pc rounds=1 -no-reboot \
	-option-rom "$SCRATCH/z.bin"
like 'two ROMs: the other is named' "$OUTPUT" 'API major version is .* not used$'
like 'two ROMs: the good one is used' "$OUTPUT" '^vmi: ROM at .*"native"'

exits 'no ROM' "$GUEST_DONE" boot none pc rounds=1 -no-reboot
like 'no ROM: said so' "$OUTPUT" '^vmi: no ROM from 0xc0000 to 0xdffff; staying native$'

exits 'an unknown word' "$GUEST_USAGE" boot none pc 'profile rounds=x' -no-reboot
like 'an unknown word: named' "$OUTPUT" "command line: found 'rounds=x', expected"

done_testing
