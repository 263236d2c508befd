#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Counted in instructions, two boots are the same to the bit.
# shellcheck source=tests/tap.sh source=tests/guest.sh
. "$(dirname "$0")/tap.sh"
. tests/guest.sh

for rom in none "$BUILD/rom-native.bin" "$BUILD/rom-trace.bin"; do
	name=$(basename "$rom" .bin)
	exits "$name: first boot" "$GUEST_DONE" \
		boot "$rom" pc 'profile rounds=3' -no-reboot "${GUEST_EXACT[@]}"
	first=$OUTPUT
	like "$name: tells its cycles" "$first" \
		'^profile: system calls: [0-9]+ ticks, [1-9][0-9]+ cycles$'
	exits "$name: second boot" "$GUEST_DONE" \
		boot "$rom" pc 'profile rounds=3' -no-reboot "${GUEST_EXACT[@]}"
	is "$name: both print the same" "$OUTPUT" "$first"
done

# What is compared does depend on what the guest does.
exits 'four rounds' "$GUEST_DONE" \
	boot none pc 'profile rounds=4' -no-reboot "${GUEST_EXACT[@]}"
ok 'four rounds differ from three' test \
	"$(grep 'system calls: ' <<< "$OUTPUT")" != "$(grep 'system calls: ' <<< "$first")"

done_testing
