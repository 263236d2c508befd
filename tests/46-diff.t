#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vmiprof diff: made-up pairs whose differences are known, and real runs.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

vmiprof=$BUILD/vmiprof
old=$SCRATCH/old
new=$SCRATCH/new

# A fresh copy in $old of the first packets of a busy guest.
fresh()
{
	rm -rf "$old"
	"$BUILD/tests/mktrace" "$old" busy
	python3 - "$old" << 'EOP'
import json, struct, sys
path = sys.argv[1]
data = open(path + "/vcpu0", "rb").read()
run = json.load(open(path + "/run/run.json"))
vcpu = run["vcpus"][0]
codes = {}
end = 0
for _ in range(16):
    bits, = struct.unpack_from("<I", data, end + 40)
    for p in range(end + 68, end + bits // 8, 16):
        code = data[p] >> 1
        codes[code] = codes.get(code, 0) + 1
    end += bits // 8
open(path + "/vcpu0", "wb").write(data[:end])
names = {name: int(code) for code, name in (line.split() for line in open(path + "/../codes"))}
vcpu["counted"] = {name: codes[names[name]] for name in vcpu["counted"] if names[name] in codes}
vcpu["events_counted"] = vcpu["events_recorded"] = sum(codes.values())
json.dump(run, open(path + "/run/run.json", "w"))
EOP
}

"$vmiprof" rom --slots "$BUILD/rom-trace.bin" > "$SCRATCH/slots"
sed -nE 's/^ *([0-9]+) +0x[0-9a-f]+ +([A-Za-z0-9]+) .*/\1 \2/p' "$SCRATCH/slots" > "$SCRATCH/codes"
fresh

# The old trace with another vcpu0 and run.json: altered EXPRESSION [RUN], where
# the first may change call, cycles and ret of each record, the second the run.
altered()
{
	rm -rf "$new"
	cp -r "$old" "$new"
	python3 - "$new" "${1:-pass}" "${2:-pass}" << 'EOP'
import json, struct, sys
path, record_code, run_code = sys.argv[1:]
data = bytearray(open(path + "/vcpu0", "rb").read())
run = json.load(open(path + "/run/run.json"))
counted = run["vcpus"][0]["counted"]
CLI, STI = 36, 35
code = compile(record_code, "altered", "exec")
names = {36: "DisableInterrupts", 35: "EnableInterrupts"}
at = n = 0
while at < len(data):
    bits, = struct.unpack_from("<I", data, at + 40)
    for p in range(at + 64, at + bits // 8, 16):
        word, ret = struct.unpack_from("<II", data, p + 4)
        was = {"call": word >> 1 & 127, "cycles": word >> 9, "ret": ret,
               "n": n, "CLI": CLI, "STI": STI}
        now = dict(was)
        exec(code, {}, now)
        if now["call"] != was["call"]:
            counted[names[was["call"]]] -= 1
            counted[names[now["call"]]] += 1
        word = word & 0x101 | now["call"] << 1 | now["cycles"] << 9
        struct.pack_into("<II", data, p + 4, word, now["ret"])
        n += 1
    at += bits // 8
open(path + "/vcpu0", "wb").write(data)

def metadata(was, now):
    text = open(path + "/metadata").read()
    open(path + "/metadata", "w").write(text.replace('"%s"' % was, '"%s"' % now))

exec(run_code)
json.dump(run, open(path + "/run/run.json", "w"))
EOP
}

# finds NAME EXPRESSION: of d, the JSON of diff OLD NEW; calls and sites by name.
finds()
{
	"$vmiprof" diff --json "$old" "$new" > "$SCRATCH/diff.json" 2> "$SCRATCH/diff.err"
	ok "$1" python3 - "$SCRATCH/diff.json" "$2" << 'EOP'
import json, sys
d = json.load(open(sys.argv[1]))
assert d["format"] == "vmiprof-diff" and d["version"] == 1
calls = {c["call"]: c for c in d["calls"]}
changed = [c["call"] for c in d["calls"] if c["changed"]]
sites = [s for s in d.get("sites", []) if s["changed"]]
notes = "\n".join(d["notes"])
assert eval("(" + sys.argv[2] + ")"), (sys.argv[2], changed, sites[:2], notes)
EOP
}

# Nothing changed.
altered
exits 'the same trace twice' 0 "$vmiprof" diff "$old" "$new"
like 'has no changed calls' "$OUTPUT" '^0 of [0-9]+ calls changed$'
like 'has no changed sites' "$OUTPUT" '^0 of [0-9]+ sites changed$'
exits '--exit-code' 0 "$vmiprof" diff --exit-code "$old" "$new"
finds 'all of it is judged' 'all(c["count"]["state"] == "same" for c in d["calls"])'

# Half as many cycles again for one call, a tenth fewer of another.
altered 'cycles += cycles // 2 if call == CLI else 0'
exits 'a dearer call' 0 "$vmiprof" diff "$old" "$new"
like 'is the one that changed' "$OUTPUT" '^1 of [0-9]+ calls changed:$'
like 'with its median' "$OUTPUT" '^DisableInterrupts .* 0 +\+0\.0 % .* \+49\.[0-9] % +70 +105 +\+50\.0 % \*$'
exits '--exit-code' 8 "$vmiprof" diff --exit-code "$old" "$new"
finds 'with an interval around it' '(lambda f: f["state"] == "changed" and
	f["change_ci95"][0] < f["change"] < f["change_ci95"][1] and
	f["change_ci95"][0] > 0.4)(calls["DisableInterrupts"]["p50_cycles"])'
finds 'its total is the difference of the totals' '(lambda f:
	f["difference"] == f["new"] - f["old"] > 0)(calls["DisableInterrupts"]["total_cycles"])'
