#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The patched kernel under every ROM and in every mode: it finds the ROM or says
# why it does not use it, patches the sites it is told to, and runs.
# shellcheck disable=SC2317 # functions are called by ok
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

kernel=$BUILD/linux/bzImage
[ -s "$kernel" ] || skip_all "$kernel is not built; run make linux"

# The guest's program goes into an archive of its own behind the initramfs.
make_initrd()
{
	gcc -m32 -static -O2 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$SCRATCH/kernel-guest" \
		tests/kernel-guest.c || return
	(cd "$SCRATCH" && echo kernel-guest | cpio -o -H newc --quiet | gzip) > "$SCRATCH/extra.gz"
	cat "$BUILD/initramfs.cpio.gz" "$SCRATCH/extra.gz" > "$SCRATCH/initrd"
}
ok "the guest's program" make_initrd || { done_testing; }

# boot ROM APPEND [QEMU-ARGS...]: CONSOLE is what the guest wrote; fails when it
# does not end.
boot()
{
	local rom=() append=$2
	[ "$1" = none ] || rom=(-option-rom "$1")
	shift 2
	timeout 120 qemu-system-i386 -accel tcg -m 128 -nic none -display none \
		-no-reboot -vga none -monitor none -serial stdio -kernel "$kernel" \
		-initrd "$SCRATCH/initrd" "${rom[@]}" \
		-append "console=ttyS0 panic=-1 rcupdate.rcu_cpu_stall_suppress=1 run=/kernel-guest $append" "$@" \
		< /dev/null > "$SCRATCH/console" 2>&1
	local status=$?
	CONSOLE=$(tr -d '\r' < "$SCRATCH/console")
	[ "$status" -eq 0 ] && grep -q '^test: done' <<< "$CONSOLE"
}

# of CALL MODE: how many sites of the call the boot log has in that mode.
of()
{
	awk -v call="$1" -v mode="$2" '$0 ~ "vmi: " call " " {
		for (i = 1; i < NF; i++) if ($(i + 1) == mode) print $i }' <<< "$CONSOLE"
}

# all MODE: the same of all sites, from the summary.
all() { sed -n "s/.*vmi: [0-9]* sites of [0-9]* calls: \(.* \)\?\([0-9]*\) $1.*/\2/p" <<< "$CONSOLE"; }

# The different bytes of the call's sites; those in init code are gone.
bytes() { sed -n "s/^test: site $1 \(.*\)/\1/p" <<< "$CONSOLE" | grep -v '(init)' | sort -u; }

# What is the same in every boot: faults that the kernel fixes up, no complaint.
works() # NAME
{
	like "$1: a fault in IRET is fixed up" "$CONSOLE" 'kernel-guest.* trap iret exception'
	like "$1: and ends in the signal for it" "$CONSOLE" '^test: iret: Illegal instruction'
	like "$1: a fault in WRMSR is fixed up" "$CONSOLE" '^test: wrmsr: Input/output error'
	is "$1: no complaint of the kernel" \
		"$(grep -cE 'WARNING|BUG:|Oops|unchecked MSR|Call Trace' \
			<<< "${CONSOLE%%Kernel panic*}")" 0
}

ok "no ROM: boots" boot none ""
like "no ROM: the log says so" "$CONSOLE" 'vmi: no VMI ROM found at 0xc0000-0xdffff, running native'
works "no ROM"
like "no ROM: sites as compiled" "$CONSOLE" '^test: site DisableInterrupts native 3e3e3e3e3e3e3efa'
is "no ROM: all sites as compiled" "$(grep -c '^test: site .* native ' <<< "$CONSOLE")" \
	"$(grep -c '^test: site ' <<< "$CONSOLE")"

native=$BUILD/rom-native.bin
ok "off: boots" boot "$native" vmi=off
like "off: the log says so" "$CONSOLE" 'vmi: off by command line'

ok "native: boots" boot "$native" vmi=native
like "native: the ROM is named" "$CONSOLE" 'vmi: ROM "native" at 0xc[0-9a-f]{4}, [0-9]+ bytes, API 13\.3$'
works "native"
sites=$(all native)
ok "native: some thousand sites" [ "$sites" -gt 3000 ]
is "native: none is patched" "$(all stub) $(all inline)" "0 0"

ok "stub: boots" boot "$native" vmi=stub
works "stub"
is "stub: all are calls" "$(all native) $(all stub) $(all inline)" "0 $sites 0"
is "stub: README.md has the calls that are wired" \
	"$(sed -n 's/.*vmi: \([A-Za-z0-9]*\) .* native .* stub .* inline$/\1/p' <<< "$CONSOLE" | sort)" \
	"$(sed -n '/not wired/!s/^| \([A-Z][^|]*\) | .*/\1/p' kernel-patches/README.md |
		tr -d ' ' | tr ',' '\n' | grep -v '^Call$' | sort)"
