"""Fifty people on the form for a minute, against the product as it is served, with errors and waiting times.

Each opens the form, reads for some seconds, sends it and reads the answer. Run `make load`; the server, its database
and the people are all on this machine, and the loop ends by itself. `make load AT=https://estimate.clinic.example`
asks a service that runs already, such as one behind a proxy; its certificate isn't looked at.
"""

from __future__ import annotations

import http.client
import os
import random
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from threading import Thread
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

PEOPLE = 50
SECONDS = 60
READS = (1.0, 3.0)
PLANS = ("template-employer-ppo", "original-medicare-2026", "template-employer-hdhp-hsa", "self-pay")
ZIPS = ("98101", "60601", "30303", "73301")
PATIENCE = 120

Waited = tuple[str, float, int]


def main() -> None:
    """Print how long people waited, and whether anything failed."""
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
    """The product on a free port, with a database of its own."""

    def __init__(self, folder: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        named = {**os.environ, "ESTIMATOR_DATA": folder}
        named.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "estimator", "serve", "--port", str(self.port)]
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
