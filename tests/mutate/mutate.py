#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Give damaged trace directories to every command that reads one.

A sound trace of two vCPUs is made; then bytes of its files are changed, files are
cut, lengthened, replaced by a FIFO, a link, a device or a directory, packets are
dropped, doubled, swapped and moved, members of run.json get other types and
values.  Whatever was done, no command may

- crash (the program built with the sanitizers is asked, too),
- stay without an end,
- take more than 200 MiB of memory,
- print other totals than the sound trace has with exit status 0 and no message.

A run is known by its number: --only N does that one again, and --keep leaves its
directory where it is.
"""
import argparse
import collections
import csv
import io
import json
import os
import random
import re
import resource
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time

HEADER = struct.Struct("<I16sIQQIIQII")
CALL = struct.Struct("<IIII")
WIDE = 1
MEMORY_KIB = 200 * 1024
# A loaded machine must not fail a run: what counts is that nothing goes on.
ALARM_S = 60
CPU_S = 20


STREAMS = ("vcpu0", "vcpu1")


class Fault(Exception):
    pass


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def read(path):
    with open(path, "rb") as file:
        return file.read()


# --- packets ---------------------------------------------------------------


def packets_of(data):
    """Those of a sound stream, as byte strings."""
    packets = []
    at = 0
    while at < len(data):
        size = HEADER.unpack_from(data, at)[5] // 8
        packets.append(data[at:at + size])
        at += size
    return packets


def packet(records, vcpu, seq, old):
    """The packet with other records, vCPU and number."""
    magic, uuid, stream = HEADER.unpack_from(old)[:3]
    begin = HEADER.unpack_from(old)[3]
    epoch = begin >> 32 << 32
    end = epoch | struct.unpack_from("<I", records, len(records) - 16)[0]
    bits = (HEADER.size + len(records)) * 8
    return HEADER.pack(magic, uuid, stream, begin, end, bits, bits, 0, seq,
                       vcpu) + records


# --- the sound trace -------------------------------------------------------


class Base:
    """A trace of two vCPUs and what it adds up to."""

    def __init__(self, options, scratch):
        self.dir = os.path.join(scratch, "base")
        subprocess.run([options.mktrace, self.dir, "busy"], check=True)
        report = subprocess.run([options.vmiprof, "report", "--json", self.dir],
                                check=True, stdout=subprocess.PIPE)
        names = {call["nr"]: call["name"]
                 for call in json.loads(report.stdout)["calls"]}
        found = packets_of(read(self.dir + "/vcpu0"))[:12]
        run_path = self.dir + "/run/run.json"
        run = json.loads(read(run_path))
        vcpu = run["vcpus"][0]
        run["vcpus"] = []
        run["modes"] = [{"call": "DisableInterrupts", "mode": "stub",
                         "time": 300000000, "since_s": 0.3}]
        self.counts = collections.Counter()
        for number in 0, 1:
            counts = collections.Counter()
            data = b""
            for seq, old in enumerate(found[6 * number:6 * number + 6]):
                records = old[HEADER.size:HEADER.size + 16 * (20 + seq)]
                for at in range(0, len(records), 16):
                    counts[names[CALL.unpack_from(records, at)[1] >> 1 & 127]] += 1
                data += packet(records, number, seq, old)
            write(f"{self.dir}/vcpu{number}", data)
            total = sum(counts.values())
            run["vcpus"].append(dict(
                vcpu, vcpu=number, events_counted=total, events_recorded=total,
                events_lost=0, counted=dict(counts)))
            self.counts += counts
        write(run_path, json.dumps(run, indent=2).encode() + b"\n")
        self.sums = os.path.join(scratch, "sums")
        self.make_sums(run)
        self.total = sum(self.counts.values())

    def make_sums(self, run):
        """The same as a level keeps it that has no events."""
        shutil.copytree(self.dir, self.sums)
        for name in STREAMS:
            write(f"{self.sums}/{name}", b"")
        totals = {}
        for name, count in self.counts.items():
            buckets = [0] * 32
            buckets[7] = count
            totals[name] = {"count": count, "interrupted": 0,
                            "sum_cycles": 100 * count, "buckets": buckets}
        run = dict(run, level="aggregate", vcpus=[], aggregate=totals)
        write(self.sums + "/run/run.json", json.dumps(run).encode())


# --- mutations -------------------------------------------------------------

FILES = STREAMS + ("metadata", "run/run.json")
VALUES = (None, True, False, 0, 1, 3, -1, 1.5, -0.0, 1e30, 2**31, 2**53, 2**63,
          2**64 - 1, 2**64, -2**63, 10**40, "", "x", "0", "tcg", "kvm", "TCG",
          "complete", "partial", "tcg,thread=multi", "\x1b[2J", "\ufffe",
          "\u202e", "a" * 5000, "'\"`;\n", [], {}, [[]], [None], {"": {}},
          float("nan"), float("inf"))


def change_bytes(rng, path):
    data = bytearray(read(path))
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        if not data:
            break
        at = rng.randrange(len(data))
        if path.endswith(STREAMS) and rng.random() < 0.7:
            # Headers are worth more attention than records.
            starts = [0]
            for one in packets_of(read(path)) if is_sound(path) else ():
                starts.append(starts[-1] + len(one))
            at = min(rng.choice(starts) + rng.randrange(HEADER.size + 8),
                     len(data) - 1)
        data[at] = rng.choice((rng.randrange(256), data[at] ^ 1 << rng.randrange(8),
                               0, 255))
    write(path, data)


def is_sound(path):
    data = read(path)
    at = 0
    while at + HEADER.size <= len(data):
        size = HEADER.unpack_from(data, at)[5] // 8
        if size < HEADER.size or at + size > len(data):
            return False
        at += size
    return at == len(data)


def truncate(rng, path):
    size = os.path.getsize(path)
    os.truncate(path, rng.choice((0, 1, max(size - 1, 0), rng.randrange(size + 1))))


def append(rng, path):
    data = read(path)
    more = rng.choice((b"\0", b"x", b" \n", b"{}", data, os.urandom(1) * 100,
                       data[:rng.randrange(len(data) + 1)]))
    write(path, data + more)


def insert(rng, path):
    data = read(path)
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + rng.randrange(200))
    write(path, rng.choice((data[:at] + data[end:],
                            data[:end] + data[at:],
                            data[:at] + bytes(rng.randrange(256) for _ in range(16))
                            + data[at:])))


def change_packets(rng, dir_path):
    path = f"{dir_path}/{rng.choice(STREAMS)}"
    other = f"{dir_path}/{rng.choice(STREAMS)}"
    if not is_sound(path) or not is_sound(other):
        return
    packets = packets_of(read(path))
    if not packets:
        return
    one, two = rng.randrange(len(packets)), rng.randrange(len(packets))
    kind = rng.randrange(7)
    if kind == 0:
        del packets[one]
    elif kind == 1:
        packets.insert(two, packets[one])
    elif kind == 2:
        packets[one], packets[two] = packets[two], packets[one]
    elif kind == 3:
        packets += packets
    elif kind == 4:
        packets = packets_of(read(other))
    elif kind == 5:
        packets = [renumber(p, rng.choice((-1, 0, 1)), rng.choice((0, 0, 1)))
                   for p in packets]
    else:
        packets[one] = large(rng, packets[one])
    write(path, b"".join(packets))


def renumber(old, more, vcpu):
    fields = list(HEADER.unpack_from(old))
    fields[8] = (fields[8] + more) & 0xffffffff
    fields[9] ^= vcpu
    return HEADER.pack(*fields) + old[HEADER.size:]


def large(rng, old):
    """Says that it is longer than it is, or is."""
    fields = list(HEADER.unpack_from(old))
    size = rng.choice((1 << 16, 1 << 20, 1 << 24, (1 << 29) - 16, len(old) + 16))
    fields[5] = fields[6] = size * 8 & 0xffffffff
    more = min(size, 1 << 20) - len(old)
    body = old[HEADER.size:]
    if rng.random() < 0.5 and more > 0:
        body += body[-16:] * (more // 16)
    return HEADER.pack(*fields) + body


def parts_of(value, path=()):
    """All places in a JSON value."""
    items = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ())
    for key, part in items:
        yield value, key
        yield from parts_of(part, path + (key,))


def change_json(rng, path):
    try:
        root = json.loads(read(path))
    except (ValueError, RecursionError):
        return
    places = list(parts_of(root))
    for _ in range(rng.choice((1, 1, 2, 5))):
        holder, key = rng.choice(places)
        kind = rng.randrange(6)
        try:
            if kind == 0:
                del holder[key]
            elif kind == 1 and isinstance(holder[key], int):
                holder[key] += rng.choice((1, -1, 10, 1000))
            elif kind == 2:
                source, name = rng.choice(places)
                holder[key] = json.loads(json.dumps(source[name]))
            elif kind == 3 and isinstance(holder, list):
                holder.append(json.loads(json.dumps(holder[key])))
            elif kind == 3:
                holder[rng.choice(("x", "CPUID", "vcpu", "count"))] = rng.choice(VALUES)
            else:
                holder[key] = rng.choice(VALUES)
        except (KeyError, IndexError, TypeError):
            pass
    text = json.dumps(root)
    if rng.random() < 0.05:
        text = "[" * 100000 + text
    if rng.random() < 0.05:
        text = text[:-1] + ',"x":[' + "[]," * 1000000 + "[]]}"
    write(path, text.encode("utf-8", "surrogatepass"))


def change_metadata(rng, path):
    lines = read(path).split(b"\n")
    at = rng.randrange(len(lines))
    kind = rng.randrange(4)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(rng.randrange(len(lines)), lines[at])
    elif kind == 2:
        lines = [re.sub(rb"\d+", lambda found: rng.choice(
            (found[0], b"0", b"1", b"9" * 30, b"-1")), line)
            if rng.random() < 0.1 else line for line in lines]
    else:
        word = rng.choice((b"kvm", b"TCG", b"host", b"", b"hardware"))
        was = rng.choice((b"tcg", b"emulated"))
        lines = [line.replace(b'"' + was + b'"', b'"' + word + b'"')
                 for line in lines]
    write(path, b"\n".join(lines))


def change_kind(rng, dir_path):
    """Something else in place of a file, or a file that should not be there."""
    path = f"{dir_path}/{rng.choice(FILES)}"
    kind = rng.choice(("fifo", "fifo link", "zero", "null", "loop", "directory",
                       "sparse", "hole", "socket", "gone", "node", "full",
                       "other name", "run link", "no run"))
    if kind == "other name":
        shutil.copy(f"{dir_path}/vcpu0", f"{dir_path}/" + rng.choice(
            ("vcpu00", "vcpu2", "vcpu255", "vcpu256", "vcpu1x", "vcpu+1",
             "vcpu18446744073709551616")))
        return
    if kind in ("run link", "no run"):
        shutil.rmtree(f"{dir_path}/run")
        if kind == "run link":
            os.symlink("/proc/self", f"{dir_path}/run")
        return
    if kind == "hole":
        os.truncate(path, os.path.getsize(path) + (3 << 30))
        return
    os.unlink(path)
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "fifo link":
        os.mkfifo(dir_path + "/fifo")
        os.symlink(dir_path + "/fifo", path)
    elif kind in ("zero", "null", "full"):
        os.symlink("/dev/" + kind, path)
    elif kind == "loop":
        os.symlink(os.path.basename(path), path)
    elif kind == "directory":
        os.mkdir(path)
    elif kind == "sparse":
        write(path, b"")
        os.truncate(path, 3 << 30)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path)
    elif kind == "node":
        try:
            os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))
        except OSError:
            pass


def mutate(rng, dir_path):
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        path = f"{dir_path}/{rng.choice(FILES)}"
        stream = f"{dir_path}/{rng.choice(STREAMS)}"
        ways = (
            (3, lambda: change_bytes(rng, stream)),
            (1, lambda: change_bytes(rng, path)),
            (1, lambda: truncate(rng, path)),
            (1, lambda: append(rng, path)),
            (1, lambda: insert(rng, path)),
            (4, lambda: change_packets(rng, dir_path)),
            (5, lambda: change_json(rng, dir_path + "/run/run.json")),
            (2, lambda: change_metadata(rng, dir_path + "/metadata")),
            (4, lambda: change_kind(rng, dir_path)),
        )
        rng.choices([way for _, way in ways], [often for often, _ in ways])[0]()
        if any(not is_plain(f"{dir_path}/{name}") for name in FILES):
            return


def is_plain(path):
    """A file of some size: it can be changed further."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size < 1 << 25


