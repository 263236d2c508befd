#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Reads what vmiprof export writes by the rules of those who read it, and prints
as JSON what it adds up to: export_check.py FORMAT FILE

perf-script  the regular expressions of FlameGraph's stackcollapse-perf.pl and
             speedscope's src/import/linux-tools-perf.ts
folded       flamegraph.pl: frames, a space, a number; sorted input not needed
chrome       "Trace Event Format" (Google): the members that each phase must have
csv          RFC 4180, as Python's csv reads it
openmetrics  the OpenMetrics 1.0 specification's grammar and its rules for
             families, counters, histograms and units
prometheus   Prometheus' text format 0.0.4
"""
import csv
import json
import math
import re
import sys
from collections import Counter, defaultdict

OFFSET = re.compile(r"\+0x[\da-f]+$")


def perf_script(text):
    assert text == "" or text.endswith("\n\n")
    calls, weight, sites, stacks = Counter(), Counter(), Counter(), Counter()
    last = defaultdict(float)
    for event in text.split("\n\n")[:-1]:
        head, *frames = event.split("\n")
        start = re.match(r"(\S.+?)\s+(\d+)(?:/?(\d+))?\s+", head)
        assert start, head
        assert re.match(r"(\S+\s*?\S*?)\s+(\d+)/(\d+)", head), head
        time = re.search(r"\s+(\d+\.\d+):\s+", head)
        kind = re.search(r"(\S+):\s*$", head)
        period = re.search(r":\s*(\d+)*\s+(\S+):\s*$", head)
        cpu = re.search(r"\[(\d{3})\]", head)
        assert time and kind and period and cpu, head
        assert kind[1] == "vmi:call", head
        assert float(time[1]) >= last[start[2], start[3]], head
        last[start[2], start[3]] = float(time[1])
        stack = []
        for frame in frames:
            match = re.match(r"\s*(\w+)\s*(.+) \((\S*)\)", frame)
            assert match, frame
            int(match[1], 16)
            mark = "_[i]" if match[3] == "inlined" else ""
            stack.append(OFFSET.sub("", match[2]) + mark)
        assert len(stack) >= 2, event
        calls[stack[0]] += 1
        weight[stack[0]] += int(period[1])
        sites[stack[-1]] += 1
        stacks[";".join([start[1]] + stack[::-1])] += int(period[1])
    return {"calls": calls, "weight": weight, "functions": sites,
            "stacks": stacks}


def folded(text):
    calls, stacks = Counter(), {}
    for line in text.splitlines():
        match = re.match(r"(.*)\s+?(\d+(?:\.\d*)?)$", line)
        assert match, line
        frames = match[1].split(";")
        assert len(frames) >= 3 and all(frames), line
        assert match[1] not in stacks, line
        stacks[match[1]] = int(match[2])
        calls[frames[-1]] += int(match[2])
    return {"calls": calls, "stacks": stacks}


def chrome(text):
    root = json.loads(text)
    calls, durations, threads = Counter(), Counter(), set()
    open_calls = defaultdict(list)
    for event in root["traceEvents"]:
        assert isinstance(event["name"], str), event
        assert isinstance(event["pid"], int), event
        assert isinstance(event["tid"], int), event
        where = event["pid"], event["tid"]
        if event["ph"] == "M":
            assert event["name"] in ("process_name", "thread_name"), event
            assert isinstance(event["args"]["name"], str), event
            threads.add(where)
            continue
        assert where in threads, event
        assert event["ts"] >= 0, event
        calls[event["name"]] += 1
        if event["ph"] == "X":
            assert event["dur"] >= 0, event
            durations[event["name"]] += event["dur"]
            begin = round(event["ts"] * 1000)
            open_calls[where].append((begin, begin + round(event["dur"] * 1000)))
        else:
            assert event["ph"] == "i" and event["s"] == "t", event
    # On one thread complete events nest: Perfetto drops those that do not.
    for spans in open_calls.values():
        stack = []
        for begin, end in sorted(spans, key=lambda s: (s[0], -s[1])):
            while stack and stack[-1] <= begin:
                stack.pop()
            assert not stack or end <= stack[-1], (begin, end, stack)
            stack.append(end)
    lost = sum(e["args"]["events"] for e in root["traceEvents"]
               if e["name"] == "lost")
    return {"calls": calls, "durations_us": durations, "lost": lost,
            "other": root["otherData"]}


def csv_rows(text):
    rows = list(csv.DictReader(text.splitlines(), strict=True))
    calls, cycles, functions = Counter(), Counter(), Counter()
    for row in rows:
        assert None not in row and None not in row.values(), row
        calls[row["call"]] += 1
        if row["cycles"] and row["interrupted"] == "0":
            cycles[row["call"]] += int(row["cycles"])
        functions[row["function"]] += 1
        int(row["ret"], 16), int(row["arg"], 16), float(row["time_s"])
    return {"calls": calls, "cycles": cycles, "functions": functions,
            "lost": sum(int(r["lost_before"]) for r in rows),
            "stolen": sum(int(r["stolen_cycles"]) for r in rows)}


NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)?\}})? (\S+)$")
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "info": ("_info",),
            "histogram": ("_bucket", "_count", "_sum")}


def metrics(text, openmetrics):
    lines = text.split("\n")
    assert lines.pop() == "", "the last line does not end"
    if openmetrics:
        assert lines.pop() == "# EOF", "no # EOF"
    family, types, seen, values = None, {}, set(), {}
    for line in lines:
        if line.startswith("# "):
            word, name, rest = line[2:].split(" ", 2)
            assert word in ("HELP", "TYPE", "UNIT"), line
            assert re.fullmatch(NAME, name), line
            if name != family:
                assert name not in seen, "interleaved: " + line
                seen.add(name)
                family = name
            if word == "TYPE":
                assert rest in SUFFIXES, line
                assert openmetrics or rest != "info", line
                types[name] = rest
            if word == "UNIT":
                assert openmetrics and name.endswith("_" + rest), line
            continue
        match = SAMPLE.match(line)
        assert match, line
        kind, name = types[family], match[1]
        suffixes = SUFFIXES[kind]
        if not openmetrics and kind == "counter":
            assert family.endswith("_total"), line
            suffixes = ("",)
        assert name in [family + s for s in suffixes], line
        labels = tuple(sorted(re.findall(LABEL, match[2] or "")))
        assert len(dict(labels)) == len(labels), line
        value = float(match[match.lastindex])
        assert not math.isnan(value) and value >= 0, line
        assert (name, labels) not in values, "twice: " + line
        values[name, labels] = value
    check_histograms(types, values)
    calls, lost, unrecorded = {}, 0, 0
    for (name, labels), value in values.items():
        if name == "vmi_calls_total":
            calls[dict(labels)["call"]] = int(value)
        if name == "vmi_lost_calls_total":
            lost += int(value)
        if name == "vmi_unrecorded_calls_total":
            unrecorded += int(value)
    return {"calls": calls, "lost": lost, "unrecorded": unrecorded,
            "types": types,
            "cycles": {dict(labels)["call"]: int(value)
                       for (name, labels), value in values.items()
                       if name == "vmi_call_cycles_sum"},
            "labels": sorted({label for _, labels in values for label in labels
                              if label[0] not in ("call", "le")})}


def check_histograms(types, values):
    buckets = defaultdict(list)
    for (name, labels), value in values.items():
        if name.endswith("_bucket"):
            rest = tuple(label for label in labels if label[0] != "le")
            buckets[name[:-len("_bucket")], rest].append(
                (float(dict(labels)["le"]), value))
    for (family, labels), bounds in buckets.items():
        assert types[family] == "histogram"
        assert bounds == sorted(bounds), "buckets not in order"
        counts = [count for _, count in bounds]
        assert counts == sorted(counts), "buckets not cumulative"
        assert bounds[-1][0] == math.inf, "no +Inf bucket"
        assert values[family + "_count", labels] == counts[-1]
        assert (family + "_sum", labels) in values


def main():
    kind, path = sys.argv[1:]
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    readers = {
        "perf-script": perf_script, "folded": folded, "chrome": chrome,
        "csv": csv_rows,
        "openmetrics": lambda text: metrics(text, True),
        "prometheus": lambda text: metrics(text, False),
    }
    json.dump(readers[kind](text), sys.stdout)


main()
