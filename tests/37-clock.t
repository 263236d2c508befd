#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The guest's clock on the host's: events of the guest and LTTng-UST events of the
# host, whose order is known, come out of babeltrace2 in that order.  The order is
# known because the recorder is stopped between two marks: what it has written the
# guest did before the first; what the guest did after it had waited for room, it
# did after the second.
# shellcheck disable=SC2317 # functions are run by exits and ok
# shellcheck source=tests/tap.sh source=tests/record.sh

# A session daemon of the test's own: root's is found in /run.
if [ "$(id -u)" = 0 ] && [ -z "$CLOCK_ROOM" ]; then
	unshare -m true 2> /dev/null && exec env CLOCK_ROOM=own unshare -m bash "$0"
fi
. "$(dirname "$0")/tap.sh"
. tests/record.sh

t=$SCRATCH/trace
record -q -o "$t" --icount > /dev/null
is '--icount: no mapping, and it says why' "$(run_json "$t" 'r["clock"]')" \
	"{'offset_ns': None, 'error_ns': None, 'how': \"with --icount the guest's clock counts instructions\"}"
like '--icount: the metadata says it' "$(cat "$t/metadata")" 'clock_monotonic = "unknown";'
exits '--icount: babeltrace2 reads the trace' 0 babeltrace2 -o dummy "$t"
is '--icount: without a warning' "$OUTPUT" ''

for program in lttng lttng-sessiond "$BUILD/tests/mark"; do
	command -v "$program" > /dev/null && continue
	skip 'order of guest and host events' "$program is missing"
	done_testing
	exit
done
if [ "$(id -u)" = 0 ] && [ -z "$CLOCK_ROOM" ]; then
	skip 'order of guest and host events' 'no mount namespace for a session daemon of our own'
	done_testing
	exit
fi
[ "$CLOCK_ROOM" != own ] || mount -t tmpfs none "$(readlink -f /var/run)"
export LTTNG_HOME=$SCRATCH/lttng LTTNG_UST_REGISTER_TIMEOUT=-1
mkdir -p "$LTTNG_HOME"
trap 'kill "$(cat "$LTTNG_HOME/pid" 2> /dev/null)" 2> /dev/null; rm -rf "$SCRATCH"' EXIT

begin_host_trace()
{
	# Its daemons would hold a pipe open.
	lttng-sessiond -b --no-kernel -p "$LTTNG_HOME/pid" > "$LTTNG_HOME/log" 2>&1 &&
		lttng create marks -o "$SCRATCH/host" &&
		lttng enable-event -s marks -u 'lttng_ust_tracef:*' && lttng start marks
}
exits 'a session for the events of the host' 0 begin_host_trace

# mark TEXT: the event has been made when it returns.
coproc MARK { exec "$BUILD/tests/mark"; }
# shellcheck disable=SC2153 # coproc sets it
mark_pid=$MARK_PID
mark()
{
	local answer
	echo "$1" >&"${MARK[1]}"
	read -r answer <&"${MARK[0]}"
	[ "$answer" = "$1" ]
}

stopped() { grep -q '^State:.*T' "/proc/$1/status"; }

# What lay in the ring and the recorder is far less.
grown() { [ "$(stat -c %s "$t/vcpu0")" -gt "$1" ]; }

# One recording, stopped for a second between the marks stopN and contN.  $written
# is how long vcpu0 was at the first.
marked_recording()
{
	local pid
	t=$SCRATCH/marked$1
	interruptible "$BUILD/vmiprof" record -q -o "$t" --lossless --append "donate=no rounds=100000" \
		> "$SCRATCH/out" 2>&1 &
	pid=$!
	wait_for 60 has_events "$t"
	kill -s STOP "$pid"
	wait_for 60 stopped "$pid"
	written=$(stat -c %s "$t/vcpu0")
	mark "stop$1"
	# On a busy machine somebody else is stopped, too: another time this is longer.
	sleep $((2 * $1 - 1))
	mark "cont$1"
	kill -s CONT "$pid"
	wait_for 60 grown "$((written + 1000000))"
	kill -s INT "$pid"
	wait "$pid"
}

