#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Make the seeds of tests/fuzz/seeds/ anew: seeds.py BUILD

BUILD holds the ROMs and tests/mktrace.  The first bytes of each seed are what the
target of that name says it reads.
"""
import pathlib
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def seed(target, name, data):
    path = HERE / "seeds" / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def drain():
    poll, sample, settled = b"\x0e", b"\x0b", b"\x0d"
    calls, wide, commit = b"\x00\x40", b"\x01", b"\x03"
    reserve, donate, wait = b"\x02\x00", b"\x04\x02", b"\x05\xff\xff\xff\x7f"
    seed("drain", "calls", (calls + poll) * 6 + sample)
    seed("drain", "wide", (wide * 20 + calls + poll + settled) * 3)
    seed("drain", "overrun", calls * 8 + poll + calls * 8)
    seed("drain", "donated", calls + donate + (calls * 2 + poll) * 4)
    seed("drain", "pending", (reserve + calls + poll + commit + poll) * 4)
    seed("drain", "clock", (calls + wait + poll) * 4)
    # word 6 is ctl.packets: one more, one less, far off
    seed("drain", "packets", calls + b"\x07\x06\x01" + poll)
    seed("drain", "packets-back", calls + poll + b"\x07\x06\xff" + poll)
    seed("drain", "packets-far", calls + b"\x06\x06\xff\xff\xff\xff" + poll)
    # word 16 is ctl.ring_phys
    seed("drain", "ring", b"\x06\x11\x00\x20\x00\x00\x06\x12\x00\x10\x00\x00"
         b"\x06\x10\x00\x00\x18\x00" + poll)
    # words 10 and 11 of a header are its sizes
    seed("drain", "size", calls + b"\x0a\x0a\xff\xff\x00\x00" + poll)
    seed("drain", "bits", calls + b"\x0a\x0b\x00\x02\x00\x00" + poll)


def trace(build):
    with tempfile.TemporaryDirectory() as top:
        directory = pathlib.Path(top) / "trace"
        subprocess.run([build / "tests/mktrace", directory, "small"],
                       check=True)
        metadata = (directory / "metadata").read_bytes()
        run = (directory / "run/run.json").read_bytes()
        stream = (directory / "vcpu0").read_bytes()[:4096]

    def put(name, flags, metadata, run, stream):
        seed("trace", name, struct.pack("<BHH", flags, len(metadata), len(run)) +
             metadata + run + stream)

    put("whole", 0, metadata, run, stream)
    put("torn", 2, metadata, b"", stream[:-24])
    put("no-metadata", 2, b"", b"", stream)
    put("not-ours", 0, metadata.replace(b"vmiprof", b"other"), run, stream)
    # flag 1: metadata of the target's own, whose uuid is this
    own = stream[:4] + b"0123456789abcde\0" + stream[20:]
    put("own", 1, b"", run, own)
    put("own-no-run", 3, b"", b"", own)
    # flag 4: once more with several threads
    put("own-threads", 5, b"", run, own)
    put("own-torn-threads", 7, b"", b"", own[:-24])


def results():
    with tempfile.TemporaryDirectory() as top:
        subprocess.run([sys.executable, HERE.parent / "synth/mkresults.py", top], check=True)
        for name in ("base", "failed", "no-host", "unsupported", "torn"):
            seed("results", name, (pathlib.Path(top) / f"{name}.json").read_bytes())


def rom(build):
    for name in ("native", "trace", "aggregate"):
        image = (build / f"rom-{name}.bin").read_bytes()
        seed("rom", name, image[:8192])


def symbols():
    seed("symbols", "map", b"00000000 A absolute\nc1000000 T _text\nc1000020 t second\n"
         b"c1000040 D data\n")
    source = """
static inline __attribute__((always_inline)) int inner(int *p) { return *p + 1; }
int outer(int *p) { return inner(p) * inner(p + 1); }
void _start(void) { int two[2] = { 1, 2 }; outer(two); }
"""
    with tempfile.TemporaryDirectory() as top:
        for name, flags in (("dwarf", ["-g"]), ("no-dwarf", [])):
            path = pathlib.Path(top) / name
            subprocess.run(["gcc", "-m32", "-O2", "-ffreestanding", "-nostdlib", "-static",
                            "-fno-asynchronous-unwind-tables", "-fcf-protection=none",
                            "-Wl,-Ttext=0x100000,--build-id=sha1,-N", *flags, "-x", "c", "-",
                            "-o", path], input=source.encode(), check=True, cwd="/")
            seed("symbols", name, path.read_bytes())


drain()
symbols()
trace(pathlib.Path(sys.argv[1]))
results()
rom(pathlib.Path(sys.argv[1]))
