#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Two hosts in network namespaces, each with its own session daemon and name,
# record into one relay; vmiprof report reads what both sent.
# shellcheck disable=SC2317 # functions are run by exits and ok
# shellcheck source=tests/tap.sh source=tests/record.sh source=tests/lttng.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh
[ "$(id -u)" -eq 0 ] || skip_all "network namespaces need root"
command -v ip > /dev/null || skip_all "ip (iproute2) is not installed"
. tests/lttng.sh

# Names of this run only: /run/netns is the system's.
hosts=("vmia$$" "vmib$$")
bridge=vmibr$$
end_hosts()
{
	local host
	for host in "${hosts[@]}"; do
		ip netns del "$host" 2> /dev/null
	done
	ip link del "$bridge" 2> /dev/null
	end_daemons
}
trap end_hosts EXIT
mkdir -p /var/run/netns
for host in "${hosts[@]}"; do
	ip netns add "$host" 2> "$SCRATCH/why" || skip_all "network namespaces are forbidden: $(cat "$SCRATCH/why")"
done
ip netns exec "${hosts[0]}" unshare -m -u true 2> "$SCRATCH/why" ||
	skip_all "a namespace cannot be entered: $(tail -n 1 "$SCRATCH/why")"
ip link add "$bridge" type bridge 2> "$SCRATCH/why" ||
	skip_all "there is no network bridge: $(cat "$SCRATCH/why")"
net=10.251.$((RANDOM % 256))
ip addr add "$net.1/24" dev "$bridge"
ip link set "$bridge" up
nr=0
for host in "${hosts[@]}"; do
	nr=$((nr + 1))
	ip link add "v$host" type veth peer name eth0 netns "$host"
	ip link set "v$host" master "$bridge" up
	ip -n "$host" addr add "$net.$((nr + 1))/24" dev eth0
	ip -n "$host" link set eth0 up
	ip -n "$host" link set lo up
done

lttng-relayd -C "tcp://$net.1:5342" -D "tcp://$net.1:5343" -L "tcp://$net.1:5344" \
	-o "$SCRATCH/relay" > "$SCRATCH/relayd.log" 2>&1 &
daemons+=("$!")
listens() { (: < "/dev/tcp/$net.1/5342") 2> /dev/null; }
ok 'the relay runs' wait_for 20 listens

# on HOST SCRIPT: in its namespaces, as a machine of that name.
# shellcheck disable=SC2016 # the inner shell expands it
on()
{
	local host=$1
	shift
	ip netns exec "$host" unshare -m -u bash -c '
		hostname "$1" && mount -t tmpfs none "$(realpath /var/run)" &&
			mount -t tmpfs none /dev/shm || exit 99
		shift
		exec timeout 120 "$@"' on "$host" "$@"
}
pids=()
for host in "${hosts[@]}"; do
	mkdir "$SCRATCH/$host"
	LTTNG_HOME=$SCRATCH/$host on "$host" "$BUILD/vmiprof" record -o "$SCRATCH/$host/trace" \
		--lttng="on-$host" --lttng-url "net://$net.1" --append "rounds=2" > "$SCRATCH/$host.out" 2>&1 &
	pids+=("$!")
done
status=()
for pid in "${pids[@]}"; do
	wait "$pid"
	status+=("$?")
done
is 'both hosts recorded' "${status[*]}" '0 0'
[ "${status[*]}" = '0 0' ] || diag "$(cat "$SCRATCH"/vmi*.out)"
is 'the relay has both hosts' "$(ls "$SCRATCH/relay")" "$(printf '%s\n' "${hosts[@]}")"
for host in "${hosts[@]}"; do
	ok "$host: its own trace is whole" check_counts "$SCRATCH/$host/trace"
	is "$host: each call as often at the relay" "$(lttng_calls "$SCRATCH/relay/$host")" \
		"$(cat "$SCRATCH/.calls")"
done

exits 'report over both hosts' 0 "$BUILD/vmiprof" report --json "$SCRATCH/relay"
cat > "$SCRATCH/sum.py" <<'END'
import json, sys
report = json.load(open(sys.argv[1]))
expected = {}
for path in sys.argv[2:]:
    for v in json.load(open(path))["vcpus"]:
        for name, n in v["counted"].items():
            expected[name] = expected.get(name, 0) + n
found = {c["name"]: c["count"] for c in report["calls"]}
assert found == expected, (found, expected)
END
printf '%s\n' "$OUTPUT" > "$SCRATCH/report.json"
ok 'each call as often as on both hosts together' python3 "$SCRATCH/sum.py" "$SCRATCH/report.json" \
	"$SCRATCH/${hosts[0]}/trace/run/run.json" "$SCRATCH/${hosts[1]}/trace/run/run.json"
exits 'report by vCPU' 0 "$BUILD/vmiprof" report --by vcpu "$SCRATCH/relay"
for host in "${hosts[@]}"; do
	like "$host has a line" "$OUTPUT" "$host"
done

# What follows reading takes these traces as it takes our own.
for format in chrome csv openmetrics; do
	ok "export -f $format" "$BUILD/vmiprof" export -f "$format" -o "$SCRATCH/out" "$SCRATCH/relay"
	ok 'is sound' sh -c \
		"python3 tests/export_check.py $format $SCRATCH/out > $SCRATCH/$format.json"
	ok 'and has the calls of both hosts' python3 -c '
import json, sys
calls = lambda r: {c["name"]: c["count"] for c in r["calls"]}
found = json.load(open(sys.argv[1]))["calls"]
assert found == calls(json.load(open(sys.argv[2]))), found' \
		"$SCRATCH/$format.json" "$SCRATCH/report.json"
done
for host in "${hosts[@]}"; do
	exits "$host: its trace and the relay's do not differ" 0 "$BUILD/vmiprof" diff --exit-code \
		"$SCRATCH/$host/trace" "$SCRATCH/relay/$host"
	like "in any of the calls" "$OUTPUT" '^0 of [1-9][0-9]* calls changed'
done

done_testing
