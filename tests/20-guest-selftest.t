#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The guest's self-test of every call: with no ROM, with each ROM, on both of
# QEMU's PCs; and that it fails when a call does what it must not.
# shellcheck source=tests/tap.sh source=tests/guest.sh
. "$(dirname "$0")/tap.sh"
. tests/guest.sh

# passes NAME ROM MACHINE ROM-NAME
passes()
{
	exits "$1: done" "$GUEST_DONE" boot "$2" "$3" selftest -no-reboot
	is "$1: no case failed" "$(grep '^not ok' <<< "$OUTPUT")" ""
	like "$1: as many cases as it says" \
		"$(grep -c '^ok' <<< "$OUTPUT") of $(sed -n 's/^1\.\.//p' <<< "$OUTPUT")" \
		'^([0-9]+) of \1$'
	like "$1: it tested the right one" "$OUTPUT" "^selftest: $4\$"
	like "$1: it ended by itself" "$(tail -n 1 <<< "$OUTPUT")" \
		'^vmiprof-guest: done, exit value 0$'
}

for machine in pc q35; do
	passes "no ROM, $machine" none $machine 'native fallback'
	passes "native, $machine" "$BUILD/rom-native.bin" $machine native
	passes "trace, $machine" "$BUILD/rom-trace.bin" $machine trace
	passes "trace, all calls recorded, $machine" \
		"$BUILD/roms/trace-overwrite.bin" $machine trace-overwrite
	passes "stamp, $machine" "$BUILD/rom-stamp.bin" $machine stamp
	passes "aggregate, $machine" "$BUILD/rom-aggregate.bin" $machine aggregate
	passes "stamp, $machine" "$BUILD/rom-stamp.bin" $machine stamp
done
passes 'other-cli' "$BUILD/roms/other-cli.bin" pc other-cli
like 'a ROM is also called at another address' "$OUTPUT" '^ok .*\(alias\)$'

# Before Init a trace ROM records nothing, but all calls have their effect.
exits 'trace without Init: done' "$GUEST_DONE" \
	boot "$BUILD/rom-trace.bin" pc 'selftest init=no' -no-reboot
like 'trace without Init: as asked' "$OUTPUT" '^vmi: Init is not called$'
is 'trace without Init: no case failed' "$(grep '^not ok' <<< "$OUTPUT")" ""

# With -vga std the VGA BIOS lies in front of the ROM.
exits 'native behind a VGA BIOS' "$GUEST_DONE" \
	boot "$BUILD/rom-native.bin" pc selftest -no-reboot -vga std
like 'native behind a VGA BIOS: found' "$OUTPUT" '^vmi: ROM at 0xc[1-9a-f]'

# fails NAME CASE PERL: the native ROM, changed, fails in that case.
fails()
{
	patch_rom "$BUILD/rom-native.bin" "$SCRATCH/rom.bin" "$3"
	exits "$1: failed" "$GUEST_FAILED" boot "$SCRATCH/rom.bin" pc selftest -no-reboot
	like "$1: says which" "$OUTPUT" "^not ok [0-9]+ - $2\$"
}

# Slot n lies at 32 * n.
# shellcheck disable=SC2016 # Perl's variables
{
fails 'OUTW that loses ecx' 'OUTW: clobbers' \
	'substr($_, 67 * 32, 5) = "\x66\xef\x31\xc9\xc3"'	# out; xor ecx,ecx; ret
fails 'OUTW that loses flags' 'OUTW: clobbers' \
	'substr($_, 67 * 32, 4) = "\x66\xef\xf8\xc3"'	# out; clc; ret
fails 'INW that loses the upper part of eax' 'INW: clobbers' \
	'substr($_, 61 * 32, 6) = "\x66\xed\x0f\xb7\xc0\xc3"'	# in; movzx eax,ax; ret
fails 'DisableInterrupts that does nothing' 'DisableInterrupts: no tick comes' \
	'substr($_, 36 * 32, 1) = "\xc3"'
fails 'EnableInterrupts that uses the stack' 'EnableInterrupts: clobbers' \
	'substr($_, 35 * 32, 6) = "\xfb\x60\x50\x58\x61\xc3"'	# sti; pusha; push; pop; popa; ret
fails 'GetInterruptMask that uses DS' 'GetInterruptMask: clobbers' \
	'substr($_, 37 * 32, 8) = "\xa1\x00\x00\x10\x00\x9c\x58\xc3"'	# mov 0x100000,eax
fails 'SYSEXIT that leaves interrupts closed' 'SYSEXIT: to ring 3 with all registers' \
	'substr($_, 40 * 32, 3) = "\xfa\x0f\x35"'		# cli; sysexit
fails 'Halt that does not wait' 'Halt: waits for a tick, interrupts stay open' \
	'substr($_, 42 * 32, 3) = "\xfb\x90\xc3"'		# sti; nop
fails 'FlushTLB that undoes what a handler writes' \
	'FlushTLB: undoes nothing that a handler writes' \
	'substr($_, 56 * 32, 13) = "\x0f\x20\xd9\x0f\x22\xd9\x0f\x20\xe1\x0f\x22\xe1\xc3"'	# cr3, cr4, read and written
# 250 ticks a second from the interval timer, which is what an alarm looks like.
fails 'SetAlarm that fires' 'SetAlarm: nothing fires' \
	'substr($_, 81 * 32, 13) = "\xb0\x34\xe6\x43\xb0\xa9\xe6\x40\xb0\x12\xe6\x40\xc3"'
fails 'SYSEXIT that loses flags' 'SYSEXIT: to ring 3 with all flags' \
	'substr($_, 40 * 32, 4) = "\xf9\xfb\x0f\x35"'	# stc; sti; sysexit
}

done_testing
