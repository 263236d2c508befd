#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vmiprof report: a made-up trace to the byte, damaged ones, and a real one
# against babeltrace2.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

vmiprof=$BUILD/vmiprof
mktrace=$BUILD/tests/mktrace
small=$SCRATCH/small

# A fresh copy of the small trace in $small.
fresh()
{
	rm -rf "$small"
	"$mktrace" "$small" small
}

# Overwrite bytes of a file: damage FILE OFFSET BYTES-AS-PRINTF-ESCAPES
damage()
{
	# shellcheck disable=SC2059 # the escapes are the data
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

names() { grep -Eo '^[A-Z][A-Za-z0-9]+ +[0-9,]+ +[0-9.]+ ' <<< "$OUTPUT" | cut -d' ' -f1 | xargs; }

# The numbers in small.txt can be worked out by hand from mktrace.c.
fresh
exits 'a good trace' 0 "$vmiprof" report "$small"
is 'looks as it should' "$(diff <(cat tests/synth/small.txt) - <<< "$OUTPUT")" ''
"$vmiprof" report --json "$small" > "$SCRATCH/small.json"
ok 'its JSON' python3 - "$SCRATCH/small.json" << 'EOP'
import json, sys
r = json.load(open(sys.argv[1]))
assert r["format"] == "vmiprof-report" and r["version"] == 1
assert r["accelerator"] == "tcg" and "emulated" in r["cycles_are"]
assert r["events_counted"] == 109
assert r["events_recorded"] == 106
assert r["events_lost"] == 3
assert r["partial"] is False and r["problems"] == []
assert r["stolen_cycles"] == 500 and r["stolen_reason"] is None
assert r["idle"]["cycles"] == 1000
assert r["idle"]["waits"] == 1
assert r["idle"]["waits_of_unknown_length"] == 1
calls = {c["name"]: c for c in r["calls"]}
assert len(calls) == 5
cli = calls["DisableInterrupts"]
want = dict(nr=36, count=100, mean_cycles=50.5, p50_cycles=50,
	p99_cycles=99, max_cycles=100, stolen_cycles=0,
	counted=103, lost=3, interrupted=0, total_cycles=5050)
for key, value in want.items():
	assert cli[key] == value, (key, cli[key])
assert abs(cli["share_calls"] - 100 / 106) < 1e-6
assert abs(cli["share_cycles"] - 5050 / 9005110) < 1e-9
assert calls["CPUID"]["stolen_cycles"] == 500
assert calls["CPUID"]["max_cycles"] == 9000000
sti = calls["EnableInterrupts"]
assert (sti["count"], sti["interrupted"], sti["max_cycles"]) == (2, 1, 60)
for name in "Halt", "IRET":
	for key in "share", "mean", "p50", "p99", "max":
		assert calls[name][key + "_cycles"] is None
assert calls["Halt"]["idle_cycles"] == 1000
EOP

exits '--sort mean' 0 "$vmiprof" report --sort mean "$small"
is 'puts the dearest first' "$(names)" 'CPUID EnableInterrupts DisableInterrupts Halt IRET'
exits '--sort by the name of a member' 0 "$vmiprof" report --sort mean_cycles "$small"
is 'is the same' "$(names)" 'CPUID EnableInterrupts DisableInterrupts Halt IRET'
exits '--sort name' 0 "$vmiprof" report --sort name "$small"
is 'goes by the alphabet' "$(names)" 'CPUID DisableInterrupts EnableInterrupts Halt IRET'
exits '--sort with no such key' 64 "$vmiprof" report --sort price "$small"
like 'lists the keys' "$OUTPUT" "found 'price', expected one of: name nr count .* p50 p99 max"

# Damaged: what can be read is reported, marked, and the exit status is 2.
fresh
truncate -s -1 "$small/vcpu0"
exits 'a torn packet' 2 "$vmiprof" report "$small"
like 'is cut off with a note' "$OUTPUT" 'vcpu0: packet at byte 1664: torn: 192 bytes long'
like 'the rest is reported' "$OUTPUT" '^DisableInterrupts +100 '
like 'and marked' "$OUTPUT" '^PARTIAL'
like 'with the difference to what was recorded' "$OUTPUT" 'holds 100 events, but 106 were recorded'
"$vmiprof" report --json "$small" > "$SCRATCH/torn.json" 2> /dev/null
ok 'in JSON, too' python3 -c 'import json, sys; r = json.load(open(sys.argv[1]))
assert r["partial"] is True and len(r["problems"]) == 2' "$SCRATCH/torn.json"

fresh
damage "$small/vcpu0" 1664 '\0'
exits 'a wrong magic' 2 "$vmiprof" report "$small"
like 'names file, offset, field, found and expected' "$OUTPUT" \
	'vcpu0: packet at byte 1664: magic: found 0xc1fc1f00, expected 0xc1fc1fc1'
fresh
damage "$small/vcpu0" $((64 + 4)) '\0'
exits 'an event that no call has made' 2 "$vmiprof" report "$small"
like 'is named' "$OUTPUT" 'event at \+64: call: found 0, expected one of 4 to 87'
like 'the packet behind it is still reported' "$OUTPUT" '^CPUID +1 '
like 'and what was left out' "$OUTPUT" 'Left out: 1 corrupt packets'

fresh
rm "$small/run/run.json"
exits 'no run.json' 2 "$vmiprof" report "$small"
like 'says what is not known' "$OUTPUT" 'what the ROM counted is not known'
like 'and counts what there is' "$OUTPUT" '^Events +106 recorded, at least 3 lost'
echo '{ "format": "vmiprof-run", "version": 9 }' > "$small/run/run.json"
exits 'a run.json of the future' 2 "$vmiprof" report "$small"
like 'is named' "$OUTPUT" 'run.json: version: found 9, expected 1'
echo '{ "format": ' > "$small/run/run.json"
exits 'a torn run.json' 2 "$vmiprof" report "$small"
like 'is named' "$OUTPUT" 'run.json: no JSON'

# What cannot be what the recorder wrote never passes for a whole run.
while IFS='|' read -r what from to expected; do
	fresh
	sed -i "s/$from/$to/" "$small/run/run.json"
	exits "run.json: $what" 2 "$vmiprof" report "$small"
	like 'is named' "$OUTPUT" "$expected"
	like 'and marked' "$OUTPUT" '^PARTIAL'
done << 'EOP'
a number as text|"events_recorded": 106|"events_recorded": "106"|events_recorded: found "106", expected a number
a number that is missing|"events_recorded": 106,||events_recorded: found nothing, expected a number
a number below 0|"events_lost": 3|"events_lost": -3|events_lost: found -3
a number beyond all bounds|"events_counted": 109|"events_counted": 1e30|events_counted: found 1e30
no status|"status": "complete",||status: found nothing, expected complete or partial
another vCPU|"vcpu": 0|"vcpu": 3|vcpu0: holds 106 events, but 0 were recorded
no accelerator|"accelerator": "tcg"|"accelerator": null|accelerator: found nothing, expected tcg as in metadata
another accelerator|"accelerator": "tcg"|"accelerator": "kvm"|accelerator: found kvm, expected tcg as in metadata
an accelerator of its own|"accelerator": "tcg"|"accelerator": "TCG"|accelerator: found TCG, expected tcg as in metadata
another clock|"tsc_hz": 1000000000|"tsc_hz": 2000000000|tsc_hz: found 2000000000, expected 1000000000
text behind it|^}|}{}|behind the value, at byte [0-9]+
EOP
fresh
sed -i 's/"accelerator": "tcg"/"accelerator": null/' "$small/run/run.json"
exits 'an accelerator that is not known' 2 "$vmiprof" report "$small"
like 'has cycles of no known kind' "$OUTPUT" '^Cycles +perhaps emulated'

