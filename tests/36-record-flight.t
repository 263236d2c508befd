#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The flight recorder keeps the last packets in memory; dumps are whole traces,
# and what was overwritten is told apart from what was lost.
# shellcheck disable=SC2317 # functions are run by exits and wait_for
# shellcheck source=tests/tap.sh source=tests/record.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh

# More than a test waits for: it is ended.
long='rounds=100000'

# Nothing hangs for long, whatever goes wrong.
record() { timeout 300 "$BUILD/vmiprof" record "$@"; }

exits 'dumps of nothing' 64 record -o "$SCRATCH/t" --dump-on 'cycles>5'
like 'dumps of nothing: says what is missing' "$OUTPUT" 'needs --overwrite'
exits 'a condition on an unknown call' 64 record -o "$SCRATCH/t" --overwrite --dump-on 'Hlt>5'
like 'an unknown call: names it' "$OUTPUT" "found 'Hlt', expected the name of a VMI call, cycles or lost"
exits 'a condition without a number' 64 record -o "$SCRATCH/t" --overwrite --dump-on 'cycles'
exits 'a flight recorder with a limit' 64 record -o "$SCRATCH/t" --overwrite --max-size 1M
exits 'a flight recorder without events' 64 record -o "$SCRATCH/t" --overwrite --level aggregate
exits 'more memory than there is' 1 bash -c "ulimit -v 4000000; $BUILD/vmiprof record -o $SCRATCH/much --overwrite=8000"
like 'more memory than there is: says so' "$OUTPUT" 'cannot take 8000 MiB of memory for --overwrite: Cannot allocate'

# events DIR: of babeltrace2.
events() { babeltrace2 "$1" 2> "$SCRATCH/.warnings" | wc -l; }

# adds_up DIR: each counted call is accounted for, and the file holds what it should.
adds_up()
{
	is "$2: the counts add up" "$(run_json "$1" '(v["events_counted"] - v["events_recorded"] -
		v["events_lost"] - v["events_overwritten"] - v["events_after_end"])')" 0
	is "$2: babeltrace2 reads as many events" "$(events "$1")" \
		"$(run_json "$1" 'v["events_recorded"]')"
}

# A recording that ends by itself: memory holds the end of the run.
exits 'a run to its end' 0 record -o "$SCRATCH/whole" --overwrite=1 --append rounds=5
is 'to its end: run.json has the size' "$(run_json "$SCRATCH/whole" 'r["overwrite_bytes"], r["dump"]')" \
	'(1048576, None)'
is 'to its end: less than memory, nearly all of it' \
	"$(($(stat -c %s "$SCRATCH/whole/vcpu0") / 131072))" 7
is 'to its end: older events are gone' "$(run_json "$SCRATCH/whole" 'v["events_overwritten"] > 0')" True
is 'to its end: that is no loss' "$(run_json "$SCRATCH/whole" 'v["events_after_end"], r["status"]')" \
	"(0, 'complete')"
adds_up "$SCRATCH/whole" 'to its end'
exits 'to its end: report reads it' 0 "$BUILD/vmiprof" report "$SCRATCH/whole"
like 'to its end: report tells' "$OUTPUT" '[0-9,]+ overwritten before, by the flight recorder'
# The guest's last call is the trace's last event.
like 'to its end: the last call is there' "$(babeltrace2 "$SCRATCH/whole" 2> /dev/null | tail -n 1)" 'vmi:call'

exits 'a short run' 0 record -o "$SCRATCH/short" --overwrite=64 --append rounds=10
ok 'a short run: everything is kept' check_counts "$SCRATCH/short"

# Dumps on a signal, while the guest runs.
interruptible "$BUILD/vmiprof" record -o "$SCRATCH/signal" --overwrite=1 --append "$long" \
	> "$SCRATCH/out" 2>&1 &
pid=$!
dumped() { grep -q "dump-$1: .* events, SIGUSR2" "$SCRATCH/out"; }
wait_for 60 test -e "$SCRATCH/signal/run/console.log"
kill -s USR2 "$pid"
wait_for 60 grep -q 'SIGUSR2' "$SCRATCH/out"
# Before the first call there is nothing to dump, which is said.
until grep -q 'dump-1' "$SCRATCH/out"; do
	kill -s USR2 "$pid" || break
	sleep 0.2
done
ok 'signal: a dump' wait_for 60 dumped 1
is 'signal: the stream is not written before the end' "$(stat -c %s "$SCRATCH/signal/vcpu0")" 0
kill -s USR2 "$pid"
ok 'signal: another dump' wait_for 60 dumped 2
kill -s INT "$pid"
wait "$pid"
is 'signal: the recording goes on until it is ended' $? 130
for dump in "$SCRATCH/signal" "$SCRATCH/signal/dump-1" "$SCRATCH/signal/dump-2"; do
	adds_up "$dump" "${dump##*/}"
done
is 'dump: run.json tells its number and why' "$(run_json "$SCRATCH/signal/dump-2" 'r["dump"], r["status"]')" \
	"({'number': 2, 'why': 'SIGUSR2'}, 'complete')"
