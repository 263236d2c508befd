#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Reboot and Shutdown end the guest; neither by a triple fault.
# shellcheck source=tests/tap.sh source=tests/guest.sh
. "$(dirname "$0")/tap.sh"
. tests/guest.sh

# QEMU logs why the CPU was reset: a triple fault has a line of its own.
reset_log=(-d cpu_reset -D "$SCRATCH/reset.log")

# Firmware resets by one, too: only those outside of it (E0000 to FFFFF) count.
no_triple_fault() # NAME
{
	is "$1: no triple fault" "$(awk '/^Triple fault/ { fault = 1 }
		fault && /^EIP=/ { if (!/^EIP=000[ef]/) print; fault = 0 }' \
		"$SCRATCH/reset.log")" ""
}

# Without -no-reboot a reset would start the guest again, for ever.
shuts_down() # NAME ROM MACHINE
{
	exits "$1: QEMU ends" 0 boot "$2" "$3" selftest=shutdown "${reset_log[@]}"
	is "$1: after one boot" "$(grep -c '^selftest: calling Shutdown$' <<< "$OUTPUT")" 1
	is "$1: it does not return" "$(grep '^not ok' <<< "$OUTPUT")" ""
	no_triple_fault "$1"
}

# Boots until the guest has started a second time, and ends QEMU then.
reboots() # NAME ROM MACHINE
{
	local log=$SCRATCH/console.log pid i

	: > "$log"
	guest_qemu "$2" "$3" selftest=reboot -serial "file:$log" "${reset_log[@]}" 2> "$SCRATCH/qemu.log" &
	pid=$!
	for ((i = 0; i < 600; i++)); do
		[ "$(grep -c 'calling Reboot' "$log")" -lt 2 ] || break
		kill -0 $pid 2> /dev/null || break
		sleep 0.1
	done
	kill $pid 2> /dev/null
	wait $pid 2> /dev/null
	ok "$1: starts again" test "$(grep -c 'calling Reboot' "$log")" -ge 2
	is "$1: it does not return" "$(grep '^not ok' "$log")" ""
	no_triple_fault "$1"
}

for machine in pc q35; do
	for rom in none "$BUILD/rom-native.bin" "$BUILD/rom-trace.bin"; do
		name="$(basename "$rom" .bin), $machine"
		shuts_down "Shutdown, $name" "$rom" $machine
		reboots "Reboot, $name" "$rom" $machine
	done
done

done_testing
