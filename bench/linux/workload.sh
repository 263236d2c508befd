#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# workload.sh ROUNDS - the workload "shell": what a build or a boot script does
#
# Programs are called by path, so that busybox's shell forks and executes them
# instead of running them as its own.
set -eu

rounds=$1
work=/tmp/workload-shell
/bin/mkdir -p "$work"
cd "$work"

one_round()
{
	for number in 1 2 3 4 5; do
		echo "line $number of a file" > "file$number"
	done
	/bin/cat file* | /bin/grep line | /bin/sort -r | /bin/sed 's/line/row/' > sorted
	[ "$(/bin/wc -l < sorted)" -eq 5 ]
	[ "$(/bin/head -n 1 sorted)" = "row 5 of a file" ]
	sum=0
	for number in 1 2 3 4 5; do
		sum=$(/bin/echo $((sum + number)))
	done
	[ "$sum" -eq 15 ]
	/bin/ls -l . | /bin/awk '{ bytes += $5 } END { exit !(bytes > 0) }'
	/bin/tar cf - file* | /bin/gzip | /bin/gunzip | /bin/tar tf - > list
	/bin/cmp -s file1 file1
	/bin/rm -f file* sorted list
}

while [ "$rounds" -gt 0 ]; do
	one_round
	rounds=$((rounds - 1))
done
/bin/rmdir "$work"
