#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vmiprof bench --set drain,report: every form is measured and nothing is lost, or
# it is said why not; programs that lie, die or are missing are named.
# shellcheck source=tests/tap.sh disable=SC2317 # the functions are called by exits
. "$(dirname "$0")/tap.sh"

for file in vmiprof vmiprof-bench-producer rom-trace.bin rom-native.bin; do
	[ -e "$BUILD/$file" ] || { echo "Bail out! $BUILD/$file is not built; run make"; exit 1; }
done
build=$(realpath "$BUILD")
export TMPDIR=$SCRATCH/tmp
mkdir "$TMPDIR" "$SCRATCH/lib"

bench() { timeout 300 "$build/vmiprof" bench --samples 6 --events 200000 "$@"; }
lib_bench() { VMIPROF_LIB=$SCRATCH/lib bench "$@"; }
left() { find "$TMPDIR" -mindepth 1; }

# results FILE EXPRESSION: of Python, where r is the whole and form() a case.
results()
{
	python3 - "$1" "$2" <<-'END'
	import json, sys
	r = json.load(open(sys.argv[1]))
	def form(call, name):
	    return [c for c in r["cases"] if (c["call"], c["form"]) == (call, name)]
	print(eval(sys.argv[2]))
	END
}

exits 'a platform without these sets' 64 bench --set drain --platform host
like 'says where they are' "$OUTPUT" 'drain and report on throughput'
exits 'too few events' 64 bench --set drain --events 10
exits 'too many' 64 bench --set drain --events 3000000000

# Everything that is here.
exits 'both sets' 0 bench --set drain,report -o "$SCRATCH/all.json"
table=$OUTPUT
like 'a table of rates' "$table" '^million events/s +median +95 % interval +vmiprof x'
ok 'the file has each form, complete, in events per second' python3 - "$SCRATCH/all.json" <<'END'
import json, sys
r = json.load(open(sys.argv[1]))
forms = {"drain": ["vmiprof", "vmiprof-prefilled", "recorder-alone", "plain-write", "lttng-ust"],
         "report": ["vmiprof", "babeltrace2-dummy", "libbabeltrace2-histogram"]}
assert r["sets"] == ["drain", "report"]
assert list(r["platforms"]) == ["throughput"]
assert r["platforms"]["throughput"]["status"] == "ran"
for call in forms:
    groups = set()
    for form in forms[call]:
        cases = [c for c in r["cases"] if (c["call"], c["form"]) == (call, form)]
        skips = [s for s in r["skipped"] if (s["call"], s["form"]) == (call, form)]
        assert len(cases) + len(skips) == 1, (call, form)
        for c in cases:
            assert (c["platform"], c["unit"]) == ("throughput", "events/s")
            assert len(c["samples"]) == 6 and c["min"] > 1000, c
            assert c["ratio_to_native"] is None
            groups.add(c["group"])
    # All are of the same rounds.
    assert len(groups) == 1, groups
# What needs no other package is always measured.
for call, form in ("drain", "vmiprof-prefilled"), ("drain", "recorder-alone"), \
        ("drain", "plain-write"), ("report", "vmiprof"):
    assert [c for c in r["cases"] if (c["call"], c["form"]) == (call, form)], form
END
for form in vmiprof-prefilled recorder-alone plain-write; do
	like "the table has $form, beside vmiprof" "$table" "^  $form +[0-9.]+ +[0-9.]+ to [0-9.]+"
done
like 'how much memory readers took is told' "$table" '^memory: report, at most: vmiprof [0-9.]+ MiB'
like 'and how many events each read' "$table" 'read in each round: vmiprof 0\.2 million events, the others 0\.2 million'
is 'files and directories are gone' "$(left)" ''
exits 'it can be drawn' 0 "$build/vmiprof" plot "$SCRATCH/all.json" -o "$SCRATCH/all.svg"
like 'with a section of its own' "$(cat "$SCRATCH/all.svg")" 'Platform throughput, accelerator none'
like 'and a title that fits' "$(cat "$SCRATCH/all.svg")" 'Calls recorded and read per second'

# Forms by name.
exits 'one form' 0 bench --set drain --only recorder-alone -q -o "$SCRATCH/one.json"
is 'is all there is' "$(results "$SCRATCH/one.json" \
	'[(c["call"], c["form"]) for c in r["cases"]]')" "[('drain', 'recorder-alone')]"

