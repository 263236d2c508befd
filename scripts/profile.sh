#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# profile.sh embedded|linux - record, report and plot one guest into
# out/profile-GUEST/: what "make profile" does once all is built.
set -euo pipefail
cd "$(dirname "$0")/.."

guest=$1
out=out/profile-$guest
vmiprof=${BUILD:-build}/vmiprof

mkdir -p "$out"
"$vmiprof" record --force -o "$out/trace" --guest "$guest"
echo
"$vmiprof" report "$out/trace" | tee "$out/report.txt"
for format in png svg; do
	"$vmiprof" plot "$out/trace" -o "$out/hot-calls.$format"
done
echo
echo "profile: done; trace, table and plots are in $out/:"
echo "  trace/         CTF, for vmiprof and babeltrace2"
echo "  report.txt     the table above"
echo "  hot-calls.png  hot-calls.svg"
