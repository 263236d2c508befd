#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lint.sh - clang-tidy, shellcheck, man pages, SPDX lines
#
# Checks all, then says what failed; exits nonzero if anything did.
# shellcheck disable=SC2317 # the checks are called by step
set -u
cd "$(dirname "$0")/.." || exit 1
status=0

step() # NAME COMMAND...
{
	local name=$1
	shift
	printf '  %-10s ' "$name"
	if output=$("$@" 2>&1); then
		echo ok
	else
		echo FAILED
		printf '%s\n' "$output"
		status=1
	fi
}

# tidy_files FLAGS... -- PATHSPEC...: one process per file, so that no core idles.
tidy_files()
{
	local flags=()
	while [ "$1" != -- ]; do
		flags+=("$1")
		shift
	done
	shift
	git ls-files "$@" | xargs -r -P "$(nproc)" -I{} clang-tidy --quiet {} -- \
		-std=c11 -D_GNU_SOURCE -Iinclude "${flags[@]}" 2> /dev/null
}

# Host code, and what runs as a 32-bit process; the freestanding guest is left
# out: turning numbers into pointers is its trade.
tidy()
{
	local failed=0
	tidy_files -Ianalysis '-DVMIPROF_VERSION="0"' '-DVMIPROF_LIBDIR="/"' -- \
		'analysis/*.c' ':!analysis/lttng/ust' 'tools/*.c' 'tests/unit/*.c' 'tests/synth/*.c' 'rom/*.c' || failed=1
	tidy_files -m32 -Ibench/host -Ianalysis -- ':(glob)bench/host/*.c' 'bench/linux/*.c' \
		'tests/recorder/*.c' || failed=1
	tidy_files -Ianalysis -Ianalysis/lttng/ust -- analysis/lttng/ust/provider.c || failed=1
	tidy_files -Ibench/host/lttng-ust -- bench/host/lttng-ust/main.c \
		bench/host/lttng-ust/session.c bench/host/lttng-ust/stream.c \
		bench/host/babeltrace/histogram.c || failed=1
	return "$failed"
}

shell()
{
	git ls-files '*.sh' '*.bash' 'tests/*.t' .ci/run | xargs -r shellcheck -x
}

man_pages()
{
	local page bad=0
	for page in $(git ls-files 'docs/man/*'); do
		output=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 \
			man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 > /dev/null)
		[ -z "$output" ] || { echo "$page: $output"; bad=1; }
	done
	return "$bad"
}

spdx()
{
	! git ls-files '*.c' '*.h' '*.S' '*.sh' '*.t' '*.mk' Makefile .ci/run |
		xargs -r grep -L 'SPDX-License-Identifier: GPL-2.0-only' | grep .
}

step spdx spdx
step shellcheck shell
step man man_pages
step clang-tidy tidy
exit $status
