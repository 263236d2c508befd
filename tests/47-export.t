#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vmiprof export: each format is read back by the rules of its readers, and must
# add up to what vmiprof report says.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

vmiprof=$BUILD/vmiprof
small=$SCRATCH/small
"$BUILD/tests/mktrace" "$small" small

# reads FORMAT: exported again to $SCRATCH/FORMAT, and what the check adds up to
# as JSON in $SCRATCH/FORMAT.json.
reads() # FORMAT [ARGUMENTS...]
{
	local format=$1
	shift
	ok "$format: is written" "$vmiprof" export -f "$format" -o "$SCRATCH/$format" "$@"
	ok "$format: is read" sh -c \
		"python3 tests/export_check.py $format $SCRATCH/$format > $SCRATCH/$format.json"
}

# holds NAME FORMAT EXPRESSION: of r, what the check found, and R, the report.
holds()
{
	ok "$2: $1" python3 - "$SCRATCH/$2.json" "$SCRATCH/report.json" "$3" << 'EOP'
import json, sys
r, R = (json.load(open(path)) for path in sys.argv[1:3])
calls = {c["name"]: c for c in R["calls"] if c["count"]}
counts = {name: c["count"] for name, c in calls.items()}
cycles = {name: c["total_cycles"] for name, c in calls.items() if c["total_cycles"]}
def some(counter): return {k: v for k, v in counter.items() if v}
assert eval(sys.argv[3]), (sys.argv[3], str(r)[:2000], str(counts)[:500])
EOP
}

# The same calls and cycles as the report has, in all formats.
agree() # DIR [ARGUMENTS...]
{
	"$vmiprof" report --json "$1" > "$SCRATCH/report.json"
	for format in perf-script folded chrome csv openmetrics prometheus; do
		reads "$format" "$@"
	done
	holds 'calls' perf-script 'r["calls"] == counts'
	holds 'cycles' perf-script 'some(r["weight"]) == cycles'
	holds 'cycles' folded 'r["calls"] == cycles'
	holds 'calls' chrome '{k: v for k, v in r["calls"].items() if k != "lost"} == counts'
	holds 'lost calls' chrome 'r["lost"] == R["events_discarded_in_packets"]'
	holds 'calls' csv 'r["calls"] == counts'
	holds 'cycles' csv 'some(r["cycles"]) == cycles'
	holds 'lost calls' csv 'r["lost"] == R["events_discarded_in_packets"]'
	for format in openmetrics prometheus; do
		holds 'calls' "$format" 'some(r["calls"]) == counts'
		holds 'cycles' "$format" 'some(r["cycles"]) == cycles'
		holds 'lost calls' "$format" 'r["lost"] == R["events_lost"]'
		holds 'calls that are not there' "$format" \
			'r["unrecorded"] == R["events_counted"] - R["events_recorded"]'
	done
}

agree "$small"
holds 'the time of a call, and of an idle Halt' chrome \
	'r["durations_us"]["CPUID"] == 9000 and r["durations_us"]["Halt"] == 1'
like 'chrome: begins when the call began' "$(cat "$SCRATCH/chrome")" \
	'"CPUID","ph":"X",.*"ts":1021.300,"dur":9000.000,.*"cycles":9000000'
holds 'stolen cycles' csv 'r["stolen"] == 500'
is 'perf-script: the first event' "$(head -n 3 "$SCRATCH/perf-script")" \
"made_up 1/1 [000] 0.000000200: 1 vmi:call: 
	        00000480 DisableInterrupts ([vmi-rom])
	        c0100024 0xc0100024 ([guest.kernel])"
holds 'folds to the stacks of folded' perf-script \
	"some(r['stacks']) == json.load(open('$SCRATCH/folded.json'))['stacks']"


# The axis begins where the first call does, which was done much later.
cp -r "$small" "$SCRATCH/long"
python3 - "$SCRATCH/long/vcpu0" << 'EOP'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
word, = struct.unpack_from("<I", data, 68)
struct.pack_into("<I", data, 68, 36 << 1 | 300000 << 9)
open(sys.argv[1], "wb").write(data)
EOP
"$vmiprof" export -f chrome "$SCRATCH/long" > "$SCRATCH/long.json"
like 'chrome: begins with the first call' "$(cat "$SCRATCH/long.json")" \
	'"DisableInterrupts","ph":"X",.*"ts":0.000,"dur":300.000,.*"cycles":300000'
is 'csv: so does its clock' "$("$vmiprof" export -f csv "$SCRATCH/long" | sed -n 2p | cut -d, -f3-5)" \
	'1000200,0.000300000,DisableInterrupts'

reads folded --weight calls "$small"
holds 'weighed by calls' folded 'r["calls"] == counts'
reads openmetrics --label site=lab --label 'rack=a"b\c' "$small"
holds 'labels' openmetrics '["rack", "a\\\"b\\\\c"] in r["labels"] and ["site", "lab"] in r["labels"]'

