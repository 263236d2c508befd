# SPDX-License-Identifier: GPL-2.0-only
#
# exact-calls.awk - the VMI calls that each operation makes, as the trace ROM
# counted them, and the instructions that they add to the variant "native"
#
# With -v classes=1 there are variants stub:CALL and trace:CALL, in which only
# that call is a stub: what it adds by itself, and what their sum leaves over.

$2 == "least" {
	if (!($3 in seen_operation)) {
		operation[++operations] = $3
		seen_operation[$3] = 1
	}
	value[$3, $1] = $4
	booted[$1] = 1
}

$2 == "calls" && $1 == "trace" {
	if (!($4 in seen_call)) {
		call[++calls] = $4
		seen_call[$4] = 1
	}
	made[$3, $4] = $5
	all_made[$3] += $5
}

function heading(title,    i)
{
	printf "\n%-24s", title
	for (i = 1; i <= operations; i++)
		printf "%13s", operation[i]
	printf "\n"
}

function added(operation, variant)
{
	return value[operation, variant] - value[operation, "native"]
}

function print_made(    c, i)
{
	heading("VMI calls made")
	for (c = 1; c <= calls; c++) {
		printf "%-24s", call[c]
		for (i = 1; i <= operations; i++)
			printf "%13s", made[operation[i], call[c]]
		printf "\n"
	}
	printf "%-24s", "all"
	for (i = 1; i <= operations; i++)
		printf "%13d", all_made[operation[i]]
	printf "\n"
}

# Of one variant: what all calls add, and per call.
function print_added(variant,    i, n)
{
	heading("added by " variant)
	printf "%-24s", "all calls"
	for (i = 1; i <= operations; i++)
		printf "%13d", added(operation[i], variant)
	printf "\n%-24s", "per call"
	for (i = 1; i <= operations; i++) {
		n = all_made[operation[i]]
		printf "%13s", n ? sprintf("%.1f", added(operation[i], variant) / n) : ""
	}
	printf "\n"
}

# Of one variant: what each call adds alone.
function print_classes(variant,    c, i, alone, sum)
{
	for (c = 1; c <= calls; c++) {
		printf "%-24s", call[c]
		for (i = 1; i <= operations; i++) {
			alone = added(operation[i], variant ":" call[c])
			sum[i] += alone
			printf "%13s", made[operation[i], call[c]] || alone ? alone : ""
		}
		printf "\n"
	}
	printf "%-24s", "all less the sum"
	for (i = 1; i <= operations; i++)
		printf "%13d", added(operation[i], variant) - sum[i]
	printf "\n"
}

END {
	if (!booted["native"] || !booted["stub"] || !booted["trace"])
		exit
	print_made()
	print_added("stub")
	if (classes)
		print_classes("stub")
	print_added("trace")
	if (classes)
		print_classes("trace")
}
