# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What tests with LTTng share.  A test sources this file after tap.sh and record.sh.

for program in lttng lttng-sessiond lttng-relayd; do
	command -v $program > /dev/null || skip_all "$program is not installed"
done
for file in vmiprof-lttng.so vmiprof-lttng-ust.so vmiprof-babeltrace.so; do
	[ -e "$BUILD/$file" ] || skip_all "$file was not built: a library is missing"
done

# The session daemon of root has one place, so that there is one in a system: a
# test has a system of its own, as far as that goes.
if [ "$(id -u)" -eq 0 ] && [ -z "${LTTNG_TEST_APART:-}" ]; then
	if unshare -m true 2> /dev/null; then
		rm -rf "$SCRATCH"
		LTTNG_TEST_APART=yes exec unshare -m "$0" "$@"
	fi
	[ ! -S /var/run/lttng/client-lttng-sessiond ] ||
		skip_all "a session daemon of root may run, and mount namespaces are forbidden"
fi
if [ -n "${LTTNG_TEST_APART:-}" ]; then
	mount -t tmpfs none "$(realpath /var/run)" || skip_all "no tmpfs may be mounted"
	mount -t tmpfs none /dev/shm || skip_all "no tmpfs may be mounted"
fi

export LTTNG_HOME=$SCRATCH/lttng
mkdir -p "$LTTNG_HOME"

# The daemons that this test started, and nobody else's.
daemons=()
# shellcheck disable=SC2317 # a trap
end_daemons()
{
	local pid
	for pid in "${daemons[@]}"; do
		kill "$pid" 2> /dev/null && wait_for 10 gone "$pid"
	done
	rm -rf "$SCRATCH"
}
trap end_daemons EXIT

# start_sessiond: its process in SESSIOND.
start_sessiond()
{
	lttng-sessiond --daemonize --no-kernel --pidfile "$SCRATCH/sessiond.pid" || return
	SESSIOND=$(tr -d ' \n' < "$SCRATCH/sessiond.pid")
	daemons+=("$SESSIOND")
}

# lttng_calls DIR: how often each call was made, by babeltrace2.
lttng_calls()
{
	babeltrace2 "$1" | grep -Eo 'vmi:call: .*call = \( "[A-Za-z0-9]+"' |
		grep -Eo '[A-Za-z0-9]+"$' | tr -d '"' | sort | uniq -c
}

# table REPORT: only the lines of the calls.
table() { sed -n '/^call /,/^$/p' "$1"; }
