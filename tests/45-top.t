#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vmiprof top shows a recording that runs, as text, JSON and on a terminal; it
# says what there is where there is none; and the guest does not notice it.
# shellcheck disable=SC2317 # functions are run by exits and ok
# shellcheck source=tests/tap.sh source=tests/record.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh

forever=(--append rounds=100000)

# start DIR ARGS...: record in the background until the ROM is there.
start()
{
	"$BUILD/vmiprof" record -q -o "$@" > "$SCRATCH/out" 2>&1 &
	pid=$!
	wait_for 60 grep -qs 'ROM at' "$1/run/console.log" ||
		diag "the guest does not start: $(cat "$SCRATCH/out")"
}

# Stop it, and let it say nothing.
finish()
{
	kill -s "${1:-TERM}" "$pid" 2> /dev/null
	wait "$pid" 2> /dev/null
}

top() { timeout 120 "$BUILD/vmiprof" top "$@"; }

# check TEXT EXPRESSION: of Python, where s is the list of a top's JSON lines.
check()
{
	python3 -c 'import json, math, sys
s = [json.loads(line) for line in sys.stdin]
sys.exit(0 if eval(sys.argv[1]) else f"not so in {s[:2]}")' "$2" <<< "$1"
}

# busy ARGS...: JSON of a top in each of whose updates the guest made calls; where
# a busy machine gave it no time in one of them, another.
busy()
{
	local text try
	for try in {1..20}; do
		text=$(top --json "$@")
		check "$text" 'all(x["calls"] > 0 and x["sampled"] > 0 for x in s)' 2> /dev/null && break
		diag "try $try: an update without a call" >&2
	done
	echo "$text"
}

start "$SCRATCH/trace" "${forever[@]}"
exits 'batch' 0 top --batch -n 2 -d 1 --vcpus "$SCRATCH/trace"
like 'batch: the run' "$OUTPUT" "^vmiprof top - [0-9:]+, pid $pid, guest embedded, tcg, cycles are emulated"
like 'batch: the sums' "$OUTPUT" '^Calls: [0-9,.]+/s over [0-9.]+ s, lost [0-9,.]+/s \([0-9,]+ in all\), waiting [0-9.]+ %, [0-9.]+ % sampled$'
like 'batch: vCPUs' "$OUTPUT" '^vCPU 0: [0-9,]+ calls/s, 100.0 % of all$'
like 'batch: a call' "$OUTPUT" '^ +[0-9,]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9]+ +[0-9]+  DisableInterrupts$'
is 'batch: two updates' "$(grep -c 'calls/s calls %' <<< "$OUTPUT")" 2

json=$(busy -n 3 -d 0.2 -p "$pid")
ok 'JSON: three updates' check "$json" 'len(s) == 3 and all(x["level"] == "event" for x in s)'
ok 'JSON: calls, and their shares make one' check "$json" \
	'all(x["calls"] > 0 and math.isclose(sum(r["share_calls"] for r in x["rows"]), 1) for x in s)'
ok 'JSON: rates make the sum' check "$json" \
	'all(math.isclose(sum(r["calls_per_s"] for r in x["rows"]), x["calls_per_s"]) for x in s)'
ok 'JSON: sorted by calls' check "$json" \
	'all([r["calls_per_s"] for r in x["rows"]] == sorted((r["calls_per_s"] for r in x["rows"]), reverse=True) for x in s)'
json=$(busy -n 3 -d 0.5 --sites "$SCRATCH/trace")
# A record that was overwritten while it was copied would return to anywhere.
ok 'sites: no record is torn' check "$json" \
	'all(r["site"] for x in s for r in x["rows"]) and all(x["sampled"] > 0 for x in s)'
ok 'sites: known by name, file and line' check "$json" \
	'any(r["site"] and r["site"].startswith("object_allocate+0x") and r["file"].endswith("objects.c") and r["line"] > 0 for x in s for r in x["rows"])'