# Each call in the trace counts once.
fresh
cp "$small/vcpu0" "$small/vcpu00"
exits 'a stream by another name' 0 "$vmiprof" report "$small"
like 'is no second one' "$OUTPUT" '^Events +109 counted by the ROM, 106 recorded, 3 lost'
fresh
python3 - "$small" << 'EOP'
import sys
data = bytearray(open(sys.argv[1] + "/vcpu0", "rb").read())
for at in 0, 1664:
	data[at + 60] = 1
open(sys.argv[1] + "/vcpu1", "wb").write(data)
EOP
exits 'a copy as the stream of another vCPU' 2 "$vmiprof" report "$small"
like 'is told' "$OUTPUT" 'vcpu1: holds 106 events, but 0 were recorded'
rm "$small/run/run.json"
exits 'without run.json' 2 "$vmiprof" report "$small"
fresh
cat "$small/vcpu0" "$small/vcpu0" > "$small/twice" && mv "$small/twice" "$small/vcpu0"
exits 'a stream twice in one file' 2 "$vmiprof" report "$small"
like 'is told' "$OUTPUT" 'timestamp_begin: found'

# Lost is what the guest could not record; what is damaged was recorded.
fresh
truncate -s -1 "$small/vcpu0"
exits 'a torn packet' 2 "$vmiprof" report "$small"
like 'what is read and lost' "$OUTPUT" '^Events +109 counted by the ROM, 100 read, 3 lost'
like 'and the rest add up' "$OUTPUT" '^ +6 recorded, but not to be read'
"$vmiprof" report --json "$small" > "$SCRATCH/torn.json" 2> /dev/null
ok 'in JSON, too' python3 -c 'import json, sys; r = json.load(open(sys.argv[1]))
assert r["events_counted"] == r["events_recorded"] + r["events_lost"] + r["events_unread"]
assert r["events_unread"] == 6 and all(c["lost"] is None for c in r["calls"])' "$SCRATCH/torn.json"

