#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A trace of all workloads on the patched kernel: it sees most of the VMI, and
# every event is accounted for.
# shellcheck source=tests/tap.sh disable=SC2317 # functions that ok runs
. "$(dirname "$0")/tap.sh"

vmiprof=$BUILD/vmiprof
trace=$SCRATCH/trace

ok "the Linux guest is recorded, lossless" \
	timeout -k 5 300 "$vmiprof" record -q -o "$trace" --guest linux --lossless \
	--accel tcg --append "workload=all"
console=$(tr -d '\r' < "$trace/run/console.log")
is "all workloads end well" \
	"$(grep '^workload: ' <<< "$console" | tail -n 1)" "workload: done"
is "none fails or is skipped" "$(grep -E '^workload: .*(skipped|FAILED)' <<< "$console")" ""

report() { "$vmiprof" report --json "$trace" > "$SCRATCH/report.json"; }
ok "the trace is read" report
read -r calls counted recorded lost < <(python3 - "$SCRATCH/report.json" <<-'EOF'
	import json, sys
	run = json.load(open(sys.argv[1]))
	print(len(run["calls"]), run["events_counted"], run["events_recorded"],
	      run["events_lost"])
	EOF
)
diag "$calls different calls"
ok "at least 40 different calls are seen" [ "$calls" -ge 40 ]
is "nothing is lost" "$lost" 0
is "every call that the ROM counted is recorded" "$recorded" "$counted"
ok "there are many" [ "$recorded" -gt 100000 ]

count_with_babeltrace()
{
	babeltrace2 "$trace" -c sink.utils.counter 2> "$SCRATCH/warnings" |
		sed -n 's/^ *\([0-9]*\) Event messages.*/\1/p' | tail -n 1
}
is "babeltrace2 counts as many" "$(count_with_babeltrace)" "$recorded"
is "and warns of nothing" "$(cat "$SCRATCH/warnings")" ""

done_testing
