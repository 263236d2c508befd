#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The program among others: signals and files that it inherits, a disk that is full,
# a reader that went away, words that were mistyped.  All commands are alike.
# shellcheck disable=SC2317 # functions are run by exits and wait_for
# shellcheck source=tests/tap.sh source=tests/record.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh

vmiprof=$(realpath "$BUILD/vmiprof")
trace=$SCRATCH/trace
"$BUILD/tests/mktrace" "$trace" busy
forever=(--append rounds=100000)

# Standard output that takes nothing.
full() { "$vmiprof" "$@" > /dev/full; }
for words in --version --help 'report --help' 'bench --version' "report $trace" "report --json $trace" \
	"export -f csv $trace" "diff $trace $trace" "rom $BUILD/rom-trace.bin" 'record --level=help'; do
	# shellcheck disable=SC2086 # the words are words
	exits "$words to a full disk" 1 full $words
	like 'is told' "$OUTPUT" '^vmiprof.*: standard output: No space left on device$'
done
closed() { "$vmiprof" "$@" >&-; }
exits 'standard output closed' 1 closed report "$trace"
like 'is told' "$OUTPUT" 'standard output: Bad file descriptor'
exits 'closed, and nothing to say' 0 closed plot "$trace" -o "$SCRATCH/a.svg"

# A reader that goes away: no word, and the status of one that SIGPIPE ended.
# The pipe has no reader before the first byte.
gone() # COMMAND...
{
	python3 - "$@" <<-'END'
	import os, subprocess, sys
	r, w = os.pipe()
	os.close(r)
	ignore = sys.argv[1] == "ignoring"
	p = subprocess.run(sys.argv[2:], stdout=w, stderr=subprocess.PIPE, restore_signals=not ignore)
	print(p.returncode if p.returncode >= 0 else 128 - p.returncode, p.stderr.decode().strip())
	END
}
for words in "report $trace" "report --json $trace" "export -f csv $trace" "diff $trace $trace" \
	"rom $BUILD/rom-trace.bin" --version; do
	# shellcheck disable=SC2086 # the words are words
	is "$words to nobody" "$(gone default "$vmiprof" $words)" '141 '
	# shellcheck disable=SC2086 # the words are words
	is 'the same where SIGPIPE is ignored' "$(gone ignoring "$vmiprof" $words)" '141 '
done

# Descriptors that are closed get no other meaning.
exits 'record with standard input closed' 0 sh -c "$vmiprof record -q -o $SCRATCH/closed0 --append rounds=3 <&-"
exits 'record with all three closed' 0 sh -c "$vmiprof record -q -o $SCRATCH/closed --append rounds=3 <&- >&- 2>&-"
ok 'its trace is whole' check_counts "$SCRATCH/closed"
exits 'plot with all three closed' 0 sh -c "$vmiprof plot $trace -o $SCRATCH/closed.svg <&- >&- 2>&-"
like 'its picture is whole' "$(tail -n 2 "$SCRATCH/closed.svg")" '^</svg>$'

# Signals that were ignored stay so, and others end a recording.
start() # DIR SIGNAL: record in the background, the signal ignored
{
	env --ignore-signal="$2" "$vmiprof" record -o "$1" "${forever[@]}" > "$SCRATCH/out" 2>&1 &
	pid=$!
	wait_for 60 has_events "$1"
}
for signal in HUP INT USR2; do
	start "$SCRATCH/$signal" "$signal"
	bytes=$(stat -c %s "$SCRATCH/$signal/vcpu0")
	kill -s "$signal" "$pid"
	grown() { [ "$(stat -c %s "$SCRATCH/$signal/vcpu0")" -gt "$((bytes + 1000000))" ]; }
	ok "SIG$signal is ignored: the recording goes on" wait_for 60 grown
	kill -s TERM "$pid"
	wait "$pid"
	is 'until another ends it' $? 143
	is 'of the ignored one there is no word' "$(grep "SIGUSR2\|signal [12] " "$SCRATCH/out")" ''
	rm -r "${SCRATCH:?}/$signal"