# Filters are those of report.
reads csv --call Halt,IRET "$small"
holds '--call' csv 'r["calls"] == {"Halt": 2, "IRET": 1}'
reads chrome --call Halt "$small"
holds 'a wait ends with a call that is left out' chrome 'r["durations_us"]["Halt"] == 1'
reads folded --call CPUID "$small"
holds '--call' folded 'r["calls"] == {"CPUID": 9000000}'
reads openmetrics --to 20us "$small"
holds '--to' openmetrics 'r["calls"] == {"DisableInterrupts": 99}'
reads csv --from 20us --to 0.5 "$small"
holds '--from' csv 'sum(r["calls"].values()) == 7'
reads csv --vcpu 1 "$small"
holds '--vcpu' csv 'r["calls"] == {}'

# The host's clock, where the recording knows it.
exits 'no clock' 1 "$vmiprof" export -f csv --clock monotonic "$small"
like 'is said' "$OUTPUT" 'the recording does not know the host'"'"'s clock'
cp -r "$small" "$SCRATCH/mono"
python3 -c 'import json, sys; r = json.load(open(sys.argv[1]))
r["clock"] = {"offset_ns": 5000000000, "error_ns": 1500, "how": "made up"}
json.dump(r, open(sys.argv[1], "w"))' "$SCRATCH/mono/run/run.json"
exits '--clock monotonic' 0 "$vmiprof" export -f csv --clock monotonic "$SCRATCH/mono"
like 'adds the offset to the time stamp' "$OUTPUT" '^,0,1000200,5\.001000200,DisableInterrupts,'
like 'and says how sure it is' "$OUTPUT" 'CLOCK_MONOTONIC, to within 1\.5 us'
exits '--clock of nothing' 64 "$vmiprof" export -f csv --clock sun "$small"

# What Prometheus itself says: its linter reads the text format, and what fills
# its database from a file reads OpenMetrics, with time stamps.
promtool=$BUILD/prometheus/usr/bin/promtool
if ! [ -x "$promtool" ]; then
	(mkdir -p "$BUILD/prometheus" && cd "$SCRATCH" && apt-get download prometheus) \
		> "$SCRATCH/download.log" 2>&1 &&
		dpkg -x "$SCRATCH"/prometheus_*.deb "$BUILD/prometheus"
fi
if [ -x "$promtool" ]; then
	"$vmiprof" export -f prometheus -o "$SCRATCH/prometheus" "$small"
	"$vmiprof" export -f openmetrics -o "$SCRATCH/openmetrics" "$small"
	ok 'promtool finds nothing to complain of' \
		sh -c "$promtool check metrics < $SCRATCH/prometheus"
	sed '/^#/!s/$/ 1142273029/' "$SCRATCH/openmetrics" > "$SCRATCH/stamped"
	ok 'promtool takes it for OpenMetrics' \
		"$promtool" tsdb create-blocks-from openmetrics "$SCRATCH/stamped" "$SCRATCH/db"
	sed '$d' "$SCRATCH/stamped" > "$SCRATCH/cut"
	exits 'and would say when it is not' 1 \
		"$promtool" tsdb create-blocks-from openmetrics "$SCRATCH/cut" "$SCRATCH/db2"
else
	skip 'promtool' "Debian's prometheus cannot be fetched: $(tail -n 1 "$SCRATCH/download.log")"
fi

# A file is written whole or not at all; a device as it is.
echo before > "$SCRATCH/kept"
exits 'no trace' 1 "$vmiprof" export -f csv -o "$SCRATCH/kept" "$SCRATCH/none"
is 'leaves the file alone' "$(cat "$SCRATCH/kept")" before
exits 'a full disk' 1 "$vmiprof" export -f csv -o /dev/full "$small"
like 'is told' "$OUTPUT" '/dev/full: No space left'
exits 'a full disk as standard output' 1 sh -c "$vmiprof export -f chrome $small > /dev/full"
like 'is told' "$OUTPUT" 'standard output: No space left'
exits 'a folder that is not there' 1 "$vmiprof" export -f csv -o "$SCRATCH/none/x" "$small"
like 'is told' "$OUTPUT" 'cannot write .*none/x.*: No such file'
ln -s kept "$SCRATCH/link"
chmod 600 "$SCRATCH/kept"
exits 'through a link' 0 "$vmiprof" export -f csv -o "$SCRATCH/link" "$small"
is 'which stays' "$(readlink "$SCRATCH/link")" kept
like 'to where it leads' "$(cat "$SCRATCH/kept")" DisableInterrupts
is 'and nobody else may read it now' "$(stat -c %a "$SCRATCH/kept")" 600
# Two at once, of different traces, many times: each leaves a whole file.
"$BUILD/tests/mktrace" "$SCRATCH/other" busy
"$vmiprof" export -f csv -o "$SCRATCH/one.csv" "$small"
"$vmiprof" export -f csv -o "$SCRATCH/two.csv" "$SCRATCH/other"
mixed=''
for _ in 1 2 3 4 5 6 7 8 9 10; do
	"$vmiprof" export -f csv -o "$SCRATCH/both.csv" "$SCRATCH/other" &
	"$vmiprof" export -f csv -o "$SCRATCH/both.csv" "$small" || mixed="$mixed failed"
	wait $! || mixed="$mixed failed"
	cmp -s "$SCRATCH/both.csv" "$SCRATCH/one.csv" || cmp -s "$SCRATCH/both.csv" "$SCRATCH/two.csv" ||
		mixed="$mixed mixed"
