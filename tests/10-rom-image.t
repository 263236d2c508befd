#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The ROM images: headers, sums, layout, identical rebuilds, and a layout that
# is wrong fails the build.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

u8() { od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' '; }
u16() { od -An -tu2 -j "$2" -N 2 "$1" | tr -d ' '; }
u32() { od -An -tu4 -j "$2" -N 4 "$1" | tr -d ' '; }
text() { dd if="$1" bs=1 skip="$2" count="$3" status=none | tr -d '\0'; }
bytes_of() { od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n'; }
sum() # FILE OFFSET BYTES: modulo 256
{
	od -An -v -tu1 -j "$2" -N "$3" "$1" |
		awk '{ for (i = 1; i <= NF; i++) s += $i } END { print s % 256 }'
}

descriptor() { u32 "$1" 40; }
body() { u16 "$1" $(($(descriptor "$1") + 48 + 4 * $2)); }
inline() { u8 "$1" $(($(descriptor "$1") + 48 + 4 * $2 + 2)); }

check_image() # FILE NAME
{
	local file=$1 name=$2 size pcir pnp
	size=$(stat -c %s "$file")
	is "$name: 55 aa" "$(bytes_of "$file" 0 2)" 55aa
	is "$name: length byte" $(($(u8 "$file" 2) * 512)) "$size"
	is "$name: at most 127 units" "$((size <= 127 * 512))" 1
	is "$name: sum" "$(sum "$file" 0 "$size")" 0
	is "$name: cVmi" "$(text "$file" 8 4)" cVmi
	is "$name: API 13.3" "$(u8 "$file" 13).$(u8 "$file" 12)" 13.3
	is "$name: licence" "$(text "$file" "$(u16 "$file" 22)" 7)" 'GPL v2'
	pcir=$(u16 "$file" 24)
	is "$name: PCIR" "$(text "$file" "$pcir" 4)" PCIR
	is "$name: PCI 15ad:0801" "$(bytes_of "$file" $((pcir + 4)) 4)" ad150108
	is "$name: PCIR image length" $(($(u16 "$file" $((pcir + 16))) * 512)) "$size"
	pnp=$(u16 "$file" 26)
	# shellcheck disable=SC2016 # the signature has a dollar sign
	is "$name: \$PnP" "$(text "$file" "$pnp" 4)" '$PnP'
	is "$name: \$PnP sum" "$(sum "$file" "$pnp" $(($(u8 "$file" $((pnp + 5))) * 16)))" 0
	is "$name: locator" "$(text "$file" 32 4)" vprf
	is "$name: name" "$(text "$file" 48 16)" "$name"
}

check_image "$BUILD/rom-native.bin" native
check_image "$BUILD/rom-trace.bin" trace
check_image "$BUILD/rom-stamp.bin" stamp
check_image "$BUILD/rom-aggregate.bin" aggregate
check_image "$BUILD/roms/other-cli.bin" other-cli
check_image "$BUILD/roms/trace-overwrite.bin" trace-overwrite

size=$(stat -c %s "$BUILD/rom-native.bin")
is 'native: a client of API 13.0 takes it (16 KiB)' "$((size <= 16384))" 1

# Bodies that may be copied into call sites.
for case in 'EnableInterrupts 35 fb' 'DisableInterrupts 36 fa' \
	'GetInterruptMask 37 9c58' 'SetInterruptMask 38 509d' 'IRET 39 cf' \
	'SYSEXIT 40 fb0f35' 'Halt 42 fbf4' 'RDTSC 33 0f31' 'SetCR3 22 0f22d8'; do
	read -r name nr code <<< "$case"
	rom=$BUILD/rom-native.bin
	is "native: body of $name" \
		"$(bytes_of "$rom" "$(body "$rom" "$nr")" "$(inline "$rom" "$nr")")" "$code"
done
rom=$BUILD/roms/other-cli.bin
is 'other-cli: body of DisableInterrupts' \
	"$(bytes_of "$rom" "$(body "$rom" 36)" "$(inline "$rom" 36)")" fa9090
copied=0
for ((nr = 4; nr < 88; nr++)); do
	copied=$((copied + $(inline "$BUILD/rom-trace.bin" "$nr")))
done
is 'trace: no body may be copied' "$copied" 0
is 'trace: nor does it say so' "$(($(u32 "$BUILD/rom-trace.bin" 44) & 2))" 0

# Wherever at a 2 KiB boundary the ROM lies, no page holds both.
for name in trace stamp aggregate; do
	rom=$BUILD/rom-$name.bin
	code_bytes=$(u32 "$rom" "$(descriptor "$rom")")
	ctl=$(u32 "$rom" $(($(descriptor "$rom") + 16)))
	for base in 0 2048; do
		is "$name: code and state share no page at base $base" \
			"$(((code_bytes - 1 + base) / 4096 < (ctl + base) / 4096))" 1
	done
done

# Broken ones have one thing wrong.
rom=$BUILD/roms
is 'bad-checksum: sum' "$(sum "$rom/bad-checksum.bin" 0 "$size")" 1
isnt() { is "$1" "$([ "$2" != "$3" ] && echo differs)" differs; }
isnt 'bad-signature: not cVmi' "$(text "$rom/bad-signature.bin" 8 4)" cVmi
is 'bad-length: length byte' "$(u8 "$rom/bad-length.bin" 2)" 128
is 'bad-major: major' "$(u8 "$rom/bad-major.bin" 13)" 14
is 'bad-major: sum' "$(sum "$rom/bad-major.bin" 0 "$size")" 0

# The same input gives the same bytes.
for run in 1 2; do
	ok "build $run from scratch" make -s B="$SCRATCH/$run" \
		"$SCRATCH/$run/rom-native.bin" "$SCRATCH/$run/rom-trace.bin"
done
for image in rom-native rom-trace; do
	ok "$image: identical" cmp "$SCRATCH/1/$image.bin" "$SCRATCH/2/$image.bin"
done

# link_with SED-PROGRAM FILE: the native ROM with that file changed
link_with()
{
	rm -rf "$SCRATCH/changed"
	mkdir -p "$SCRATCH/changed/${2%/*}"
	sed "$1" "$2" > "$SCRATCH/changed/$2"
	gcc -m32 -c -I"$SCRATCH/changed" -Iinclude -I. -o "$SCRATCH/rom.o" \
		rom-native/rom-native.S &&
		ld -m elf_i386 -nostdlib -T "$SCRATCH/1/rom/rom.lds" \
			-o "$SCRATCH/rom.elf" "$SCRATCH/rom.o" 2>&1
}
ok 'layout: links as it is' link_with '' rom/ops.h
like 'layout: a slot that is too long is named' \
	"$(link_with 's/^\tcpuid$/.fill 40/' rom/ops.h)" 'slot CPUID is longer than 32 bytes'

printf 'short' > "$SCRATCH/short"
exits 'rom_image: refuses what is no ROM' 1 \
	"$SCRATCH/1/rom/rom_image" "$SCRATCH/short" "$SCRATCH/out"
like '... and says why' "$OUTPUT" 'short: shorter than the ROM header'

done_testing
