"""How long people wait when something of `make run` is killed, and what its web processes hold. Linux only.

    .venv/bin/python -m benchmarks.kills

A web worker, killed three times while four readers ask: the longest that one waits, counting what he asks again after a
broken connection. The launcher, killed outright three times: from the next start to its first page. Memory is what is
held alone, and a part of what is shared (Pss).
"""

import http.client
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from tests.trial.local.launcher import Launched, parent_of, processes

ROUNDS = 3
BOUNDS = {"a reader, a web worker killed": 1.0, "the next start, the launcher killed": 5.0}


def main() -> None:
    print(f"load average before: {os.getloadavg()[0]:.1f}", flush=True)
    var = Path(tempfile.mkdtemp(prefix="kills-"))
    launcher = Launched(var)
    worst = dict.fromkeys(BOUNDS, 0.0)
    try:
        address = launcher.up()
        time.sleep(5)  # worker and beat are there, too
        web = launcher.children()["gunicorn"]
        print(f"web: {sum(map(held, [web, *of(web)])):.0f} MB in three processes")
        worst["a reader, a web worker killed"] = readers(address, web)
        for _ in range(ROUNDS):
            launcher.process.kill()
            launcher.process.wait()
            before = time.monotonic()
            launcher = Launched(var)
            launcher.up()
            took = time.monotonic() - before
            print(f"the next start: {took:.1f} s", flush=True)
            worst["the next start, the launcher killed"] = max(took, worst["the next start, the launcher killed"])
            time.sleep(5)
    finally:
        launcher.stop()
        shutil.rmtree(var, ignore_errors=True)
    for what, bound in BOUNDS.items():
        print(f"{what}: at most {worst[what]:.2f} s, bound {bound:g} s")
    if any(worst[what] > bound for what, bound in BOUNDS.items()):
        sys.exit("A bound is missed.")


def readers(address: str, web: int) -> float:
    waits: list[float] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            before = time.monotonic()
            while not answered(f"{address}accounts/login/"):
                pass
            waits.append(time.monotonic() - before)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(ROUNDS):
        time.sleep(2)
        os.kill(of(web)[0], signal.SIGKILL)
    time.sleep(2)
    over.set()
    for thread in threads:
        thread.join()
    return max(waits)


def answered(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            answer.read()
    except (OSError, http.client.HTTPException):
        return False
    return True


def of(parent: int) -> list[int]:
    return [pid for pid in processes() if parent_of(pid) == parent]


def held(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    main()