# --- commands and what they say ---------------------------------------------


def from_report_json(text):
    report = json.loads(text)
    if report["partial"]:
        return None
    return {call["name"]: call["count"] for call in report["calls"]
            if call["count"]}


def from_report_csv(text):
    return {row["name"]: int(row["count"])
            for row in csv.DictReader(io.StringIO(text)) if int(row["count"])}


def from_report_site(text):
    counts = collections.Counter()
    for row in csv.DictReader(io.StringIO(text)):
        counts[row["call"]] += int(row["count"])
    return counts


def from_report_vcpu(text):
    return {"": sum(int(row["count"])
                    for row in csv.DictReader(io.StringIO(text)))}


def from_export_csv(text):
    return collections.Counter(row["call"]
                               for row in csv.DictReader(io.StringIO(text)))


def from_chrome(text):
    trace = json.loads(text)
    if trace["otherData"]["partial"]:
        return None
    return collections.Counter(event["name"] for event in trace["traceEvents"]
                               if event.get("cat") == "vmi" and
                               event["name"] != "lost")


def from_openmetrics(text):
    counts = {}
    if not re.search(r"^vmi_run_complete(\{.*\})? 1$", text, re.MULTILINE):
        return None
    for line in re.findall(r'^vmi_calls_total\{.*call="(\w+)".*\} (\d+)$', text,
                           re.MULTILINE):
        counts[line[0]] = int(line[1])
    return counts


