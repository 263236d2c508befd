#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vmiprof advise: a made-up trace and made-up costs whose sums can be worked out
# by hand, input that is wrong, and the advice tried in the Linux guest.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

vmiprof=$BUILD/vmiprof
trace=$SCRATCH/small
results=$SCRATCH/results.json

fresh()
{
	rm -rf "$trace"
	"$BUILD/tests/mktrace" "$trace" small
}

# costs PROGRAM: a file of results, from lines of python that may change it.
# The trace has 103 cli, 2 sti, 2 Halt, 1 IRET and 1 CPUID.
costs()
{
	python3 - "$results" "$1" << 'EOP'
import json, sys

def case(call, form, platform, unit, samples, group=None):
	s = sorted(samples)
	return {"call": call, "form": form, "padding": None,
		"platform": platform, "unit": unit,
		"group": (group or "rom-native") + "/" + call,
		"min": s[0], "median": s[len(s) // 2], "p95": s[-1],
		"ci95": [s[0], s[-1]], "samples": samples,
		"repetitions": [len(samples)], "ratio_to_native": None}

def pair(call, platform, unit, stub, inline, group=None):
	return [case(call, "stub", platform, unit, stub, group),
		case(call, "inline", platform, unit, inline, group)]

cli, sti = "DisableInterrupts", "EnableInterrupts"
cases = []
for name in cli, sti:
	cases += pair(name, "exact", "instructions", [3, 3, 3], [1, 1, 1])
cases += pair("Halt", "exact", "instructions", [5, 6, 9], [6, 6, 6])
# Stub and inline drift together, so the pairs differ by 60, 61 and 62.
cases += pair(cli, "emulated", "tcg-cycles", [61, 72, 83], [1, 11, 21])
# In different groups the intervals are all there is.
cases += [case(sti, "stub", "emulated", "tcg-cycles", [70, 72, 74], "a"),
	case(sti, "inline", "emulated", "tcg-cycles", [1, 2, 3], "b")]
cases += pair("IRET", "host", "cycles", [9, 9, 9], [2, 2, 2])
platforms = {name: {"status": "ran", "reason": None, "repetitions": 1,
	"accelerator": accelerator, "perf": None} for name, accelerator in
	(("exact", "tcg-icount"), ("emulated", "tcg"), ("host", "none"))}
platforms["kvm"] = {"status": "not supported", "accelerator": "kvm",
	"reason": "no VMX or SVM here", "repetitions": 0, "perf": None}
r = {"format": "vmiprof-results", "version": 1,
	"started": "2026-03-13T18:03:49Z", "sets": ["quick"],
	"machine": {"cpu": "Test CPU", "kernel": "Linux 6.1.0", "cores": 2},
	"tools": {"vmiprof": "0.1", "qemu": "7.2.0", "gcc": "12"},
	"platforms": platforms, "cases": cases, "skipped": []}
exec(sys.argv[2])
json.dump(r, open(sys.argv[1], "w"))
EOP
}

# In exact instructions: 2 for each of 103 cli and 2 sti; Halt may as well cost.
fresh
costs ''
exits 'advice from exact counts' 0 "$vmiprof" advise "$trace" "$results"
like 'says which platform it is of' "$OUTPUT" ': platform exact: instructions'
like 'says first how much of the calls it is about' "$(head -n 1 <<< "$OUTPUT")" '^Coverage +98\.2 % of the calls made'
like 'passes over a platform that did not run' "$OUTPUT" 'not from kvm: no VMX or SVM here'
like 'and one that knows too little' "$OUTPUT" \
	'not from host: knows 1 % of the calls made in both forms'
like 'ranks the most frequent call first' "$OUTPUT" \
	'^\*  DisableInterrupts +103 +1 +3.00 +1.00 +2.00 +206.0 +98.10$'
like 'then the next' "$OUTPUT" '^\*  EnableInterrupts +2 +1 +3.00 +1.00 +2.00 +4.00 +100.00$'
like 'gives the words for the kernel' "$OUTPUT" '^  vmi=stub,cli:inline,sti:inline$'
like 'and the sum' "$OUTPUT" '^Saves +210.0 instructions$'
like 'with no share of a run that was timed otherwise' "$OUTPUT" \
	'timed in TCG cycles \(emulated\), which are not those of platform exact'
like 'and the number of sites' "$OUTPUT" '^Patches +2 sites'
like 'an interval that holds 0 is no saving' "$OUTPUT" 'no saving shown: 2 calls, 0.00 instructions \(95 %: -2.00 to 6.00\)'
like 'what was not measured is unknown' "$OUTPUT" \
	'cost not measured in both forms: 2 calls, saving unknown'
like 'by name' "$OUTPUT" '^    IRET 1, CPUID 1$|^    CPUID 1, IRET 1$'
is 'nothing else is listed' "$(grep -c '^    [A-Z]' <<< "$OUTPUT")" 2

exits '--share 98' 0 "$vmiprof" advise --share 98 "$trace" "$results"
like 'is reached by one call' "$OUTPUT" '^  vmi=stub,cli:inline$'
like 'the other one is left' "$OUTPUT" 'behind the cut-off: 2 calls, 4.00 instructions$'
exits '--share 98.2' 0 "$vmiprof" advise --share 98.2 "$trace" "$results"
like 'is not' "$OUTPUT" '^  vmi=stub,cli:inline,sti:inline$'
exits '--top 1' 0 "$vmiprof" advise --top 1 "$trace" "$results"
like 'ends there' "$OUTPUT" '^  vmi=stub,cli:inline$'
exits '--sites 1' 0 "$vmiprof" advise --sites 1 "$trace" "$results"
like 'lists the hottest' "$OUTPUT" '^\*  0xc0100024  DisableInterrupts +100 +200.0$'

# In emulated cycles: 103 * 61, from the pairs; 2 * 70, from two intervals.
exits 'advice from emulated cycles' 0 "$vmiprof" advise -p emulated "$trace" "$results"
like 'is labelled' "$OUTPUT" '^Unit +tcg-cycles \(emulated: no hardware cycles\)'
like 'pairs samples of one group' "$OUTPUT" \
	'^\*  DisableInterrupts .* 61.0  60.0 to 62.0 +6283.0  6180.0 to 6386.0 '
like 'and not those of two' "$OUTPUT" '  EnableInterrupts .* 70.0  67.0 to 73.0 +140.0  134.0 to 146.0 '
"$vmiprof" advise -p emulated --json "$trace" "$results" > "$SCRATCH/advice.json"
ok 'its JSON' python3 - "$SCRATCH/advice.json" << 'EOP'
import json, sys
r = json.load(open(sys.argv[1]))
assert r["format"] == "vmiprof-advice" and r["version"] == 1
assert r["platform"] == "emulated" and r["unit"] == "tcg-cycles"
assert r["partial"] is False and r["calls_made"] == 109
assert r["verify"] is None and r["passed_over"] == []
calls = {c["name"]: c for c in r["calls"]}
cli, sti = calls["DisableInterrupts"], calls["EnableInterrupts"]
assert cli["inline"] and cli["paired"] and not sti["paired"]
assert cli["vmi"] == "cli" and cli["count"] == 103 and cli["sites"] == 1
assert cli["saves_each"] == {"value": 61, "ci95": [60, 62]}
assert cli["saves"] == {"value": 6283, "ci95": [6180, 6386]}
assert cli["stub"] == {"value": 72, "ci95": [61, 83]}
assert calls["CPUID"]["verdict"] == "cost-unknown"
assert calls["CPUID"]["saves"] is None
policy = r["policy"]
assert policy["vmi"] == "stub,cli:inline,sti:inline"
assert policy["saves"] == {"value": 6423, "ci95": [6314, 6532]}
# first packet's begin to the last one's end, see mktrace.c
run = 100 * 200 + 3 * 100 + 1000 + 10000000 + 100
assert abs(policy["share_of_run"] - 6423 / run) < 1e-9, policy
assert abs(policy["saves_per_second"] - 6423 / (run / 1e9)) < 1e-3, policy
left = r["left"]
assert left["cost-unknown"]["count_of_unknown_cost"] == 4
assert left["cost-unknown"]["saves"] is None
assert left["saves"]["calls"] == 0
EOP

# What the ROM has no body for is compared with native code.
costs 'r["cases"] += [case("Reboot", "stub", "exact", "instructions", [9, 9, 9])]'
cp "$BUILD/rom-native.bin" "$SCRATCH/rom.bin"
exits 'the ROM by name of its file' 0 "$vmiprof" advise --rom "$SCRATCH/rom.bin" "$trace" "$results"
exits 'a ROM that allows no inlining' 1 "$vmiprof" advise --rom "$BUILD/rom-trace.bin" "$trace" "$results"
like 'is named' "$OUTPUT" 'the ROM "trace" allows nothing to be inlined'
exits 'a ROM that is none' 1 "$vmiprof" advise --rom "$results" "$trace" "$results"

# What the kernel has at its sites.  kernel FILE SITE...: a vmlinux with sites,
# each CALL-NUMBER:WIDTH:FLAGS:NATIVE-CODE, where the trace's calls return to.
kernel()
{
	python3 - "$@" << 'EOP'
import struct, sys
base, text, sites = 0xc0100000, bytearray(256), b""
for site in sys.argv[2:]:
	call, width, flags, native = site.split(":")
	call, width, flags, native = int(call), int(width), int(flags), bytes.fromhex(native)
	start = call - bin(flags).count("1") - 5	# the call returns to base + call
	if start + width - len(native) < len(text):
		text[start + width - len(native):start + width] = native
	sites += struct.pack("<IBBBB", base + start & 0xffffffff, call, width, flags, len(native))
names = b"\0.text\0.vmi_sites\0.symtab\0.strtab\0some_function\0"
at = lambda name: names.index(b"\0" + name + b"\0") + 1
symbols = struct.pack("<IIIBBH", at(b"some_function"), base + 16, 0, 0x12, 0, 1)
body = bytearray(52)
def put(content):
	body.extend(b"\0" * (-len(body) % 4))
	body.extend(content)
	return len(body) - len(content)
header = lambda name, type, flags, address, content, link=0: struct.pack(
	"<10I", at(name), type, flags, address, put(content), len(content), link, 0, 1, 0)
sections = bytes(40) + header(b".text", 1, 6, base, text) + \
	header(b".vmi_sites", 1, 3, 0, sites) + header(b".symtab", 2, 0, 0, symbols, 4) + \
	header(b".strtab", 3, 0, 0, names)
where = put(sections)
body[:52] = b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHIIIIIHHHHHH",
	2, 3, 1, 0, 0, where, 0, 52, 0, 0, 40, 5, 4)
open(sys.argv[1], "wb").write(body)
EOP
}

