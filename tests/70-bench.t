#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vmiprof bench: exact counts that are the same in every run, and what becomes of
# guests that die, lie or hang.
# shellcheck source=tests/tap.sh disable=SC2317 # the functions are called by exits
. "$(dirname "$0")/tap.sh"

command -v qemu-system-x86_64 > /dev/null || skip_all "qemu-system-x86_64 is not installed"
for file in vmiprof rom-native.bin rom-trace.bin guest.elf roms/other-cli.bin; do
	[ -e "$BUILD/$file" ] || { echo "Bail out! $BUILD/$file is not built; run make"; exit 1; }
done
build=$(realpath "$BUILD")

bench() { timeout 300 "$build/vmiprof" bench "$@"; }

# results FILE EXPRESSION: of Python, where r is the whole and find() a case.
results()
{
	python3 - "$1" "$2" <<-'END'
	import json, sys
	r = json.load(open(sys.argv[1]))
	def find(call, form, platform="exact", padding=None):
	    found = [c for c in r["cases"] if (c["call"], c["form"], c["platform"],
	             c["padding"]) == (call, form, platform, padding)]
	    return found[0] if found else None
	print(eval(sys.argv[2]))
	END
}

exits 'an unknown set' 64 bench --set nosuch
like 'names it' "$OUTPUT" "found 'nosuch', expected quick, full, guest, host, linux, drain or report"
exits 'an unknown platform' 64 bench --platform vax
exits 'a set that the platform does not have' 64 bench --set host --platform exact
exits 'too few samples for an interval' 64 bench --samples 5
like 'says how many' "$OUTPUT" 'expected a number from 6'
exits 'words that are no names' 64 bench --only 'RDTSC reboot'
exits 'an argument' 64 bench results.json
exits 'a file that cannot be written' 1 bench -o "$SCRATCH/none/results.json"
like 'is told before anything is measured' "$OUTPUT" 'none/results.json.*No such file'
ok 'nothing ran' test "$(grep -c '\[1/' <<< "$OUTPUT")" = 0

# Exact: twice the same, to the byte.
calls=EnableInterrupts,DisableInterrupts,GetInterruptMask,SetInterruptMask
small=(--set guest --platform exact --samples 6 --only "$calls")
exits 'exact counts' 0 bench "${small[@]}" -o "$SCRATCH/first.json"
like 'the table names the platform and its unit' "$OUTPUT" \
	'^exact: instructions, counted: the same in every run; accelerator tcg-icount$'
like 'has a column for each form' "$OUTPUT" '^call +native .*padded prefix +inline +count +stub'
like 'a line for each call' "$OUTPUT" '^DisableInterrupts +1 '
exits 'once more, in silence' 0 bench "${small[@]}" -q -o "$SCRATCH/second.json"
like 'or nearly' "$OUTPUT" '^(vmiprof: rom-(stamp|aggregate).bin is not there.*)?$'
cases() { sed -n '/^  "cases"/,$p' "$1"; }
is 'the cases are the same bytes' "$(cases "$SCRATCH/first.json")" "$(cases "$SCRATCH/second.json")"
ok 'and not none' test "$(cases "$SCRATCH/first.json" | wc -l)" -gt 30
ok 'each case is complete and its numbers agree' python3 - "$SCRATCH/first.json" <<'END'
import json, statistics, sys
r = json.load(open(sys.argv[1]))
assert r["format"] == "vmiprof-results" and r["version"] == 1
assert r["sets"] == ["guest"]
assert r["machine"]["cpu"] and r["machine"]["cores"] > 0
assert r["tools"]["qemu"] and r["tools"]["vmiprof"]
assert list(r["platforms"]) == ["exact"]
assert r["platforms"]["exact"]["status"] == "ran"
assert r["platforms"]["exact"]["accelerator"] == "tcg-icount"
for c in r["cases"]:
    assert c["platform"] == "exact" and c["unit"] == "instructions"
    assert len(c["samples"]) == 6 and sum(c["repetitions"]) == 6
    assert c["min"] == min(c["samples"])
    assert c["median"] == statistics.median(c["samples"])
    assert c["ci95"][0] <= c["median"] <= c["ci95"][1] <= max(c["samples"])
    assert len(set(c["samples"])) == 1, c
    if c["ratio_to_native"]:
        native = [n for n in r["cases"] if n["form"] == "native" and
                  (n["group"], n["call"]) == (c["group"], c["call"])]
        assert len(native) == 1
        assert abs(c["ratio_to_native"]["median"] - c["median"] / native[0]["median"]) < 1e-9
    else:
        assert c["form"] == "native", c
