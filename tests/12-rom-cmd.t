#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vmiprof rom: what it says of good images, and of each broken one.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

vmiprof=$(realpath "$BUILD/vmiprof")

# What a broken image has to say, beside an exit status that is not 0.
refuses() # NAME REGEX
{
	exits "$1: refused" 1 "$vmiprof" rom "$BUILD/roms/$1.bin"
	like "$1: says what it found and expected" "$OUTPUT" "$2"
	like "$1: the verdict" "$OUTPUT" '^Verdict +INVALID'
}

for name in native trace; do
	exits "rom-$name.bin: valid" 0 "$vmiprof" rom "$BUILD/rom-$name.bin"
	like "rom-$name.bin: API" "$OUTPUT" '^API +13\.3$'
	like "rom-$name.bin: checksum" "$OUTPUT" '^Checksum +0x00$'
	like "rom-$name.bin: licence" "$OUTPUT" '^Licence +GPL v2$'
	like "rom-$name.bin: name" "$OUTPUT" "^Name +$name\$"
	like "rom-$name.bin: verdict" "$OUTPUT" '^Verdict +valid$'
done
like 'the trace ROM has a ring' "$OUTPUT" '^Ring +at 0x[0-9a-f]+: [0-9]+ bytes'

refuses bad-signature 'VMI signature: found 0x[0-9a-f]{8}, expected 0x696d5663'
refuses bad-checksum 'checksum: the bytes add up to 0x[0-9a-f]{2}, expected 0x00'
refuses bad-length 'length: found [0-9]+ bytes in the header, expected [0-9]+'
refuses bad-major 'API major version: found [0-9]+, expected 13'

exits 'slots are listed' 0 "$vmiprof" rom --slots "$BUILD/rom-native.bin"
is 'a line per call' "$(grep -Ec '^ *[0-9]+  0x0[0-9a-f]{3}  [A-Z]' <<< "$OUTPUT")" 84
like 'with the bytes to be inlined' "$OUTPUT" '^ 36  0x0480  DisableInterrupts .* fa$'

exits 'a slot is disassembled' 0 "$vmiprof" rom -dSetInterruptMask "$BUILD/rom-native.bin"
like 'push eax' "$OUTPUT" '50[[:space:]]+push +eax'
like 'popf' "$OUTPUT" '9d[[:space:]]+popf'
exits 'all slots are disassembled' 0 "$vmiprof" rom -d "$BUILD/rom-trace.bin"
is 'each with its name' "$(grep -Ec '^[A-Za-z0-9]+ \([0-9]+\), slot at' <<< "$OUTPUT")" 84
exits 'no such call' 64 "$vmiprof" rom -dNoSuchCall "$BUILD/rom-native.bin"
like 'is named' "$OUTPUT" "found 'NoSuchCall', expected the name of a VMI call"

"$vmiprof" rom --json "$BUILD/rom-trace.bin" > "$SCRATCH/rom.json"
ok 'the JSON holds the same' python3 - "$SCRATCH/rom.json" << 'EOP'
import json, sys
rom = json.load(open(sys.argv[1]))
assert rom["format"] == "vmiprof-rom" and rom["valid"] is True
assert (rom["api_major"], rom["api_minor"]) == (13, 3)
assert rom["checksum"] == 0 and rom["problems"] == []
assert rom["length_bytes"] == rom["bytes"]
assert rom["licence"] == "GPL v2"
assert rom["descriptor"]["traces"] is True
assert rom["descriptor"]["ring_bytes"] > 0
assert [s["nr"] for s in rom["slots"]] == list(range(4, 88))
EOP
"$vmiprof" rom --json "$BUILD/roms/bad-major.bin" > "$SCRATCH/bad.json" 2> /dev/null
ok 'and what is wrong' python3 - "$SCRATCH/bad.json" << 'EOP'
import json, sys
rom = json.load(open(sys.argv[1]))
assert rom["valid"] is False and len(rom["problems"]) == 1, rom["problems"]
EOP

head -c 100 "$BUILD/rom-native.bin" > "$SCRATCH/short.bin"
exits 'too short for a header' 1 "$vmiprof" rom "$SCRATCH/short.bin"
like 'says so' "$OUTPUT" 'size: found 100 bytes, expected at least 128'
exits 'no such file' 1 "$vmiprof" rom "$SCRATCH/none.bin"
like 'is named' "$OUTPUT" 'none.bin: No such file'
exits 'no file at all' 64 "$vmiprof" rom
mkdir "$SCRATCH/empty"
exits 'objdump missing' 1 env PATH="$SCRATCH/empty" "$vmiprof" rom -dCPUID \
	"$BUILD/rom-native.bin"
like 'names the package' "$OUTPUT" 'objdump not found: install binutils'

done_testing