others='42:11:7:fbf4 39:8:0:cf 5:8:0:0fa2'
costs ''
# cli: native code is the ROM's body; call, ret and a NOP vanish.  sti: it is
# not, so push, pop and NOP stay.
# shellcheck disable=SC2086 # words
kernel "$SCRATCH/vmlinux" 36:8:0:fa 35:9:1:90 $others
exits '--kernel' 0 "$vmiprof" advise --kernel "$SCRATCH/vmlinux" --sites 1 "$trace" "$results"
like 'adds what vanishes around a call' "$OUTPUT" \
	'^\*  DisableInterrupts +103 +1 +3.00 +1.00 +1.00 +3.00 +309.0 '
like 'where it does' "$OUTPUT" '^\*  EnableInterrupts +2 +1 +3.00 +1.00 +0.00 +2.00 +4.00 '
like 'and names the function of a site' "$OUTPUT" '0xc0100024 .* some_function\+0x14$'
# Halt: three pushes and three pops around the call; the pairs differ by -1, 0, 3.
like 'pushes and pops count as well' "$OUTPUT" '^\*  Halt +2 +1 +6.00 +6.00 +6.00 +6.00  5.00 to 9.00 +12.0 '
exits '--kernel with cycles' 0 "$vmiprof" advise -p emulated --kernel "$SCRATCH/vmlinux" "$trace" "$results"
like 'does not know what they cost' "$OUTPUT" 'their cost is not known and not part of each'
like 'and does not add them' "$OUTPUT" '^\*  DisableInterrupts .* 1.00 +61.0  60.0 to 62.0 '
# A call fills the site of Halt, the body of two bytes that is not native leaves a NOP.
# shellcheck disable=SC2086 # words
kernel "$SCRATCH/vmlinux" 36:8:0:fa 35:9:1:90 ${others/fbf4/fbfa}
exits '--kernel with a body that wants a NOP' 0 "$vmiprof" advise --kernel "$SCRATCH/vmlinux" "$trace" "$results"
like 'saves one instruction less than none' "$OUTPUT" 'no saving shown: 2 calls, -2[.]00 instructions'
# shellcheck disable=SC2086 # words
kernel "$SCRATCH/vmlinux" 36:8:0:fa 35:9:8:90 $others
exits 'a site whose code cannot be inlined' 0 "$vmiprof" advise --kernel "$SCRATCH/vmlinux" "$trace" "$results"
like 'stays a call' "$OUTPUT" '^  vmi=stub,cli:inline(,hlt:inline)?$'
like 'and is named' "$OUTPUT" '^    EnableInterrupts 2$'
# A body of 9 bytes does not fit between a push and a pop into 9.
python3 - "$BUILD/rom-native.bin" "$SCRATCH/long.bin" << 'EOP'
import struct, sys
rom = bytearray(open(sys.argv[1], "rb").read())
locator = rom.index(b"vprf")
descriptor, = struct.unpack_from("<I", rom, locator + 8)
bodies = descriptor + 48
rom[bodies + 4 * 35 + 2] = 9
rom[-1] = (rom[-1] - sum(rom)) % 256
open(sys.argv[2], "wb").write(rom)
EOP
# shellcheck disable=SC2086 # words
kernel "$SCRATCH/vmlinux" 36:8:0:fa 35:9:1:90 $others
exits 'a body that is too long' 0 "$vmiprof" advise --rom "$SCRATCH/long.bin" --kernel "$SCRATCH/vmlinux" "$trace" "$results"
like 'stays a call' "$OUTPUT" '^    EnableInterrupts 2$'
# shellcheck disable=SC2086 # words
kernel "$SCRATCH/vmlinux" 36:8:0:fa 35:11:1:90 $others
exits 'and one that just fits' 0 "$vmiprof" advise --rom "$SCRATCH/long.bin" --kernel "$SCRATCH/vmlinux" "$trace" "$results"
like 'does not' "$OUTPUT" '^\*  EnableInterrupts '
# shellcheck disable=SC2086 # words
kernel "$SCRATCH/vmlinux" 36:8:1:fa 35:9:1:90 $others
dd if=/dev/zero of="$SCRATCH/vmlinux" bs=1 seek=312 count=8 conv=notrunc status=none
exits 'a table of sites that is broken' 1 "$vmiprof" advise --kernel "$SCRATCH/vmlinux" "$trace" "$results"
like 'is named' "$OUTPUT" 'no sound section .vmi_sites'
# shellcheck disable=SC2086 # words
kernel "$SCRATCH/vmlinux" 35:8:0:fb $others
exits 'another kernel' 1 "$vmiprof" advise --kernel "$SCRATCH/vmlinux" "$trace" "$results"
like 'is told' "$OUTPUT" 'not the kernel of this trace: only 5.7 % of the calls'
exits 'no kernel' 1 "$vmiprof" advise --kernel "$results" "$trace" "$results"
like 'is told' "$OUTPUT" 'expected vmlinux'
truncate -s 200 "$SCRATCH/vmlinux"
exits 'a cut kernel' 1 "$vmiprof" advise --kernel "$SCRATCH/vmlinux" "$trace" "$results"

