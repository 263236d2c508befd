#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Call sites switched while the kernel runs: each mode gets its bytes into the
# sites and the kernel goes on, words that mean nothing change nothing, a storm
# of switches under load harms nothing, and the counters of the sites count what
# a ROM that is called counts.
# shellcheck disable=SC2317 # functions are called by ok
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

kernel=$BUILD/linux/bzImage
[ -s "$kernel" ] || skip_all "$kernel is not built; run make linux"
native=$BUILD/rom-native.bin

make_initrd()
{
	gcc -m32 -static -O2 -D_GNU_SOURCE -Wall -Wextra -Werror -Iinclude \
		-o "$SCRATCH/kernel-switch" tests/kernel-switch.c || return
	(cd "$SCRATCH" && echo kernel-switch | cpio -o -H newc --quiet | gzip) > "$SCRATCH/extra.gz"
	cat "$BUILD/initramfs.cpio.gz" "$SCRATCH/extra.gz" > "$SCRATCH/initrd"
}
ok "the guest's program" make_initrd || { done_testing; }

# boot ROM APPEND [QEMU-ARGS...]: CONSOLE is what the guest wrote.
boot()
{
	local rom=() append=$2
	[ "$1" = none ] || rom=(-option-rom "$1")
	shift 2
	timeout 300 qemu-system-i386 -accel tcg -machine pc,memory-backend=ram \
		-object "memory-backend-file,id=ram,share=on,size=128M,mem-path=$SCRATCH/ram" \
		-m 128 -nic none -display none -no-reboot -vga none -monitor none \
		-serial stdio -kernel "$kernel" -initrd "$SCRATCH/initrd" "${rom[@]}" \
		-append "console=ttyS0 panic=-1 rcupdate.rcu_cpu_stall_suppress=1 run=/kernel-switch $append" "$@" \
		< /dev/null > "$SCRATCH/console" 2>&1
	local status=$?
	CONSOLE=$(tr -d '\r' < "$SCRATCH/console")
	[ "$status" -eq 0 ] && grep -q '^test: done' <<< "$CONSOLE"
}

healthy() # NAME
{
	is "$1: no complaint of the kernel" \
		"$(grep -E 'WARNING|BUG:|Oops|Call Trace|general protection' \
			<<< "${CONSOLE%%Kernel panic*}")" ""
}

# The different contents of the call's sites after WORDS were written.
sites() # WORDS CALL
{
	sed -n "s/^test: $1: site $2 //p" <<< "$CONSOLE" | grep -v '(init)' |
		cut -d' ' -f1,2 | sort -u
}

mode() { sed -n "s/^test: $1: mode $2 //p" <<< "$CONSOLE"; } # WORDS CALL

# Another ROM's CLI, so that inline and native differ.
ok "switching: boots" boot "$BUILD/roms/other-cli.bin" "vmi=native switch=all"
healthy "switching"
like "switching: stop_machine() itself runs through sites" "$CONSOLE" '^test: sites in multi_cpu_stop[+] [1-9]'
is "switching: what writes them does not" \
	"$(grep -c '^test: sites in vmi_[a-z_]*+ 0$' <<< "$CONSOLE")" 3
for words in stub inline native count; do
	like "$words: written" "$CONSOLE" "^test: $words: written"
	like "$words: all of cli have it" "$(mode $words DisableInterrupts)" "^$words [0-9]+$"
	like "$words: a fault in WRMSR is fixed up" "$CONSOLE" "^test: $words: wrmsr Input/output error"
done
like "stub: calls" "$(sites stub DisableInterrupts)" '^stub e8[0-9a-f]{8}8d7600$'
is "inline: the ROM's code" "$(sites inline DisableInterrupts)" "inline fa90903e8d742600"
is "native: as compiled" "$(sites native DisableInterrupts)" "native 3e3e3e3e3e3e3efa"
is "native: all is as compiled" "$(sed -n 's/^test: native: mode [^ ]* //p' <<< "$CONSOLE" |
	grep -vc '^native [0-9]*$')" 0

counter='count 64ff05[0-9a-f]{8}'
like "count: cli" "$(sites count DisableInterrupts)" "^${counter}fa$"
like "count: sti" "$(sites count EnableInterrupts)" "^${counter}fb$"
like "count: pushf" "$(sites count GetInterruptMask)" "^${counter}9c58$"
like "count: the kernel's own test and sti, no popf" "$(sites count SetInterruptMask)" "^${counter}f6c4027401fb$"
like "count: a store, with the prefixes that are left" "$(sites count SetPxE)" "^${counter}3e3e8910$"
is "count: each call has one counter" "$(sites count SetPxE | wc -l)" 1
like "count: rdtsc" "$(sites count RDTSC)" "^${counter}0f31$"
like "count: what cannot be is said" "$(mode count IRET)" '^native [0-9]+ \(count does not fit\)$'
is "count: IRET has the user's FS" "$(sites count IRET)" "native 3e3e3e3e3e3e3e3e3ecf"
is "count: none of the others stays native" "$(sed -n 's/^test: count: mode \([^ ]*\) native .*/\1/p' <<< "$CONSOLE" | sort)" \
	"IRET"