done
start "$SCRATCH/watched" HUP
env --ignore-signal=HUP,INT "$vmiprof" top --batch --delay 0.1 "$SCRATCH/watched" > "$SCRATCH/top" 2>&1 &
top=$!
has_rows() { [ "$(grep -c DisableInterrupts "$SCRATCH/top")" -gt "$1" ]; }
wait_for 60 has_rows 0
kill -s HUP "$top"
kill -s INT "$top"
rows=$(grep -c DisableInterrupts "$SCRATCH/top")
ok 'top goes on, too' wait_for 60 has_rows "$((rows + 1))"
kill -s TERM "$top"
wait "$top"
is 'until another ends it' $? 143
is 'top to nobody' "$(gone default "$vmiprof" top --batch --delay 0.1 "$SCRATCH/watched")" '141 '
kill -s TERM "$pid"
wait "$pid"
rm -r "$SCRATCH/watched"

# A limit on the size of files is a full disk.
limited() { (ulimit -f 20480; exec "$vmiprof" "$@"); }
exits 'record with a limit' 2 limited record -o "$SCRATCH/limit" --memory 16 "${forever[@]}"
like 'is told' "$OUTPUT" 'cannot write .*/vcpu0: File too large'
is 'in run.json, too' "$(run_json "$SCRATCH/limit" 'r["status"], r["exit"]["kind"]')" "('partial', 'write-error')"
is 'which tells what is lost' "$(run_json "$SCRATCH/limit" \
	'v["events_recorded"] > 0 and v["events_recorded"] + v["events_lost"] == v["events_counted"]')" True
limited() { (ulimit -f 8; exec "$vmiprof" "$@"); }
exits 'too small for the guest' 1 limited record -o "$SCRATCH/small" --memory 16
like 'is told' "$OUTPUT" 'cannot allocate 16 MiB of guest memory: the limit on the size of files \(ulimit -f\)'
for words in 'export -f csv -o kept.csv' 'plot -o kept.svg'; do
	kept=$SCRATCH/${words##* }
	echo before > "$kept"
	# shellcheck disable=SC2086 # the words are words
	exits "$words with a limit" 1 limited ${words% *} "$kept" "$trace"
	is 'leaves the file as it was' "$(cat "$kept")" before
done
is 'nothing is left over' "$(find "$SCRATCH" -name '.*.tmp')" ''

# Words that were mistyped.
exits 'an unknown command' 64 "$vmiprof" reprot
like 'is answered with the one that was meant' "$OUTPUT" "there is no command 'reprot'; did you mean 'report'\?"
exits 'one like none' 64 "$vmiprof" xyzzy
is 'is answered with none' "$(head -n 1 <<< "$OUTPUT")" "vmiprof: there is no command 'xyzzy'"
mistyped() # COMMAND WRONG RIGHT
{
	exits "$1 $2" 64 "$vmiprof" "$1" "$2" "$trace"
	like 'is answered' "$OUTPUT" "there is no option '$2'; did you mean '$3'\?"
	like 'and says where all are' "$OUTPUT" "Try .vmiprof $1 --help'"
}
mistyped report --limti --limit
mistyped record --losless --lossless
mistyped export --formta --format
mistyped bench --ouput --output
mistyped top --dealy --delay
mistyped rom --hlep --help
exits 'the value of an option is none' 1 "$vmiprof" record -o "$SCRATCH/none/" --guest --forse
exits 'nor is what stands behind --' 5 "$vmiprof" record -q -o "$SCRATCH/behind" -- --forse
exits 'short for an option' 0 "$vmiprof" report --lim 3 "$trace"
for command in report diff; do
	exits "$command --limit=x" 64 "$vmiprof" "$command" --limit=x "$trace" "$trace"
	like 'names the option' "$OUTPUT" ' --limit=x: expected'
done

# What cannot be written is found before anything is measured.
mkdir "$SCRATCH/folder"
for place in "$SCRATCH/folder" "$SCRATCH/no/such" /proc/none; do
	exits "bench -o $place" 1 timeout 60 "$vmiprof" bench -o "$place"
	like 'is told' "$OUTPUT" "^vmiprof: cannot write $place: "
	is 'and nothing measured' "$(wc -l <<< "$OUTPUT")" 1
done

done_testing
