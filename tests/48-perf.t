#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# record --perf and report --perf: with fakes in the place of perf, so that each
# way to fail and each place of a sample can be had, and with perf where it may run.
# shellcheck disable=SC2317 # functions are run by exits and ok
# shellcheck source=tests/tap.sh source=tests/record.sh
. "$(dirname "$0")/tap.sh"
. tests/record.sh

# fake NAME: a program from standard input that stands for perf.
fake()
{
	{ echo '#!/bin/bash'; cat; } > "$SCRATCH/$1"
	chmod +x "$SCRATCH/$1"
}

with_perf() { PERF=$1 timeout 300 "$BUILD/vmiprof" "${@:2}"; }
t=$SCRATCH/trace

exits 'no perf: an error' 1 with_perf "$SCRATCH/missing" record -q -o "$t" --perf
like 'no perf: what to install' "$OUTPUT" 'missing: no such program; install linux-perf'
is 'no perf: the guest did not run' "$(cat "$t/run/console.log")" ''
is 'no perf: run.json says it' "$(run_json "$t" 'r["status"], r["exit"]["kind"]')" "('partial', 'perf-failed')"

fake forbidden <<-'END'
	echo 'Access to performance monitoring and observability operations is limited.' >&2
	echo 'Consider adjusting /proc/sys/kernel/perf_event_paranoid setting' >&2
	exit 255
END
exits 'perf forbidden: an error' 1 with_perf "$SCRATCH/forbidden" record -q --force -o "$t" --perf
like 'perf forbidden: what to set' "$OUTPUT" 'perf_event_paranoid is -?[0-9]+: set it to 2 or less \(sysctl kernel.perf_event_paranoid=2\)'
is 'perf forbidden: the guest did not run' "$(cat "$t/run/console.log")" ''

fake old <<< 'echo "Error: unknown option control" >&2; exit 129'
exits 'perf that is too old: an error' 1 with_perf "$SCRATCH/old" record -q --force -o "$t" --perf
like 'perf that is too old: what it said' "$(tr '\n' ' ' <<< "$OUTPUT")" \
	'ended with status 129; it said:.*unknown option control'

# Plays perf: answers on the descriptor of --control, and ends as $FAKE_STATUS says.
fake obedient <<-'END'
	if [ "$1" = script ]; then
		cat "$FAKE_LINES"
		exit
	fi
	while [ $# -gt 0 ]; do
		case $1 in
		--control=*) fd=${1##*,} ;;
		-o) data=$2 ;;
		esac
		shift
	done
	while read -r -u "$fd" command; do
		echo "$command" >> "$data"
		echo ack >&"$fd"
		[ "$command" != stop ] || exit "$FAKE_STATUS"
	done
END
export FAKE_STATUS=3 FAKE_LINES=$SCRATCH/lines
exits 'perf that fails at the end: partial' 2 with_perf "$SCRATCH/obedient" record -q --force -o "$t" --perf
like 'perf that fails at the end: named' "$OUTPUT" '--perf: perf ended with status 3'
ok 'perf that fails at the end: the trace is whole' check_counts "$t"
FAKE_STATUS=0
exits 'perf that does as it is told' 0 with_perf "$SCRATCH/obedient" record -q --force -o "$t" --perf
is 'it was started and stopped' "$(xargs < "$t/run/perf.data")" 'enable stop'

# Samples at places of the trace that are known: in Init, the first call and a long
# one; before it; at its end, within the clock's error; between two calls that are
# far enough apart; after all.
cat > "$SCRATCH/make_lines" <<'END'
import json, struct, sys
run = json.load(open(sys.argv[1] + "/run/run.json"))
hz, offset, error = run["tsc_hz"], run["clock"]["offset_ns"], run["clock"]["error_ns"]
data, at, calls = open(sys.argv[1] + "/vcpu0", "rb").read(), 0, []
while at < len(data):
    end = at + struct.unpack_from("<I", data, at + 40)[0] // 8
    epoch = struct.unpack_from("<Q", data, at + 24)[0] >> 32 << 32
    at += 64
    while at < end:
        time, word = struct.unpack_from("<II", data, at)
        cycles = struct.unpack_from("<Q", data, at + 16)[0] if word & 1 else word >> 9
        calls.append((epoch + time - cycles, epoch + time))
        at += 48 if word & 1 else 16
def line(ticks, what, shift=0):
    ns = offset + ticks * 10**9 // hz + shift
    print(f"{ns // 10**9:6d}.{ns % 10**9:09d}: cpu-clock:pppH:     7fe53722f87a {what}")