# A real trace: an independent reader must see the same calls and sites.
costs ''
if "$vmiprof" record -q -o "$SCRATCH/real" --guest embedded --accel tcg --lossless > "$SCRATCH/log" 2>&1; then
	"$vmiprof" advise --json --sites 5 "$SCRATCH/real" "$results" > "$SCRATCH/real.json"
	is 'advice on a real trace' $? 0
	babeltrace2 "$SCRATCH/real" > "$SCRATCH/events.txt" 2> /dev/null
	ok 'babeltrace2 sees the same sites' python3 - "$SCRATCH/real.json" "$SCRATCH/events.txt" << 'EOP'
import collections, json, re, sys
r = json.load(open(sys.argv[1]))
event = re.compile(r'vmi:call: .*call = \( "(\w+)" .* ret = (0x[0-9A-Fa-f]+)')
sites = collections.Counter(event.search(line).groups() for line in open(sys.argv[2]))
calls = collections.Counter(call for call, ret in sites)
for c in r["calls"]:
	assert c["sites"] == calls.pop(c["name"], 0), c
assert not calls, calls
hot = sorted(sites.values(), reverse=True)[:5]
assert [s["count"] for s in r["hot_sites"]] == hot, (r["hot_sites"], hot)
for s in r["hot_sites"]:
	key = next(k for k in sites if k[0] == s["call"] and int(k[1], 16) == int(s["return_address"], 16))
	assert sites[key] == s["count"], s
