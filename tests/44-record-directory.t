#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# One recording in a directory at a time, whatever the directory is called
# meanwhile; what is removed for a new one is a recording that came to nothing, or
# one that --force gives up, and nothing else.
# shellcheck disable=SC2317 # functions are run by exits and wait_for
# shellcheck source=tests/tap.sh source=tests/record.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh

# Long enough to be ended in the middle; and over at once.
forever=(--append rounds=100000)
short=(-q --append rounds=3)

# start DIR ARGS...: in the background, until there is a console.
start()
{
	"$BUILD/vmiprof" record -o "$@" > "$SCRATCH/out" 2>&1 &
	pid=$!
	wait_for 60 test -e "$1/run/console.log" || diag "it does not begin: $(cat "$SCRATCH/out")"
}

finish() # ends it
{
	kill -s TERM "$pid"
	wait "$pid" 2> /dev/null
}

# listing DIR: all that is in it, and what the files hold.
listing() { (cd "$1" && find . | sort && find . -type f -exec cksum {} + | sort); }

# Two at a time.
start "$SCRATCH/busy" "${forever[@]}"
wait_for 60 has_events "$SCRATCH/busy"
exits 'a second recording into it' 1 record -o "$SCRATCH/busy" "${short[@]}"
like 'a second one: who records is named' "$OUTPUT" "process $pid is recording into $SCRATCH/busy"
exits 'a second recording with --force' 1 record -o "$SCRATCH/busy" --force "${short[@]}"
like 'with --force: who records is named' "$OUTPUT" "process $pid is recording into $SCRATCH/busy"
exits 'a second one at another level' 1 record -o "$SCRATCH/busy" --force --level count "${short[@]}"
ln -s busy "$SCRATCH/alias"
exits 'a second one under another name' 1 record -o "$SCRATCH/alias" --force "${short[@]}"
finish
like 'the first ends as it would have' "$(cat "$SCRATCH/out")" 'interrupted by signal 15'
ok 'the first is whole' check_counts "$SCRATCH/busy"

start "$SCRATCH/flight" --overwrite=1 "${forever[@]}"
exits 'beside a flight recorder' 1 record -o "$SCRATCH/flight" --force "${short[@]}"
like 'beside a flight recorder: who records is named' "$OUTPUT" "process $pid is recording into"
mv "$SCRATCH/flight" "$SCRATCH/moved"
until [ -e "$SCRATCH/moved/dump-1/run/run.json" ]; do
	kill -s USR2 "$pid" || break
	sleep 0.2
done
finish
is 'moved: nothing is made where it was' "$(ls -d "$SCRATCH/flight" 2> /dev/null)" ''
for trace in "$SCRATCH/moved" "$SCRATCH/moved/dump-1"; do
	is "moved: the counts of ${trace##*/} add up" "$(run_json "$trace" '(v["events_counted"] -
		v["events_recorded"] - v["events_lost"] - v["events_overwritten"] - v["events_after_end"],
		v["events_recorded"] > 0)')" '(0, True)'
	is "moved: babeltrace2 reads ${trace##*/}" "$(babeltrace2 "$trace" 2> /dev/null | wc -l)" \
		"$(run_json "$trace" 'v["events_recorded"]')"
done

start "$SCRATCH/ends" --append rounds=40
mv "$SCRATCH/ends" "$SCRATCH/ended"
wait "$pid"
is 'moved: a guest that ends well has not failed' $? 0
ok 'moved: its trace is whole' check_counts "$SCRATCH/ended"
is 'moved: its run.json says so' "$(run_json "$SCRATCH/ended" 'r["status"]')" complete

# Two that begin at once: one of them records, whichever.
"$BUILD/vmiprof" record -o "$SCRATCH/race" "${short[@]}" 2> "$SCRATCH/out" &
record -o "$SCRATCH/race" "${short[@]}" 2> "$SCRATCH/out2"
second=$?
wait $!
is 'two that begin at once: one records' "$(($? + second))" 1
like 'the other says why not' "$(cat "$SCRATCH/out" "$SCRATCH/out2")" 'is recording into|holds a trace already'
ok 'the trace is whole' check_counts "$SCRATCH/race"

