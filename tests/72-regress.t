#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The gate: each verdict and its exit status, and that it can turn red.
# shellcheck source=tests/tap.sh disable=SC2317 # functions that ok runs
. "$(dirname "$0")/tap.sh"

vmiprof=$(realpath "$BUILD")/vmiprof
made=$SCRATCH/made
mkdir "$made"
ok "results files are made" python3 tests/synth/mkresults.py "$made"

# verdict NAME STATUS NEW [OPTION...]: OUTPUT is what it printed.
verdict()
{
	local name=$1 status=$2 new=$3
	shift 3
	exits "$name: exit status $status" "$status" \
		"$vmiprof" regress "$@" "$made/base.json" "$made/$new.json"
}

verdict "the same" 0 base
like "all pass" "$OUTPUT" '^5 judged: 5 pass, 0 fail, '
verdict "the same, measured again" 0 same
like "overall pass" "$OUTPUT" '^verdict: pass$'

verdict "one instruction more" 1 more
like "it is named with its figures" "$OUTPUT" \
	'^fail +exact +DisableInterrupts stub +3 +4 +\+1 +1 instruction more$'
like "nothing else fails" "$OUTPUT" '^4 judged: 3 pass, 1 fail, 0 inconclusive, 0 no baseline, 0 error'
verdict "one instruction fewer" 1 fewer
like "how to accept it" "$OUTPUT" '1 instruction fewer; .*--update --reason'
verdict "one more in one sample" 1 one-more
like "where it is more" "$OUTPUT" '1 instruction more in the 95th percentile'

verdict "a ratio grew by a fifth" 1 slower
like "the change and its interval" "$OUTPUT" \
	'^fail +host +DisableInterrupts stub +1\.[0-9]+ +1\.[0-9]+ +\+20\.[0-9] % \[\+1[0-9.]+, \+2[0-9.]+\] +the whole interval is past 5 %'
verdict "the same below its threshold" 0 slower --threshold 25
verdict "a ratio fell" 0 faster
verdict "a noisy comparison" 2 noisy
like "the noise floor is told" "$OUTPUT" '^inconclusive .*noise floor of [0-9.]+ % is wider than the difference$'
verdict "an interval around the threshold" 2 spans
like "that it spans it" "$OUTPUT" 'the interval spans the threshold of 5 %'
verdict "the noise of an A/A run counts" 2 slower --again "$made/noisy.json" --threshold 5
like "by its interval" "$OUTPUT" '^inconclusive .*noise floor of [0-9.]+ %'
verdict "a quiet A/A run" 1 slower --again "$made/same.json"

verdict "a case that the baseline lacks" 3 added
like "it is named" "$OUTPUT" '^no baseline +exact +Pause native'
exits "no baseline at all: exit status 3" 3 \
	"$vmiprof" regress "$made/none.json" "$made/same.json"
like "how to make one" "$OUTPUT" 'no baseline .*none\.json; --update --reason makes one'

# What cannot be compared is named; the rest is judged.
verdict "a missing case" 4 missing
like "it is named" "$OUTPUT" '^error +exact +DisableInterrupts stub .* missing in the new run$'
like "the others are judged" "$OUTPUT" '^4 judged: 3 pass'
verdict "another machine" 4 machine
like "both are named" "$OUTPUT" "two machines .*'Made Up CPU', .*'Another CPU'"
like "exact counts are judged all the same" "$OUTPUT" '^4 judged: 3 pass'
verdict "a fail there counts more" 1 machine-more
verdict "a platform that was not measured" 4 no-host
verdict "a platform that is left out" 0 no-host --platform exact
verdict "a platform that is not supported" 4 unsupported
like "with its reason" "$OUTPUT" 'not supported in the new run: no such CPU'
verdict "a run that broke off" 4 failed
like "its reason and what is missing" "$OUTPUT" 'the new run failed: the guest died after 2 cases'
like "what it has is judged" "$OUTPUT" '^5 judged: 3 pass'
verdict "another accelerator" 1 accelerator
like "it is named" "$OUTPUT" "platforms.exact: accelerator: found 'kvm', expected 'tcg-icount'"
like "the other platform is judged" "$OUTPUT" '^fail +host'
verdict "an emulated figure among real ones" 4 emulated
like "it is named" "$OUTPUT" "DisableInterrupts stub: unit: found 'tcg-cycles'"
verdict "another schema version" 4 version
like "it is named" "$OUTPUT" 'version: found 2, expected 1'
verdict "statistics that are not the samples'" 1 liar
like "they are named" "$OUTPUT" 'median: found 2, but its samples give 3'
exits "a torn baseline: exit status 4" 4 "$vmiprof" regress "$made/torn.json" "$made/same.json"
like "it is named" "$OUTPUT" '^error +file +\(baseline\) .*torn\.json: no JSON'
# What XML does not allow makes no file that a reader refuses.
python3 - "$made/machine-more.json" "$made/names.json" << 'EOP'
import json, sys
run = json.load(open(sys.argv[1]))
for case in run["cases"]:
	case["call"] = "cli\ufffe\u0001<\u202e\"&"
json.dump(run, open(sys.argv[2], "w"))
EOP
verdict "names that XML does not allow" 4 names --junit "$SCRATCH/names.xml"
ok "JUnit is well-formed" python3 -c 'import sys, xml.dom.minidom
assert any(case.getAttribute("name").startswith("cli????<???\"&")
	for case in xml.dom.minidom.parse(sys.argv[1]).getElementsByTagName("testcase"))' \
	"$SCRATCH/names.xml"