ok 'sites: a call has several' check "$json" \
	'len({r["ret"] for x in s for r in x["rows"] if r["call"] == "SetInterruptMask"}) > 1'
like 'sites as text, by name, two of them' "$(top -b -c -n 1 -d 0.3 --sort name -R --limit 2 "$SCRATCH/trace")" \
	'UpdateKernelStack +[a-z_]+\+0x[0-9a-f]+ \([^ ]+:[0-9]+\)$'
exits 'a file with names that is none' 1 top -b --vmlinux "$SCRATCH/out" "$SCRATCH/trace"

# What it has of the guest's memory cannot be written to.
"$BUILD/vmiprof" top -b "$SCRATCH/trace" > "$SCRATCH/long" 2> "$SCRATCH/said" &
watcher=$!
"$BUILD/vmiprof" top -b -n 100000 -d 0.1 "$SCRATCH/trace" > /dev/null 2>&1 &
counting=$!
wait_for 60 grep -q calls/s "$SCRATCH/long"
wait_for 60 grep -q vmiprof-guest-ram "/proc/$counting/maps"
is 'the memory is mapped for reading, once' \
	"$(awk '/memfd:vmiprof-guest-ram/ { print $2 }' "/proc/$watcher/maps")" r--s
is 'and not open' "$(find "/proc/$watcher/fd" -lname '*memfd:*')" ''
finish
wait "$watcher"
is 'it ends with the recording' "$?" 0
like 'it ends with the recording: message' "$(cat "$SCRATCH/said")" 'the recording has ended: .*/trace'
wait "$counting"
is 'fewer updates than asked for' "$?" 2

exits 'a dead recording' 1 top -b "$SCRATCH/trace"
like 'a dead recording: message' "$OUTPUT" 'no recording writes to .*/trace any more: it has ended'
exits 'its process' 1 top -b -p "$pid"
like 'its process: message' "$OUTPUT" "there is no process $pid: the recording has ended"
exits 'no trace' 1 top -b "$SCRATCH"
like 'no trace: message' "$OUTPUT" 'is no trace: there is no .*/run/run.json'
exits 'no recording' 1 top -b -p $$
like 'no recording: message' "$OUTPUT" "process $$ \(.*\) is no recording"
exits 'wrong delay' 64 top -d 0
exits 'wrong order' 64 top --sort size
exits 'directory and process' 64 top -p 1 "$SCRATCH"

# The recorder stands still from here on.
start "$SCRATCH/short" "${forever[@]}"
wait_for 60 has_events "$SCRATCH/short"
ctl=$("$BUILD/vmiprof" rom --json "$BUILD/rom-trace.bin" |
	python3 -c 'import json, sys; print(json.load(sys.stdin)["descriptor"]["ctl_offset"])')
