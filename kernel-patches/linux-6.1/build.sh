#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# build.sh - build the Linux guest from Debian's linux-source package
#
# Unpacks the source, applies the patches beside this script, configures with
# vmi.config on top of i386's tinyconfig and builds out of tree.  What is up to
# date is not done again.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=build
source=/usr/src/linux-source-6.1.tar.xz
variant=linux
action=build

usage()
{
	cat <<-'EOF'
	usage: build.sh [--plain] [--build DIR] [--source TARBALL|TREE] [--check]

	  --plain          unpatched, the same configuration without CONFIG_VMI
	  --build DIR      where to build (build): DIR/linux or DIR/linux-plain
	                   get bzImage, vmlinux and build.log
	  --source SOURCE  Linux source, packed or unpacked
	                   (/usr/src/linux-source-6.1.tar.xz)
	  --check          only see whether the patches apply to an unpacked SOURCE
	EOF
}

die()
{
	printf 'build.sh: %s\n' "$@" >&2
	exit 1
}

say() { printf '  %-8s %s\n' "$1" "$2"; }

while [ $# -gt 0 ]; do
	case $1 in
	--plain) variant=linux-plain ;;
	--build | --source)
		[ $# -ge 2 ] || die "$1 wants a value"
		[ "$1" = --build ] && build=$2 || source=$2
		shift
		;;
	--check) action=check ;;
	-h | --help) usage; exit 0 ;;
	*) usage >&2; die "unknown option '$1'" ;;
	esac
	shift
done

[ -e "$source" ] ||
	die "$source: no such file; install it with: apt-get install linux-source-6.1"

# A patch series is applied outside of any repository that the build lies in.
export GIT_CEILING_DIRECTORIES=/
apply() { git --git-dir=/nonexistent apply "$@"; }

patches=("$here"/[0-9]*.patch)

linux_version() # TREE
{
	awk '$2 == "=" && $1 ~ /^(VERSION|PATCHLEVEL|SUBLEVEL)$/ { v = v s $3; s = "." }
	     /^NAME/ { exit } END { print v }' "$1/Makefile"
}

# Say which hunk of which file it was; the reason lies in the source's version.
explain_failure() # TREE PATCH
{
	echo "build.sh: $(basename "$2") does not apply to Linux $(linux_version "$1"):"
	(cd "$1" && apply --reject --verbose "$2" 2>&1) |
		awk '/^Checking patch/ { file = $3; sub(/\.\.\.$/, "", file) }
		     /^Applying patch .* with/ { file = $3 }
		     /^error: patch failed/ { print "  " substr($0, 8) }
		     /^error: .*: (No such file|already exists)/ { print "  " substr($0, 8) }
		     /^Rejected hunk/ { sub(/\.$/, "", $3); print "  " file ": hunk " $3 }'
	echo "build.sh: the series is made for linux-source-6.1 of Debian 12; it wants" \
		"adapting to this version"
}

apply_series() # TREE
{
	local patch
	for patch in "${patches[@]}"; do
		(cd "$1" && apply "$patch") 2> /dev/null && continue
		explain_failure "$1" "$patch" >&2
		return 1
	done
}

# Only the files that the series touches are copied.
check_series() # TREE
{
	local tree files
	[ -f "$1/Makefile" ] || die "$1: --check wants an unpacked source tree"
	tree=$(mktemp -d)
	# shellcheck disable=SC2064 # the name as it is now
	trap "rm -rf '$tree'" EXIT
	files=$(sed -n 's,^--- a/,,p' "${patches[@]}" | sort -u)
	(cd "$1" && for f in Makefile $files; do
		[ ! -e "$f" ] || cp --parents "$f" "$tree"
	done)
	apply_series "$tree"
	echo "${#patches[@]} patches apply to Linux $(linux_version "$tree")"
}

if [ "$action" = check ]; then
	check_series "$source"
	exit
fi

mkdir -p "$build"
build=$(cd "$build" && pwd)
out=$build/$variant
tree=$out/source
pristine=$build/linux-source
log=$out/build.log

# What a stage was made from is kept beside it; a stage runs when that differs.
stamp_of() { cat "$@" | sha256sum | cut -d' ' -f1; }
source_stamp=$(stat -c '%n %s %Y' "$source")
series_stamp=$source_stamp
config_lines=
if [ "$variant" = linux ]; then
	# A message may change without a build.
	series_stamp+=" $(sed -s '/^diff --git/,$!d' "${patches[@]}" | sha256sum)"
	config_lines=CONFIG_VMI=y