exits 'a threshold above it' 0 "$vmiprof" diff --exit-code --threshold 60 "$old" "$new"
exits 'a filter without it' 0 "$vmiprof" diff --exit-code --call Halt,IRET "$old" "$new"
exits 'a filter with it' 8 "$vmiprof" diff --exit-code --call DisableInterrupts "$old" "$new"

# The same by a clock that moves by 40 cycles at a time is less than it tells.
altered 'cycles += cycles // 2 if call == CLI else 0' 'run["tsc_step"] = 40'
exits 'a coarse clock: nothing changed' 0 "$vmiprof" diff --exit-code "$old" "$new"
exits 'all lines' 0 "$vmiprof" diff --all "$old" "$new"
like 'a coarse clock: no percentage' "$OUTPUT" '^DisableInterrupts .* 70 +105 +below step$'
finds 'nor in JSON' '(lambda f: f["state"] == "below the clock'"'"'s step" and
	f["change"] is None)(calls["DisableInterrupts"]["p50_cycles"])'

# A count: every third cli becomes a sti.
altered 'call = STI if call == CLI and n % 3 == 0 else call'
finds 'calls that are more and fewer' 'set(changed) == {"EnableInterrupts", "DisableInterrupts"} and
	calls["EnableInterrupts"]["count"]["difference"] ==
	-calls["DisableInterrupts"]["count"]["difference"] > 0'
finds 'and where' '{s["call"] for s in sites} >= {"EnableInterrupts", "DisableInterrupts"}'

# Few calls more or less is chance; of exact runs it is not.
altered 'call = STI if call == CLI and n < 30 else call'
finds 'a few calls are chance' 'changed == [] and
	calls["EnableInterrupts"]["count"]["difference"] > 0'
python3 -c 'import json, sys; p = sys.argv[1] + "/run/run.json"; r = json.load(open(p))
r["icount"] = True; json.dump(r, open(p, "w"))' "$old"
altered 'call = STI if call == CLI and n < 30 else call'
finds 'but not of exact runs' '"DisableInterrupts" in changed'
fresh

# Sorted by what changed most, in cycles.
altered 'cycles *= 2' ''
finds 'what changed most comes first' '(lambda w: len(w) > 10 and w == sorted(w, reverse=True))(
	[abs(c["total_cycles"]["difference"] or 0) for c in d["calls"] if c["changed"]])'
exits '--limit' 0 "$vmiprof" diff --limit 3 "$old" "$new"
like 'says how many are left out' "$OUTPUT" '^… and [0-9]+ more'

# A site that moved: gone and new.
altered 'ret += 0x1000 if call == CLI else 0'
finds 'a call from elsewhere' 'changed == [] and
	sorted((s["site"], s["count"]["old"] > 0) for s in sites) ==
	[("0xc0100024", True), ("0xc0101024", False)]'
exits 'in words' 0 "$vmiprof" diff "$old" "$new"
like 'gone' "$OUTPUT" '^DisableInterrupts +0xc0100024 .* gone \*'
like 'new' "$OUTPUT" '^DisableInterrupts +0xc0101024 .* new \*'

# Cycles are compared only where they are the same thing.
while IFS='|' read -r what code expected; do
	altered 'cycles *= 2' "$code"
	finds "another $what" "'$expected' in notes and changed == [] and
		all(c['p50_cycles']['difference'] is None and c['total_cycles']['change'] is None
			for c in d['calls'] if c['p50_cycles']['old'])"
