#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A QEMU that boots nothing: it speaks QMP on the socket that it inherits, and
misbehaves as FAKE_QEMU says:

cpus      answers query-cpus-fast with a number
nonsense  answers query-cpus-fast with what is no JSON
endless   sends events without end
stopped   stops the guest by itself: an internal error
rebooted  resets the machine and goes on
"""

import json
import os
import re
import socket
import sys
import threading

mode = os.environ["FAKE_QEMU"]
fd = int(re.search(r"id=qmp,fd=(\d+)", " ".join(sys.argv)).group(1))
monitor = socket.socket(fileno=fd)


def say(message):
    monitor.sendall((json.dumps(message) + "\r\n").encode())


def talk():
    while True:
        say({"event": "RTC_CHANGE", "data": {"offset": 0}})


say({"QMP": {"version": {"qemu": {"major": 9, "minor": 0, "micro": 0}}}})
for line in monitor.makefile():
    command = json.loads(line)
    name = command["execute"]
    answer = {}
    if name == "query-cpus-fast":
        if mode == "nonsense":
            monitor.sendall(b"HTTP/1.1 400 Bad Request\r\n")
            continue
        answer = 17 if mode == "cpus" else [{"thread-id": os.getpid()}]
    if name == "query-status":
        answer = {"status": "internal-error" if mode == "stopped" else "running"}
    if name == "quit":
        sys.exit(0)
    say({"return": answer, "id": command["id"]})
    if name == "cont":
        say({"event": "RESUME"})
        if mode == "endless":
            threading.Thread(target=talk, daemon=True).start()
        if mode == "stopped":
            print("KVM internal error. Suberror: 1", file=sys.stderr, flush=True)
            say({"event": "STOP"})
        if mode == "rebooted":
            say({"event": "RESET", "data": {"guest": True, "reason": "guest-reset"}})
