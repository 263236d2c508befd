#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A guest that sets whatever the recorder reads of its memory to any value, at any
# time, recorded at every level by a vmiprof with the sanitizers: it never crashes
# or hangs, says what was wrong, and what it leaves can be read and adds up.
# shellcheck source=tests/tap.sh source=tests/record.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh

hostile=$BUILD/tests/hostile.elf
export SANITIZED=$BUILD/san/vmiprof hostile
for file in "$hostile" "$SANITIZED"; do
	[ -e "$file" ] || skip_all "$file is not built; make check builds it"
done

RECORDINGS=60
ways=("event" "event --lossless" "event --overwrite=1" "aggregate" "count")
! "$SANITIZED" record --level help 2> /dev/null | grep -q '^stamp' || ways+=("stamp")

# one SEED LEVEL ARGS...: record, read, and say in a line what is not as it should be.
# shellcheck disable=SC2317 # run by xargs
one()
{
	local seed=$1 level=$2 words='' dir=$SCRATCH/$1 status rom
	shift 2
	[ $((seed % 2)) -eq 0 ] || words=quiet
	case $level in
	aggregate | stamp) rom=$BUILD/rom-$level.bin ;;
	*) rom=$BUILD/rom-trace.bin ;;
	esac
	timeout -k 10 200 "$SANITIZED" record -q -o "$dir" --level "$level" "$@" --rom "$rom" \
		--memory 32 --timeout 100 --guest "$hostile" --append "seed=$seed $words" > "$dir.out" 2>&1
	status=$?
	timeout 100 "$SANITIZED" report --json "$dir" > "$dir.json" 2> "$dir.said"
	babeltrace2 "$dir" > "$dir.events" 2> "$dir.warnings" ||
		echo "seed $seed, $level: babeltrace2: $(tail -n 1 "$dir.warnings")"
	python3 - "$dir" "$status" <<-'END' || echo "seed $seed, $level $*: $(tail -n 1 "$dir.py"); $(tail -n 1 "$dir.out")"
	import json, sys
	sys.stderr = open(sys.argv[1] + ".py", "w")
	d, status = sys.argv[1], int(sys.argv[2])
	said = open(d + ".out").read()
	r = json.load(open(d + "/run/run.json"))
	for text in said, open(d + ".said").read():
	    assert "Sanitizer" not in text and "runtime error" not in text, text
	assert status in (0, 2, 3, 4, 5, 6, 7), f"status {status}"
	assert (status == 0) == (r["status"] == "complete"), r["status"]
	assert status == 0 or said, "no word"
	json.load(open(d + ".json"))
	events = sum(1 for line in open(d + ".events"))
	for v in r["vcpus"]:
	    assert v["events_recorded"] == events, f"{events} events, {v}"
	    assert sum(v["counted"].values()) == v["events_counted"], v
	    made = sum(v["events_" + k] for k in ("recorded", "lost", "overwritten", "after_end"))
	    assert status or made == v["events_counted"], v
	    assert max(v[k] for k in v if k.startswith("events_")) < 2**50, v
	END
	sed -n 's/.*hostile: \([0-9]*\) lies.*/\1/p' "$dir/run/console.log" > "$dir.lies"
	[ -s "$dir.lies" ] || echo 1 > "$dir.lies"
	echo "$status" > "$dir.status"
}
export -f one

seed=0
while [ "$seed" -lt "$RECORDINGS" ]; do
	seed=$((seed + 1))
	echo "$seed ${ways[seed % ${#ways[@]}]}"
done | xargs -P 2 -I{} bash -c 'one {}' > "$SCRATCH/wrong" 2>&1

is 'no recording of a hostile guest goes wrong' "$(head -n 20 "$SCRATCH/wrong")" ''
is 'all of them were made' "$(find "$SCRATCH" -maxdepth 1 -name '*.status' | wc -l)" "$RECORDINGS"
diag "$(cat "$SCRATCH"/*.lies | awk '{ n += $1 } END { print n }') lies; exit status: $(sort "$SCRATCH"/*.status |
	uniq -c | awk '{ printf "%s%d times %d", sep, $1, $2; sep = ", " }')"
ok 'a lie is found out' grep -q 6 "$SCRATCH"/*.status

done_testing
