# SPDX-License-Identifier: GPL-2.0-only
#
# exact-calls.awk - the VMI calls that each operation makes, as the trace ROM
# counted them, and what they add to it
#
# "all" is the difference of the variants stub and trace to native.  With
# -v classes=1 there are variants stub:CALL and trace:CALL in which only that
# call is a stub: what it adds alone, and what their sum leaves over.

$2 == "least" {
	if (!($3 in seen)) {
		order[++n] = $3
		seen[$3] = 1
	}
	value[$3, $1] = $4
	booted[$1] = 1
}

$2 == "calls" && $1 == "trace" {
	calls[$3] = calls[$3] " " $4
	made[$3, $4] = $5
}

function added(operation, variant)
{
	return value[operation, variant] - value[operation, "native"]
}

function row(operation, call, count, stub, trace)
{
	printf "%-13s%-24s%8s%12s%12s\n", operation, call, count, stub, trace
}

function print_operation(operation,    many, call, c, all, stub, trace, stubs, traces)
{
	many = split(calls[operation], call, " ")
	for (c = 1; c <= many; c++) {
		all += made[operation, call[c]]
		stub = trace = ""
		if (classes) {
			stub = added(operation, "stub:" call[c])
			trace = added(operation, "trace:" call[c])
			stubs += stub
			traces += trace
		}
		row(operation, call[c], made[operation, call[c]], stub, trace)
	}
	stub = added(operation, "stub")
	trace = added(operation, "trace")
	row(operation, "all", all + 0, stub, trace)
	if (all)
		row(operation, "all, per call", "", sprintf("%.1f", stub / all), sprintf("%.1f", trace / all))
	if (classes)
		row(operation, "all less the sum", "", stub - stubs, trace - traces)
}

END {
	if (!booted["native"] || !booted["stub"] || !booted["trace"])
		exit
	printf "\nVMI calls per operation and the instructions that they add to native:\n\n"
	row("operation", "call", "made", "stub", "trace")
	for (i = 1; i <= n; i++)
		print_operation(order[i])
}
