#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vmiprof record --level: the same guest at each of them, what report makes of it,
# and what is refused.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/record.sh
. "$(dirname "$0")/record.sh"
[ -e "$BUILD/rom-aggregate.bin" ] || { echo "Bail out! rom-aggregate.bin is not built"; exit 1; }

exits 'the levels are listed' 0 record --level=help
like '... each with what it keeps' "$OUTPUT" $'^event +each call\n'
for level in $(levels); do
	exits "$level: the guest ends by itself" 0 \
		record -q --level="$level" --timeout 200 -o "$SCRATCH/$level" --append rounds=1
	is "$level: run.json says so" "$(run_json "$SCRATCH/$level" 'r["level"], r["status"]')" \
		"('$level', 'complete')"
done

# Page tables are not written by the clock: the guest does so as often each time.
calls='"SetPxE GetPxE TestAndSetPxEBit SetCR3 SYSEXIT".split()'
expected=$(run_json "$SCRATCH/event" "[v['counted'].get(c, 0) for c in $calls]")
like 'event: the guest makes these calls' "$expected" '^\[[1-9]'
for level in $(levels); do
	[ "$(run_json "$SCRATCH/$level" '"aggregate" in r')" = True ] || continue
	is "$level: as many of them" "$(run_json "$SCRATCH/$level" \
		"[r['aggregate'].get(c, {}).get('count', 0) for c in $calls]")" "$expected"
	is "$level: no vCPU has events" "$(run_json "$SCRATCH/$level" 'r["vcpus"]')" '[]'
	ok "$level: babeltrace2 reads the trace without events" \
		test -z "$(babeltrace2 "$SCRATCH/$level" 2>&1)"
done
is 'aggregate: buckets and interrupted calls make the count' "$(run_json "$SCRATCH/aggregate" \
	'[n for n, c in r["aggregate"].items()
	  if len(c["buckets"]) != 32 or sum(c["buckets"]) + c["interrupted"] != c["count"]]')" '[]'
is 'aggregate: sums lie where the buckets say' "$(run_json "$SCRATCH/aggregate" \
	'[n for n, c in r["aggregate"].items()
	  if not sum(k << b - 1 for b, k in enumerate(c["buckets"]) if b) <= c["sum_cycles"]
	  <= sum(k * ((1 << b) - 1) for b, k in enumerate(c["buckets"]))]')" '[]'
is 'count: counts are all there is' "$(run_json "$SCRATCH/count" \
	'set(k for c in r["aggregate"].values() for k in c)')" "{'count'}"
like 'count: interrupts are disabled in the sites' "$(run_json "$SCRATCH/count" \
	'r["aggregate"]["DisableInterrupts"]["count"]')" '^[1-9]'

exits 'report: aggregate' 0 "$BUILD/vmiprof" report "$SCRATCH/aggregate"
like 'report: the level' "$OUTPUT" 'Level aggregate: [0-9,]+ calls'
like 'report: percentiles are bounds of buckets' "$OUTPUT" \
	'SetPxE +[0-9,]+ +[0-9.]+ +[0-9.]+ +[0-9]+-[0-9]+ +[0-9]+-[0-9]+ '
like 'report: emulated cycles are labelled' "$OUTPUT" 'TCG cycles: emulated'
exits 'report: count' 0 "$BUILD/vmiprof" report "$SCRATCH/count"
like 'report: there are no cycles' "$OUTPUT" 'cycles are not known at this level'
exits 'report: JSON' 0 "$BUILD/vmiprof" report --json "$SCRATCH/aggregate"
is 'report: JSON has level, shares and bounds' "$(python3 -c '
import json, sys
r = json.load(sys.stdin)
t = {c["name"]: c for c in r["totals"]}
p = t["SetPxE"]["p50_cycles"]
print(r["level"], round(sum(c["share_calls"] for c in r["totals"]), 6),
      p["high"] == 2 * p["low"] - 1, t["SYSEXIT"]["mean_cycles"])' <<< "$OUTPUT")" \
	'aggregate 1.0 True None'

exits 'report: heads' 0 "$BUILD/vmiprof" report "$SCRATCH/aggregate"
is 'report: heads name host and guest' "$(grep -E -c -e '^Guest kernel .*guest.elf' \
	-e '^Command line rounds=1' -e '^Level +aggregate: the sum' -e '^Host kernel +Linux' <<< "$OUTPUT")" 4