# Only regular files are read, and none that is longer than it can be.
mkfifo "$SCRATCH/fifo"
while read -r file kind status; do
	fresh
	rm "$small/$file"
	case $kind in
	fifo) mkfifo "$small/$file" ;;
	link) ln -s "$SCRATCH/fifo" "$small/$file" ;;
	device) ln -s /dev/zero "$small/$file" ;;
	directory) mkdir "$small/$file" ;;
	sparse) truncate -s 3G "$small/$file" ;;
	esac
	exits "$file: $kind" "$status" timeout 60 sh -c "ulimit -v 2000000; exec $vmiprof report $small"
	like 'is named' "$OUTPUT" \
		"$file: (found (a|3221225472) (FIFO|device|directory|bytes)|packet at byte 0)"
done << 'EOP'
metadata fifo 1
metadata link 1
metadata device 1
metadata directory 1
metadata sparse 1
run/run.json fifo 2
run/run.json link 2
run/run.json device 2
run/run.json sparse 2
vcpu0 fifo 2
vcpu0 link 2
vcpu0 device 2
vcpu0 directory 2
vcpu0 sparse 2
EOP

# Names that a terminal would act on reach it in no command.
bad=$'\e[31m\xe2\x80\xaeevil\xc2\x9b2J'
fresh
mkdir "$SCRATCH/names"
mv "$small" "$SCRATCH/names/$bad"
sed -i 's/"guest": "[^"]*"/"guest": "\\u001b[31m\\u202eevil"/' "$SCRATCH/names/$bad/run/run.json"
python3 tests/synth/mkresults.py "$SCRATCH/names"
while read -r status command; do
	exits "names in ${command%% *}" "$status" sh -c "$vmiprof $command" sh "$SCRATCH/names/$bad" "$SCRATCH/names"
	is 'are made fit' "$(grep -cP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae|\xc2\x9b' <<< "$OUTPUT")" 0
	like 'but shown' "$OUTPUT" evil
done << 'EOP'
0 report "$1"
0 report --json "$1"
1 report "$1/none"
0 diff "$1" "$1"
1 diff "$1" "$2/base.json"
0 advise "$1" "$2/base.json"
0 export -f chrome "$1"
1 plot -o "$2/x.svg" "$1/none"
1 rom "$1/rom"
1 record -o "$1/none" --rom "$1/rom"
4 regress "$2/base.json" "$1/none"
EOP