fi
config_stamp="$series_stamp $config_lines $(stamp_of "$here/vmi.config")"
build_stamp="$config_stamp $(gcc -dumpfullversion)"

stamped() { [ -f "$1" ] && [ "$(< "$1")" = "$2" ]; }

if stamped "$out/.built" "$build_stamp" && [ -s "$out/bzImage" ] &&
	[ -s "$out/vmlinux" ]; then
	touch "$out/bzImage" "$out/vmlinux"
	exit 0
fi

# The kernels of one build tree are built one after the other.
exec 9> "$build/.linux-lock"
flock 9

unpack()
{
	stamped "$pristine/.stamp" "$source_stamp" && return
	if [ -d "$source" ]; then
		rm -rf "$pristine"
		mkdir -p "$pristine"
		cp -a "$source/." "$pristine"
	else
		say UNPACK "$(basename "$source") (1.3 GB, half a minute)"
		rm -rf "$pristine"
		mkdir -p "$pristine"
		tar -C "$pristine" --strip-components=1 -xf "$source"
	fi
	echo "$source_stamp" > "$pristine/.stamp"
}

# Files are shared with the pristine tree; git apply replaces, never writes into.
patch_tree()
{
	stamped "$out/.patched" "$series_stamp" && return
	rm -rf "$tree" "$out/.patched"
	mkdir -p "$out"
	cp -al "$pristine" "$tree"
	if [ "$variant" = linux ]; then
		say PATCH "Linux $(linux_version "$tree"), ${#patches[@]} patches"
		apply_series "$tree"
	fi
	echo "$series_stamp" > "$out/.patched"
}

# Names, times and paths that would make two builds differ are fixed.
kmake()
{
	local paths="-fdebug-prefix-map=$tree/="
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u B -u V \
		KBUILD_BUILD_TIMESTAMP='2006-03-13 18:03:49' \
		KBUILD_BUILD_USER=vmiprof KBUILD_BUILD_HOST=vmiprof \
		make -C "$tree" O="$out/obj" ARCH=i386 LOCALVERSION= \
		KCFLAGS="$paths" KAFLAGS="$paths" "$@"
}

# Kconfig drops what it does not know without a word: look for each line.
check_config()
{
	local line name
	while read -r line; do
		case $line in
		CONFIG_*)
			grep -qxF "$line" "$out/obj/.config" ||
				die "$line did not get into the configuration of Linux $(linux_version "$tree")"
			;;
		'# CONFIG_'*' is not set')
			name=${line#\# }
			! grep -q "^${name%% *}=" "$out/obj/.config" ||
				die "${name%% *} got into the configuration of Linux $(linux_version "$tree")"
			;;
		esac
	done < "$out/fragment"
}

configure()
{
	stamped "$out/.configured" "$config_stamp" && return
	mkdir -p "$out/obj"
	printf '%s\n' "$(< "$here/vmi.config")" "$config_lines" > "$out/fragment"
	kmake tinyconfig &&
		(cd "$out/obj" && ARCH=i386 "$tree/scripts/kconfig/merge_config.sh" -m \
			.config "$out/fragment") &&
		kmake olddefconfig &&
		check_config &&
		echo "$config_stamp" > "$out/.configured"
}

# make's output goes to the log; here a count of what was compiled.
progress()
{
	tee -a "$log" | awk -v every=200 '
		/^  (CC|AS) / && ++n % every == 0 { printf "  KERNEL   %d files\n", n; fflush() }
		/error:|Error [0-9]/ { print; fflush() }'
}

fail()
{
	die "$1 failed; from $log:" \
		"$(grep -m 10 -A 3 -e 'error:' -e 'Error:' -e '^build.sh:' "$log" || tail -n 20 "$log")"
}

unpack
patch_tree
: > "$log"
(configure) >> "$log" 2>&1 || fail "configuring Linux $(linux_version "$tree")"
say KERNEL "$variant $(linux_version "$tree") (about two minutes)"
kmake -j"${JOBS:-$(nproc)}" bzImage 2>&1 | progress || fail "building $variant"
# What writes the call sites must run through none.
[ "$variant" != linux ] ||
	perl "$here/sites.pl" check "$out/obj/vmlinux" vmi_switch_cpu vmi_hold_nmi vmi_hold_mc ||
	die "$variant is not to be used: see above"
cp "$out/obj/arch/x86/boot/bzImage" "$out/bzImage"
cp "$out/obj/vmlinux" "$out/vmlinux"
echo "$build_stamp" > "$out/.built"
say KERNEL "$out/bzImage"