# What was added up is shown as events are, by every command.
for level in aggregate count; do
	is "$level: --sort and --limit choose" "$("$BUILD/vmiprof" report --sort name --limit 2 "$SCRATCH/$level" |
		sed -n '/^call /,/^$/s/^\([A-Z][A-Za-z0-9]*\) .*/\1/p' | tr '\n' ' ')" "$(run_json "$SCRATCH/$level" \
		'" ".join(sorted(r["aggregate"])[:2]) + " "')"
	is "$level: JSON calls are those that were counted" "$("$BUILD/vmiprof" report --json "$SCRATCH/$level" |
		python3 -c '
import json, sys
r = json.load(sys.stdin)
a = json.load(open(sys.argv[1]))["aggregate"]
mean = {c["name"]: c["mean_cycles"] for c in r["calls"]}["SetPxE"]
print({c["name"]: c["count"] for c in r["calls"]} == {n: c["count"] for n, c in a.items()},
      mean is not None, r["events_recorded"], r["guest_command_line"].split()[-1])' \
		"$SCRATCH/$level/run/run.json")" "True $([ $level = aggregate ] && echo True || echo False) 0 rounds=1"
	is "$level: CSV has a line for each" "$("$BUILD/vmiprof" report --csv "$SCRATCH/$level" | tail -n +2 | wc -l)" \
		"$(run_json "$SCRATCH/$level" 'len(r["aggregate"])')"
	is "$level: a filter by call is heard" "$("$BUILD/vmiprof" report --call SetPxE --csv "$SCRATCH/$level" |
		tail -n +2 | cut -d, -f1)" SetPxE
	if command -v gnuplot > /dev/null; then
		exits "$level: plot draws calls" 0 "$BUILD/vmiprof" plot -o "$SCRATCH/$level.svg" "$SCRATCH/$level"
		ok "$level: ... and says what it cannot" grep -q "Level $level keeps sums per call: calls over time" \
			"$SCRATCH/$level.svg"
	else
		skip "$level: plot" 'gnuplot is not installed'
	fi
	for command in report diff 'export --format openmetrics'; do
		also=(); [ "$command" = diff ] && also=("$SCRATCH/$level")
		# shellcheck disable=SC2086 # options are words
		exits "$level: $command by vCPU" 1 "$BUILD/vmiprof" $command --vcpu 0 "$SCRATCH/$level" "${also[@]}"
		like '... needs events, it says' "$OUTPUT" "recorded at level $level, .* need events"
	done
done

# Level stamp: counts of all calls, cycles estimated from some.
check_counts "$SCRATCH/stamp" > "$SCRATCH/counts" 2>&1
is 'stamp: every call is in the trace, as babeltrace2 reads it' $? 0
is 'stamp: run.json says how many are measured' "$(run_json "$SCRATCH/stamp" 'r["every"], r["rom"]["name"]')" \
	"(32, 'stamp')"
report_sums()
{
	"$BUILD/vmiprof" report --json "$1" | python3 -c '
import json, sys
r = json.load(sys.stdin)
c = {c["name"]: c for c in r["calls"]}
cli = c["DisableInterrupts"]
print(r["cycles_estimated"], 0 < cli["measured"] < cli["count"], cli["mean_cycles"] is not None,
      c["OUTB"]["measured"] == c["OUTB"]["count"] - c["OUTB"]["interrupted"], c["SYSEXIT"]["mean_cycles"])'
}
is 'stamp: some calls are measured, some kinds always' "$(report_sums "$SCRATCH/stamp")" \
	'True True True True None'
like 'stamp: babeltrace2 users find what no cycles are' "$(tr -d '\0' < "$SCRATCH/stamp/metadata")" \
	'cycles;.*0x7fffff: not measured'
exits 'stamp: with --stamp-every=1 all are measured' 0 record -q --level=stamp --stamp-every=1 \
	--timeout 200 -o "$SCRATCH/all" --append rounds=1
is '... which report says' "$("$BUILD/vmiprof" report --json "$SCRATCH/all" | python3 -c '
import json, sys
r = json.load(sys.stdin)
print(r["measured_every"], r["events_unmeasured"])')" '1 0'
exits 'what chooses calls, at a level that does not' 64 record -o "$SCRATCH/t" --stamp-every=7
like '... says so' "$OUTPUT" '--level=event does not choose among calls; take --level=stamp'
exits 'no call of none' 64 record -o "$SCRATCH/t" --level=stamp --stamp-every=0
exits 'tracepoints have cycles' 64 record --lttng --level=stamp