END
for call in ${calls//,/ }; do
	is "$call: inline is native, stub is that and two" \
		"$(results "$SCRATCH/first.json" "(find('$call', 'inline')['median'], find('$call', 'stub')['median'])")" \
		"$(results "$SCRATCH/first.json" "(find('$call', 'native')['median'], find('$call', 'native')['median'] + 2)")"
	is "$call: count is one more than native" \
		"$(results "$SCRATCH/first.json" "find('$call', 'count')['median'] - find('$call', 'native')['median']")" 1
done
is 'forms of the trace ROM are paired with natives of its boot' \
	"$(results "$SCRATCH/first.json" "find('DisableInterrupts', 'trace')['group'].split('/')[0]")" rom-trace

# A ROM with another body: the forms do differ.
mkdir "$SCRATCH/lib"
cp "$build"/*.bin "$build/guest.elf" "$SCRATCH/lib"
cp "$build/roms/other-cli.bin" "$SCRATCH/lib/rom-native.bin"
exits 'a ROM with another body for one call' 0 env VMIPROF_LIB="$SCRATCH/lib" \
	"$build/vmiprof" bench "${small[@]}" -q -o "$SCRATCH/other.json"
is 'its inline form is that body' \
	"$(results "$SCRATCH/other.json" "find('DisableInterrupts', 'inline')['median']")" 3
is 'its native form is not' \
	"$(results "$SCRATCH/other.json" "find('DisableInterrupts', 'native')['median']")" 1
is 'other calls are as they were' \
	"$(results "$SCRATCH/other.json" "find('EnableInterrupts', 'inline')['median']")" 1

# What is measured and what is emulated does not mix.
exits 'two platforms' 0 bench --set guest --platform exact,emulated --samples 6 --only RDTSC \
	-o "$SCRATCH/two.json"
like 'are two tables' "$(grep -E '^(exact|emulated): ' <<< "$OUTPUT" | cut -d: -f1 | xargs)" '^exact emulated$'
like 'the emulated one says so' "$OUTPUT" '^emulated: TCG cycles: emulated, not hardware cycles; accelerator tcg$'
is 'units do not mix' "$(results "$SCRATCH/two.json" \
	'sorted(set((c["platform"], c["unit"]) for c in r["cases"]))')" \
	"[('emulated', 'tcg-cycles'), ('exact', 'instructions')]"
if [ -e /sys/module/kvm_intel ] || [ -e /sys/module/kvm_amd ]; then
	skip 'kvm without VMX or SVM' 'this machine has one'
else
	exits 'kvm without VMX or SVM' 1 bench --set guest --platform kvm --only RDTSC -o "$SCRATCH/kvm.json"
	like 'says why not' "$OUTPUT" 'kvm is not supported here: neither kvm_intel nor kvm_amd is loaded'
	is 'in the file, too' "$(results "$SCRATCH/kvm.json" \
		'(r["platforms"]["kvm"]["status"], len(r["cases"]))')" "('not supported', 0)"
	exits 'beside a platform that is' 2 bench --set guest --platform exact,kvm --samples 6 \
		--only RDTSC -q -o "$SCRATCH/kvm.json"
	ok 'which is measured' test "$(results "$SCRATCH/kvm.json" 'len(r["cases"])')" -gt 5
fi

# fake_guest TEXT END: a guest that prints the text and ends with these
# instructions.
fake_guest()
{
	local triple_fault='lidt none; int3'
	# shellcheck disable=SC2016 # $ is the assembler's
	{
		printf '.long 0x1badb002, 0, -0x1badb002\n.globl _start\n_start: mov $text, %%esi\n'
		printf '1: lodsb; test %%al, %%al; jz 2f; mov $0x3f8, %%dx; outb %%al, %%dx; jmp 1b\n'
		printf '2: %s\n3: hlt; jmp 3b\nnone: .word 0; .long 0\n' "${2-$triple_fault}"
		printf 'text: .asciz "%s"\n' "$1"
	} > "$SCRATCH/fake.S"
	gcc -m32 -nostdlib -static -Wl,-Ttext=0x100000,--build-id=none -o "$SCRATCH/lib/guest.elf" "$SCRATCH/fake.S"
}
fake_bench() { VMIPROF_LIB=$SCRATCH/lib bench --set guest --platform emulated -o "$SCRATCH/fake.json" "$@"; }
sound='case call=RDTSC form=native padding=- unit=tcg-cycles group=g samples=1,2,3,4,5,6\n'
# shellcheck disable=SC2016
good_end='mov $0xf4, %dx; xor %eax, %eax; outl %eax, %dx'

fake_guest "${sound}bench: done\n" "$good_end"
exits 'a made-up guest that ends as it should' 0 fake_bench
fake_guest "${sound}case call=RDTSC form=stub padding=- unit=tcg-cycles group=g sam"
exits 'a guest that dies in the middle' 2 fake_bench
like 'is named, with what it did last' "$OUTPUT" \
	'rom-native: 1 cases, then: the guest died after RDTSC native: a triple fault, .*, reset it'
like 'and what the console showed' "$OUTPUT" 'group=g sam'
like 'the table says so, too' "$OUTPUT" '^FAILED: rom-native: the guest died after RDTSC native'
is 'its platform has failed' "$(results "$SCRATCH/fake.json" 'r["platforms"]["emulated"]["status"]')" failed
is 'what it measured is kept' "$(results "$SCRATCH/fake.json" 'find("RDTSC", "native", "emulated")["median"]')" 3.5
is 'what it began is not' "$(results "$SCRATCH/fake.json" 'find("RDTSC", "stub", "emulated")')" None

fake_guest 'hello\n'
exits 'a guest that dies at once' 1 fake_bench
like 'is told' "$OUTPUT" 'the guest died before the first case'
fake_guest "${sound}" "${good_end/xor %eax, %eax/mov \$1, %eax}"
exits 'a guest that says it failed' 2 fake_bench
like 'is told with its code' "$OUTPUT" 'it exited with code 1'
fake_guest "${sound}case call=RDTSC form=stub padding=- unit=cycles group=g samples=1,2,3,4,5,6\nbench: done\n" "$good_end"
exits 'figures in a unit of another platform' 2 fake_bench
like 'are refused' "$OUTPUT" "unit: found 'cycles', which is not one of platform emulated"
is 'and in no column' "$(results "$SCRATCH/fake.json" 'find("RDTSC", "stub", "emulated")')" None
fake_guest "$sound" ''
# A busy machine may need more than a second to get to where it hangs.
for seconds in 1 10 60; do
	OUTPUT=$(fake_bench --timeout "$seconds" -q 2>&1)
	status=$?
	[ "$(results "$SCRATCH/fake.json" 'len(r["cases"])')" = 0 ] || break
done
is 'a guest that hangs: exit status' "$status" 2
like 'is ended after a while' "$OUTPUT" "it did not end within $seconds s \(--timeout\)"
is 'with what it had measured' "$(results "$SCRATCH/fake.json" 'len(r["cases"]) > 0')" True

TMPDIR=$SCRATCH VMIPROF_LIB=$SCRATCH/lib interruptible "$build/vmiprof" bench --set guest --platform emulated \
	-q -o "$SCRATCH/fake.json" > "$SCRATCH/out" 2>&1 &
tries=0
until cat "$SCRATCH"/vmiprof-bench-*/console.log 2> /dev/null | grep -q '5,6' || [ $((tries += 1)) -gt 1200 ]; do
	sleep 0.05
done
kill -INT $!
wait $!
is 'a signal ends it' $? 130
like 'it is told' "$(cat "$SCRATCH/out")" 'interrupted by signal 2'
is 'what was measured is in the file' "$(results "$SCRATCH/fake.json" 'len(r["cases"])')" 1
ok 'no logs are left' test -z "$(find "$SCRATCH" -name 'vmiprof-bench-*')"

# The host program, made up as well.
fake_host()
{
	printf '#!/bin/sh\n%s\n' "$1" > "$SCRATCH/lib/vmiprof-bench-host"
	chmod +x "$SCRATCH/lib/vmiprof-bench-host"
}
host_bench() { VMIPROF_LIB=$SCRATCH/lib bench --set host -o "$SCRATCH/host.json" "$@"; }
line='echo case call=two-rdtsc form=reference padding=- unit=cycles group=g samples=36,37,38,39,40,41'
fake_host "echo \$* > '$SCRATCH/arguments'; $line; echo bench: done"
exits 'a host program that ends as it should' 0 host_bench --samples 6
like 'is asked for raw lines, so many samples, of these ROMs' "$(cat "$SCRATCH/arguments")" \
	'^--raw --samples 6 .*/rom-native.bin .*/rom-trace.bin'
is 'its figures are the host'"'"'s' "$(results "$SCRATCH/host.json" 'find("two-rdtsc", "reference", "host")["unit"]')" cycles
like 'counters are told, or why there are none' "$(results "$SCRATCH/host.json" 'r["platforms"]["host"]["perf"]')" \
	'^(cycles [0-9]+.*|not supported on this CPU|not counted: .*)$'
fake_host "$line; exit 3"
exits 'one that fails' 2 host_bench
like 'is named' "$OUTPUT" 'vmiprof-bench-host exited with status 3 after two-rdtsc reference'
is 'with what it had measured' "$(results "$SCRATCH/host.json" 'len(r["cases"])')" 1
fake_host "${line/=cycles/=tcg-cycles}; echo bench: done"
exits 'one that gives emulated figures' 1 host_bench
like 'is refused' "$OUTPUT" "unit: found 'tcg-cycles', which is not one of platform host"
fake_host "$line; exec sleep 1000"
exits 'one that hangs' 2 host_bench --timeout 10
like 'is ended' "$OUTPUT" 'it did not end within 10 s'

rm "$SCRATCH/lib/rom-trace.bin"
fake_guest "${sound}bench: done\n" "$good_end"
exits 'a ROM that is missing' 2 fake_bench
like 'is named' "$OUTPUT" 'rom-trace: 0 cases, then: rom-trace.bin is missing'
exits 'QEMU that is missing' 1 env QEMU=/nonexistent/qemu "$build/vmiprof" bench "${small[@]}"
like 'is named, too' "$OUTPUT" 'cannot run /nonexistent/qemu'

done_testing
