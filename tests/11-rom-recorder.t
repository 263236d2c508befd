#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The ROMs' own stubs at CPL 3: effects, registers, stack, records, the ring, and
# a handler that interrupts a traced stub at every instruction.
cd "$(dirname "$0")/.." || exit 1
B=${BUILD:-build}
exec "$B/tests/recorder_test" "$B/rom-native.bin" "$B/rom-trace.bin" \
	"$B/rom-stamp.bin" "$B/rom-aggregate.bin"
