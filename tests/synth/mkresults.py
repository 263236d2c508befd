#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""mkresults.py DIR: results files with known differences, for the tests of the gate.

The samples are made of a seeded generator, so that each file is the same always.
"""
import json
import math
import random
import statistics
import sys

ACCELERATOR = {"exact": "tcg-icount", "host": "none"}


def ci95_ranks(nr):
    """As sample_ci95_ranks(): at most 2.5 % of the binomial below."""
    tail, rank = 0.0, 0
    while rank < nr // 2:
        tail += math.comb(nr, rank) / 2.0 ** nr
        if tail > 0.025:
            break
        rank += 1
    low = rank - 1 if rank else 0
    return low, nr - 1 - low


def case(form, platform, unit, samples, call="DisableInterrupts"):
    ordered = sorted(samples)
    low, high = ci95_ranks(len(samples))
    return {
        "call": call, "form": form, "padding": None, "platform": platform,
        "unit": unit, "group": "rom-native/" + call,
        "min": ordered[0], "median": statistics.median(ordered),
        "p95": ordered[math.ceil(0.95 * len(ordered)) - 1],
        "ci95": [ordered[low], ordered[high]], "ratio_to_native": None,
        "repetitions": [len(samples)], "samples": samples,
    }


def exact(stub=3):
    return [case(form, "exact", "instructions", [count] * 7)
            for form, count in (("native", 1), ("inline", 1), ("stub", stub))]


def host(stub=1.5, noise=0.004, seed=1, nr=25):
    """Native drifts by a tenth; what is paired with it goes along."""
    rand = random.Random(seed)
    native = [100 + 10 * i / nr + rand.random() for i in range(nr)]
    return [case("native", "host", "cycles", native),
            case("stub", "host", "cycles",
                 [n * stub * (1 + noise * (rand.random() - 0.5))
                  for n in native])]


def results(cases, cpu="Made Up CPU"):
    platforms = {c["platform"]: {
        "status": "ran", "reason": None,
        "accelerator": ACCELERATOR[c["platform"]],
        "repetitions": 1, "perf": None} for c in cases}
    return {
        "format": "vmiprof-results", "version": 1,
        "started": "2026-11-20T12:00:00Z", "sets": ["guest"],
        "machine": {"cpu": cpu, "kernel": "Linux 6.1", "cores": 2},
        "tools": {"vmiprof": "0.1", "qemu": "7.2", "gcc": "12.2"},
        "platforms": platforms, "skipped": [], "cases": cases,
    }


def files():
    yield "base", results(exact() + host())
    yield "same", results(exact() + host(seed=2))
    yield "more", results(exact(4) + host(seed=2))
    yield "fewer", results(exact(2) + host(seed=2))
    yield "slower", results(exact() + host(1.8, seed=2))
    yield "faster", results(exact() + host(1.2, seed=2))
    yield "noisy", results(exact() + host(1.6, noise=0.9, seed=3))
    yield "spans", results(exact() + host(1.575, seed=2))
    yield "missing", results(exact()[:2] + host(seed=2))
    yield "added", results(exact() + host(seed=2) + [
        case("native", "exact", "instructions", [1] * 7, "Pause")])
    yield "machine", results(exact() + host(seed=2), "Another CPU")
    yield "machine-more", results(exact(4) + host(seed=2), "Another CPU")
    yield "no-host", results(exact())

    one_more = results(exact() + host(seed=2))
    one_more["cases"][2] = case("stub", "exact", "instructions",
                                [3] * 6 + [4])
    yield "one-more", one_more
    accelerator = results(exact() + host(1.8, seed=2))
    accelerator["platforms"]["exact"]["accelerator"] = "kvm"
    yield "accelerator", accelerator
    emulated = results(exact() + host(seed=2))
    emulated["cases"][4]["unit"] = "tcg-cycles"
    yield "emulated", emulated
    version = results(exact() + host(seed=2))
    version["version"] = 2
    yield "version", version
    failed = results(exact()[:2] + host(seed=2))
    failed["platforms"]["exact"].update(
        status="failed", reason="the guest died after 2 cases")
    yield "failed", failed
    unsupported = results(exact())
    unsupported["platforms"]["host"] = {
        "status": "not supported", "reason": "no such CPU",
        "accelerator": "none", "repetitions": 0, "perf": None}
    yield "unsupported", unsupported
    liar = results(exact() + host(1.8, seed=2))
    liar["cases"][2]["median"] = 2
    yield "liar", liar


for name, content in files():
    with open(f"{sys.argv[1]}/{name}.json", "w", encoding="utf-8") as out:
        json.dump(content, out)
with open(f"{sys.argv[1]}/torn.json", "w", encoding="utf-8") as out:
    out.write(json.dumps(results(exact()))[:300])
