#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Damaged trace directories, the same ones each time, read by all commands that do:
# no crash, no hang, no memory beyond bounds, no wrong totals without a word.
# "make fuzz" goes on with others.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$SCRATCH/results"
ok 'results are made' python3 tests/synth/mkresults.py "$SCRATCH/results"
sanitized=()
[ -x "$BUILD/san/vmiprof" ] && sanitized=(--sanitized "$BUILD/san/vmiprof")
exits '200 mutated traces' 0 python3 tests/mutate/mutate.py --vmiprof "$BUILD/vmiprof" \
	"${sanitized[@]}" --mktrace "$BUILD/tests/mktrace" --results "$SCRATCH/results/base.json" \
	--runs 200 --commands 2
like 'have no fault' "$OUTPUT" '^200 mutated traces, 6[0-9]+ commands, 0 faults$'

done_testing