def from_perf_script(text):
    return collections.Counter(re.findall(r"^\t +[0-9a-f]{8} (\w+) \(\[vmi-rom\]\)",
                                          text, re.MULTILINE))


def from_folded(text):
    counts = collections.Counter()
    for line in text.splitlines():
        stack, weight = line.rsplit(" ", 1)
        counts[stack.rsplit(";", 1)[1]] += int(weight)
    return counts


def from_diff(side):
    def counts(text):
        diff = json.loads(text)
        if diff["partial"]:
            return None
        return {row["call"]: row["count"][side] for row in diff["calls"]
                if row["count"][side]}
    return counts


def commands(options, base, trace):
    """(arguments, how to read totals from what is printed, or None)."""
    def export(*args):
        return ["export", "-f", *args, trace]
    return [
        (["report", "--json", trace], from_report_json),
        (["report", "--json", "--threads", "1", trace], from_report_json),
        (["report", trace], None),
        (["report", "--csv", trace], from_report_csv),
        (["report", "--by", "site", "--csv", trace], from_report_site),
        (["report", "--by", "vcpu", "--csv", trace], from_report_vcpu),
        (["report", "--by", "vcpu", trace], None),
        (["report", "--by", "mode", trace], None),
        (["report", "--from", "1us", "--call", "CPUID,Halt", trace], None),
        (["diff", base.dir, trace, "--json"], from_diff("new")),
        (["diff", trace, base.dir, "--json"], from_diff("old")),
        (["diff", trace, base.dir], None),
        (export("csv"), from_export_csv),
        (export("chrome"), from_chrome),
        (export("openmetrics"), from_openmetrics),
        (export("prometheus"), None),
        (export("perf-script", "--weight", "calls"), from_perf_script),
        (export("folded", "--weight", "calls"), from_folded),
        (["advise", trace, options.results], None),
        (["plot", "-o", os.path.join(os.path.dirname(trace), "plot.svg"), trace],
         None),
    ]


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watch(child, out, err):
    """Wait for the child; its exit status and its memory in KiB."""
    end = time.monotonic() + ALARM_S
    pause = 0.001
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return child.returncode, usage.ru_maxrss
        if time.monotonic() > end or cpu_seconds(child.pid) > CPU_S:
            break
        time.sleep(pause)
        pause = min(2 * pause, 0.05)
    used = cpu_seconds(child.pid)
    with open(f"/proc/{child.pid}/stat", encoding="utf-8") as file:
        state = file.read().rsplit(")", 1)[1].split()[0]
    child.kill()
    child.wait()
    if used > CPU_S or state == "S":
        raise Fault(f"no end: {used:.1f} s of CPU time, state {state}")
    return None, 0