done << 'EOP'
accelerator|run["accelerator"] = "kvm"; metadata("tcg", "kvm"); metadata("emulated", "hardware")|cycles are not compared: accelerator: old tcg, new kvm
accelerator for run.json alone|run["accelerator"] = "kvm"|cycles are not compared: accelerator: old tcg, new unknown
CPU|run["host"]["cpu"] = "Other CPU"|cycles are not compared: host CPU: old Test CPU, new Other CPU
QEMU|run["host"]["qemu"] = "9.0"|cycles are not compared: QEMU, which emulates: old 7.2.0, new 9.0
unit|run["icount"] = True|cycles are not compared: unit: old TCG cycles (emulated), new Instructions (TCG, icount)
EOP
altered '' 'run["guest"] = "linux"'
finds 'another guest is said' '"guest differs: old made up, new linux" in notes'

# CSV has a line for each figure.
altered 'cycles += cycles // 2 if call == CLI else 0'
"$vmiprof" diff --csv "$old" "$new" > "$SCRATCH/diff.csv"
ok 'CSV' python3 - "$SCRATCH/diff.csv" << 'EOP'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1]), strict=True))
assert len(rows) % 3 == 0 and len(rows) > 60, len(rows)
assert all(None not in r and None not in r.values() for r in rows)
changed = [r for r in rows if r["state"] == "changed"]
assert [(r["table"], r["name1"], r["figure"]) for r in changed] == [
	("calls", "DisableInterrupts", "p50_cycles")]
EOP

# Damaged and wrong input.
altered
truncate -s -1 "$new/vcpu0"
exits 'a torn trace' 2 "$vmiprof" diff --exit-code "$old" "$new"
like 'is named' "$OUTPUT" 'vcpu0: packet at byte [0-9]+: torn'
like 'and marked' "$OUTPUT" '^PARTIAL'
exits 'no trace' 1 "$vmiprof" diff "$old" "$SCRATCH/none"
exits 'one path' 64 "$vmiprof" diff "$old"
exits 'three paths' 64 "$vmiprof" diff "$old" "$old" "$old"
exits 'a threshold of nothing' 64 "$vmiprof" diff -t x "$old" "$old"
exits 'a full disk' 1 sh -c "$vmiprof diff $old $old > /dev/full"
like 'is told' "$OUTPUT" 'standard output: No space left'

# Results.
made=$SCRATCH/results
mkdir "$made"
ok 'results are made' python3 tests/synth/mkresults.py "$made"
exits 'a trace and results' 1 "$vmiprof" diff "$old" "$made/base.json"
like 'are no pair' "$OUTPUT" 'old is a trace and .*base.json a file of results'
exits 'results with themselves' 0 "$vmiprof" diff --exit-code "$made/base.json" "$made/base.json"
like 'have no changes' "$OUTPUT" '^0 of [0-9]+ cases changed'
exits 'an instruction more' 8 "$vmiprof" diff --exit-code "$made/base.json" "$made/more.json"
like 'is a change' "$OUTPUT" '^exact +DisableInterrupts stub .* 3 +4 +\+1 +\+33\.3 % \*'
exits 'a slower stub' 8 "$vmiprof" diff --exit-code "$made/base.json" "$made/slower.json"
like 'is a change of its ratio' "$OUTPUT" '^host +DisableInterrupts stub .* \*$'
like 'times that are no ratio are not judged' "$OUTPUT" '[0-9]+ cases are shown and not judged'
exits 'another machine' 0 "$vmiprof" diff --exit-code --all "$made/base.json" "$made/machine.json"
like 'is said' "$OUTPUT" 'times of two machines are not judged'
exits 'a torn file' 1 "$vmiprof" diff "$made/base.json" "$made/torn.json"
exits 'a filter for results' 1 "$vmiprof" diff --call Halt "$made/base.json" "$made/base.json"

# Two real runs, by function and line.
for run in a b; do
	ok "record $run" "$vmiprof" record -q -o "$SCRATCH/$run" --guest embedded --accel tcg \
		--lossless --max-size 4M
done
exits 'two runs' 0 "$vmiprof" diff --all --limit 0 "$SCRATCH/a" "$SCRATCH/b"
like 'sites have names and lines' "$OUTPUT" \
	'^SetIDT +trap_start\+0x[0-9a-f]+ +[^ ]*trap\.c:[0-9]+ +1 +1 +0 '
exits 'and with themselves' 0 "$vmiprof" diff --exit-code "$SCRATCH/a" "$SCRATCH/a"

done_testing
