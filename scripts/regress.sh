#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# regress.sh [-o DIR] [-u REASON] [guest] [linux]
# the gate: exact counts of the ROMs and the embedded guest by the stored
# baseline, the Linux guest by itself
#
# Exits like vmiprof regress: 0 pass, 1 fail, 2 inconclusive, 3 no baseline,
# 4 error; of two parts with the graver one.  -u accepts what the embedded guest
# gives now as the baseline.
set -u
cd "$(dirname "$0")/.." || exit 4

build=${BUILD:-build}
baseline=${BASELINE:-bench/baseline/exact.json}
out=out/regress
reason=
verdict=0

usage()
{
	echo "usage: regress.sh [-o DIR] [-u REASON] [guest] [linux]" >&2
	exit 64
}

# From the least grave to the gravest.
grave()
{
	case $1 in
	0) echo 0 ;; 3) echo 1 ;; 2) echo 2 ;; 1) echo 4 ;; *) echo 3 ;;
	esac
}

worse() # STATUS
{
	[ "$(grave "$1")" -gt "$(grave "$verdict")" ] || return 0
	verdict=$1
}

# A run that broke off has the cases that it had; they are judged as well.
guest()
{
	local update=() status=0
	rm -f "$out/exact.json"
	"$build/vmiprof" bench --set guest --platform exact --samples 6 --timeout 300 \
		-o "$out/exact.json" > "$out/exact.txt" || status=$?
	[ "$status" -eq 0 ] || worse 4
	[ -z "$reason" ] || update=(--update --reason "$reason")
	"$build/vmiprof" regress --junit "$out/guest.xml" "${update[@]}" \
		"$baseline" "$out/exact.json"
	worse $?
}

linux()
{
	if ! bench/linux/exact.sh -i -o "$out/linux" native inline stub trace \
		> "$out/linux.txt"; then
		worse 4
		return
	fi
	"$build/vmiprof" regress --junit "$out/linux.xml" \
		--linux "$out/linux/exact.json"
	worse $?
}

while getopts o:u: option; do
	case $option in
	o) out=$OPTARG ;;
	u) reason=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- guest linux
for part in "$@"; do
	case $part in guest | linux) ;; *) usage ;; esac
done

mkdir -p "$out" || exit 4
for part in "$@"; do
	echo "== $part"
	case $part in
	guest) guest ;;
	linux) linux ;;
	esac
done
echo "exit status $verdict, files in $out/"
exit "$verdict"
