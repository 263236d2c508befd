#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The Linux guest's initramfs: how it is made, what its init does, and that all
# workloads run on the unpatched kernel.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

init=$BUILD/linux-guest/init
busybox=$BUILD/linux-guest/busybox/busybox
initramfs=$BUILD/initramfs.cpio.gz
kernel=$BUILD/linux-plain/bzImage
qemu=${QEMU:-qemu-system-x86_64}

# --- the archive

make_again()
{
	bench/linux/mkinitramfs.sh "$SCRATCH/$1.cpio.gz" "$init" "$busybox" \
		bench/linux/workload.sh
}
ok "an initramfs is made" make_again first
touch -d 2001-01-01 "$SCRATCH"
(umask 077; make_again second)
ok "the same input gives the same bytes, whatever the umask" \
	cmp "$SCRATCH/first.cpio.gz" "$SCRATCH/second.cpio.gz"
ok "it is the one that the build made" cmp "$SCRATCH/first.cpio.gz" "$initramfs"
listing=$(zcat "$initramfs" | cpio -tv --quiet --numeric-uid-gid)
like "it holds init" "$listing" '^-rwxr-xr-x +1 0 +0 .* init$'
like "it holds busybox" "$listing" '^-rwxr-xr-x +1 0 +0 .* bin/busybox$'
is "every file belongs to root" "$(awk '$3 != 0 || $4 != 0' <<< "$listing")" ""
applets=$("$busybox" --list)
missing=$(sed -n 's,.* bin/\(.*\) -> busybox$,\1,p' <<< "$listing" |
	grep -vxF -e "$applets")
is "busybox knows every applet that is linked to it" "$missing" ""

# --- the download, with an apt-get of our own in front

mkdir "$SCRATCH/bin"
cat > "$SCRATCH/bin/apt-get" <<-'EOF'
	#!/bin/sh
	[ "$1" = -c ] && apt-config -c "$2" dump > "$APT_SEEN"
	echo "E: no network here" >&2
	exit 100
EOF
chmod +x "$SCRATCH/bin/apt-get"
export APT_SEEN=$SCRATCH/apt-seen
exits "busybox.sh fails without a network" 1 \
	env -u BUSYBOX_DEB PATH="$SCRATCH/bin:$PATH" \
	bench/linux/busybox.sh "$SCRATCH/fetched/busybox"
like "it shows what apt-get said" "$OUTPUT" 'E: no network here'
like "it names the way without a network" "$OUTPUT" 'BUSYBOX_DEB='
seen=$(cat "$APT_SEEN")
like "apt-get is asked for i386" "$seen" '^APT::Architecture "i386";'
is "apt-get keeps its state and cache in the build tree" \
	"$(grep -E '^Dir::(State|State::lists|State::status|Cache) ' <<< "$seen" |
		grep -vc "\"$SCRATCH/fetched")" 0
is "apt-get runs nothing of the machine's after an update" \
	"$(grep -c '^APT::Update::Post-Invoke[^ ]*:: ' <<< "$seen")" 0
mkdir -p "$SCRATCH/deb/DEBIAN"
printf '%s\n' 'Package: busybox-static' 'Version: 1' 'Architecture: all' \
	'Maintainer: nobody <nobody@example.org>' 'Description: not busybox' \
	> "$SCRATCH/deb/DEBIAN/control"
dpkg-deb --build "$SCRATCH/deb" "$SCRATCH/wrong.deb" > /dev/null
exits "a package for another architecture is refused" 1 \
	env BUSYBOX_DEB="$SCRATCH/wrong.deb" \
	bench/linux/busybox.sh "$SCRATCH/fetched/busybox"
like "it says which it is and which is expected" "$OUTPUT" \
	"is for 'all', expected 'i386'"

# --- init by hand, on this machine

ok "a workload runs by hand" "$init" workload=pipe,signal rounds=3
exits "an unknown workload is refused" 1 "$init" workload=pipe,nope rounds=1
like "it is named, and all that there are" "$OUTPUT" "'nope'; there are: all,.*pipe"
exits "a number of rounds that is none is refused" 1 "$init" workload=pipe rounds=x
exits "a word that is not known is refused" 1 "$init" workloads=pipe
exits "a list of operations is refused for one unknown name" 1 "$init" exact=nope
exits "a workload that would change this machine" 0 "$init" workload=mtrr,pci
like "it is skipped, and says why" "$OUTPUT" \
	'pci: skipped: it would change this machine'

# --- the guest

boot() # APPEND
{
	timeout -k 5 120 "$qemu" -accel tcg -m 256 -vga none -nic none \
		-display none -monitor none -no-reboot -serial stdio \
		-kernel "$kernel" -initrd "${2:-$initramfs}" \
		-append "console=ttyS0 panic=-1 quiet $1" < /dev/null 2>&1 |
		tr -d '\r'
}

# printk's lines may come after the last one of init.
last_word() { grep '^workload: ' <<< "$1" | tail -n 1; }

output=$(boot "workload=all")
is "all workloads end well" "$(last_word "$output")" "workload: done"
is "none fails or is skipped on our kernel" \
	"$(grep -E 'skipped|FAILED' <<< "$output")" ""
is "every one of the table ran" "$(grep -c ': ok, ' <<< "$output")" \
	"$(grep -c '^	{ "' bench/linux/workload.c)"

output=$(boot "workload=signal,pipe rounds=7")
is "the command line chooses" \
	"$(sed -n 's/^workload: \(.*\) rounds of.*/\1/p' <<< "$output" | xargs)" \
	"signal: 7 pipe: 7"

output=$(boot "workload=nope")
is "an unknown word does not end with done" "$(last_word "$output")" \
	"workload: FAILED"

mkdir -p "$SCRATCH/own/bin"
printf '%s\n' '#!/bin/sh' 'echo mine' 'uname -m' > "$SCRATCH/own/bin/mine"
chmod +x "$SCRATCH/own/bin/mine"
(
	cat "$initramfs"
	cd "$SCRATCH/own" && find . | cpio --quiet -o -H newc | gzip
) > "$SCRATCH/own.cpio.gz"
output=$(boot "run=/bin/mine" "$SCRATCH/own.cpio.gz")
like "a program of one's own runs" "$output" '^i686$'
is "and ends with done" "$(last_word "$output")" "workload: done"

done_testing
