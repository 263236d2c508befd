#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The patched kernel as it was linked: call sites have the width they need, none
# lies where sites are written, and README.md names every sensitive instruction
# that is no site.
# shellcheck disable=SC2317 # functions are called by ok
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

vmlinux=$BUILD/linux/vmlinux
sites=kernel-patches/linux-6.1/sites.pl
[ -s "$vmlinux" ] || skip_all "$vmlinux is not built; run make linux"

exits "what writes sites holds none" 0 \
	perl "$sites" check "$vmlinux" vmi_switch_cpu vmi_hold_nmi vmi_hold_mc
exits "a function with a site is refused" 1 perl "$sites" check "$vmlinux" multi_cpu_stop
like "the function and the address are named" "$OUTPUT" 'multi_cpu_stop: a VMI call site at 0x[0-9a-f]+'
exits "one that calls a function with a site, too" 1 perl "$sites" check "$vmlinux" stop_machine
like "the way to it is named" "$OUTPUT" '^sites.pl: stop_machine, .*: a VMI call site at 0x'
exits "a function that is not there" 1 perl "$sites" check "$vmlinux" vmi_switch_nothing
like "is named" "$OUTPUT" 'vmi_switch_nothing: no such function'
exits "a kernel without sites" 1 perl "$sites" check "$BUILD/linux-plain/vmlinux" multi_cpu_stop
like "is said to have none" "$OUTPUT" 'no section .vmi_sites'

perl "$sites" list "$vmlinux" > "$SCRATCH/sites"
ok "some thousand sites" [ "$(wc -l < "$SCRATCH/sites")" -gt 3000 ]
# Only IRET (39) and SYSEXIT (40) cannot be counted, whatever their width.
is "all have room for a counter in front of the native code" \
	"$(awk '$2 != 39 && $2 != 40 && $3 < $4 + 7' "$SCRATCH/sites")" ""
is "IRET and SYSEXIT have room for a push and a jump" \
	"$(awk '($2 == 39 || $2 == 40) && $3 < 10' "$SCRATCH/sites")" ""

# FUNCTION INSTRUCTION, as the table of README.md allows them.
listed()
{
	sed -n '/^## Sensitive instructions that are no sites/,/^## What it costs/p' kernel-patches/README.md |
		awk -F'|' '/^\| `/ {
			gsub(/[` ]/, "", $2); gsub(/[` ]/, "", $3)
			n = split($2, function_, ","); m = split($3, insn, ",")
			for (i = 1; i <= n; i++)
				for (k = 1; k <= m; k++)
					print function_[i], insn[k]
		}' | sort -u
}
perl "$sites" bare "$vmlinux" | sort -u > "$SCRATCH/bare"
listed > "$SCRATCH/listed"
ok "sensitive instructions are found" [ "$(wc -l < "$SCRATCH/bare")" -gt 20 ]
is "README.md names all that are no sites" "$(comm -23 "$SCRATCH/bare" "$SCRATCH/listed")" ""
is "README.md names no function without one" \
	"$(comm -13 <(cut -d' ' -f1 "$SCRATCH/bare" | sort -u) <(cut -d' ' -f1 "$SCRATCH/listed" | sort -u))" ""

# The unpatched code has them, so that the search can find something.
cat > "$SCRATCH/bare.S" <<-'END'
	.globl open_interrupts
	.type open_interrupts, @function
	open_interrupts:
		nop
	1:	.fill 7, 1, 0x3e
		sti
		sti
		mov %cr3, %eax
		lock incl (%eax)
		ret
	.section .vmi_sites, "a"
		.long 1b
		.byte 35, 8, 0, 1
END
ok "a program with a site" gcc -m32 -nostdlib -static -Wl,-e,open_interrupts -o "$SCRATCH/bare.elf" "$SCRATCH/bare.S"
is "what is in the site is none, what is behind it is" "$(perl "$sites" bare "$SCRATCH/bare.elf")" \
	$'open_interrupts mov-cr\nopen_interrupts sti'

done_testing