EOP
else
	diag "record failed:" "$(tail -n 5 "$SCRATCH/log")"
	ok 'the embedded guest was recorded' false
fi

# A kernel takes the words: they are those of its patches.
ok 'the mnemonics are the kernel'\''s' python3 - << 'EOP'
import glob, re
ours = dict(re.findall(r'\[VMI_CALL_(\w+)\] = "(\w+)"', open("analysis/advise/policy.c").read()))
kernel = {}
for patch in sorted(glob.glob("kernel-patches/linux-6.1/*.patch")):
	for name, call in re.findall(r'^\+\t\{ "(\w+)", VMI_CALL_(\w+) \},', open(patch).read(), re.M):
		kernel[call] = name
assert len(kernel) > 10 and ours == kernel, (ours, kernel)
EOP

# Costs that do not fit.
costs ''
exits 'a platform that was not measured' 1 "$vmiprof" advise -p kvm "$trace" "$results"
like 'is named, with the reason' "$OUTPUT" 'no advice from platform kvm: no VMX or SVM here'
exits 'a platform that knows other calls' 0 "$vmiprof" advise -p host "$trace" "$results"
costs 'r["cases"] = [c for c in cases if c["form"] == "stub"]'
exits 'results without inlined forms' 1 "$vmiprof" advise "$trace" "$results"
like 'are told, for every platform' "$OUTPUT" \
	'no platform has costs .*kvm: .*host: knows none .*exact: knows none .*emulated: knows none'
