#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# setup.sh [--list] [STAGE...] - install what vmiprof needs on Debian 12
#
# STAGE: build, linux (its guest), check, deb, lint; all if none is named.  Does nothing
# when all is there.  "--list" prints the packages and exits.
set -eu

# When and for what each package is needed.
packages()
{
	cat <<-'EOF'
	build  gcc                  the compiler
	build  gcc-multilib         32-bit ROMs, guest and benchmarks
	build  libc6-dev-i386       32-bit programs for the Linux guest
	build  binutils             linker, objcopy, objdump
	build  pkg-config           finds the libraries below
	build  libjson-c-dev        QMP and the run's JSON
	build  libncurses-dev       the screen of top
	build  libelf-dev           symbols of the guest's kernel; Linux build
	build  libdw-dev            its files and lines
	build  liblttng-ust-dev     record --lttng; an event of LTTng to compare with
	build  liblttng-ctl-dev     record --lttng: sessions
	build  libbabeltrace2-dev   reads traces of LTTng
	build  babeltrace2          reads our traces, too
	build  qemu-system-x86      runs the guests
	build  gnuplot-nox          draws the plots
	build  git                  applies the patch series
	linux  linux-source-6.1     the Linux guest
	linux  bc                   Linux build
	linux  bison                Linux build
	linux  flex                 Linux build
	linux  cpio                 Linux initramfs
	linux  kmod                 Linux build
	linux  rsync                Linux build
	linux  xz-utils             unpacks the Linux source
	linux  libssl-dev           Linux build
	linux  perl                 prove and checkpatch
	check  libcmocka-dev        unit tests
	check  lttng-tools          record --lttng: the session daemon and the relay
	check  linux-perf           record --perf, report --perf
	check  iproute2             two hosts and a relay, in a test
	check  procps               looks for left-over processes in the tests
	check  python3              checks JSON in the tests
	check  libclang-rt-14-dev   fuzzing
	check  clang                fuzzing; lint
	check  bash-completion      tests our completion
	deb    build-essential      make deb
	deb    debhelper            make deb
	deb    dpkg-dev             make deb
	lint   clang-tidy           lint
	lint   shellcheck           lint
	lint   man-db               lint of the man pages
	EOF
}

only_list=
if [ "${1:-}" = --list ]; then
	only_list=1
	shift
fi
stages=" ${*:-build linux check deb lint} "

list()
{
	local stage package _
	while read -r stage package _; do
		case $stages in
		*" $stage "*) echo "$package" ;;
		esac
	done < <(packages)
}

if [ -n "$only_list" ]; then
	list
	exit 0
fi

if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
	echo "setup: this is not Debian; install the counterparts of:" >&2
	packages >&2
	exit 1
fi

missing=()
for package in $(list); do
	case $(dpkg-query -W -f '${Status}' "$package" 2> /dev/null) in
	*' installed') ;;
	*) missing+=("$package") ;;
	esac
done
if [ ${#missing[@]} -eq 0 ]; then
	echo "setup: nothing to install"
	exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo > /dev/null; then
		echo "setup: neither root nor sudo here; as root: apt-get install ${missing[*]}" >&2
		exit 1
	fi
	as_root=(sudo)
fi

echo "setup: installing ${missing[*]}"
if ! "${as_root[@]}" apt-get update -q ||
	! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -q --no-install-recommends "${missing[@]}"; then
	echo "setup: apt-get failed; the lines above say why" >&2
	exit 1
fi
echo "setup: installed ${missing[*]}"