mixed='stub,cli:inline,SetPxE:native'
is "one call inline" "$(sites $mixed DisableInterrupts)" "inline fa90903e8d742600"
is "one call native" "$(sites $mixed SetPxE)" "native 3e3e3e3e3e3e3e3e3e8910"
like "the others stub" "$(mode $mixed EnableInterrupts)" '^stub [0-9]+$'
is "a call alone leaves the others" "$(mode sti:inline DisableInterrupts) $(mode sti:inline SetPxE)" \
	"$(mode $mixed DisableInterrupts) $(mode $mixed SetPxE)"
like "a call alone is switched" "$(mode sti:inline EnableInterrupts)" '^inline [0-9]+$'

for words in nonsense inline,cli:fast off Nothing:stub INVD:stub stub,cli:off ''; do
	like "'$words' is refused" "$CONSOLE" "^test: refuse $words: Invalid argument"
done
like "the mode that is none is named" "$CONSOLE" "vmi: mode: 'fast' is no mode, expected native, stub, inline or count: nothing is switched"
like "the call that is none is named" "$CONSOLE" "vmi: mode: 'Nothing' is no VMI call: nothing is switched"
like "a call without sites is named" "$CONSOLE" "vmi: mode: this kernel has no site of INVD: nothing is switched"
like "off is for the boot" "$CONSOLE" "vmi: mode: 'off' is for the command line"
like "nothing is switched where a word is refused" "$(mode 'after refusal' DisableInterrupts)" '^native [0-9]+$'

ok "no ROM: boots" boot none "switch=none"
like "no ROM: nothing to switch" "$CONSOLE" '^test: refuse stub: No such device'

# The same from the command line, in code that runs before there are per-CPU areas.
ok "vmi=count: boots" boot "$native" "vmi=count,SetPxE:stub switch=count" -smp 2,sockets=2
healthy "vmi=count"
like "vmi=count: the log says how many" "$CONSOLE" 'vmi: DisableInterrupts +0 native +0 stub +0 inline +[1-9][0-9]* count$'
like "vmi=count: each processor has its count" "$CONSOLE" \
	'^test: frozen: each DisableInterrupts [1-9][0-9]+ [1-9][0-9]+$'
like "vmi=count: what does not fit is 0" "$CONSOLE" '^test: frozen: each IRET 0 0$'
like "vmi=count: a native ROM is not told" "$(grep -c 'vmi: counters of' <<< "$CONSOLE")" '^0$'

# What the sites count is what the ROM counts that is called for the same.
ok "counting: boots" boot "$BUILD/roms/trace-overwrite.bin" "vmi=stub switch=count"
healthy "counting"
counted() { sed -n "s/^test: $1 of \(.*\)/\1/p" <<< "$CONSOLE"; }
like "counting: cli for every pipe word" "$(counted sites)" 'DisableInterrupts [1-9][0-9]+'
is "counting: sites and ROM agree" "$(counted sites)" "$(counted ROM)"

# The host finds the counters where the kernel says, in the guest's memory.
u32() { od -An -t u4 -j "$1" -N 4 "$SCRATCH/ram" | tr -d ' '; } # OFFSET
at=$(sed -n 's/.*vmi: counters of 1 processor at \(0x[0-9a-f]*\)$/\1/p' <<< "$CONSOLE")
like "counting: the kernel says where" "$at" '^0x[0-9a-f]+$'
is "counting: the host reads the same" "$(u32 $((at + 36 * 4)))" \
	"$(sed -n 's/^test: frozen: DisableInterrupts //p' <<< "$CONSOLE")"

storm=${STORM:-300}
for cpus in 1 2; do
	ok "storm, $cpus: boots" boot "$native" "vmi=stub storm=$storm" -smp "$cpus,sockets=$cpus"
	healthy "storm, $cpus"
	is "storm, $cpus: harms nothing" "$(sed -n 's/^test: storm: //p' <<< "$CONSOLE")" \
		"$storm switches, 0 refused, 0 children failed"
done
# NMIs come while sites are written, and run through none that is half written.
mkfifo "$SCRATCH/monitor.in" "$SCRATCH/monitor.out"
: > "$SCRATCH/console"
send_nmis() # when the kernel is there: firmware takes none.
{
	local tries=3000
	while [ $((tries--)) -gt 0 ] && ! grep -q 'Run /init' "$SCRATCH/console"; do
		sleep 0.1
	done
	while ! grep -q 'switches,' "$SCRATCH/console" && echo nmi; do
		sleep 0.02
	done 2> /dev/null > "$SCRATCH/monitor.in"
}
cat "$SCRATCH/monitor.out" > /dev/null &
drain=$!
send_nmis &
sender=$!
ok "storm with NMIs: boots" boot "$native" "vmi=stub storm=$storm" -smp 2,sockets=2 \
	-chardev "pipe,id=nmi,path=$SCRATCH/monitor" -mon chardev=nmi,mode=readline
kill "$drain" "$sender" 2> /dev/null
wait
healthy "storm with NMIs"
like "storm with NMIs: some came" "$CONSOLE" 'NMI received for unknown reason'
# A message of the kernel may be in the midst of the program's line.
CONSOLE=$(perl -0pe 's/\[ *[0-9.]+\] (Uhhuh|Dazed)[^\n]*\n//g' <<< "$CONSOLE")
is "storm with NMIs: harms nothing" "$(sed -n 's/^test: storm: //p' <<< "$CONSOLE")" \
	"$storm switches, 0 refused, 0 children failed"
like "storm: on two processors" "$CONSOLE" 'smp: Brought up 1 node, 2 CPUs'

done_testing
