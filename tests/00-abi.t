#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The call table: complete, in step with the reference list and with what is generated from it.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

REFERENCE=${VMI_CALLS_TSV:-../shared/abi/vmi-calls.tsv}

table=$("$BUILD/vmigen" tsv)
slots=$(awk -F'\t' '$1 ~ /^[0-9]+$/ { print $1 }' <<< "$table")

is 'slots 4 to 87, each once and in order' "$slots" "$(seq 4 87)"
is 'a slot lies at its number times 32' \
	"$(awk -F'\t' '$1 ~ /^[0-9]+$/ && $2 != sprintf("0x%03x", $1 * 32)' <<< "$table")" ''
is 'no name twice' "$(cut -f3 <<< "$table" | sort | uniq -d)" ''
is 'no 3.0 number twice' "$(awk -F'\t' '$4 != "-" { print $4 }' <<< "$table" | sort | uniq -d)" ''
is 'docs/calls.md is what the table generates' \
	"$("$BUILD/vmigen" calls-md | cksum)" "$(cksum < docs/calls.md)"

if [ -r "$REFERENCE" ]; then
	# The list names 86 and 87 by the call that they are a form of, and spells
	# clobbers and segments out.
	expected=$(awk -F'\t' -v OFS='\t' '
		NR == 1 || $1 ~ /^[0-3]$/ { next }
		$1 == 86 { $3 = "SetPxEFlags" }
		$1 == 87 { $3 = "SetPxELongFlags" }
		{
			sub(/ .*/, "", $7)
			c["std"] = "STD"; c["std,mem"] = "STD_MEM"; c["flags"] = "FLAGS"
			c["mem"] = "MEM"; c["none"] = "NONE"; c["-"] = "NORETURN"
			c["edi,ecx,mem"] = "INS"; c["esi,ecx"] = "OUTS"
			print $1, $2, $3, $4, c[$7], $8 == "cs,ss" ? "SS" : "FLAT"
		}' "$REFERENCE")
	is 'numbers, names, clobbers and segments are those of the reference list' \
		"$(tail -n +2 <<< "$table")" "$expected"
else
	skip 'numbers, names, clobbers and segments are those of the reference list' \
		"$REFERENCE is not there"
fi

done_testing