like "stub: a call and a NOP" "$CONSOLE" '^test: site DisableInterrupts stub e8[0-9a-f]{8}8d7600'
like "stub: registers are kept around the call" "$CONSOLE" \
	'^test: site SetPxE stub 505251e8[0-9a-f]{8}595a58'
# No call, whose return address would stay on the processor's stack of them.
for call in IRET SYSEXIT; do
	like "stub: $call does not return, and is jumped to" "$(bytes $call)" \
		'^stub 68[0-9a-f]{8}e9[0-9a-f]{8}$'
done

ok "inline: boots" boot "$native" vmi=inline
works "inline"
is "inline: no site is left native" "$(all native)" 0
ok "inline: nearly all are inlined" [ "$(all inline)" -gt $((sites * 9 / 10)) ]
is "inline: the native ROM's CLI is the kernel's" \
	"$(bytes DisableInterrupts)" "inline 3e3e3e3e3e3e3efa"

ok "no mode: boots" boot "$native" ""
like "no mode: a ROM that lends its code is inlined" "$CONSOLE" '^test: site DisableInterrupts inline '
ok "no mode: nearly everywhere" [ "$(all inline)" -gt $((sites * 9 / 10)) ]

# The proof that inline patches: a ROM with other code for CLI.
ok "other CLI: boots" boot "$BUILD/roms/other-cli.bin" vmi=inline
works "other CLI"
is "other CLI: it is in every site, and a NOP" \
	"$(bytes DisableInterrupts)" "inline fa90903e8d742600"

ok "per call: boots" boot "$native" vmi=native,cli:stub,SetPxE:inline,INVD:stub,nonsense:stub,popf:off,fast
is "per call: by mnemonic" "$(of DisableInterrupts native)" 0
is "per call: by name" "$(of SetPxE native)" 0
is "per call: the rest stays" "$(of EnableInterrupts stub) $(of EnableInterrupts inline)" "0 0"
like "per call: an unknown call is named" "$CONSOLE" "vmi=: 'nonsense' is no VMI call: ignored"
like "per call: a call that Linux does not make is named" "$CONSOLE" 'this kernel has no site of INVD: ignored'
like "per call: a mode that is none" "$CONSOLE" "vmi=: 'off' is no mode, expected native, stub, inline or count"
like "per call: an unknown word is named" "$CONSOLE" "vmi=: 'fast' is no mode, expected off,"

ok "trace: boots, stub by default" boot "$BUILD/rom-trace.bin" ""
works "trace"
like "trace: found" "$CONSOLE" 'vmi: ROM "trace" at .*, traces'
like "trace: gets its ring" "$CONSOLE" 'vmi: ring of [0-9]+ KiB at 0x[0-9a-f]+ given to the ROM'
is "trace: all are calls" "$(all native) $(all stub) $(all inline)" "0 $sites 0"

# doctor ROM OUT WHAT...: slot:NUMBER:HEX is the code of a slot, desc:OFFSET:VALUE
# a word of the descriptor.
doctor()
{
	python3 - "$@" << 'END'
import struct, sys
rom = bytearray(open(sys.argv[1], "rb").read())
at, = struct.unpack_from("<I", rom, rom.index(b"vprf") + 8)
for change in sys.argv[3:]:
	what, where, value = change.split(":")
	if what == "slot":
		code = bytes.fromhex(value)
		assert len(code) <= 32
		rom[int(where) * 32:int(where) * 32 + len(code)] = code
	else:
		struct.pack_into("<I", rom, at + int(where), int(value, 0))
rom[6] = (rom[6] - sum(rom)) % 256
open(sys.argv[2], "wb").write(rom)
END
}

# AllocatePage of a page directory: UD2 where it has not the kernel's first entry.
# test $2,%dl; jz 1f; shl $12,%eax; cmpl $0,0xc0000c00(%eax); jne 1f; ud2; 1: ret
doctor "$native" "$SCRATCH/books.bin" slot:53:f6c202740ec1e00c83b8000c00c00075020f0bc3
ok "page tables: boots" boot "$SCRATCH/books.bin" "vmi=stub"
works "page tables"

# It prints D for a directory and t for a table.  push %eax; push %edx; mov $'D',%al;
# cmp $2,%dl; je 1f; mov $'t',%al; 1: mov $0x3f8,%dx; out %al,%dx; pop; pop; ret
doctor "$native" "$SCRATCH/tells.bin" slot:53:5052b04480fa027402b07466baf803ee5a58c3
ok "older page tables: boots" boot "$SCRATCH/tells.bin" "vmi=stub"
like "older page tables: two directories are told of, each behind its tables" \
	"$(head -c 4096 <<< "$CONSOLE" | tr -d '\n' | sed 's/\[.*//')" '^t+Dt*D[tD]*$'

