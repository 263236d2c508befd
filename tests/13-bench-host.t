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

exits 'a bad number is refused' 2 "$bench" --rounds x "${roms[@]}"
exits 'ROMs in the wrong order are refused' 1 "$bench" "${roms[1]}" "${roms[0]}"
exits 'a ROM with another signature is refused' 1 \
	"$bench" "$BUILD/roms/bad-signature.bin" "${roms[1]}"
like '... with what was found' "$OUTPUT" 'expected 0x696d5663'

done_testing