# No trace of ours: exit status 1.
fresh
sed -i 's/vmiprof_format = 1/vmiprof_format = 7/' "$small/metadata"
exits 'a trace of another version' 1 "$vmiprof" report "$small"
like 'is named' "$OUTPUT" 'env.vmiprof_format: found 7, expected 1'
sed -i '/vmiprof_format/d' "$small/metadata"
exits 'a trace of another tracer' 1 "$vmiprof" report "$small"
like 'is named' "$OUTPUT" 'not one of vmiprof'
exits 'no directory' 1 "$vmiprof" report "$SCRATCH/none"
mkdir -p "$SCRATCH/run/trace" && touch "$SCRATCH/run/trace/metadata"
exits 'the directory above' 1 "$vmiprof" report "$SCRATCH/run"
like 'gives a hint' "$OUTPUT" 'did you mean .*/run/trace\?'
exits 'no argument' 64 "$vmiprof" report

fresh
exits 'a full disk' 1 sh -c "$vmiprof report $small > /dev/full"
like 'is told' "$OUTPUT" 'standard output: No space left'

ok 'a guest with the native ROM' "$vmiprof" record -q -o "$SCRATCH/native" \
	--guest embedded --rom native --accel tcg
exits 'has a trace without events' 0 "$vmiprof" report "$SCRATCH/native"
like 'and the report says why' "$OUTPUT" '^No events: .* its ROM does not record'

# A real one: an independent reader must see the same events.
trace=$SCRATCH/trace
if ! "$vmiprof" record -o "$trace" --guest embedded --accel tcg > "$SCRATCH/record.log" 2>&1; then
	diag "record failed:" "$(tail -n 5 "$SCRATCH/record.log")"
	ok 'the embedded guest was recorded' false
	done_testing
fi
"$vmiprof" report --json "$trace" > "$SCRATCH/real.json"
is 'a real trace is whole' $? 0
babeltrace2 "$trace" > "$SCRATCH/events.txt" 2> "$SCRATCH/babeltrace.log"
is 'babeltrace2 warns of discarded events at most' \
	"$(grep -Ev '^WARNING: Tracer discarded' "$SCRATCH/babeltrace.log")" ''
ok 'babeltrace2 counts the same, per call' python3 - "$SCRATCH/real.json" "$SCRATCH/events.txt" << 'EOP'
import collections, json, re, sys
r = json.load(open(sys.argv[1]))
call = re.compile(r'vmi:call: .*call = \( "(\w+)" .*?interrupted = (\d).*? cycles = (\d+)')
count, cycles, last = collections.Counter(), collections.Counter(), {}
for line in open(sys.argv[2]):
	name, interrupted, n = call.search(line).groups()
	count[name] += 1
	if interrupted == "0":
		cycles[name] += int(n)
		last[name] = max(last.get(name, 0), int(n))
assert sum(count.values()) == r["events_recorded"]
assert r["events_recorded"] + r["events_lost"] == r["events_counted"]
assert len(count) > 20, count
for c in r["calls"]:
	assert c["count"] == count.pop(c["name"], 0), c
	assert c["count"] + c["lost"] == c["counted"], c
	if c["mean_cycles"] is not None:
		assert c["total_cycles"] == cycles[c["name"]], c
		assert c["max_cycles"] == last[c["name"]], c
		assert c["p50_cycles"] <= c["p99_cycles"] <= c["max_cycles"], c
assert not count, count
assert abs(sum(c["share_calls"] for c in r["calls"]) - 1) < 1e-6
assert abs(sum(c["share_cycles"] or 0 for c in r["calls"]) - 1) < 1e-6
EOP

# A clock that moves by 60 cycles at a time cannot tell what takes 50.
fresh
sed -i 's/"tsc_hz": /"tsc_step": 60, &/' "$small/run/run.json"
exits 'a coarse clock' 0 "$vmiprof" report "$small"
like 'is told' "$OUTPUT" 'moves by 60 cycles at a time: a figure below that is no measurement'
like 'and no percentile is below its step' "$OUTPUT" '^DisableInterrupts +100 .* 50\.5 +<60 +99 +100 '
like 'with what the sign means' "$OUTPUT" '^"<": below the step of the time stamp counter\.'

done_testing