begin, end = calls[0]
line(begin, "before it (/usr/bin/qemu)", -error - 1000)
line((begin + end) // 2, "std::map<int, long>::find(int const&) (/usr/lib/some thing.so)")
line((begin + end) // 2, "std::map<int, long>::find(int const&) (/usr/lib/some thing.so)")
line(end, "[unknown] (/tmp/perf-1.map)", -1)
need = (2 * error + 1000) * hz // 10**9
for one, two in zip(calls, calls[1:]):
    if two[0] - one[1] > need:
        line((one[1] + two[0]) // 2, "guest (/usr/bin/qemu)")
        break
line(calls[-1][1], "after all ([kernel.kallsyms])", 10**9)
END
python3 "$SCRATCH/make_lines" "$t" > "$SCRATCH/lines"

# The rows of a report on standard input, one a line.
rows()
{
	python3 -c '
import json, sys
for row in sorted(json.load(sys.stdin)["rows"], key=lambda row: row.get("call", row.get("other"))):
    print(row.get("call", row.get("other")), row["samples"], row["near_edge"],
          [(s["symbol"], s["dso"], s["samples"]) for s in row["symbols"]])'
}

perf_json() { with_perf "$SCRATCH/obedient" report --perf --json "$@" "$t"; }
exits 'samples of the fake are reported' 0 perf_json
is 'each is where it belongs' "$(rows <<< "$OUTPUT")" \
	"Init 3 1 [('std::map<int, long>::find(int const&)', 'some thing.so', 2), ('[unknown]', 'perf-1.map', 1)]
between calls 1 0 [('guest', 'qemu', 1)]
outside 2 0 [('before it', 'qemu', 1), ('after all', '[kernel.kallsyms]', 1)]"
like 'the event is told' "$OUTPUT" '"event": *"cpu-clock:pppH"'
exits 'a filter leaves calls out' 0 perf_json --call CPUID
like 'a filter leaves calls out: said' "$OUTPUT" '"other": *"left out"'
exits 'the table' 0 with_perf "$SCRATCH/obedient" report --perf "$t"
like 'the table: a row' "$OUTPUT" 'Init +3 +50.00% +1'
like 'the table: the error bound' "$OUTPUT" 'error up to [0-9.]+ us: 1 of these 3 lie as near to the edge'

exits '--by has no place there' 64 with_perf "$SCRATCH/obedient" report --perf --by vcpu "$t"
like '--by has no place there: said' "$OUTPUT" 'leave out --by and --csv'

echo 'no sample' >> "$SCRATCH/lines"
exits 'a line of another form: partial' 2 with_perf "$SCRATCH/obedient" report --perf "$t"
like 'a line of another form: said' "$OUTPUT" '1 lines of perf script are not of the expected form'
true > "$SCRATCH/lines"
exits 'no samples: an error' 1 with_perf "$SCRATCH/obedient" report --perf "$t"
exits 'report without perf: an error' 1 with_perf "$SCRATCH/missing" report --perf "$t"
like 'report without perf: what to install' "$OUTPUT" 'install linux-perf'
exits 'a damaged perf.data: an error' 1 with_perf "$SCRATCH/old" report --perf "$t"
rm "$t/run/perf.data"
exits 'a recording without --perf: an error' 1 "$BUILD/vmiprof" report --perf "$t"
like 'a recording without --perf: what to do' "$OUTPUT" 'needs a recording made with record --perf'
exits 'with --icount' 0 with_perf "$SCRATCH/obedient" record -q --force -o "$t" --perf --icount
exits 'with --icount: no report' 1 with_perf "$SCRATCH/obedient" report --perf "$t"
like 'with --icount: why' "$OUTPUT" 'clock is not mapped to the host.s: with --icount'

if perf record -q -k mono -o "$SCRATCH/perf.data" -- true 2> /dev/null; then
	exits 'perf itself' 0 record -q --force -o "$t" --perf
	exits 'perf itself: the report' 0 "$BUILD/vmiprof" report --perf --json "$t"
	like 'perf itself: samples between calls' "$(rows <<< "$OUTPUT")" '^between calls [1-9]'
	like 'perf itself: samples in calls' "$(rows <<< "$OUTPUT")" '^[A-Z][A-Za-z0-9]+ [1-9]'
	ok 'perf itself: the counts agree' check_counts "$t"
else
	skip 'perf itself' 'perf is missing or may not run here'
fi

done_testing