costs 'r["machine"]["cpu"] = "Another CPU"'
exits 'cycles of another machine' 2 "$vmiprof" advise -p emulated "$trace" "$results"
like 'are told' "$OUTPUT" 'the trace is of another machine \(Test CPU\) than the costs \(Another CPU\)'
like 'the advice is given' "$OUTPUT" '^  vmi=stub,cli:inline,sti:inline$'
is 'without a share of the run' "$(grep -c 'of the traced run, recording' <<< "$OUTPUT")" 0
exits 'instructions are the same on each machine' 0 "$vmiprof" advise -p exact "$trace" "$results"
costs 'platforms["exact"].update(status="failed", reason="the guest died")'
exits 'a platform that failed in part' 0 "$vmiprof" advise -p exact "$trace" "$results"
like 'is marked' "$OUTPUT" 'failed in part: the guest died'
costs 'cases[0]["unit"] = "tcg-cycles"'
exits 'a case in a unit of another platform' 2 "$vmiprof" advise "$trace" "$results"
like 'is named' "$OUTPUT" 'unit'
like 'and is not used' "$OUTPUT" 'EnableInterrupts +2 '
costs 'r["version"] = 9'
exits 'results of the future' 1 "$vmiprof" advise "$trace" "$results"
like 'are named' "$OUTPUT" 'version: found 9, expected 1'
echo '{' > "$results"
exits 'torn results' 1 "$vmiprof" advise "$trace" "$results"
exits 'no results' 1 "$vmiprof" advise "$trace" "$SCRATCH/none.json"

# A trace that does not do.
costs ''
truncate -s -1 "$trace/vcpu0"
exits 'a torn trace' 2 "$vmiprof" advise "$trace" "$results"
like 'is marked' "$OUTPUT" '^PARTIAL: the trace is not the whole run'
like 'advice comes from what the ROM counted' "$OUTPUT" '^  vmi=stub,cli:inline,sti:inline$'
rm "$trace/run/run.json"
exits 'without counts' 2 "$vmiprof" advise "$trace" "$results"
like 'it comes from what was recorded' "$OUTPUT" '^\*  DisableInterrupts +100 '
exits 'no trace' 1 "$vmiprof" advise "$SCRATCH/none" "$results"
# Counts alone, as of a run at level count: no sites, the run's own length.
fresh
truncate -s 0 "$trace/vcpu0"
"$vmiprof" advise -p emulated --json "$trace" "$results" > "$SCRATCH/counted.json" 2> "$SCRATCH/log"
ok 'a trace without records' python3 - "$SCRATCH/counted.json" << 'EOP'
import json, sys
r = json.load(open(sys.argv[1]))
assert r["policy"]["vmi"] == "stub,cli:inline,sti:inline"
assert r["policy"]["sites"] is None and r["calls"][0]["sites"] is None
assert abs(r["policy"]["saves_per_second"] - 6423 / 1.5) < 1e-3
EOP
rm "$trace/run/run.json"
exits 'a trace without calls' 1 "$vmiprof" advise "$trace" "$results"
like 'is told' "$OUTPUT" 'no calls in this trace'