base=$((16#$(sed -n 's/.*ROM at 0x\([0-9a-f]*\):.*/\1/p' "$SCRATCH/short/run/console.log" | head -n 1)))
ram=$(find "/proc/$pid/fd" -lname '*memfd:vmiprof-guest-ram*' | head -n 1)
kill -s STOP "$pid"
exits 'not a terminal' 1 top "$SCRATCH/short" < /dev/null
like 'not a terminal: message' "$OUTPUT" 'no terminal; --batch'

# terminal KEYS ENVIRONMENT...: what top writes on one of 24 lines; each key is
# sent once the screen has changed.
terminal()
{
	timeout 120 python3 - "$SCRATCH/short" "$@" <<-'END'
	import os, pty, select, struct, sys, fcntl, termios, time
	pid, fd = pty.fork()
	if not pid:
	    os.environ["TERM"] = "xterm"
	    os.environ.update(v.split("=") for v in sys.argv[3:])
	    os.execv(os.environ["BUILD"] + "/vmiprof", ["vmiprof", "top", "-d", "0.5", sys.argv[1]])
	fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
	out, keys, seen = b"", list(sys.argv[2].split()), 0
	while True:
	    ready = select.select([fd], [], [], 0.3)[0]
	    try:
	        more = os.read(fd, 65536) if ready else None
	    except OSError:
	        break
	    if more == b"":
	        break
	    out += more or b""
	    if not ready and keys and len(out) > seen and b"calls/s" in out:
	        seen = len(out)
	        os.write(fd, keys.pop(0).replace("SPACE", " ").replace("ENTER", "\r").encode())
	sys.stdout.buffer.write(out)
	sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
}
terminal '1 c N R h x d9ENTER SPACE q' > "$SCRATCH/screen"
is 'screen: q ends it' "$?" 0
text=$(sed 's/\x1b\[[0-9;?]*[a-zA-Z]/\n/g' "$SCRATCH/screen")
like 'screen: the run' "$text" 'vmiprof top - '
like 'screen: 1 shows vCPUs' "$text" 'vCPU 0: '
like 'screen: h shows help' "$text" 'this help'
like 'screen: N sorts by name' "$text" 'Sorted by name'
like 'screen: d asks for the delay' "$text" 'Change delay from 0\.5 to'
ok 'screen: the header is shown in reverse' grep -q $'\x1b\[[0-9;]*7m' "$SCRATCH/screen"
# Nobody drains the ring, so calls are lost: a red line.
ok 'screen: lost calls in red' grep -q $'\x1b\[31m' "$SCRATCH/screen"
terminal 'q' NO_COLOR=1 > "$SCRATCH/screen"
ok 'screen: NO_COLOR' test -s "$SCRATCH/screen"
ok 'screen: no colour then' eval "! grep -q \$'\\x1b\\[3[0-7]m' '$SCRATCH/screen'"
exits 'screen: a terminal that is not known' 1 terminal q TERM=nonsense
like 'screen: which one' "$OUTPUT" 'cannot use this terminal \(TERM is "nonsense"\)'

printf '\xf0\xff\xff\xff\x01\x00\x00\x00' |
	dd of="$ram" bs=4 seek=$(((base + ctl + 0x54) / 4)) conv=notrunc status=none
exits 'a guest that lies' 6 top -b -n 1 "$SCRATCH/short"
like 'a guest that lies: message' "$OUTPUT" 'the guest says that vCPU 0 counts at 0xfffffff0, which is not all memory'
finish KILL

# What looks like a recording need not be one.
ln -s "$(python3 -c 'import sys; print(sys.executable)')" "$SCRATCH/vmiprof-fake"
cat > "$SCRATCH/record" <<-'END'
	import fcntl, mmap, os, sys, time
	os.makedirs("fake/run", exist_ok=True)
	if not os.path.exists("fake/run/run.json"):
	    os.mkfifo("fake/run/run.json")
	fd = os.memfd_create("vmiprof-guest-ram", os.MFD_ALLOW_SEALING)
	if sys.argv[1] != "empty":
	    os.truncate(fd, 1 << 20)
	if sys.argv[1] != "unsealed":
	    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
	if not os.fork():
	    log = open("fake/run/qemu.log", "w")
	    time.sleep(100)
	print("ready", flush=True)
	time.sleep(100)
END
fake() # KIND: a process that looks like a recording
{
	: > "$SCRATCH/ready"
	(cd "$SCRATCH" && exec setsid ./vmiprof-fake record "$1") > "$SCRATCH/ready" &
	fake=$!
	wait_for 60 grep -q ready "$SCRATCH/ready"
}
for kind in unsealed empty; do
	fake $kind
	exits "a fake recording, $kind" 1 timeout 60 "$BUILD/vmiprof" top -b -p "$fake"
	like "a fake recording, $kind: message" "$OUTPUT" "process $fake is no recording of ours: .* sealed against shrinking"
	kill -- "-$fake"
done
fake sealed
"$BUILD/vmiprof" top -b -p "$fake" > "$SCRATCH/said" 2>&1 &
watcher=$!
wait_for 60 grep -qs vmiprof-guest-ram "/proc/$watcher/maps"
kill -- "-$fake"
wait "$watcher"
is 'a FIFO in place of run.json is not waited for' "$?" 1
like 'a FIFO in place of run.json: the end' "$(cat "$SCRATCH/said")" 'the recording has ended'

# Who else records on this machine is not seen from a PID namespace.
if unshare -rpf --mount-proc true 2> /dev/null; then
	cat > "$SCRATCH/alone.sh" <<-'END'
	record() { "$BUILD/vmiprof" record -q -o "$SCRATCH/$1" --append rounds=100000 > /dev/null 2>&1 & }
	ready() { until [ -s "$SCRATCH/$1/vcpu0" ]; do sleep 0.05; done; }
	top() { "$BUILD/vmiprof" top -b -n 1 -d 0.2 2>&1; echo "status $?"; }
	echo none; top
	record one; ready one
	echo one; top
	record two; ready two
	echo two; top
	END
	text=$(timeout 120 unshare -rpf --mount-proc bash "$SCRATCH/alone.sh")
	none=$(sed '/^one$/,$d' <<< "$text")
	one=$(sed -n '/^one$/,/^two$/p' <<< "$text")
	two=$(sed '1,/^two$/d' <<< "$text")
	like 'none runs: message' "$none" 'no recording runs here; "vmiprof record" starts one'
	like 'none runs: status' "$none" '^status 1$'
	like 'the only one needs no name' "$one" '^Trace: .*/one$'
	like 'the only one: status' "$one" '^status 0$'
	like 'two run: message' "$two" '2 recordings run; choose one by its directory or with -p:'
	like 'two run: which' "$two" '  -p [0-9]+  .*/two$'
	like 'two run: status' "$two" '^status 1$'
else
	skip 'none, one and two recordings' 'no PID namespaces here'
fi

# Another user's.
if [ "$(id -u)" -eq 0 ] && command -v setpriv > /dev/null; then
	start "$SCRATCH/root" "${forever[@]}"
	chmod 755 "$SCRATCH"
	cp "$BUILD/vmiprof" "$SCRATCH"
	exits "another user's" 1 setpriv --reuid=65534 --regid=65534 --clear-groups "$SCRATCH/vmiprof" top -b -p "$pid"
	like "another user's: message" "$OUTPUT" "process $pid belongs to user .*can be read by that user or root only"
	finish
else
	skip "another user's" 'not root'
fi

# With --icount a guest counts the same in each run, to the cycle: with top, too.
# At level aggregate the host has no part in what the ROM does.
exact=(--level aggregate --icount --append rounds=60)
totals() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["aggregate"])' "$1/run/run.json"; }
record -q -o "$SCRATCH/without" "${exact[@]}" > "$SCRATCH/out" 2>&1
start "$SCRATCH/with" "${exact[@]}"
# It stands still until top is there, so that it cannot be over before.
qemu=$(qemu_of "$pid")
kill -s STOP "$qemu"
"$BUILD/vmiprof" top -j -d 0.1 "$SCRATCH/with" > "$SCRATCH/json" 2> /dev/null &
watcher=$!
wait_for 20 grep -qs vmiprof-guest-ram "/proc/$watcher/maps"
kill -s CONT "$qemu"
wait "$watcher"
wait "$pid"
is 'exact run: status' "$?" 0
ok 'exact run: it was watched' check "$(cat "$SCRATCH/json")" 'sum(x["calls"] for x in s) > 0'
ok 'exact run: what is unknown is null' check "$(cat "$SCRATCH/json")" \
	'all(r["share_time"] is None for x in s for r in x["rows"])'
is 'the guest is not disturbed' "$(totals "$SCRATCH/with")" "$(totals "$SCRATCH/without")"

done_testing
