#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vmiprof report by site, vCPU and mode, of some of the calls, as CSV, with any
# number of threads; sites with and without symbols.
# shellcheck source=tests/tap.sh disable=SC2317 # same() is called by ok
. "$(dirname "$0")/tap.sh"

vmiprof=$BUILD/vmiprof
mktrace=$BUILD/tests/mktrace
small=$SCRATCH/small
busy=$SCRATCH/busy
"$mktrace" "$small" small
"$mktrace" "$busy" busy
"$mktrace" "$SCRATCH/large" large 300000 2

# Some rows' numbers can be worked out by hand from mktrace.c.
exits 'by site' 0 "$vmiprof" report --by site "$small"
like 'a site per line' "$OUTPUT" '^DisableInterrupts +100 .* 50\.5 +100 +0 +0xc0100024$'
like 'says why there are no names' "$OUTPUT" '^Symbols: none: the recording names no file'
exits 'by vCPU' 0 "$vmiprof" report --by vcpu "$small"
like 'a vCPU per line, with what it lost and its idle time' "$OUTPUT" \
	'^0 +106 +100\.00 +100\.00 .* 500 +1 +3 +1,000$'
exits 'by a thing that has no rows' 64 "$vmiprof" report --by weekday "$small"
like 'is named' "$OUTPUT" "found 'weekday', expected call, site, vcpu or mode"

exits 'sorted by what such rows do not have' 64 "$vmiprof" report --by site --sort p99 "$small"
like 'lists what they have' "$OUTPUT" "found 'p99', expected one of: name nr count calls cycles mean error measured max"
exits 'sorted by what they have' 0 "$vmiprof" report --sort mean --by site --csv "$small"
like 'the dearest first' "$(sed -n 2p <<< "$OUTPUT")" '^CPUID,'
exits 'symbols for what has no sites' 64 "$vmiprof" report --vmlinux "$BUILD/guest.elf" "$small"

# What is left of the calls.
exits 'some calls' 0 "$vmiprof" report --call CPUID,Halt "$small"
like 'names the filter' "$OUTPUT" '^Events +3 pass: calls CPUID, Halt$'
like 'shares are of what passes' "$OUTPUT" '^Halt +2 +66\.67 '
is 'no other call' "$(grep -c '^DisableInterrupts' <<< "$OUTPUT")" 0
like 'idle time ends with calls that do not pass' "$OUTPUT" '^Halt: idle for 1 us in 1 wait'
exits 'a time span' 0 "$vmiprof" report --from 10us --to 20.2us "$small"
like 'from the begin of the trace on, the end left out' "$OUTPUT" '^DisableInterrupts +51 '
exits 'the same in time stamps' 0 "$vmiprof" report --from @1010000 --to @1020200 "$small"
like 'is the same' "$OUTPUT" '^DisableInterrupts +51 '
exits 'a vCPU, of a trace without run.json' 2 "$vmiprof" report --vcpu 1 --by vcpu "$SCRATCH/large"
is 'is the only one' "$(grep -cE '^[01] +299,880' <<< "$OUTPUT")" 1
exits 'a vCPU that is not there' 0 "$vmiprof" report --vcpu 7 "$small"
like 'has no events' "$OUTPUT" 'No events pass the filter'
exits 'a call that is not there' 64 "$vmiprof" report --call cli "$small"
like 'is named' "$OUTPUT" "found 'cli', expected the name of a VMI call"

# The forms agree.
for by in call site vcpu mode; do
	"$vmiprof" report --by "$by" --csv "$busy" > "$SCRATCH/$by.csv"
	"$vmiprof" report --by "$by" --json "$busy" > "$SCRATCH/$by.json"
done
ok 'CSV and JSON have the same rows and sums' python3 - "$SCRATCH" << 'EOP'
import csv, json, sys
sums = set()
for by in "call", "site", "vcpu", "mode":
    rows = list(csv.DictReader(open(f"{sys.argv[1]}/{by}.csv", newline="")))
    report = json.load(open(f"{sys.argv[1]}/{by}.json"))
    objects = report[by + "s"]
    assert report["by"] == by and len(rows) == len(objects) > 0, by
    for row, o in zip(rows, objects):
        for key in row:
            if key in o and isinstance(o[key], (int, float)):
                assert float(row[key]) == o[key], (by, key, row, o)
            elif key in o and o[key] is None:
                assert row[key] == "", (by, key, row, o)
    sums.add((sum(int(r["count"]) for r in rows),
              sum(int(r["total_cycles"] or 0) for r in rows)))
assert len(sums) == 1 and sums.pop()[0] == report["events_recorded"], sums
EOP
"$vmiprof" report --by site --csv --limit 3 "$busy" > "$SCRATCH/three.csv"
is '--limit' "$(wc -l < "$SCRATCH/three.csv")" 4
is 'takes the first ones' "$(diff <(head -4 "$SCRATCH/site.csv") "$SCRATCH/three.csv")" ''

# Threads change nothing, be the trace whole or not.
same() # OPTIONS... DIR
{
	"$vmiprof" report --threads 1 "$@" > "$SCRATCH/1" 2>&1
	for n in 2 3 16; do
		"$vmiprof" report --threads "$n" "$@" > "$SCRATCH/n" 2>&1
		cmp "$SCRATCH/1" "$SCRATCH/n" || return 1
	done
}
ok 'threads' same "$SCRATCH/large"
for by in site vcpu mode; do
	ok "threads, by $by" same --by "$by" --json "$SCRATCH/large"
