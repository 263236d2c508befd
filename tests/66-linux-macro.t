#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The macro-benchmarks: the kernel's call sites are switched while it runs, exact
# samples repeat to the bit, and the forms are what they say.
# shellcheck source=tests/tap.sh disable=SC2317 # functions that ok runs
. "$(dirname "$0")/tap.sh"

init=$BUILD/linux-guest/init
kernel=$BUILD/linux/bzImage
qemu=${QEMU:-qemu-system-x86_64}
exact=(-icount "shift=0,sleep=off" -rtc "base=2006-03-13T18:03:49,clock=vm" -seed 1)
exact_words="norandmaps noapictimer"

# --- by hand: no site can be switched here, and that is said

exits "an operation that is not known is refused" 1 "$init" macro=getpid,nope
like "it is named, and all that there are" "$OUTPUT" "'nope'; there are: all,.*getpid"
for forms in nope native,native policy: stub,policy:A:inline,policy:B:inline; do
	exits "forms=$forms is refused" 1 "$init" macro=getpid "forms=$forms"
	like "and what is expected is said" "$OUTPUT" "forms: found '.*', expected native,"
done
exits "a number of samples that is none is refused" 1 "$init" macro=getpid samples=1x
like "it is named" "$OUTPUT" 'samples=1x, expected a number'
exits "too many samples are refused" 1 "$init" macro=getpid samples=1000000
like "the limit is named" "$OUTPUT" 'samples=1000000, expected at most'
exits "where no site can be switched" 0 "$init" macro=getpid forms=stub,count
is "each form is left out" "$(grep -c '^skip call=getpid form=.* why=.*vmi/mode' <<< "$OUTPUT")" 2
is "and the end is said" "$(tail -n 1 <<< "$OUTPUT")" "bench: done"
exits "a storm that cannot switch fails" 1 "$init" storm=1
like "it says so" "$OUTPUT" 'storm: FAILED: there is nothing to switch between'

# --- the guest

boot() # NAME ROM WORDS [QEMU-ARGUMENT...]
{
	local name=$1 rom=$2 words=$3
	shift 3
	timeout -k 5 300 "$qemu" -accel tcg "$@" -cpu qemu64 -m 256 -vga none \
		-nic none -display none -monitor none -no-reboot -serial stdio \
		${rom:+-option-rom "$rom"} -kernel "$kernel" \
		-initrd "$BUILD/initramfs.cpio.gz" \
		-append "console=ttyS0 panic=-1 quiet $words" < /dev/null 2>&1 |
		tr -d '\r' > "$SCRATCH/$name.log"
	grep -q '^workload: done' "$SCRATCH/$name.log"
}

lines() # NAME REGEX
{
	grep -E "$2" "$SCRATCH/$1.log"
}

last_sample() # NAME OPERATION FORM
{
	sed -n "s/^case call=$2 form=$3 .*[=,]\([0-9-]*\)$/\1/p" "$SCRATCH/$1.log"
}

forms=native,inline,stub,count,policy:DisableInterrupts:inline+EnableInterrupts:inline
words="$exact_words vmi=stub macro=all samples=2 forms=$forms"
for name in first second; do
	ok "all are measured, exactly ($name)" \
		boot "$name" "$BUILD/rom-native.bin" "$words" "${exact[@]}"
done
is "a second boot says the same, to the bit" \
	"$(lines second '^(case|skip) ')" "$(lines first '^(case|skip) ')"
is "nothing is left out" "$(lines first '^skip ')" ""
is "each operation has each form, in the unit of exact runs, interleaved" \
	"$(lines first '^case ' | grep -cE ' padding=- unit=instructions group=macro-[a-z]+ samples=[0-9]+,[0-9]+$')" 50
is "and the end is said" "$(lines first '^bench: ')" "bench: done"

for operation in getpid pipe fault mmap signal; do
	is "$operation: inlined it takes what it takes native" \
		"$(last_sample first "$operation" inline)" \
		"$(last_sample first "$operation" native)"
done
for operation in getpid pipe switch fault mmap signal create; do
	native=$(last_sample first "$operation" native)
	stub=$(last_sample first "$operation" stub)
	for form in inline count policy; do
		figure=$(last_sample first "$operation" "$form")
		ok "$operation: $form takes no less than native" \
			[ "$figure" -ge "$native" ]
		ok "$operation: $form takes less than stub" [ "$figure" -lt "$stub" ]
	done
done
# Their least depends a little on what the kernel did before.
for operation in fork exec timer; do
	for form in native inline count; do
		ok "$operation: $form takes less than stub" \
			[ "$(last_sample first "$operation" "$form")" -lt \
			"$(last_sample first "$operation" stub)" ]
	done
done

# --- another ROM, and none

ok "the trace ROM's calls are counted" boot trace "$BUILD/roms/trace-overwrite.bin" \
	"$exact_words vmi=stub macro=getpid,timer samples=1 forms=native,stub,aggregate" \
	"${exact[@]}"
ok "a call that the trace ROM records takes more than a stub" \
	[ "$(last_sample trace getpid trace)" -gt "$(last_sample first getpid stub)" ]
ok "it is not called a stub" [ -z "$(last_sample trace getpid stub)" ]
like "the calls of an operation are named" "$(lines trace '^calls ')" \
	'^calls call=getpid vmi=DisableInterrupts per_op=1$'
is "not those of one that waits" "$(lines trace '^calls call=timer')" ""
like "a form that this ROM does not have is left out" "$(lines trace '^skip ')" \
	"^skip call=getpid form=aggregate why=this ROM's calls are of the form trace$"
ok "without a ROM the guest ends well" boot none "" "macro=getpid samples=1"
is "every form is left out, with the reason" \
	"$(lines none '^skip call=getpid form=(native|inline|stub) why=..*$' | wc -l)" 3

# --- the storm

ok "call sites are switched under load" boot storm "$BUILD/rom-native.bin" "storm=60"
is "all workloads find what they should" "$(lines storm '^storm: 60 switches, ')" \
	"storm: 60 switches, workloads ok"
is "no setting is left out" "$(lines storm '^storm: left out')" ""
is "every workload ran" "$(lines storm '^storm: [a-z]*: [1-9][0-9]* runs ' | wc -l)" 8

done_testing
