# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Boots the embedded guest.  A test sources this file after tap.sh.

# shellcheck disable=SC2034 # the tests use them
{
# QEMU's status for the exit values of bench/guest/arch/exit.h.
GUEST_DONE=1
GUEST_FAILED=3
GUEST_REFUSED=7
GUEST_USAGE=9

GUEST_EXACT=(-icount "shift=0,sleep=off" -rtc "base=2006-03-13T18:03:49,clock=vm")
}

command -v qemu-system-i386 > /dev/null || skip_all "qemu-system-i386 is not installed"
[ -e "$BUILD/guest.elf" ] || { echo "Bail out! $BUILD/guest.elf is not built; run make"; exit 1; }

# guest_qemu ROM|none MACHINE WORDS [QEMU-ARGS...]: replaces the shell that it
# runs in, so that a signal reaches QEMU.
guest_qemu()
{
	local rom=$1 machine=$2 words=$3
	shift 3
	[ "$rom" = none ] || set -- -option-rom "$rom" "$@"
	exec timeout 120 qemu-system-i386 -machine "$machine" -accel tcg -m 64 \
		-nic none -display none -vga none -monitor none \
		-device isa-debug-exit,iobase=0xf4 \
		-kernel "$BUILD/guest.elf" -append "$words" "$@" < /dev/null
}

# boot: the same, with the console on stdout without its carriage returns; the
# status is QEMU's.
boot()
{
	guest_qemu "$@" -serial stdio | tr -d '\r'
	return "${PIPESTATUS[0]}"
}

# patch_rom IN OUT PERL: changes the image in $_ with a piece of Perl, and makes
# its checksum right again in the image's last byte.
patch_rom()
{
	perl -0777 -pe "$3; my \$s = unpack('%8C*', substr(\$_, 0, -1)); substr(\$_, -1) = chr(-\$s & 255)" \
		"$1" > "$2"
}
