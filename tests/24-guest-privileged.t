#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# After VMI Init the guest does everything privileged through the VMI: so that it
# can also run where it has no privilege.  Two of its files are meant to hold such
# instructions: the native fallback, which the benchmarks copy bare forms from, and
# the set-up before Init.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

command -v objdump > /dev/null || skip_all "objdump is not installed"

# Disassembles OBJECT...; prints the privileged instructions, with the file.
privileged()
{
	objdump -d --no-show-raw-insn "$@" | awk -F '\t' '
		/file format/ { file = $0 }
		$2 ~ /^(cli|sti|hlt|pushf|popf|lgdt|lidt|lldt|ltr|sgdt|sidt|sldt|str |smsw|lmsw|clts|invd|wbinvd|invlpg|rdmsr|wrmsr|rdpmc|iret|sysexit|lret|ljmp|lcall|in |out |rep ins|rep outs|ins |outs |lds|les|lss|lfs|lgs)/ ||
		$2 ~ /%(cr|db|dr|tr)[0-7]/ || $2 ~ /^(mov|pop).*,? *%[defgs]s$/ {
			print file, $2
		}'
}

# Programs of ring 3 try a port on purpose.
mapfile -t objects < <(find "$BUILD/guest" -name '*.o' \
	! -path '*/call/native.S.o' ! -path '*/arch/platform_entry.S.o' \
	! -path '*/arch/user_text.S.o')
ok 'there are objects to look at' test ${#objects[@]} -gt 20
is 'no privileged instruction outside of the two files' "$(privileged "${objects[@]}")" ""

# The filter sees what it looks for.
seen=$(privileged "$BUILD/guest/call/native.S.o" "$BUILD/guest/arch/platform_entry.S.o")
for instruction in cli sti pushf popf hlt iret sysexit lgdt ljmp lidt ltr rdmsr \
	'in ' 'out ' 'rep ins' 'rep outs' 'mov .*%cr3' 'mov .*%ds$' 'mov .*%db7'; do
	like "it would see $instruction" "$seen" "$instruction"
done

done_testing
