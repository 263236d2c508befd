# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What tests of "vmiprof record" share.  A test sources this file after tap.sh.

command -v qemu-system-x86_64 > /dev/null || skip_all "qemu-system-x86_64 is not installed"
command -v babeltrace2 > /dev/null || skip_all "babeltrace2 is not installed"
for file in vmiprof rom-trace.bin guest.elf; do
	[ -e "$BUILD/$file" ] || { echo "Bail out! $BUILD/$file is not built; run make"; exit 1; }
done

record() { timeout 300 "$BUILD/vmiprof" record "$@"; }

# The levels of a recording, as the program has them.
levels() { "$BUILD/vmiprof" record --level=help | awk '{ print $1 }'; }

# run_json DIR EXPRESSION: of Python, where r is run.json and v its vCPU.
run_json()
{
	python3 - "$1/run/run.json" "$2" <<-'END'
	import json, sys
	r = json.load(open(sys.argv[1]))
	v = r["vcpus"][0] if r["vcpus"] else None
	print(eval(sys.argv[2]))
	END
}

# check_counts DIR: babeltrace2 finds in the trace what run.json says, and
# recorded + lost = counted, in all and for each call.
check_counts()
{
	babeltrace2 "$1" 2> "$SCRATCH/.warnings" |
		grep -Eo 'vmi:call: .*call = \( "[A-Za-z0-9]+"' | grep -Eo '[A-Za-z0-9]+"$' |
		tr -d '"' | sort | uniq -c > "$SCRATCH/.calls"
	python3 - "$1/run/run.json" "$SCRATCH/.calls" <<-'END'
	import json, sys
	v = json.load(open(sys.argv[1]))["vcpus"][0]
	found = {}
	for line in open(sys.argv[2]):
	    number, name = line.split()
	    found[name] = int(number)
	print(sum(found.values()), "found,", {k: v[k] for k in v if k != "counted"})
	assert v["events_counted"] > 0
	assert sum(v["counted"].values()) == v["events_counted"]
	assert v["events_recorded"] + v["events_lost"] == v["events_counted"]
	assert sum(found.values()) == v["events_recorded"]
	for name in v["counted"]:
	    assert found.get(name, 0) <= v["counted"][name], name
	if not v["events_lost"]:
	    assert found == v["counted"]
	END
}

# babeltrace2's warnings from check_counts that are not of discarded events.
other_warnings() { grep -v -i 'discarded [0-9]* event' "$SCRATCH/.warnings"; }

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for()
{
	local tries=$(($1 * 20))
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

# runs_for PID TICKS: wait until a process has had the CPU for so many more
# hundredths of a second, however long a busy machine takes to give it that.
ticks() { sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | awk '{ print $12 + $13 }'; }
has_run() { [ "$(ticks "$1")" -ge "$2" ]; }
runs_for() { wait_for 120 has_run "$1" $(($(ticks "$1") + $2)); }

# has_bytes FILE BYTES: whether it has grown to that.
has_bytes() { [ "$(stat -c %s "$1")" -ge "$2" ]; }

# in_time NAME STATUS COMMAND...: as exits, of a command that --timeout is to end.  It
# gets more seconds each time until $enough succeeds: a busy machine may need them to
# get to where it is to be ended.  Sets seconds and OUTPUT.
# shellcheck disable=SC2034,SC2154 # used, and set, by who sources this
in_time()
{
	local status
	for seconds in 2 12 60; do
		OUTPUT=$("${@:3}" --timeout "$seconds" 2>&1)
		status=$?
		eval "$enough" > /dev/null 2>&1 && break
	done
	is "$1: exit status" "$status" "$2"
}

# The QEMU that a vmiprof runs.
qemu_of() { pgrep -P "$1" -f qemu-system; }

has_events() { [ -s "$1/vcpu0" ]; }

gone() { [ ! -e "/proc/$1" ] || grep -q '^State:.*Z' "/proc/$1/status" 2> /dev/null; }

# tiny_guest NAME ASSEMBLY: a multiboot kernel of a few instructions that never
# looks for a ROM.
tiny_guest()
{
	printf '.long 0x1badb002, 0, -0x1badb002\n.globl _start\n_start: %s\n1: cli\nhlt\njmp 1b\n' \
		"$2" > "$SCRATCH/$1.S"
	gcc -m32 -nostdlib -static -Wl,-Ttext=0x100000,--build-id=none -o "$SCRATCH/$1" "$SCRATCH/$1.S"
}