done
is 'two at once' "$mixed" ''
is 'nothing is left over' "$(find "$SCRATCH" -name '*.new' -o -name '.*.tmp')" ''

# A damaged trace: what can be read, and exit status 2.
cp -r "$small" "$SCRATCH/torn"
truncate -s -1 "$SCRATCH/torn/vcpu0"
for format in perf-script folded chrome csv openmetrics; do
	exits "$format of a torn trace" 2 "$vmiprof" export -f "$format" -o "$SCRATCH/$format" "$SCRATCH/torn"
	like 'names what is torn' "$OUTPUT" 'vcpu0: packet at byte 1664: torn'
	ok 'writes the rest' sh -c \
		"python3 tests/export_check.py $format $SCRATCH/$format | grep DisableInterrupts"
done
rm "$SCRATCH/torn/run/run.json"
exits 'without run.json, too' 2 "$vmiprof" export -f csv "$SCRATCH/torn"
like 'both are named' "$OUTPUT" 'run.json: No such file'
like 'both are named' "$OUTPUT" 'vcpu0: packet at byte 1664: torn'
like 'openmetrics: not complete' "$(cat "$SCRATCH/openmetrics")" '^vmi_run_complete 0$'
cp -r "$small" "$SCRATCH/short"
sed -i 's/"status": "complete"/"status": "partial", "reason": "cut"/; s/"reason": null,//' "$SCRATCH/short/run/run.json"
for format in perf-script folded chrome csv openmetrics; do
	exits "$format of a recording that was cut short" 0 "$vmiprof" export -f "$format" -o "$SCRATCH/$format" "$SCRATCH/short"
	like 'says so' "$OUTPUT" 'partial: the recording was cut short: cut'
done
like 'in openmetrics, too' "$(cat "$SCRATCH/openmetrics")" '^vmi_run_complete 0$'
like 'chrome: partial' "$(cat "$SCRATCH/chrome")" '"partial":true'

exits 'no format' 64 "$vmiprof" export "$small"
like 'lists them' "$OUTPUT" 'perf-script, folded, chrome, csv, openmetrics or prometheus'
exits 'an unknown format' 64 "$vmiprof" export -f xml "$small"
like 'is named' "$OUTPUT" "found 'xml', expected perf-script"
exits 'a label of our own' 64 "$vmiprof" export -f openmetrics --label call=x "$small"
like 'is refused' "$OUTPUT" 'a name of letters, digits and _ that is not in use'
exits 'labels of CSV' 64 "$vmiprof" export -f csv --label a=b "$small"
exits 'a weight of nothing' 64 "$vmiprof" export -f folded --weight 3 "$small"
exits 'no symbols' 1 "$vmiprof" export -f csv --vmlinux "$SCRATCH/none" "$small"
like 'is named' "$OUTPUT" "$SCRATCH/none"

# The begin of a real guest, with its symbols.
real=$SCRATCH/real
ok 'record' "$vmiprof" record -q -o "$real" --guest embedded --accel tcg --max-size 2M
agree "$real"
holds 'every call has a function' csv '"" not in r["functions"] and len(r["functions"]) > 5'
holds 'functions, not addresses' perf-script 'not [f for f in r["functions"] if f.startswith("0x")]'
holds 'folds to the stacks of folded' perf-script \
	"some(r['stacks']) == json.load(open('$SCRATCH/folded.json'))['stacks']"

# Below level event there are sums only.
ok 'record --level aggregate' "$vmiprof" record -q -o "$SCRATCH/sums" --level aggregate \
	--guest embedded --accel tcg
reads openmetrics "$SCRATCH/sums"
holds 'has the sums' openmetrics 'r["calls"]["DisableInterrupts"] > 0 and r["cycles"]["DisableInterrupts"] > 0'
exits 'csv has none' 0 "$vmiprof" export -f csv "$SCRATCH/sums"
like 'and says why' "$OUTPUT" 'level aggregate: there are no events in it'

done_testing