# Files of others are held to it.
sed 's,"events/s","cycles",' "$SCRATCH/one.json" > "$SCRATCH/unit.json"
exits 'a rate in cycles' 1 "$build/vmiprof" plot "$SCRATCH/unit.json" -o "$SCRATCH/unit.svg"
like 'is refused' "$OUTPUT" "unit: found 'cycles', which is not one of platform throughput"

# What is missing, lies or dies.
link() { ln -sf "$build/$1" "$SCRATCH/lib/${2:-$1}"; }
link vmiprof-bench-producer
exits 'no trace ROM' 1 lib_bench --set drain
like 'is named' "$OUTPUT" 'rom-trace.bin is missing'
link rom-trace.bin
exits 'no LTTng' 0 lib_bench --set drain --only lttng-ust,recorder-alone -o "$SCRATCH/no.json"
like 'is named in the table' "$OUTPUT" 'lttng-ust-dev is missing'
is 'and skipped in the file' "$(results "$SCRATCH/no.json" 'r["skipped"][0]["form"]')" lttng-ust
exits 'no libbabeltrace2' 0 lib_bench --set report --only libbabeltrace2-histogram,vmiprof
like 'is named, too' "$OUTPUT" 'libbabeltrace2-dev is missing'
printf '#!/bin/sh\necho GetInterruptMask 7 7\n' > "$SCRATCH/lib/vmiprof-bench-babeltrace"
chmod +x "$SCRATCH/lib/vmiprof-bench-babeltrace"
exits 'a reader that counts wrong' 1 lib_bench --set report --only libbabeltrace2-histogram
like 'is told what the ROM counted' "$OUTPUT" 'found 7 calls of GetInterruptMask, expected 6[0-9]{4}'
printf '#!/bin/sh\necho Init 1 7\n' > "$SCRATCH/lib/vmiprof-bench-babeltrace"
exits 'a reader that leaves calls out' 1 lib_bench --set report --only libbabeltrace2-histogram
like 'is told how many there are' "$OUTPUT" 'found 1 calls, expected [12][0-9]{5}$'
printf '#!/bin/sh\nexit 3\n' > "$SCRATCH/lib/vmiprof-bench-lttng"
chmod +x "$SCRATCH/lib/vmiprof-bench-lttng"
exits 'a peer that fails' 2 lib_bench --set drain --only recorder-alone,lttng-ust
like 'is named with its status' "$OUTPUT" 'vmiprof-bench-lttng exited with status 3'
like 'what was measured before is shown' "$OUTPUT" '^  recorder-alone '
link rom-native.bin rom-trace.bin
exits 'another ROM' 1 lib_bench --set drain
like 'is named' "$OUTPUT" 'expected the trace ROM'
rm "$SCRATCH/lib/vmiprof-bench-producer"
printf '#!/bin/sh\nread line; exit 0\n' > "$SCRATCH/lib/vmiprof-bench-producer"
chmod +x "$SCRATCH/lib/vmiprof-bench-producer"
exits 'a producer that ends' 1 lib_bench --set drain
like 'is named' "$OUTPUT" 'vmiprof-bench-producer ended in the middle'
is 'nothing is left behind' "$(left)" ''
is 'no producer either' "$(pgrep -f "vmiprof-bench-producer /proc/[0-9]+/fd" -P 1)" ''

# Ended in the middle: whoever was started ends, too.
if [ -x "$build/vmiprof-bench-lttng" ]; then
	exits 'a signal ends it' 143 timeout --preserve-status -s TERM 3 "$build/vmiprof" bench \
		--set drain --only lttng-ust --samples 10000
	is 'with all it started' "$(pgrep -f "$TMPDIR")" ''
	is 'and nothing is left behind' "$(left)" ''
else
	skip 'a signal ends it' 'LTTng is not installed'
fi

# Room on the disk is looked at first.
mkdir "$SCRATCH/small"
if unshare -rm true 2> /dev/null; then
	exits 'no room' 1 timeout 60 unshare -rm sh -c \
		"mount -t tmpfs -o size=8m none $SCRATCH/small &&
		TMPDIR=$SCRATCH/small $build/vmiprof bench --set drain --events 10000000"
	like 'is told before anything is measured' "$OUTPUT" \
		'has room for [0-9]+ MiB, expected [0-9]+ MiB; TMPDIR names another place'
else
	skip 'no room' 'namespaces are not allowed here'
fi
done_testing
