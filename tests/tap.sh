# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# TAP for shell tests.  A test sources this file, calls the functions below and
# ends with done_testing.  BUILD names the build tree; SCRATCH is a directory of
# the test's own that goes away with it.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
BUILD=${BUILD:-build}
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT
export LC_ALL=C
export BUILD SCRATCH

tap_count=0
tap_failed=0

diag() { printf '%s\n' "$@" | sed 's/^/# /' >&2; }

tap_result() # STATUS NAME
{
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
	else
		echo "not ok $tap_count - $2"
		tap_failed=$((tap_failed + 1))
	fi
	return "$1"
}

# ok NAME COMMAND...: the command succeeds; its output is shown when not.
ok()
{
	local name=$1 status
	shift
	"$@" > "$SCRATCH/.ok" 2>&1
	status=$?
	[ "$status" -eq 0 ] || diag "$* exited with $status:" "$(tail -n 20 "$SCRATCH/.ok")"
	tap_result "$status" "$name"
}

# is NAME FOUND EXPECTED
is()
{
	if [ "$2" = "$3" ]; then
		tap_result 0 "$1"
	else
		diag "found    '$2'" "expected '$3'"
		tap_result 1 "$1"
	fi
}

# like NAME TEXT EXTENDED-REGEX
like()
{
	if grep -Eq -e "$3" <<< "$2"; then
		tap_result 0 "$1"
	else
		diag "no match for '$3' in:" "$(tail -n 30 <<< "$2")"
		tap_result 1 "$1"
	fi
}

# exits NAME STATUS COMMAND...: the command exits with that status; OUTPUT is
# what it printed, both streams.
exits()
{
	local name=$1 expected=$2 status
	shift 2
	OUTPUT=$("$@" 2>&1)
	status=$?
	[ "$status" -eq "$expected" ] ||
		diag "$* exited with $status, expected $expected:" "$(tail -n 20 <<< "$OUTPUT")"
	[ "$status" -eq "$expected" ]
	tap_result $? "$name"
}

# interruptible COMMAND... &: a shell makes what it starts in the background ignore
# SIGINT, which a program keeps to.  This does not.
interruptible() { exec env --default-signal=INT "$@"; }

# skip NAME WHY: counts as passed, and says why it did not run.
skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

skip_all() { echo "1..0 # SKIP $*"; exit 0; }

done_testing()
{
	echo "1..$tap_count"
	exit $((tap_failed > 0))
}