# Reboot prints a letter and returns: another way is taken then.
doctor "$native" "$SCRATCH/reboot.bin" slot:43:b05266baf803eec3
ok "reboot: boots" boot "$SCRATCH/reboot.bin" "vmi=stub"
like "reboot: through the ROM" "$(tail -n 1 <<< "$CONSOLE")" '^R'
ok "reboot=k: boots" boot "$SCRATCH/reboot.bin" "vmi=stub reboot=k"
is "reboot=k: not through the ROM" "$(tail -n 1 <<< "$CONSOLE" | grep -c '^R')" 0

# What a descriptor says is looked at before it is called.
doctor "$BUILD/rom-trace.bin" "$SCRATCH/entry.bin" desc:40:0xfffff0
ok "an entry outside the ROM: boots" boot "$SCRATCH/entry.bin" "vmi=stub"
like "an entry outside the ROM: is named" "$CONSOLE" \
	'vmi: descriptor: entry for a ring at 0xfffff0 is not inside [0-9]+ bytes of code'
like "an entry outside the ROM: the ROM is used without" "$CONSOLE" 'vmi: ROM "[?]" at .*API 13\.3$'
doctor "$BUILD/rom-trace.bin" "$SCRATCH/greedy.bin" desc:44:0x7000000
ok "a ring of nearly all memory: boots" boot "$SCRATCH/greedy.bin" ""
like "a ring of nearly all memory: is refused" "$CONSOLE" \
	'vmi: ROM asks for a ring of 114688 KiB, more than 1/4 of memory: it keeps its own'

# Where the CPU's buffers are cleared before user mode, or before HLT, no ROM runs
# behind that.  A kernel without mitigations is asked for them here.
ok "MDS: boots" boot "$native" "vmi=stub mitigations=auto" -cpu Haswell
for call in IRET SYSEXIT; do
	like "MDS: $call stays native, and that is said" "$CONSOLE" "vmi: $call stays native: it comes after the clearing"
	like "MDS: $call is as compiled" "$(bytes $call)" '^native 3e'
done
is "MDS: HLT is called, nothing is cleared for it" "$(of Halt native)" 0
ok "MDS: without the mitigation" boot "$native" "vmi=stub mitigations=off" -cpu Haswell
is "MDS: without the mitigation: all are calls" "$(all native)" 0
ok "store buffers: boots" boot "$native" "vmi=stub mitigations=auto" -cpu KnightsMill
is "store buffers: HLT stays native" "$(of Halt stub)" 0
like "store buffers: and that is said" "$CONSOLE" 'vmi: Halt stays native'

# The native ROM keeps no state and may be called by any processor.
ok "two processors: boots" boot "$native" vmi=stub -smp 2,sockets=2
works "two processors"
like "two processors: both are up" "$CONSOLE" 'smp: Brought up 1 node, 2 CPUs'

ok "two processors, trace: boots" boot "$BUILD/rom-trace.bin" "" -smp 2,sockets=2
like "two processors, trace: one only, and said so" "$CONSOLE" \
	'vmi: ROM tells 1 processor apart: no more are brought up'
like "two processors, trace: it is alone" "$CONSOLE" 'smp: Brought up 1 node, 1 CPU'

ok "power off through the ROM" boot "$native" "vmi=stub end=off"
is "power off is no panic" "$(grep -c 'Kernel panic' <<< "$CONSOLE")" 0

# Firmware refuses a broken image, so it comes 2 KiB into a sound one.
carry() # ROM
{
	perl -e '
		local $/; open my $f, "<:raw", $ARGV[0] or die; my $rom = <$f>;
		my $all = "\x55\xaa\x00\xcb" . "\0" x 2044 . $rom;
		$all .= "\0" x (-length($all) % 512);
		substr($all, 2, 1) = chr(length($all) / 512);
		substr($all, 5, 1) = chr(-unpack("%8C*", $all) & 255);
		print $all' "$1" > "$SCRATCH/carrier.bin"
}

broken() # ROM REGEX
{
	carry "$BUILD/roms/$1.bin"
	ok "$1: boots" boot "$SCRATCH/carrier.bin" ""
	like "$1: what is wrong is named" "$CONSOLE" "vmi: ROM at 0xc[0-9a-f]{4}: $2: not used"
	like "$1: native" "$CONSOLE" 'vmi: no VMI ROM found .*, running native'
}
broken bad-checksum 'checksum is 0x[0-9a-f]{2}, expected 0'
broken bad-signature '(VMI|ROM) signature is 0x[0-9a-f]+, expected 0x[0-9a-f]+'
broken bad-length 'length is [0-9]+ bytes, expected [0-9]+ to [0-9]+, ending below 0xe0000'
broken bad-major 'API version is [0-9]+\.[0-9]+, expected 13\.3 or a later minor'

carry "$native"
ok "a sound ROM 2 KiB on: boots" boot "$SCRATCH/carrier.bin" ""
like "a sound ROM 2 KiB on: found" "$CONSOLE" 'vmi: ROM "native" at 0xc[0-9a-f]800'

done_testing
