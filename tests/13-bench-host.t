#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vmiprof-bench-host prints a table and JSON; what they say depends on the CPU.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

bench=$BUILD/vmiprof-bench-host
roms=("$BUILD/rom-native.bin" "$BUILD/rom-trace.bin")

text=$("$bench" --rounds 5 "${roms[@]}")
is 'text: exit status' $? 0
like 'text: the CPU' "$text" 'CPU [0-9]+, ring 3; TSC cycles'
like 'text: GetInterruptMask' "$text" '^GetInterruptMask +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ \('
"$bench" --rounds 5 --json "${roms[@]}" > "$SCRATCH/bench.json"
is 'json: exit status' $? 0
ok 'json: every call has its figures' python3 - "$SCRATCH/bench.json" <<'EOF'
import json, sys
bench = json.load(open(sys.argv[1]))
assert bench["format"] == "vmiprof-bench-host"
assert "GetInterruptMask" in [call["name"] for call in bench["calls"]]
for call in bench["calls"]:
    assert call["stub_cycles"] > 0 and call["traced_cycles"] > 0, call
    assert call["ratio_low"] <= call["ratio"] <= call["ratio_high"], call
EOF

# Every form in the raw protocol: rounds in order, units, and the end.
raw=$SCRATCH/raw
"$bench" --raw --samples 5 "${roms[@]}" "$BUILD/rom-aggregate.bin" \
	"$BUILD/rom-stamp.bin" > "$raw"
is 'raw: exit status' $? 0
is 'raw: the last line' "$(tail -1 "$raw")" 'bench: done'
for form in native inline stub trace aggregate stamp count; do
	like "raw: GetInterruptMask $form" "$(cat "$raw")" \
		"case call=GetInterruptMask form=$form padding=- unit=cycles group=host samples=([-0-9.]+,){4}[-0-9.]+"
done
for form in native inline stub trace aggregate stamp count; do
	like "raw: GetInterruptMask $form, cold" "$(cat "$raw")" \
		"case call=GetInterruptMask form=$form padding=- unit=cycles group=cold samples=([-0-9.]+,){4}[-0-9.]+"
done
like 'raw: one cold call is a sample' "$(cat "$raw")" '^clock group=cold step=[1-9][0-9]* operations=1$'
for call in DisableInterrupts EnableInterrupts; do
	like "raw: $call is trapped" "$(cat "$raw")" "case call=$call form=trap "
	like "raw: $call faults in any other form" "$(cat "$raw")" \
		"skip call=$call form=native why=faults at CPL 3"
done
like 'raw: by how much the clock moves' "$(cat "$raw")" '^clock group=host step=[1-9][0-9]* operations=1440$'
like 'raw: two rdtsc' "$(cat "$raw")" 'case call=two-rdtsc form=reference '
like 'raw: LTTng is measured, or said to be missing' "$(cat "$raw")" \
	'(case|skip) call=lttng-ust form=reference '
is 'raw: nothing but lines of the protocol' \
	"$(grep -cvE '^(case|skip) call=[A-Za-z-]+ form=[a-z]+ |^clock group=[a-z]+ |^bench: done$' "$raw")" 0
# shellcheck disable=SC2016 # awk's, not the shell's
ok 'raw: every case has its samples' awk -F'samples=' \
	'/^case/ && split($2, s, ",") != 5 { exit 1 }' "$raw"
like 'raw: without the aggregating ROM that form is skipped' \
	"$("$bench" --raw --samples 1 "${roms[@]}")" \
	'skip call=GetInterruptMask form=aggregate why=no aggregating ROM'

# LTTng: not built, or no session, is said and is no failure.
cp "$bench" "$SCRATCH/alone"
like 'raw: LTTng that was not built is named' \
	"$("$SCRATCH/alone" --raw --samples 1 "${roms[@]}")" \
	'skip call=lttng-ust form=reference why=.*vmiprof-bench-lttng was not built'
if [ -x "$BUILD/vmiprof-bench-lttng" ]; then
	ok 'raw: no session daemon is left behind' \
		test -z "$(pgrep -f 'lttng-sessiond.*vmiprof-lttng')"
	is 'lttng: no CPU, no run' "$("$BUILD/vmiprof-bench-lttng" 2>&1)" \
		'usage: vmiprof-bench-lttng CPU [CONSUMER-CPU EVENTS DIR]'
fi
exits 'ROMs: a trace ROM is not an aggregating one' 1 \
	"$bench" --raw "${roms[@]}" "${roms[1]}"

exits 'a bad number is refused' 2 "$bench" --rounds x "${roms[@]}"
exits 'ROMs in the wrong order are refused' 1 "$bench" "${roms[1]}" "${roms[0]}"
exits 'a ROM with another signature is refused' 1 \
	"$bench" "$BUILD/roms/bad-signature.bin" "${roms[1]}"
like '... with what was found' "$OUTPUT" 'expected 0x696d5663'

done_testing
