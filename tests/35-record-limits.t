#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# --max-size and --duration end a recording in order; what the trace has, what was
# lost and what came after its end add up.
# shellcheck source=tests/tap.sh source=tests/record.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh

exits 'a size without a number' 64 record -o "$SCRATCH/t" --max-size M
like 'a size without a number: says what is expected' "$OUTPUT" '--max-size=M: expected a size from 65536 '
exits 'a size that is too small' 64 record -o "$SCRATCH/t" --max-size 63K
exits 'a size in an unknown unit' 64 record -o "$SCRATCH/t" --max-size 1P
exits 'a size that does not fit 64 bits' 64 record -o "$SCRATCH/t" --max-size 99999999T
exits 'a negative size' 64 record -o "$SCRATCH/t" --max-size -1M
exits 'a duration of nothing' 64 record -o "$SCRATCH/t" --duration 0
exits '--max-size without events' 64 record -o "$SCRATCH/t" --level count --max-size 1M
like '--max-size without events: says why' "$OUTPUT" 'need --level=event'
is 'none of these made the directory' "$(ls -d "$SCRATCH/t" 2> /dev/null)" ''

# The guest would run for an hour.
long='rounds=100000'

exits '--max-size' 0 record -o "$SCRATCH/size" --max-size 1M --append "$long"
like '--max-size: says so' "$OUTPUT" '^vmiprof: --max-size ended the recording'
is '--max-size: the stream is as long as it may be, to a packet' \
	"$(($(stat -c %s "$SCRATCH/size/vcpu0") / 65536))" 15
is '--max-size: run.json tells what ended it' \
	"$(run_json "$SCRATCH/size" 'r["exit"]["kind"], r["status"], r["reason"]')" \
	"('max-size', 'complete', None)"
is '--max-size: the counts add up' "$(run_json "$SCRATCH/size" \
	'v["events_counted"] - v["events_recorded"] - v["events_lost"] - v["events_after_end"]')" 0
is '--max-size: babeltrace2 reads as many events' "$(babeltrace2 "$SCRATCH/size" 2>&1 | wc -l)" \
	"$(run_json "$SCRATCH/size" 'v["events_recorded"]')"
exits '--max-size: report reads it whole' 0 "$BUILD/vmiprof" report "$SCRATCH/size"
like '--max-size: report tells what it has not' "$OUTPUT" '[0-9,]+ made after the end of the trace'

exits '--max-size of a lossless recording' 0 record -o "$SCRATCH/lossless" --max-size 500K --lossless \
	--append "$long donate=no"
is 'lossless: nothing is lost' "$(run_json "$SCRATCH/lossless" 'v["events_lost"]')" 0
is 'lossless: the counts add up' "$(run_json "$SCRATCH/lossless" \
	'v["events_counted"] - v["events_recorded"] - v["events_after_end"]')" 0

exits 'a guest that ends before the limit' 0 record -o "$SCRATCH/ends" --max-size 1G --append rounds=3
is 'ends before the limit: as without one' "$(run_json "$SCRATCH/ends" \
	'r["exit"]["kind"], v["events_after_end"], v["events_counted"] == v["events_recorded"]')" \
	"('debug-exit', 0, True)"

exits '--duration' 0 record -o "$SCRATCH/time" --duration 1 --append "$long"
like '--duration: says so' "$OUTPUT" '^vmiprof: --duration ended the recording'
is '--duration: run.json tells what ended it' \
	"$(run_json "$SCRATCH/time" 'r["exit"]["kind"], r["status"], r["duration_s"] >= 1')" \
	"('duration', 'complete', True)"
ok '--duration: recorded + lost = counted' check_counts "$SCRATCH/time"

exits '--duration at level aggregate' 0 record -o "$SCRATCH/sum" --level aggregate --duration 1 \
	--append "$long"
is 'at level aggregate: there are totals' "$(run_json "$SCRATCH/sum" 'len(r["aggregate"]) > 0')" True

tiny_guest idle 'hlt'
exits '--duration of a guest that makes no call' 7 record -o "$SCRATCH/idle-trace" --duration 1 \
	--guest "$SCRATCH/idle"
like 'no call: says so' "$OUTPUT" 'did not call Init'

done_testing