# The longest wait is that of the stop: else a busy machine stopped somebody, too.
longest_wait()
{
	babeltrace2 "$t" | grep -Eo 'wait_cycles = [0-9]+' | awk -v "hz=$(run_json "$t" 'r["tsc_hz"]')" -v "stop=$((2 * $1 - 1))" \
		'$3 / hz > stop / 2 { n++ } END { exit n != 1 }'
}

for try in 1 2 3 4 5; do
	marked_recording "$try"
	longest_wait "$try" && break
done
ok 'the guest waited once for long' longest_wait "$try"
is 'no host event was discarded' "$(lttng stop marks > /dev/null; lttng list marks | sed -n 's/.*Discarded events: *//p')" 0
lttng destroy marks > /dev/null
eval "exec ${MARK[1]}>&-"
wait "$mark_pid"

like 'run.json has the mapping, its error and its reasons' "$(run_json "$t" 'r["clock"]')" \
	"'offset_ns': [0-9]+, 'error_ns': [0-9]+, 'how': 'not before .*, not after .*'"
diag "error bound $(run_json "$t" 'r["clock"]["error_ns"]') ns, $(run_json "$t" 'r["clock"]["how"]')"
is 'the metadata has the same' "$(sed -n 's/^\tclock_monotonic_.*_ns = \(.*\);/\1/p' "$t/metadata" | xargs)" \
	"$(run_json "$t" 'r["clock"]["offset_ns"], r["clock"]["error_ns"]' | tr -d '(),')"
ok 'the error is smaller than the guest waited' test "$(run_json "$t" 'r["clock"]["error_ns"] < 5e8')" = True

# in_order DIR: the order in which babeltrace2 shows the events of DIR and of the
# host, against the one that is known.
in_order()
{
	babeltrace2 "$1" "$SCRATCH/host" > "$SCRATCH/merged" 2> "$SCRATCH/merged.err" || return 2
	python3 - "$SCRATCH/merged" "$t/vcpu0" "$written" "$try" <<-'END'
	import re, struct, sys
	merged, stream, written, n = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
	# Events in what was written at the first mark: packet by packet, by content_size;
	# a wide record fills three places.
	data, at, before = open(stream, "rb").read(written), 0, 0
	while at + 64 <= len(data):
	    end = at + struct.unpack_from("<I", data, at + 40)[0] // 8
	    if end > len(data):
	        break
	    at += 64
	    while at < end:
	        at += 48 if data[at + 4] & 1 else 16
	        before += 1
	guest, stop, cont, longest, after_wait = 0, None, None, 0, None
	for line in open(merged):
	    if "vmi:call" in line:
	        wait = re.search(r"wait_cycles = (\d+)", line)
	        if wait and int(wait[1]) > longest:
	            longest, after_wait = int(wait[1]), guest + 1
	        guest += 1
	    elif f'"stop{n}"' in line:
	        stop = guest
	    elif f'"cont{n}"' in line:
	        cont = guest
	print(f"{before} guest events before the first mark: shown {stop};",
	      f"event {after_wait} comes after the second: shown behind {cont}")
	sys.exit(not (0 < before <= stop and cont <= after_wait < guest))
	END
}

ok 'events of guest and host are in the order that is known' in_order "$t"
is 'babeltrace2 has no warning' "$(cat "$SCRATCH/merged.err")" ''

# Another offset shows another order: the check sees it.
for seconds in 2 -2; do
	cp -r "$t" "$SCRATCH/shifted$seconds"
	sed -i -E "s/^(\toffset_s = )(.*);/echo \"\1\$((\2 + $seconds));\"/e" "$SCRATCH/shifted$seconds/metadata"
	exits "a clock that is $seconds s off is noticed" 1 in_order "$SCRATCH/shifted$seconds"
done

done_testing