# The first of two values must not pass for both.
cat "$made/base.json" "$made/same.json" > "$made/two.json"
exits "text behind the results: exit status 4" 4 "$vmiprof" regress "$made/base.json" "$made/two.json"
like "where it is" "$OUTPUT" "two\.json: no JSON: .* behind the value, at byte $(($(wc -c < "$made/base.json")))"
exits "the same in a baseline" 4 "$vmiprof" regress "$made/two.json" "$made/same.json"
like "where it is" "$OUTPUT" '^error +file +\(baseline\) .* behind the value, at byte'
exits "a new run that is not there: exit status 4" 4 "$vmiprof" regress "$made/base.json" "$made/none.json"

for arguments in "" "$made/base.json" "--update a b" "--reason x a b" "--json --tap a b" \
	"--threshold -1 a b" "--threshold x a b" "--platform moon a b" "--rom x a b" \
	"--linux x a" "a b c"; do
	# shellcheck disable=SC2086 # words
	exits "usage: regress ${arguments#"$made"/}" 64 "$vmiprof" regress $arguments
done

# Formats.
verdict "JSON" 1 more --json
ok "JSON: the verdicts, the figures" python3 - "$OUTPUT" <<-'EOF'
	import json, sys
	run = json.loads(sys.argv[1])
	assert run["format"] == "vmiprof-regress" and run["version"] == 1
	assert run["verdict"] == "fail" and run["exit_status"] == 1
	assert run["counts"] == {"pass": 3, "fail": 1, "inconclusive": 0, "no baseline": 0, "error": 0}
	first = run["cases"][0]
	assert (first["call"], first["form"], first["verdict"]) == ("DisableInterrupts", "stub", "fail")
	assert (first["baseline"], first["new"], first["unit"]) == (3, 4, "instructions")
	ratio = [c for c in run["cases"] if c["platform"] == "host"][0]
	assert ratio["change_ci95"][0] < ratio["change"] < ratio["change_ci95"][1]
	EOF
verdict "TAP" 1 more --tap
like "TAP: the plan" "$OUTPUT" '^1\.\.4$'
like "TAP: not ok" "$OUTPUT" '^not ok 1 - exact DisableInterrupts stub'
verdict "TAP of a noisy comparison" 2 noisy --tap
like "TAP: skipped with the reason" "$OUTPUT" '^ok 1 - host DisableInterrupts stub +# SKIP inconclusive: '
"$vmiprof" regress --tap "$made/base.json" "$made/more.json" > "$SCRATCH/red.tap"
exits "prove reads it as a failure" 1 prove -e cat "$SCRATCH/red.tap"
verdict "JUnit" 1 machine-more --junit "$SCRATCH/junit.xml"
ok "JUnit: suites, failure and error" python3 - "$SCRATCH/junit.xml" <<-'EOF'
	import sys, xml.etree.ElementTree as tree
	root = tree.parse(sys.argv[1]).getroot()
	suites = {s.get("name"): s for s in root}
	assert suites["exact"].get("tests") == "3" and suites["exact"].get("failures") == "1"
	assert suites["host"].get("errors") == "1"
	failed = [c for c in suites["exact"] if c.find("failure") is not None]
	assert [c.get("name") for c in failed] == ["DisableInterrupts stub"]
	EOF
echo before > "$SCRATCH/junit.xml"
ln -s junit.xml "$SCRATCH/link.xml"
chmod 600 "$SCRATCH/junit.xml"
verdict "JUnit through a link" 0 same --junit "$SCRATCH/link.xml"
is "the link stays" "$(readlink "$SCRATCH/link.xml")" junit.xml
is "and the mode" "$(stat -c %a "$SCRATCH/junit.xml")" 600
ln -s /dev/full "$SCRATCH/full.xml"
verdict "JUnit to a full disk" 4 same --junit "$SCRATCH/full.xml"
verdict "JUnit where it cannot be written" 4 same --junit "$SCRATCH/no/junit.xml"

# --update
base=$SCRATCH/new-base.json
cp "$made/base.json" "$base"
exits "a damaged run is refused" 4 "$vmiprof" regress --update --reason x "$base" "$made/liar.json"
exits "a run that failed in part is refused" 4 "$vmiprof" regress --update --reason x "$base" "$made/failed.json"
ok "the baseline is as it was" cmp "$made/base.json" "$base"
chmod 640 "$base"
ln -s new-base.json "$SCRATCH/link.json"
exits "a change is accepted" 0 "$vmiprof" regress --update --reason 'cli "counts"' "$SCRATCH/link.json" \
	"$made/more.json"
is "where a link leads" "$(readlink "$SCRATCH/link.json")" new-base.json
is "as readable as it was" "$(stat -c %a "$base")" 640
like "what changed is shown" "$OUTPUT" '^fail +exact +DisableInterrupts stub +3 +4'
exits "it is the baseline then" 0 "$vmiprof" regress "$base" "$made/more.json"
like "with date and reason" "$OUTPUT" 'accepted 20[0-9-]+T[0-9:]+Z: cli "counts"$'
exits "and what was it before fails" 1 "$vmiprof" regress "$base" "$made/same.json"
exits "a first one is made" 0 "$vmiprof" regress --update --reason first "$SCRATCH/first.json" "$made/same.json"
exits "and is one" 0 "$vmiprof" regress "$SCRATCH/first.json" "$made/same.json"
ok "reason, date and tools are stored" python3 - "$SCRATCH/first.json" <<-'EOF'
	import json, sys
	run = json.load(open(sys.argv[1]))
	assert run["baseline"]["reason"] == "first" and run["baseline"]["accepted"]
	assert run["tools"] == {"vmiprof": "0.1", "qemu": "7.2", "gcc": "12.2"}
	EOF

done_testing