# What was counted is a recording, with or without events.
for level in aggregate count; do
	exits "level $level" 0 record -o "$SCRATCH/$level" --level "$level" --guest embedded "${short[@]}"
	before=$(listing "$SCRATCH/$level")
	exits "is not recorded over" 1 record -o "$SCRATCH/$level" "${short[@]}"
	like 'which is said' "$OUTPUT" 'holds a trace already; --force overwrites it'
	is 'and it stays' "$(listing "$SCRATCH/$level")" "$before"
done
exits '--force takes it away' 0 record -o "$SCRATCH/count" --force "${short[@]}"
exits 'a run without a ROM' 0 record -o "$SCRATCH/none" --rom none "${short[@]}"
exits 'counted nothing, and is recorded over' 0 record -o "$SCRATCH/none" "${short[@]}"
# shellcheck disable=SC2016 # registers and numbers of the assembler
tiny_guest ends 'movb $0, %al; outb %al, $0xf4'
exits 'a guest that makes no call' 7 record -o "$SCRATCH/untraced" --guest "$SCRATCH/ends"
exits 'is recorded over' 0 record -o "$SCRATCH/untraced" "${short[@]}"

# refused NAME DIR WHAT: also with --force, and nothing in it or outside is gone.
mkdir "$SCRATCH/outside"
echo precious > "$SCRATCH/outside/vcpu0"
echo precious > "$SCRATCH/outside/run.json"
outside=$(listing "$SCRATCH/outside")
refused()
{
	local before
	before=$(listing "$2")
	exits "$1: is refused" 1 record -o "$2" --force "${short[@]}"
	like "$1: is named" "$OUTPUT" "no trace of ours: it has $3;"
	is "$1: all is there still" "$(listing "$2")" "$before"
	is "$1: so is what it leads to" "$(listing "$SCRATCH/outside")" "$outside"
}

trace=$SCRATCH/race
mkdir -p "$trace/dump-1/run"
cp "$trace/run/run.json" "$trace/dump-1/run/run.json"
echo mine > "$trace/run/notes"
refused "a file of others in run/" "$trace" 'run/notes'
mv "$trace/run/notes" "$trace/dump-1/run/notes"
refused "a file of others in a dump's run/" "$trace" 'dump-1/run/notes'
rm "$trace/dump-1/run/notes"
mkdir "$trace/run/perf.data"
refused 'a folder for a file' "$trace" 'run/perf.data, which is no file'
rmdir "$trace/run/perf.data"
ln -s ../../outside/vcpu0 "$trace/dump-1/vcpu0"
refused 'a link in a dump' "$trace" 'dump-1/vcpu0, which is a link'
rm "$trace/dump-1/vcpu0"
ln -s ../outside "$trace/dump-2"
refused 'a link for a dump' "$trace" 'dump-2, which is no directory'
rm "$trace/dump-2"
mv "$trace/run" "$SCRATCH/run"
ln -s ../outside "$trace/run"
refused 'a link for run/' "$trace" 'run, which is no directory'
rm "$trace/run"
mv "$SCRATCH/run" "$trace/run"
rm "$trace/metadata"
ln -s ../outside/new "$trace/metadata"
refused 'a link that leads nowhere' "$trace" 'metadata, which is a link'
rm "$trace/metadata"
exits 'a trace and its dump are removed with --force' 0 record -o "$trace" --force "${short[@]}"
is 'the dump is gone' "$(ls -d "$trace"/dump-* 2> /dev/null)" ''

# What a recorder leaves that was killed while it began, or while it removed.
mkdir -p "$SCRATCH/begun/run"
: > "$SCRATCH/begun/vcpu0"
: > "$SCRATCH/begun/run/reserve"
: > "$SCRATCH/begun/.metadata.abcdefgh.tmp"
exits 'what was begun and killed is recorded over' 0 record -o "$SCRATCH/begun" "${short[@]}"
is 'nothing of it stays' "$(cd "$SCRATCH/begun" && find . -name '.*.tmp' -o -name reserve)" ''

done_testing
