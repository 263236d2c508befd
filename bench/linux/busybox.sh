#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# busybox.sh OUT - Debian's static busybox for i386
#
# Asks the machine's own apt sources, but with a configuration and a state of its
# own beside OUT, for an amd64 system does not know the i386 architecture and is
# not to be taught it here.  Root is not needed.  BUSYBOX_DEB=FILE takes a
# package that is already there instead.
set -eu

out=$1
package=busybox-static
dir=$(realpath -m "$(dirname "$out")")

die()
{
	printf 'busybox: %s\n' "$@" >&2
	exit 1
}

configure()
{
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	: > "$dir/status"
	# Cleared: what the machine would do after its own updates.
	cat > "$dir/apt.conf" <<-EOF
	#clear APT::Architectures;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	APT::Architecture "i386";
	APT::Architectures { "i386"; };
	APT::Sandbox::User "";
	Acquire::Languages "none";
	Acquire::Retries "2";
	Dir::State "$dir";
	Dir::State::lists "$dir/lists";
	Dir::State::status "$dir/status";
	Dir::Cache "$dir/cache";
	EOF
}

# One package is wanted: an index that fails does no harm if it is found anyway.
download()
{
	configure
	(
		cd "$dir"
		apt-get -c apt.conf -q update || true
		apt-get -c apt.conf -q download "$package"
	) > "$dir/apt.log" 2>&1 || die \
		"$package for i386 cannot be downloaded; apt-get says:" \
		"$(grep '^E:' "$dir/apt.log" || tail -n 5 "$dir/apt.log")" \
		"It needs the network and a Debian archive in apt's sources." \
		"Without them: BUSYBOX_DEB=FILE with ${package}_VERSION_i386.deb."
	rm -rf "$dir/lists" "$dir/cache"
}

command -v dpkg-deb > /dev/null ||
	die "dpkg-deb is missing; this guest is made from a Debian package"
mkdir -p "$dir"
if [ -n "${BUSYBOX_DEB:-}" ]; then
	deb=$BUSYBOX_DEB
	[ -r "$deb" ] || die "BUSYBOX_DEB=$deb cannot be read"
else
	command -v apt-get > /dev/null ||
		die "apt-get is missing; give the package with BUSYBOX_DEB=FILE"
	rm -f "$dir/$package"_*.deb
	download
	deb=$(echo "$dir/$package"_*.deb)
fi
architecture=$(dpkg-deb -f "$deb" Architecture)
[ "$architecture" = i386 ] ||
	die "$deb is for '$architecture', expected 'i386'"
rm -rf "$dir/root"
dpkg-deb -x "$deb" "$dir/root"
[ -x "$dir/root/bin/busybox" ] || die "$deb holds no /bin/busybox"
cp "$dir/root/bin/busybox" "$out"
dpkg-deb -f "$deb" Package Version Architecture > "$dir/version"
rm -rf "$dir/root"
