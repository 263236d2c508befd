#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Exact instruction counts: they repeat to the bit, and the patch costs nothing
# while its call sites are native.
# shellcheck source=tests/tap.sh disable=SC2317 # functions that ok runs
. "$(dirname "$0")/tap.sh"

exact() # DIRECTORY ARGUMENT...
{
	local dir=$SCRATCH/$1
	shift
	bench/linux/exact.sh -o "$dir" "$@"
}

figure() # DIRECTORY VARIANT OPERATION
{
	sed -n "s/^exact: least $3 \([0-9]*\) .*/\1/p" "$SCRATCH/$1/$2.log"
}

exits "an unknown variant is refused" 1 exact none nope
like "it is named, and those that there are" "$OUTPUT" \
	"'nope'; there are: unpatched no-rom native inline stub trace"

ok "all variants are measured" exact all
ok "two of them again" exact again unpatched trace
for variant in unpatched trace; do
	ok "$variant: a second boot says the same, to the bit" \
		cmp "$SCRATCH/all/$variant.log" "$SCRATCH/again/$variant.log"
done

# Thousandths by which a variant is off the unpatched kernel, rounded up.
off_by()
{
	local base here
	base=$(figure all unpatched "$2")
	here=$(figure all "$1" "$2")
	awk -v a="$base" -v b="$here" 'BEGIN {
		if (a == "" || b == "") {
			print "none"
			exit
		}
		d = a > b ? a - b : b - a
		o = 1000 * d / a
		print (o > int(o) ? int(o) + 1 : int(o))
	}'
}

within() # LIMIT FOUND
{
	[ "$2" != none ] && [ "$2" -le "$1" ]
}

for variant in no-rom native; do
	for operation in getpid brk sched_yield; do
		ok "$variant: $operation takes no instruction more than unpatched" \
			[ "$(figure all "$variant" "$operation")" -le \
			"$(figure all unpatched "$operation")" ]
	done
	for operation in getpid brk sched_yield pipe fork fault; do
		ok "$variant: $operation is within 0.5 %" \
			within 5 "$(off_by "$variant" "$operation")"
	done
done

# That the figures can move at all.
for operation in getpid pipe fork fault; do
	ok "stub: $operation takes more than native" \
		[ "$(figure all stub "$operation")" -gt "$(figure all native "$operation")" ]
	ok "trace: $operation takes more than stub" \
		[ "$(figure all trace "$operation")" -gt "$(figure all stub "$operation")" ]
done

calls=$(awk '$2 == "calls" && $3 == "pipe" { n += $5 } END { print n + 0 }' \
	<(tr -d '\r' < "$SCRATCH/all/trace.log"))
ok "the trace ROM counted the calls of a pipe write and read" [ "$calls" -gt 0 ]

ok "exact.json is JSON and holds the same figure" python3 - "$SCRATCH/all/exact.json" \
	"$(figure all unpatched pipe)" <<-'EOF'
	import json, sys
	run = json.load(open(sys.argv[1]))
	assert run["format"] == "vmiprof-exact" and run["version"] == 1
	assert run["host"]["qemu"] and run["host"]["cpu"]
	variant = {v["name"]: v for v in run["variants"]}
	assert variant["unpatched"]["operations"]["pipe"]["instructions"] == int(sys.argv[2])
	assert variant["trace"]["operations"]["pipe"]["calls"]
EOF

done_testing