exits 'dump: report reads it' 0 "$BUILD/vmiprof" report "$SCRATCH/signal/dump-1"
exits 'a trace with dumps is no empty directory' 1 record -o "$SCRATCH/signal" --append rounds=1
exits 'with --force it is replaced' 0 record -o "$SCRATCH/signal" --force --append rounds=1
is 'no dump of the old one is left' "$(ls -d "$SCRATCH/signal"/dump-* 2> /dev/null)" ''

# Dumps on a condition.
exits 'condition that is never met' 0 record -o "$SCRATCH/never" --overwrite=1 --append rounds=3 \
	--dump-on 'cycles>18446744073709551614' --dump-on 'lost>1000000000000'
is 'never met: no dump' "$(ls -d "$SCRATCH/never"/dump-* 2> /dev/null)" ''
exits 'condition that always is met' 0 record -o "$SCRATCH/always" --overwrite=1 --append rounds=20 \
	--dump-on 'SetInterruptMask>0' --max-dumps 2
is 'always met: as many dumps as wanted' "$(cd "$SCRATCH/always" && echo dump-*)" 'dump-1 dump-2'
like 'always met: says that there will be no more' "$OUTPUT" 'dump 2 by --dump-on is the last one'
like 'always met: run.json tells what was met' "$(run_json "$SCRATCH/always/dump-1" 'r["dump"]["why"]')" \
	'^SetInterruptMask took [0-9]+ cycles, more than 0$'
adds_up "$SCRATCH/always/dump-2" 'always met'
# No event is in two dumps: the second begins after the end of the first.
is 'dumps by condition do not overlap' "$(python3 - "$SCRATCH/always" <<-'END'
	import struct, sys
	def times(path):
	    data = open(path, "rb").read()
	    first = struct.unpack_from("<Q", data, 24)[0]
	    at = 0
	    while at < len(data):
	        end, bits = struct.unpack_from("<QI", data, at + 32)
	        at += bits // 8
	    return first, end
	one, two = (times(f"{sys.argv[1]}/dump-{n}/vcpu0") for n in (1, 2))
	print(one[1] <= two[0])
	END
)" True

# A guest that fails leaves what it did last; so does one that is ended.
exits 'a guest that fails' 3 record -o "$SCRATCH/fails" --overwrite=1 --append rounds=nonsense
is 'a guest that fails: its calls are there' "$(run_json "$SCRATCH/fails" 'v["events_recorded"] > 0')" True
adds_up "$SCRATCH/fails" 'a guest that fails'
# shellcheck disable=SC2016,SC2034 # in_time's
enough='[ "$(run_json "$SCRATCH/ended" "v[\"events_counted\"] > 0")" = True ]'
in_time 'a guest that is ended' 4 record -o "$SCRATCH/ended" --force --overwrite=1 --append "$long"
adds_up "$SCRATCH/ended" 'a guest that is ended'

# A disk too small for the memory gets whole packets, and the rest is told as lost.
if unshare -rm true 2> /dev/null; then
	mkdir "$SCRATCH/disk"
	cat > "$SCRATCH/small.sh" <<-'END'
		mount -t tmpfs -o size=1m none "$SCRATCH/disk"
		"$BUILD/vmiprof" record -o "$SCRATCH/disk/trace" --overwrite=2 --append rounds=5
		status=$?
		cp -r "$SCRATCH/disk/trace" "$SCRATCH/small"
		exit $status
	END
	exits 'a full disk' 2 timeout 300 unshare -rm bash "$SCRATCH/small.sh"
	like 'a full disk: message' "$OUTPUT" 'cannot write .*/vcpu0: No space left on device'
	adds_up "$SCRATCH/small" 'a full disk'
else
	skip 'a full disk' 'no user namespaces here'
fi

# SIGUSR2 does not end an ordinary recording.
interruptible "$BUILD/vmiprof" record -o "$SCRATCH/plain" --append "$long" > "$SCRATCH/out" 2>&1 &
pid=$!
wait_for 60 has_events "$SCRATCH/plain"
kill -s USR2 "$pid"
ok 'not a flight recorder: says so' wait_for 60 grep -q 'SIGUSR2: nothing to dump, this is no recording with --overwrite' "$SCRATCH/out"
kill -s INT "$pid"
wait "$pid"
is 'not a flight recorder: goes on' $? 130

# A dump that cannot be written is told, and the recording goes on.
interruptible "$BUILD/vmiprof" record -o "$SCRATCH/full" --overwrite=1 --append "$long" \
	> "$SCRATCH/out" 2>&1 &
pid=$!
wait_for 60 test -e "$SCRATCH/full/run/console.log"
echo stands in the way > "$SCRATCH/full/dump-1"
until grep -q 'cannot write' "$SCRATCH/out"; do
	kill -s USR2 "$pid" || break
	sleep 0.2
done
like 'a dump that cannot be written: named' "$(cat "$SCRATCH/out")" 'cannot write .*/dump-1.*: File exists'
kill -s INT "$pid"
wait "$pid"
is 'it does not end the recording' $? 130
like 'the end tells of it, too' "$(run_json "$SCRATCH/full" 'r["reason"]')" 'interrupted .*; cannot write .*/dump-1'

done_testing
