#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vmiprof record with the embedded guest: all three counts agree, babeltrace2
# reads the trace, run.json tells what ran.
# shellcheck disable=SC2317 # functions are run by exits and ok
# shellcheck source=tests/tap.sh source=tests/record.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh

t=$SCRATCH/parent/of/trace
exits 'the embedded guest is recorded' 0 record -o "$t"
like 'it says which accelerator runs and why' "$OUTPUT" 'accelerator (tcg|kvm), .*(loaded|accessible)'
like 'it says how many events and how many lost' "$OUTPUT" '[0-9,]+ events in [0-9.]+ s, lost [0-9,]+'
ok 'recorded + lost = counted, and babeltrace2 finds them' check_counts "$t"
is 'babeltrace2 has no other warning than lost events' "$(other_warnings)" ''
is 'files of the trace' "$(cd "$t" && find . -type f | sort | xargs)" \
	'./metadata ./run/console.log ./run/qemu.log ./run/run.json ./vcpu0'
like 'the console is kept' "$(cat "$t/run/console.log")" 'vmiprof-guest: done'
is 'status and reason' "$(run_json "$t" 'r["status"], r["reason"], r["exit"]["kind"], r["exit"]["code"]')" \
	"('complete', None, 'debug-exit', 0)"
is 'the ROM' "$(run_json "$t" 'r["rom"]["name"], r["rom"]["api"]')" "('trace', '13.3')"
is 'the ring' "$(run_json "$t" 'r["ring"]["bytes"] >= 2 * r["ring"]["subbuf_bytes"] > 0, type(r["ring"]["donated"])')" "(True, <class 'bool'>)"
like 'versions' "$(run_json "$t" 'r["host"]["qemu"], r["host"]["kernel"], r["host"]["cpu"]')" "'[0-9.]+.*', 'Linux .*', '.+'"
like 'the command' "$(run_json "$t" '" ".join(r["command"])')" "^vmiprof record -o $t\$"
if [ -n "$(cat /proc/self/schedstat 2> /dev/null)" ]; then
	is 'stolen cycles are fed' "$(run_json "$t" 'type(v["stolen_cycles"]), v["stolen_reason"]')" "(<class 'int'>, None)"
else
	is 'stolen cycles are null and it says why' "$(run_json "$t" 'v["stolen_cycles"], "schedstat" in v["stolen_reason"]')" '(None, True)'
fi
# The TSC that the kernel knows, where it says so, is the rate in the metadata.
khz=$(dmesg 2> /dev/null | sed -n 's/.*tsc: Detected \([0-9]*\)\.\([0-9]*\) MHz.*/\1\2/p' | tail -n 1)
if [ -n "$khz" ]; then
	is 'clock frequency, to 0.1 %' "$(run_json "$t" "abs(r['tsc_hz'] / ($khz * 1e3) - 1) < 0.001")" True
else
	skip 'clock frequency' 'the kernel log does not tell it'
fi
is 'the clock in the metadata' "$(sed -n 's/^\tfreq = \(.*\);/\1/p' "$t/metadata")" "$(run_json "$t" 'r["tsc_hz"]')"

exits 'an old trace is not overwritten unasked' 1 record -o "$t"
like 'it says how' "$OUTPUT" 'holds a trace already; --force overwrites it'
exits 'with --force it is' 0 record -q --force -o "$t" --icount --console
like '--console shows the console' "$OUTPUT" 'vmiprof-guest: done'
is '-q is quiet otherwise' "$(grep '^vmiprof: ' <<< "$OUTPUT")" ''
ok '--icount: the counts agree' check_counts "$t"
is '--icount: clock and stolen cycles' "$(run_json "$t" 'r["icount"], r["tsc_hz"], v["stolen_cycles"], bool(v["stolen_reason"])')" \
	'(True, 1000000000, None, True)'

for rom in native none; do
	exits "--rom $rom" 0 record -o "$SCRATCH/$rom" --rom "$rom"
	like "--rom $rom: says that nothing is recorded" "$OUTPUT" 'the guest runs, nothing is recorded'
	exits "--rom $rom: babeltrace2 reads the empty trace" 0 babeltrace2 "$SCRATCH/$rom"
	is "--rom $rom: no events, no counts" "$OUTPUT$(run_json "$SCRATCH/$rom" 'r["status"], r["vcpus"]')" "('complete', [])"
done

# A ROM that would overwrite what nobody drains is told to behave.
exits 'a ROM with host flags of its own' 0 record -o "$SCRATCH/over" --rom "$BUILD/roms/trace-overwrite.bin"
ok 'a ROM with host flags of its own: the counts agree' check_counts "$SCRATCH/over"

# QEMU takes paths apart at spaces and commas, some of them without a way to quote.
odd="$SCRATCH/two words, a comma"
mkdir "$odd"
cp "$BUILD/guest.elf" "$BUILD/rom-trace.bin" "$odd"
exits 'all files in a directory with a space and a comma' 0 env VMIPROF_LIB="$odd" \
	"$BUILD/vmiprof" record -o "$odd/trace" --append rounds=1
exits '--guest and --initrd there' 0 record -o "$odd/again" --guest "$odd/guest.elf" \
	--initrd "$odd/guest.elf" --rom "$odd/rom-trace.bin" --append rounds=1
like 'the console there' "$(cat "$odd/again/run/console.log")" 'vmiprof-guest: done'

done_testing
