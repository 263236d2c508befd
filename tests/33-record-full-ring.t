#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A recorder that does not keep up: calls are lost and counted, or with --lossless
# the guest waits.  The test stops the recorder for a while.
# shellcheck disable=SC2317 # functions are run by exits and ok
# shellcheck source=tests/tap.sh source=tests/record.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh

# stopped_while DIR ARGS...: status of a recording that was stopped for a while.
stopped_while()
{
	local pid written
	interruptible "$BUILD/vmiprof" record -o "$@" > "$SCRATCH/out" 2>&1 &
	pid=$!
	wait_for 60 has_events "$1"
	kill -s STOP "$pid"
	# Time for the guest to fill the ring many times over, and the other way round.
	runs_for "$(qemu_of "$pid")" 100
	written=$(stat -c %s "$1/vcpu0")
	kill -s CONT "$pid"
	wait_for 120 has_bytes "$1/vcpu0" $((written + 1000000))
	kill -s INT "$pid"
	wait "$pid"
}

exits 'ring full' 130 stopped_while "$SCRATCH/lossy" --append "donate=no rounds=100000"
is 'ring full: calls are lost' "$(run_json "$SCRATCH/lossy" 'v["events_lost"] > 0')" True
is 'ring full: nobody waited' "$(run_json "$SCRATCH/lossy" 'v["wait_cycles"]')" 0
ok 'ring full: recorded + lost = counted' check_counts "$SCRATCH/lossy"
is 'ring full: babeltrace2 only tells of lost events' "$(other_warnings)" ''
like 'ring full: babeltrace2 tells of them' "$(cat "$SCRATCH/.warnings")" '[Dd]iscarded [0-9]+ event'

exits 'lossless' 130 stopped_while "$SCRATCH/lossless" --lossless --append "donate=no rounds=100000"
is 'lossless: nothing is lost' "$(run_json "$SCRATCH/lossless" 'v["events_lost"]')" 0
is 'lossless: the wait is booked' "$(run_json "$SCRATCH/lossless" 'v["wait_cycles"] > 0')" True
ok 'lossless: recorded = counted' check_counts "$SCRATCH/lossless"
is 'lossless: babeltrace2 has no warning' "$(cat "$SCRATCH/.warnings")" ''
is 'lossless: wide records add up to the wait' "$(babeltrace2 "$SCRATCH/lossless" |
	grep -Eo 'wait_cycles = [0-9]+' | awk '{ sum += $3 } END { printf "%.0f", sum }')" \
	"$(run_json "$SCRATCH/lossless" 'v["wait_cycles"]')"

done_testing
