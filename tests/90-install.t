#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make install, and the Debian package: what is installed runs without the source
# tree, and each command has its manual page.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# Commands that the program lists.
commands() { "$BUILD/vmiprof" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'; }

# runs PROGRAM OPTIONS...: from another directory and without the environment.
runs() { (cd / && env -i PATH="$PATH" HOME="$SCRATCH" "$@"); }

# Options of a command that its manual page does not have.
undocumented() # COMMAND
{
	local option
	for option in $("$BUILD/vmiprof" "$1" --help | grep -o -e '--[a-z][a-z-]*' | sort -u); do
		case $option in --usage|--version) continue ;; esac
		sed 's/\\-/-/g' "docs/man/vmiprof-$1.1" | grep -q -e "$option" || echo "$option"
	done
}

root=$SCRATCH/root
ok "make install" make --no-print-directory install DESTDIR="$root" PREFIX=/opt/vmiprof
prefix=$root/opt/vmiprof
is "nothing lies elsewhere" "$(find "$root" -type f ! -path "$prefix/*")" ""
for file in bin/vmiprof lib/vmiprof/rom-trace.bin lib/vmiprof/guest.elf include/vmi/calls.h \
	share/man/man1/vmiprof.1 share/man/man7/vmi-rom.7; do
	ok "$file is installed" test -s "$prefix/$file"
done
like "there are commands" "$(commands)" '^report$'
for command in $(commands); do
	ok "$command has a manual page" test -s "$prefix/share/man/man1/vmiprof-$command.1"
	is "which has all its options" "$(undocumented "$command")" ""
	ok "vmiprof(1) names it" grep -q "vmiprof.-$command" docs/man/vmiprof.1
done
is "the version is the program's" "$(runs "$prefix/bin/vmiprof" --version)" \
	"$("$BUILD/vmiprof" --version)"
VMIPROF_LIB=$prefix/lib/vmiprof \
	ok "what is installed records" "$prefix/bin/vmiprof" record -q -o "$SCRATCH/trace" \
	--append 'rounds=1'

if ! command -v dpkg-buildpackage > /dev/null || ! command -v dh > /dev/null; then
	skip "the Debian package" "debhelper or dpkg-dev is not installed"
	done_testing
fi
version=$("$BUILD/vmiprof" --version | cut -d' ' -f2)
is "the changelog has the version" "$(dpkg-parsechangelog -S Version)" "$version"
ok "make deb" make --no-print-directory deb
deb=$BUILD/vmiprof_${version}_$(dpkg --print-architecture).deb
ok "unpack it" dpkg -x "$deb" "$SCRATCH/deb"
is "it has the files of make install" \
	"$(cd "$SCRATCH/deb/usr" && find . -type f ! -path './share/doc/*' ! -path './share/lintian/*' |
		sed 's/\.gz$//' | sort)" \
	"$(cd "$prefix" && find . -type f | sort)"
is "it runs" "$(runs "$SCRATCH/deb/usr/bin/vmiprof" --version)" "vmiprof $version"
ok "the guest keeps its symbols" \
	sh -c "nm '$SCRATCH/deb/usr/lib/vmiprof/guest.elf' | grep -q ' T '"
like "it needs QEMU" "$(dpkg -f "$deb" Depends)" 'qemu-system-x86'
if command -v lintian > /dev/null; then
	is "lintian has nothing to say" \
		"$(lintian --allow-root "$deb" 2>&1 | grep -v 'root privileges')" ""
else
	skip "lintian" "lintian is not installed"
fi
done_testing