def limits():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 26, 1 << 26))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def run_command(program, args, scratch, sanitized):
    """Exit status, stdout, stderr; None when the machine was too slow."""
    env = dict(os.environ, LC_ALL="C", TMPDIR=scratch,
               ASAN_OPTIONS="detect_leaks=0:exitcode=99:quarantine_size_mb=8",
               UBSAN_OPTIONS="halt_on_error=1:exitcode=99")
    with open(scratch + "/out", "w+b") as out, open(scratch + "/err", "w+b") as err:
        child = subprocess.Popen([program] + args, stdin=subprocess.DEVNULL,
                                 stdout=out, stderr=err, env=env,
                                 preexec_fn=limits)
        status, kib = watch(child, out, err)
        out.seek(0)
        err.seek(0)
        said, told = out.read().decode(), err.read().decode()
    if status is None:
        return None
    if status not in (0, 1, 2):
        raise Fault(f"exit status {status}: {told[:600]}")
    if not sanitized and kib > MEMORY_KIB:
        raise Fault(f"{kib // 1024} MiB of memory")
    if status and not told:
        raise Fault(f"exit status {status} without a message")
    for char in set(said + told):
        if (ord(char) < 32 and char not in "\n\t\r") or 127 <= ord(char) < 160 or \
           char in "\u202e\ufffe":
            raise Fault(f"prints {char!r}")
    return status, said, told


