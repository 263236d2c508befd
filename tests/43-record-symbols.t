#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vmiprof record notes which file has the guest's symbols, and whether the guest
# that ran is of that build.
# shellcheck disable=SC2317 # functions are run by exits and ok
# shellcheck source=tests/tap.sh source=tests/record.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh

guest=$(realpath "$BUILD/guest.elf")

build_id() # FILE
{
	readelf -n "$1" | sed -n 's/^ *Build ID: //p'
}

symbols() # DIR
{
	run_json "$1" 'r["symbols"] and (r["symbols"]["file"], r["symbols"]["build_id"], r["symbols"]["verified"])'
}

like 'the embedded guest has a build-id' "$(build_id "$guest")" '^[0-9a-f]{40}$'
exits 'the embedded guest' 0 record -q -o "$SCRATCH/own"
is 'its symbols are known and of the build that ran' "$(symbols "$SCRATCH/own")" \
	"('$guest', '$(build_id "$guest")', True)"
exits 'at level aggregate, too' 0 record -q -o "$SCRATCH/aggregate" --level aggregate
is 'they are' "$(symbols "$SCRATCH/aggregate")" "('$guest', '$(build_id "$guest")', True)"

# The same file with one bit of its build-id changed is another build.
python3 - "$guest" "$SCRATCH/other.elf" "$(build_id "$guest")" <<-'END'
import sys
image = open(sys.argv[1], "rb").read()
wanted = bytes.fromhex(sys.argv[3])
at = image.index(wanted)
assert image.find(wanted, at + 1) < 0
open(sys.argv[2], "wb").write(image[:at] + bytes([wanted[0] ^ 1]) + image[at + 1:])
END
exits 'a vmlinux of another build' 2 record -q -o "$SCRATCH/other" --vmlinux "$SCRATCH/other.elf"
like 'file and build-id are named' "$OUTPUT" "other\.elf is not the guest's: its build-id $(build_id "$SCRATCH/other.elf") is not at"
is 'the trace says so' "$(symbols "$SCRATCH/other")" \
	"('$SCRATCH/other.elf', '$(build_id "$SCRATCH/other.elf")', False)"
ok 'and it is whole otherwise' check_counts "$SCRATCH/other"

nm "$guest" > "$SCRATCH/System.map"
exits 'a System.map' 0 record -q -o "$SCRATCH/map" --vmlinux "$SCRATCH/System.map"
is 'which cannot be checked' "$(symbols "$SCRATCH/map")" "('$SCRATCH/System.map', None, None)"

exits 'a file without symbols' 1 record -q -o "$SCRATCH/none" --vmlinux Makefile
like 'it says what it wants' "$OUTPUT" 'Makefile: found neither an ELF file nor a System.map'
exits 'a file that is not there' 1 record -q -o "$SCRATCH/none" --vmlinux "$SCRATCH/nothing"
like 'it is named' "$OUTPUT" 'nothing: No such file'
ok 'no guest was booted' test ! -e "$SCRATCH/none"

cp "$guest" "$SCRATCH/kernel.elf"
exits 'a guest whose symbols nobody told' 0 record -q -o "$SCRATCH/unknown" --guest "$SCRATCH/kernel.elf"
is 'has none' "$(symbols "$SCRATCH/unknown")" None

done_testing
