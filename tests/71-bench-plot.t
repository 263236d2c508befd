#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vmiprof plot of results: what the figure says, platform by platform, and what
# can go wrong.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

vmiprof=$(realpath "$BUILD/vmiprof")
made=$SCRATCH/results.json
python3 - "$made" <<'END'
import json, sys

def case(platform, unit, call, form, value, padding=None, spread=(0, 0, 0, 0, 0, 0)):
    s = sorted(value + d for d in spread)
    return {"call": call, "form": form, "padding": padding, "platform": platform,
            "unit": unit, "group": "g/" + call, "min": s[0], "median": (s[2] + s[3]) / 2,
            "p95": s[5], "ci95": [s[0], s[5]], "samples": s}

wide = (0, 1, 2, 3, 4, 5)
cases = []
for call in ("DisableInterrupts", "RDTSC"):
    for value, form in enumerate(("native", "inline", "count", "stub", "trace"), 1):
        cases.append(case("exact", "instructions", call, form, value ** 3))
        cases.append(case("emulated", "tcg-cycles", call, form, 10 * value, spread=wide))
    cases.append(case("exact", "instructions", call, "padded", 2, "nopl"))
cases.append(case("exact", "instructions", "AllocatePage", "native", 0))
cases.append(case("host", "cycles", "two-rdtsc", "reference", 36.5, spread=wide))
cases.append(case("host", "ns", "lttng-ust", "reference", 72.25, spread=wide))
for form, value in (("native", 1000), ("inline", 1002), ("stub", 1100)):
    cases.append(case("linux-emulated", "tcg-cycles", "pipe", form, value, spread=wide))
run = lambda a: {"status": "ran", "reason": None, "accelerator": a, "repetitions": 1, "perf": None}
json.dump({"format": "vmiprof-results", "version": 1, "started": "2026-01-02T03:04:05Z",
           "sets": ["guest"], "machine": {"cpu": "Test CPU", "kernel": "Linux 6.1.0", "cores": 2},
           "tools": {"vmiprof": "0.1", "qemu": "7.2.0", "gcc": "12"},
           "platforms": {"exact": run("tcg-icount"), "emulated": run("tcg"), "host": run("none"),
                         "linux-emulated": run("tcg")},
           "skipped": [], "cases": cases}, open(sys.argv[1], "w"))
END

texts() # SVG: its texts, a line each
{
	python3 - "$1" <<-'END'
	import sys
	import xml.etree.ElementTree as tree
	for text in tree.parse(sys.argv[1]).iter("{http://www.w3.org/2000/svg}text"):
	    print("".join(text.itertext()).strip())
	END
}

exits 'a PNG is drawn' 0 "$vmiprof" plot "$made" -o "$SCRATCH/costs.png"
is 'in silence' "$OUTPUT" ''
ok 'it is large and has the colours of the forms' python3 - "$SCRATCH/costs.png" <<'END'
import struct, sys, zlib
data = open(sys.argv[1], "rb").read()
assert data[:8] == b"\x89PNG\r\n\x1a\n"
width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
assert width >= 1200 and height >= 1500, (width, height)
packed, at = b"", 8
while at < len(data):
    size, name = struct.unpack(">I4s", data[at:at + 8])
    if name == b"IDAT":
        packed += data[at + 8:at + 8 + size]
    at += size + 12
assert len(set(zlib.decompress(packed))) > 20, "blank"
END
exits 'an SVG is drawn' 0 "$vmiprof" plot "$made" -o "$SCRATCH/costs.svg"
is 'in silence, too' "$OUTPUT" ''
all=$(texts "$SCRATCH/costs.svg")
like 'machine and versions' "$all" '^Test CPU, Linux 6.1.0, QEMU 7.2.0; 2026-01-02T03:04:05Z$'
for platform in 'exact, accelerator tcg-icount' 'emulated, accelerator tcg' 'host, accelerator none' \
	'linux-emulated, accelerator tcg'; do
	like "a section: $platform" "$all" "^Platform $platform\$"
done
is 'one for each unit of a platform' "$(grep -c '^Platform host' <<< "$all")" 2
like 'emulated figures say so' "$all" '^TCG cycles: emulated, not hardware cycles\.  Median with its 95 % interval\.$'
like 'at the axis, too' "$all" '^TCG cycles \(emulated\)$'
like 'counts have a unit' "$all" '^instructions$'
like 'a wide range has a log axis, and says so' "$all" '^Instructions, counted: .* log scale\.$'
like 'Linux is shown as ratios' "$all" 'Ratio to native \(median of paired rounds\) with its 95 % interval'
for form in native 'padded nopl' inline count stub trace reference; do
	like "the legend has $form" "$all" "^$form\$"
done
for call in DisableInterrupts RDTSC AllocatePage two-rdtsc lttng-ust pipe; do
	like "the group $call" "$all" "^$call\$"
done
like 'a number over a bar' "$all" '^125$'
like 'also over a ratio' "$all" '^1\.100$'
like 'and where it is 0' "$all" '^0$'

# Files that are not as they should be.
sed 's/"median": 1.0,/"median": 1.5,/' "$made" > "$SCRATCH/edited.json"
exits 'a file with an unsound case' 2 "$vmiprof" plot "$SCRATCH/edited.json" -o "$SCRATCH/edited.svg"
like 'which is named' "$OUTPUT" 'edited.json: cases\[[0-9]*\]: median: found 1.5, but its samples give 1$'
ok 'is drawn without it' test -s "$SCRATCH/edited.svg"
sed 's/"unit": "tcg-cycles"/"unit": "cycles"/g' "$made" > "$SCRATCH/mixed.json"
exits 'emulated figures that claim to be cycles' 2 "$vmiprof" plot "$SCRATCH/mixed.json" -o "$SCRATCH/mixed.svg"
like 'are refused' "$OUTPUT" "unit: found 'cycles', which is not one of platform emulated"
ok 'and not drawn' test -z "$(texts "$SCRATCH/mixed.svg" | grep emulated)"
sed 's/"version": 1/"version": 9/' "$made" > "$SCRATCH/new.json"
exits 'another version' 1 "$vmiprof" plot "$SCRATCH/new.json" -o "$SCRATCH/new.svg"
like 'is named' "$OUTPUT" 'version: found 9, expected 1'
ok 'and leaves no file' test ! -e "$SCRATCH/new.svg"
exits 'a file of something else' 1 "$vmiprof" plot "$vmiprof" -o "$SCRATCH/new.svg"
like 'is no JSON' "$OUTPUT" 'no JSON'
python3 - "$made" "$SCRATCH/strange.json" "$SCRATCH/owned" <<'END'
import json, sys
r = json.load(open(sys.argv[1]))
r["machine"]["cpu"] = f"a'b; system 'touch {sys.argv[3]}'\n`touch {sys.argv[3]}`"
for c in r["cases"]:
    c["call"] = c["call"] + f"'; system 'touch {sys.argv[3]}"
json.dump(r, open(sys.argv[2], "w"))
END
exits 'strange names' 0 "$vmiprof" plot "$SCRATCH/strange.json" -o "$SCRATCH/strange.svg"
ok 'are not run' test ! -e "$SCRATCH/owned"

done_testing