exits 'no results named' 64 "$vmiprof" advise "$trace"
exits 'a platform that there is not' 64 "$vmiprof" advise -p vmx "$trace" "$results"
like 'lists those that there are' "$OUTPUT" "found 'vmx', expected kvm, host, exact or emulated"
exits 'a share beyond all' 64 "$vmiprof" advise --share 101 "$trace" "$results"
exits 'half a call' 64 "$vmiprof" advise --top 0.5 "$trace" "$results"
fresh
export TMPDIR=$SCRATCH
exits 'a full disk' 1 sh -c "$vmiprof advise $trace $results > /dev/full"

# Costs of a fraction of the calls.
fresh
costs 'r["cases"] = pair("IRET", "exact", "instructions", [9, 9, 9], [2, 2, 2])'
exits 'costs of one call of 109' 0 "$vmiprof" advise "$trace" "$results"
like 'are said to be that' "$OUTPUT" '^Coverage +0\.9 % of the calls made'
like 'with the remedy' "$OUTPUT" 'PARTIAL: there is no advice about the others; vmiprof bench --set guest'
costs ''

# --verify
costs ''
exits 'a platform that no guest runs on' 2 "$vmiprof" advise --verify -p host "$trace" "$results"
like 'is told' "$OUTPUT" '--verify: no guest runs on platform host; with --platform=exact'
like 'after the advice' "$OUTPUT" '^Saves '
mkdir -p "$SCRATCH/lib"
cp "$BUILD/rom-native.bin" "$BUILD/rom-trace.bin" "$SCRATCH/lib"
cp "$vmiprof" "$SCRATCH/lib"
exits 'no kernel' 1 env -u VMIPROF_LIB "$SCRATCH/lib/vmiprof" advise --verify "$trace" "$results"
like 'is named' "$OUTPUT" 'linux/bzImage'

exits 'a QEMU that there is not' 5 env QEMU="$SCRATCH/none" "$vmiprof" advise --verify "$trace" "$results"
like 'is named' "$OUTPUT" "cannot run $SCRATCH/none"
like 'and the advice is given' "$OUTPUT" '^  vmi=stub,cli:inline,sti:inline$'
like 'what the guest said is kept' "$OUTPUT" "what the guest said is kept in $SCRATCH/vmiprof-"
exits 'a benchmark that there is not' 3 "$vmiprof" advise --verify --benchmarks nosuch "$trace" "$results"
like 'is what the guest complains of' "$OUTPUT" 'nosuch'

# Under icount the guest does the same in every boot.  A call and its return
# vanish at least, and what stands around them at most.
"$vmiprof" advise --verify --json -q --benchmarks getpid,pipe --samples 3 \
	"$trace" "$results" > "$SCRATCH/verified.json" 2> "$SCRATCH/verify.log"
is 'the Linux guest confirms an advice' $? 0
ok 'measured is as predicted' python3 - "$SCRATCH/verified.json" << 'EOP'
import json, sys
r = json.load(open(sys.argv[1]))["verify"]
found = {b["benchmark"]: b for b in r["benchmarks"]}
assert set(found) == {"getpid", "pipe"}, found
for b in found.values():
	calls, saved = b["calls"], b["measured"]["value"]
	assert calls >= 2 and b["samples"] == 3, b
	assert b["predicted"]["value"] == 2 * calls, b
	assert 2 * calls <= saved <= 4 * calls, b
	assert b["stub"]["value"] - b["policy"]["value"] == saved, b
EOP
[ ! -s "$SCRATCH/verify.log" ] || diag "$(cat "$SCRATCH/verify.log")"

done_testing
