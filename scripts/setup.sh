#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# setup.sh - install what vmiprof needs on Debian 12
#
# Does nothing when all is there.  "--list" prints the packages and exits.
set -eu

# What each package is for.
packages()
{
	cat <<-'EOF'
	gcc                  the compiler
	gcc-multilib         32-bit ROMs, guest and benchmarks
	libc6-dev-i386       32-bit programs for the Linux guest
	binutils             linker, objcopy, objdump
	pkg-config           finds the libraries below
	libjson-c-dev        QMP and the run's JSON
	libncurses-dev       the screen of top
	libcmocka-dev        unit tests
	qemu-system-x86      runs the guests
	liblttng-ust-dev     record --lttng; an event of LTTng to compare with
	liblttng-ctl-dev     record --lttng: sessions
	lttng-tools          the session daemon and the relay
	linux-perf           record --perf, report --perf
	iproute2             two hosts and a relay, in a test
	libbabeltrace2-dev   reads traces of LTTng
	gnuplot-nox          draws the plots
	babeltrace2          reads our traces, in the tests
	linux-source-6.1     the Linux guest
	bc                   Linux build
	bison                Linux build
	flex                 Linux build
	cpio                 Linux initramfs
	kmod                 Linux build
	rsync                Linux build
	xz-utils             unpacks the Linux source
	libelf-dev           symbols of the guest's kernel; Linux build
	libdw-dev            its files and lines
	libssl-dev           Linux build
	git                  applies the patch series
	perl                 prove and checkpatch
	procps               looks for left-over processes in the tests
	python3              checks JSON in the tests
	clang                lint
	clang-tidy           lint
	libclang-rt-14-dev   fuzzing
	shellcheck           lint
	man-db               lint of the man pages
	bash-completion      tests our completion
	debhelper            make deb
	dpkg-dev             make deb
	lintian              checks the package in the tests
	EOF
}

list() { packages | cut -d' ' -f1; }

if [ "${1:-}" = --list ]; then
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
