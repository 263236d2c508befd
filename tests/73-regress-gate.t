#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make regress: green on this tree, red after one instruction more in a stub and
# on a kernel that leaves one call un-inlined.
# shellcheck source=tests/tap.sh disable=SC2016 # what bash -c expands
. "$(dirname "$0")/tap.sh"

vmiprof=$(realpath "$BUILD")/vmiprof

exits "the guest by its baseline: exit status 0" 0 scripts/regress.sh -o "$SCRATCH/green" guest
like "all cases pass" "$OUTPUT" '^([0-9]{3,}) judged: \1 pass, 0 fail, 0 inconclusive, 0 no baseline, 0 error'

# The same, but for one image.
mkdir "$SCRATCH/lib"
for file in guest.elf rom-native.bin rom-trace.bin rom-stamp.bin rom-aggregate.bin; do
	[ ! -e "$BUILD/$file" ] || cp "$BUILD/$file" "$SCRATCH/lib"
done
cp "$BUILD/roms/native-extra.bin" "$SCRATCH/lib/rom-native.bin"
exits "one instruction more in a stub: exit status 1" 1 \
	env VMIPROF_LIB="$SCRATCH/lib" scripts/regress.sh -o "$SCRATCH/red" guest
like "it is named" "$OUTPUT" '^fail +exact +DisableInterrupts stub +([0-9]+) +[0-9]+ +\+1 +1 instruction more$'
like "and is the only one" "$OUTPUT" ' 1 fail, 0 inconclusive, 0 no baseline, 0 error'

exits "without a baseline: exit status 3" 3 \
	env BASELINE="$SCRATCH/none.json" scripts/regress.sh -o "$SCRATCH/none" guest
exits "a reason makes it one" 0 \
	env BASELINE="$SCRATCH/none.json" scripts/regress.sh -o "$SCRATCH/none" -u 'a test' guest
ok "with the figures of the one in the tree" \
	"$vmiprof" regress bench/baseline/exact.json "$SCRATCH/none.json"
ok "ROMs that are missing end red" \
	bash -c '! VMIPROF_LIB="$SCRATCH/nowhere" scripts/regress.sh -o "$SCRATCH/no" guest'
exits "a part that there is not" 64 scripts/regress.sh moon

exits "Linux by itself: exit status 0" 0 scripts/regress.sh -o "$SCRATCH/green" linux
like "all pass" "$OUTPUT" '^([0-9]{2,}) judged: \1 pass, 0 fail, 0 inconclusive'

# This QEMU makes of each boot one of a kernel that never inlines the call.
cat > "$SCRATCH/qemu" <<'EOF'
#!/bin/bash
for argument; do
	case $argument in
	*vmi=inline*DisableInterrupts*) ;;
	*vmi=inline*) argument+=,DisableInterrupts:stub ;;
	esac
	arguments+=("$argument")
done
exec "${REAL_QEMU:-qemu-system-x86_64}" "${arguments[@]}"
EOF
chmod +x "$SCRATCH/qemu"
ok "a kernel that leaves one call a stub is measured" \
	env REAL_QEMU="${QEMU:-qemu-system-x86_64}" QEMU="$SCRATCH/qemu" bench/linux/exact.sh \
	-i -e getpid,brk -o "$SCRATCH/uninlined" native inline stub trace
exits "it fails: exit status 1" 1 "$vmiprof" regress --linux "$SCRATCH/uninlined/exact.json"
like "the call is named" "$OUTPUT" '^fail +linux +DisableInterrupts .*the kernel made stubs of all [0-9]+ sites$'
like "the operations tell it, too" "$OUTPUT" '^fail +linux +getpid inline'

# A kernel that says that it inlines and does not: the counts are what tells.
python3 - "$SCRATCH/uninlined/exact.json" "$SCRATCH/lies.json" <<'EOF'
import json, sys
run = json.load(open(sys.argv[1]))
for variant in run["variants"]:
    sites = variant["call_sites"].get("DisableInterrupts")
    if sites and variant["name"] == "inline":
        sites["inline"], sites["stub"] = sites["stub"], 0
json.dump(run, open(sys.argv[2], "w"))
EOF
exits "a kernel that says it does: exit status 1" 1 "$vmiprof" regress --linux "$SCRATCH/lies.json"
like "the counts prove it" "$OUTPUT" \
	'^fail +linux +DisableInterrupts .*makes the call 1 times; inlining it saves 0 instructions, expected 2 or more'

# Runs that prove nothing.
python3 - "$SCRATCH/green/linux/exact.json" "$SCRATCH" <<'EOF'
import json, sys
def save(name, change):
    run = json.load(open(sys.argv[1]))
    change(run)
    json.dump(run, open(f"{sys.argv[2]}/{name}.json", "w"))
def without(*names):
    def change(run):
        run["variants"] = [v for v in run["variants"] if v["name"] not in names]
    return change
def version(run):
    run["version"] = 2
def figures(run):
    for variant in run["variants"]:
        if variant["name"] == "stub":
            del variant["operations"]["pipe"]
save("no-inline", without("inline"))
save("no-but", without("inline-but:EnableInterrupts"))
save("version", version)
save("no-pipe", figures)
EOF
exits "a boot is missing: exit status 4" 4 "$vmiprof" regress --linux "$SCRATCH/no-inline.json"
like "it is named" "$OUTPUT" "has no boot 'inline'"
exits "the boot for a call is missing: exit status 4" 4 "$vmiprof" regress --linux "$SCRATCH/no-but.json"
like "it is named" "$OUTPUT" "has no boot 'inline-but:EnableInterrupts'"
exits "another version: exit status 4" 4 "$vmiprof" regress --linux "$SCRATCH/version.json"
exits "a figure is missing: exit status 4" 4 "$vmiprof" regress --linux "$SCRATCH/no-pipe.json"
like "it is named" "$OUTPUT" '^error +linux +pipe inline'
exits "a ROM without bodies: exit status 4" 4 \
	"$vmiprof" regress --linux "$SCRATCH/green/linux/exact.json" --rom "$BUILD/roms/bad-checksum.bin"
exits "no such file: exit status 4" 4 "$vmiprof" regress --linux "$SCRATCH/nothing.json"

done_testing
