#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The patch series: it applies with git am, is clean for checkpatch, has the call
# numbers of include/vmi, and says what is wrong with a source it is not made for.
# shellcheck disable=SC2317 # functions are called by ok
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

series=$PWD/kernel-patches/linux-6.1
source=$PWD/$BUILD/linux-source
build_sh=$series/build.sh

[ -f "$source/Makefile" ] || skip_all "$source is not unpacked; run make linux"

# The files that the series changes, as the source has them.
copy_tree() # DIR
{
	local files
	mkdir -p "$1"
	files=$(sed -n 's,^--- a/,,p' "$series"/*.patch | sort -u)
	(cd "$source" && for f in Makefile $files; do
		[ ! -e "$f" ] || cp --parents "$f" "$1"
	done)
}

version=$(make -s -C "$source" ARCH=i386 kernelversion)

# What the series adds as asm/vmi_calls.h.
header_of_series()
{
	sed -n '\,^+++ b/arch/x86/include/asm/vmi_calls.h,,/^diff /s/^+//p' "$series"/0001-*.patch |
		sed 1d
}
ok "vmi_calls.h is what vmigen prints" \
	diff <(header_of_series) <("$BUILD/vmigen" kernel-header)

# README.md says of every call where it is, or why not.
is "README.md has every call once" \
	"$(sed -n 's/^| \([A-Z][^|]*\) | .*/\1/p' kernel-patches/README.md |
		tr -d ' ' | tr ',' '\n' | grep -v '^Call$' | sort)" \
	"$("$BUILD/vmigen" tsv | awk -F'\t' '$1 ~ /^[0-9]+$/ { print $3 }' | sort)"

copy_tree "$SCRATCH/am"
git_am()
(
	cd "$SCRATCH/am" && git init -q . && git add -A -f && git config user.name test &&
		git config user.email test@localhost && git commit -q -m base &&
		git am -q "$series"/*.patch
)
ok "git am takes the series" git_am
is "all patches are applied" "$(git -C "$SCRATCH/am" rev-list --count HEAD)" \
	"$(($(find "$series" -name '*.patch' | wc -l) + 1))"

for patch in "$series"/*.patch; do
	exits "checkpatch: $(basename "$patch")" 0 \
		perl "$source/scripts/checkpatch.pl" --root="$source" "$patch"
	like "no error, no warning" "$OUTPUT" '^total: 0 errors, 0 warnings'
	ok "signed off" grep -q '^Signed-off-by: .* <.*@.*>' "$patch"
done

copy_tree "$SCRATCH/tree"
exits "build.sh --check: the series applies" 0 "$build_sh" --check --source "$SCRATCH/tree"
like "the version is named" "$OUTPUT" "apply to Linux ${version//./\\.}\$"

# Another kernel version, whose extable.c has been rewritten.
sed -i 's/^SUBLEVEL = .*/SUBLEVEL = 999/' "$SCRATCH/tree/Makefile"
sed -i 's/e = search_exception_tables(regs->ip);/e = find_entry(regs);/' \
	"$SCRATCH/tree/arch/x86/mm/extable.c"
exits "a source that was changed is refused" 1 "$build_sh" --check --source "$SCRATCH/tree"
like "version" "$OUTPUT" 'does not apply to Linux 6\.1\.999'
like "patch" "$OUTPUT" '0003-.*\.patch'
like "file and line" "$OUTPUT" 'arch/x86/mm/extable\.c:[0-9]+'
like "hunk" "$OUTPUT" 'arch/x86/mm/extable\.c: hunk #2'

rm "$SCRATCH/tree/arch/x86/kernel/reboot.c"
git -C "$SCRATCH/am" show "$(git -C "$SCRATCH/am" rev-list --max-parents=0 HEAD):arch/x86/mm/extable.c" \
	> "$SCRATCH/tree/arch/x86/mm/extable.c"
exits "a source without a file is refused" 1 "$build_sh" --check --source "$SCRATCH/tree"
like "the missing file is named" "$OUTPUT" 'arch/x86/kernel/reboot\.c: No such file'

exits "no source" 1 "$build_sh" --source "$SCRATCH/none.tar.xz" --build "$SCRATCH/b"
like "what to install is said" "$OUTPUT" 'none\.tar\.xz: no such file.*apt-get install linux-source-6\.1'
exits "an unknown option" 1 "$build_sh" --fast
like "the option is named" "$OUTPUT" "unknown option '--fast'"

# Nothing to do takes no compiler: the objects stay as they are.
before=$(stat -c %Y "$BUILD/linux/obj/vmlinux")
exits "build.sh again" 0 "$build_sh" --build "$BUILD"
is "it says nothing" "$OUTPUT" ""
is "it builds nothing" "$(stat -c %Y "$BUILD/linux/obj/vmlinux")" "$before"

# Both kernels differ in CONFIG_VMI and nothing else.
is "one configuration" \
	"$(diff "$BUILD/linux/obj/.config" "$BUILD/linux-plain/obj/.config" | grep '^[<>]')" \
	"< CONFIG_VMI=y"

done_testing