done
ok 'threads, with a filter' same --by vcpu --from 5ms --call Halt,CPUID "$SCRATCH/large"
# Packets have 16,384 bytes: no call in one of the first stream; the uuid of one,
# and the end, of the second.
printf '\0' | dd of="$SCRATCH/large/vcpu0" bs=1 seek=$((98 * 16384 + 64 + 4)) conv=notrunc status=none
printf '\377' | dd of="$SCRATCH/large/vcpu1" bs=1 seek=$((147 * 16384 + 4)) conv=notrunc status=none
truncate -s -7 "$SCRATCH/large/vcpu1"
exits 'a damaged trace' 2 "$vmiprof" report "$SCRATCH/large"
like 'is cut off' "$OUTPUT" 'vcpu1: packet at byte 2408448: uuid:'
like 'and packets are left out' "$OUTPUT" 'Left out: 1 corrupt packets'
ok 'threads, of a damaged trace' same --by vcpu "$SCRATCH/large"
exits 'no threads' 64 "$vmiprof" report --threads 0 "$small"

# Levels that keep no events.
exits 'recorded at level count' 0 "$vmiprof" record -q -o "$SCRATCH/count" --guest embedded \
	--accel tcg --level count
exits 'has no sites' 1 "$vmiprof" report --by site "$SCRATCH/count"
like 'which is told' "$OUTPUT" 'recorded at level count, .* needs events'

# Symbols: of the embedded guest, as recorded; of another build; as a map.
exits 'a recording' 0 "$vmiprof" record -q -o "$SCRATCH/embedded" --guest embedded --accel tcg
exits 'by site' 0 "$vmiprof" report --by site "$SCRATCH/embedded"
like 'functions, files and lines' "$OUTPUT" \
	' 0x[0-9a-f]{8} +object_free\+0x[0-9a-f]+ +[^ ]*objects\.c:[0-9]+'
like 'from the build that ran' "$OUTPUT" '^Symbols: .*guest\.elf, the build that ran'
run=$SCRATCH/embedded/run/run.json
cp "$run" "$SCRATCH/run.json"
sed -i 's/"build_id": "[0-9a-f]\{8\}/"build_id": "00000000/' "$run"
exits 'another build' 2 "$vmiprof" report --by site --limit 5 "$SCRATCH/embedded"
like 'is named' "$OUTPUT" 'guest\.elf: build-id: found [0-9a-f]{40}, expected 00000000[0-9a-f]{32}'
like 'sites stay addresses' "$OUTPUT" ' 0x[0-9a-f]{8}$'
like 'and it is partial' "$OUTPUT" '^PARTIAL'
cp "$SCRATCH/run.json" "$run"
sed -i 's|"file": ".*guest.elf"|"file": "/nowhere/guest.elf"|' "$run"
exits 'a file that is not there any more' 0 "$vmiprof" report --by site --limit 5 "$SCRATCH/embedded"
like 'is told' "$OUTPUT" '^Symbols: none: /nowhere/guest.elf: No such file'
exits 'named by the user' 0 "$vmiprof" report --by site --vmlinux "$BUILD/guest.elf" "$SCRATCH/embedded"
like 'is taken' "$OUTPUT" 'object_free\+0x'
nm "$BUILD/guest.elf" | grep -i ' t ' > "$SCRATCH/System.map"
exits 'a System.map' 0 "$vmiprof" report --by site --vmlinux "$SCRATCH/System.map" "$SCRATCH/embedded"
like 'has functions' "$OUTPUT" ' object_free\+0x[0-9a-f]+$'
like 'and no build-id' "$OUTPUT" '^Symbols: .*System.map; not checked against the guest'
exits 'no such file' 1 "$vmiprof" report --by site --vmlinux "$SCRATCH/none" "$SCRATCH/embedded"
like 'is named' "$OUTPUT" 'none: No such file'

# Modes of call sites, as the recording has noted them.
python3 - "$small/run/run.json" << 'EOP'
import json, sys
run = json.load(open(sys.argv[1]))
run["modes"] = [
    {"call": "DisableInterrupts", "mode": "stub", "time": 0, "since_s": 0},
    {"call": "DisableInterrupts", "mode": "inline+stub", "time": 1010100, "since_s": 0.5},
    {"call": "DisableInterrupts", "mode": "native", "time": 1020100, "since_s": 1},
]
json.dump(run, open(sys.argv[1], "w"))
EOP
exits 'by mode' 0 "$vmiprof" report --by mode "$small"
like 'until it is switched' "$OUTPUT" '^DisableInterrupts +stub +50 .* 25\.5 .* 0\.50$'
like 'and from then on' "$OUTPUT" '^DisableInterrupts +inline\+stub +50 .* 75\.5 .* 0\.50$'
like 'modes without events have their time' "$OUTPUT" '^DisableInterrupts +native +- .* 0\.50$'
like 'calls of which nothing is known' "$OUTPUT" '^CPUID +not known +1 '
ok 'threads, by mode' same --by mode "$small"
sed -i 's/"mode": "native"/"mode": 7/' "$small/run/run.json"
exits 'a mode that is none' 2 "$vmiprof" report "$small"
like 'is named' "$OUTPUT" 'run.json: modes\[2\]: expected the name of a VMI call, its mode'

exits 'a closed pipe' 1 sh -c "$vmiprof report --by site --csv $small > /dev/full"
like 'is told' "$OUTPUT" 'standard output: No space left'
# Memory is for what is shown, not for a histogram of each call of each stream.
"$BUILD/tests/mktrace" "$SCRATCH/many" large 3000 256
exits '256 vCPUs' 2 sh -c "ulimit -v 400000; exec $vmiprof report --by vcpu --threads 2 $SCRATCH/many"
is 'have a line each' "$(grep -Ec '^ *[0-9]+ +2,040 ' <<< "$OUTPUT")" 256

done_testing
