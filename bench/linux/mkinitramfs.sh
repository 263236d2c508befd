#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mkinitramfs.sh OUT INIT BUSYBOX SCRIPT - the initramfs of the Linux guest
#
# The same input gives the same bytes: sorted names, one fixed time, owner 0.
# /dev/console comes from the kernel's own initramfs, so that root is not needed.
set -eu

out=$(realpath "$(dirname "$1")")/$(basename "$1")
init=$2
busybox=$3
script=$4

applets="awk cat cmp cp cut dd df dmesg du echo env expr false find free grep
	gunzip gzip head hexdump kill less ln ls mkdir mknod more mount mv od ps
	pwd rm rmdir sed seq sh sleep sort stat strings tail tar tee test time
	top touch true umount uname uniq vi wc which xargs zcat"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
umask 022
mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp}
install -m 755 "$init" "$root/init"
install -m 755 "$busybox" "$root/bin/busybox"
install -m 755 "$script" "$root/etc/workload.sh"
for applet in $applets; do
	ln -s busybox "$root/bin/$applet"
done
chmod 755 "$root"
find "$root" -exec touch -h -d @1142273029 {} +

cd "$root"
find . | LC_ALL=C sort |
	cpio --quiet --reproducible -o -H newc -R 0:0 | gzip -9 -n > "$out"
