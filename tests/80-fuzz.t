#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A bounded run of each fuzz target from its seeds: no crash, no hang, and what
# the target says must hold does.  The same runs each time; "make fuzz" searches on.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

[ -x "$BUILD/fuzz/drain" ] ||
	skip_all "not built; make fuzz-programs builds them, with clang's fuzzer runtime (libclang-rt-14-dev)"

# shellcheck disable=SC2317 # called by ok
fuzz() # TARGET RUNS
{
	mkdir "$SCRATCH/$1"
	TMPDIR=$SCRATCH "$BUILD/fuzz/$1" -close_fd_mask=2 -seed=1 -runs="$2" -timeout=120 \
		-artifact_prefix="$SCRATCH/" "$SCRATCH/$1" "tests/fuzz/seeds/$1"
}

ok "drain: nothing a guest writes breaks it" fuzz drain 1500
ok "trace: nor a trace the reader" fuzz trace 600
ok "results: nor a results file" fuzz results 10000
ok "rom: nor a ROM image" fuzz rom 10000
ok "symbols: nor a file of symbols" fuzz symbols 2000

done_testing
