"""Fifty people on the form for a minute, against the product as it is served, with errors and waiting times.

Each opens the form, reads for some seconds, sends it and reads the answer. Run `make load`; the server, its database
and the people are all on this machine, and the loop ends by itself. `make load AT=https://estimate.clinic.example`
asks a service that runs already, such as one behind a proxy; its certificate isn't looked at.

`make hurry` has eight clients ask two processes of gunicorn for answers without a pause, and prints how many a second
there were and what one costs the processes: on a busy machine that cost is the figure to go by.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

PEOPLE = 50
SECONDS = 60
READS = (1.0, 3.0)
PLANS = ("template-employer-ppo", "original-medicare-2026", "template-employer-hdhp-hsa", "self-pay")
ZIPS = ("98101", "60601", "30303", "73301")
PATIENCE = 120
CLIENTS, PROCESSES, HURRIED = 8, 2, 20
HURRY = "--hurry"

Waited = tuple[str, float, int]


def main() -> None:
    """Print how long people waited, and whether anything failed."""
    if HURRY in sys.argv:
        for what, figure in hurried().items():
            print(f"{what}: {figure:,.1f}")
        return
    if len(sys.argv) > 1:
        _tell(_visited(urlsplit(sys.argv[1])))
    with tempfile.TemporaryDirectory() as folder, _served(folder) as port:
        waited = _visited(urlsplit(f"http://127.0.0.1:{port}"))
    _tell(waited)


def _visited(there: SplitResult) -> list[Waited]:
    waited: list[Waited] = []
    people = [Thread(target=_person, args=(there, number, waited)) for number in range(PEOPLE)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return waited


class _served:
    """The product on a free port, with a database of its own: as `estimator serve`, or as several processes."""

    def __init__(self, folder: str, processes: int = 1) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        named = {**os.environ, "ESTIMATOR_DATA": folder}
        named.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "estimator", "serve", "--port", str(self.port)]
        if processes > 1:
            settings = ["-c", "python:estimator.web.gunicorn_settings", "--workers", str(processes)]
            command = [sys.executable, "-m", "gunicorn", *settings, "--bind", f"127.0.0.1:{self.port}"]
            command.append("estimator.web.app:create_app()")
        self.process = subprocess.Popen(command, env=named, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self) -> int:
        last = time.monotonic() + PATIENCE
        while time.monotonic() < last:
            try:
                if _asked(urlsplit(f"http://127.0.0.1:{self.port}"), "GET", "/livez", "")[1] == 200:
                    return self.port
            except OSError:
                time.sleep(0.5)
        raise TimeoutError("the pages did not come up")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)


# ----------------------------------------------------------------------------
# Answers as fast as they come: eight clients without a pause, two processes, what an answer costs them.
# ----------------------------------------------------------------------------


def hurried() -> dict[str, float]:
    """Return answers a second, how long the clients waited, and the processor time of an answer in the processes."""
    with tempfile.TemporaryDirectory() as folder:
        named = {**os.environ, "ESTIMATOR_DATA": folder}
        subprocess.run([sys.executable, "-m", "estimator", "db", "upgrade"], env=named, check=True, capture_output=True)
        with _served(folder, PROCESSES) as port:
            there = urlsplit(f"http://127.0.0.1:{port}")
            # Each process answers some before anything is measured.
            _hurry(there, 3)
            before, begun = _spent(), time.monotonic()
            waited = sorted(_hurry(there, HURRIED))
            took, worked = time.monotonic() - begun, _spent() - before
    return {
        f"answers a second, {CLIENTS} clients, {PROCESSES} processes": len(waited) / took,
        "processor time of an answer in the processes, ms": worked / len(waited) * 1000,
        "half waited at most, ms": waited[len(waited) // 2] * 1000,
        "of 100, 95 waited at most, ms": waited[int(len(waited) * 0.95)] * 1000,
        "programs that were running or waiting for a core": os.getloadavg()[0],
    }


def _spent() -> float:
    """Return the seconds of processor time of all processes that this one started, and of those that they started."""
    stats = [re.sub(r"\(.*\)", "-", path.read_text()).split() for path in Path("/proc").glob("[0-9]*/stat")]
    family = {os.getpid()}
    while more := {int(one[0]) for one in stats if int(one[3]) in family} - family:
        family |= more
    ticks = sum(int(one[13]) + int(one[14]) for one in stats if int(one[0]) in family - {os.getpid()})
    return ticks / os.sysconf("SC_CLK_TCK")


def _hurry(there: SplitResult, seconds: int) -> Sequence[float]:
    waited: list[Waited] = []

    def client(number: int) -> None:
        chance, end = random.Random(number), time.monotonic() + seconds
        while time.monotonic() < end:
            form = {"zip": chance.choice(ZIPS), "plan": chance.choice(PLANS), "visits": "12"}
            took, status = _asked(there, "POST", "/estimate", urlencode(form))
            waited.append(("answer", took, status))

    clients = [Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    if failed := [status for _, _, status in waited if status != 200]:
        raise ValueError(f"{len(failed)} answers failed, the first with {failed[0]}")
    return [took for _, took, _ in waited]


def _person(there: SplitResult, number: int, waited: list[Waited]) -> None:
    chance = random.Random(number)
    time.sleep(chance.uniform(0, READS[1]))
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        form = {"zip": chance.choice(ZIPS), "plan": chance.choice(PLANS), "visits": str(chance.randint(1, 24))}
        for name, method, path, body in (
            ("form", "GET", "/?in=en", ""),
            ("answer", "POST", "/estimate", urlencode(form)),
        ):
            seconds, status = _asked(there, method, path, body)
            waited.append((name, seconds, status))
            time.sleep(chance.uniform(*READS))


def _asked(there: SplitResult, method: str, path: str, body: str) -> tuple[float, int]:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "gzip"} if body else {}
    begun = time.monotonic()
    connection = _connected(there)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        response.read()
        return time.monotonic() - begun, response.status
    finally:
        connection.close()


def _connected(there: SplitResult) -> Any:
    if there.scheme == "https":
        trusting = ssl._create_unverified_context()
        return http.client.HTTPSConnection(there.netloc, timeout=PATIENCE, context=trusting)
    return http.client.HTTPConnection(there.netloc, timeout=PATIENCE)


def _tell(waited: list[Waited]) -> None:
    failures = [status for _, _, status in waited if status != 200]
    print(f"{PEOPLE} people for {SECONDS} s: {len(waited):,} pages, {len(failures)} errors")
    for name in ("form", "answer"):
        times = sorted(seconds for each, seconds, _ in waited if each == name)
        half, most = times[len(times) // 2], times[int(len(times) * 0.95)]
        print(f"{name:<7} median {half * 1000:,.0f} ms, p95 {most * 1000:,.0f} ms, longest {times[-1] * 1000:,.0f} ms")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
