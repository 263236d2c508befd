# SPDX-License-Identifier: GPL-2.0-only
#
# exact-table.awk - a row per operation, a column per variant (-v columns="A B")

BEGIN { names = split(columns, name, " ") }

$2 == "least" {
	if (!($3 in seen)) {
		order[++n] = $3
		seen[$3] = 1
	}
	value[$3, $1] = $4
}

END {
	printf "%-13s%10s", "operation", name[1]
	for (c = 2; c <= names; c++)
		printf "%25s", name[c]
	printf "\n"
	for (i = 1; i <= n; i++) {
		base = value[order[i], name[1]]
		printf "%-13s%10d", order[i], base
		for (c = 2; c <= names; c++) {
			here = value[order[i], name[c]]
			printf "%25s", sprintf("%d %+6d %+6.2f %%", here, here - base,
				base ? 100 * (here - base) / base : 0)
		}
		printf "\n"
	}
}