def check_totals(base, said, totals):
    counts = totals(said)
    if counts is None:
        return
    counts = dict(counts)
    expected = {"": base.total} if "" in counts else dict(base.counts)
    if counts != expected:
        wrong = {name: (counts.get(name, 0), expected.get(name, 0))
                 for name in set(counts) | set(expected)
                 if counts.get(name, 0) != expected.get(name, 0)}
        raise Fault(f"wrong totals (found, expected): {wrong}")


def one_run(options, base, scratch, number):
    """Returns how many commands were run."""
    rng = random.Random(f"{options.seed}-{number}")
    trace = scratch + "/trace"
    if os.path.lexists(trace):
        shutil.rmtree(trace)
    # What is not in the streams is in run.json alone: there is nothing to
    # compare sums with.
    sums = number % 4 == 3
    shutil.copytree(base.sums if sums else base.dir, trace)
    mutate(rng, trace)
    every = commands(options, base, trace)
    # Drawing is slow, and has nothing of its own to read.
    plot = [every.pop()] if number % 20 == 0 else [every.pop()][:0]
    chosen = [every[0]] + rng.sample(every[1:], options.commands) + plot
    nr = 0
    for args, totals in chosen:
        sanitized = bool(options.sanitized) and nr == len(chosen) - 1
        program = options.sanitized if sanitized else options.vmiprof
        try:
            result = run_command(program, args, scratch, sanitized)
            if result and totals and not sums and result[0] == 0 and not result[2]:
                check_totals(base, result[1], totals)
        except Fault as fault:
            raise Fault(f"run {number}: {os.path.basename(program)} "
                        f"{' '.join(args)}: {fault}") from fault
        nr += 1
    return nr


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--vmiprof", required=True)
    parser.add_argument("--sanitized", help="vmiprof with the sanitizers")
    parser.add_argument("--mktrace", required=True)
    parser.add_argument("--results", required=True, help="results for advise")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seconds", type=float, help="instead of --runs")
    parser.add_argument("--commands", type=int, default=3,
                        help="commands for each mutation, beside report")
    parser.add_argument("--only", type=int, help="this run alone")
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def numbers(options):
    if options.only is not None:
        yield options.only
    elif options.seconds is None:
        yield from range(options.runs)
    else:
        end = time.monotonic() + options.seconds
        number = 0
        while time.monotonic() < end:
            yield number
            number += 1


def main():
    options = parse()
    scratch = tempfile.mkdtemp(prefix="vmiprof-mutate-")
    faults = []
    runs = asked = 0
    try:
        base = Base(options, scratch)
        status, _, told = run_command(options.vmiprof, ["report", base.sums],
                                      scratch, False)
        if status or told:
            raise Fault(f"the sound trace of sums: {status}: {told}")
        for args, totals in commands(options, base, base.dir):
            status, said, told = run_command(options.vmiprof, args, scratch, False)
            # What the sound trace gives must be what is compared with.
            if args[0] != "advise" and (status or told):
                raise Fault(f"the sound trace: {args}: {status}: {told}")
            if totals:
                check_totals(base, said, totals)
        for number in numbers(options):
            runs += 1
            try:
                asked += one_run(options, base, scratch, number)
            except Fault as fault:
                faults.append(str(fault))
                print(f"# {fault}", file=sys.stderr)
    finally:
        if options.keep:
            print(f"# {scratch}", file=sys.stderr)
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    print(f"{runs} mutated traces, {asked} commands, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