# The same made up, to the digit.
"$BUILD/tests/mktrace" "$SCRATCH/made" stamp
exits 'report: estimates' 0 "$BUILD/vmiprof" report "$SCRATCH/made"
like '... are marked, with their interval' "$OUTPUT" \
	'DisableInterrupts +500 .* ~80\.80 +~50\.5 +5\.1 +~50 +~99 +100'
like '... what all were measured of is exact' "$OUTPUT" 'CPUID +6 .* 19\.20 +1000\.0 +0\.0 +1,000'
like '... of what none was there is nothing' "$OUTPUT" 'EnableInterrupts +8 +[0-9.]+ +- +- +- +- +- +- +0'
like '... and it says from how many' "$OUTPUT" 'estimated from 106 of 515 calls'
like 'report: sites, too' "$("$BUILD/vmiprof" report --by site "$SCRATCH/made")" \
	'DisableInterrupts +500 .* ~50\.5 +5\.1 '
is 'csv: no cycles where none were measured' "$("$BUILD/vmiprof" export -f csv "$SCRATCH/made" |
	grep -c ',DisableInterrupts,,0,0,0,')" 400
is 'folded: cycles are estimates' "$("$BUILD/vmiprof" export -f folded "$SCRATCH/made" 2> /dev/null |
	sed -n 's/.*DisableInterrupts //p')" 25250
exits 'perf-script: each call weighs 1' 0 "$BUILD/vmiprof" export -f perf-script "$SCRATCH/made" -o "$SCRATCH/made.perf"
like '... and says why' "$OUTPUT" 'recorded at level stamp: few calls have cycles'
exits 'openmetrics: what was measured' 0 "$BUILD/vmiprof" export -f openmetrics "$SCRATCH/made"
like '... and what was not' "$OUTPUT" 'vmi_unmeasured_calls_total\{call="DisableInterrupts"\} 400'
like '... with the sum of the former' "$OUTPUT" 'vmi_call_cycles_count\{call="DisableInterrupts"\} 100'
exits 'diff: of itself' 0 "$BUILD/vmiprof" diff "$SCRATCH/made" "$SCRATCH/made"
like '... cycles are estimates' "$OUTPUT" 'cycles are estimates'

# shellcheck disable=SC2016,SC2034 # in_time's
enough='[ "$(run_json "$SCRATCH/cut" "r[\"aggregate\"][\"DisableInterrupts\"][\"count\"] > 0")" = True ]'
in_time 'a guest that is stopped' 4 record -q --force --level=aggregate \
	-o "$SCRATCH/cut" --append rounds=100000
is '... leaves what was added up' "$(run_json "$SCRATCH/cut" \
	'r["status"], r["aggregate"]["DisableInterrupts"]["count"] > 0')" "('partial', True)"
exits 'count: a guest that does not count is named' 7 record -q --level=count \
	--timeout 100 --guest "$BUILD/guest.elf" -o "$SCRATCH/silent" --append rounds=1
like '... with the reason' "$OUTPUT" 'the guest did not say where its call sites count'

# A guest takes the first ROM that it finds.
exits 'another ROM in front of the one that was loaded' 6 record -q --level=aggregate --timeout 100 \
	-o "$SCRATCH/other" --append rounds=1 -- -option-rom "$BUILD/rom-trace.bin"
like '... names both' "$OUTPUT" '"trace" at 0x[0-9a-f]+, which has a ring; loaded was "aggregate", which has a table'

exits 'an unknown level' 64 record -o "$SCRATCH/t" --level=all
like '... says what there is' "$OUTPUT" "expected $(levels | paste -sd, | sed 's/,/, /g; s/, \([a-z]*\)$/ or \1/')"
exits 'a ROM that cannot aggregate' 1 record -o "$SCRATCH/t" --level=aggregate --rom=trace
like '... says what can' "$OUTPUT" 'cannot do that; take --rom=aggregate'
exits 'a ROM that has no events' 1 record -o "$SCRATCH/t" --rom=aggregate
like '... says what it has' "$OUTPUT" 'take --rom=trace, or --level=aggregate'
exits 'a ROM that does not count' 1 record -o "$SCRATCH/t" --level=count --rom=native
exits 'no ROM' 1 record -o "$SCRATCH/t" --level=aggregate --rom=none
exits 'nothing to be lossless about' 1 record -o "$SCRATCH/t" --level=aggregate --lossless
like '... says so' "$OUTPUT" 'nothing can be lost'
exits 'one vCPU' 1 record -o "$SCRATCH/t" --level=aggregate --smp 2

done_testing
