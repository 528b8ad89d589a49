"""Who does the jobs: a process of its own, so that a long schedule slows no page down.

`make serve` starts one beside the pages, and it ends with them; where pages run on several machines, start it by
`estimator work` on one of them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from sqlalchemy import URL

from estimator.billing.queue import go_on_with_all, jobs_at
from estimator.db.connection import engine_at, require_ready

WITH_PARENT = "--with-parent"


def work(url: URL, *, with_parent: bool = False) -> None:
    """Do jobs until the process is told to stop, or, `with_parent`, until standard input ends.

    Raises DatabaseUnavailable, or DatabaseNotReady where its tables are of another version.
    """
    require_ready(engine_at(url))
    if with_parent:
        Thread(target=_stop_when_input_ends, daemon=True).start()
    go_on_with_all(url)
    jobs_at(url).queue.create_consumer(workers=1, max_delay=1.0, graceful_signal="TERM").run()


@contextmanager
def worker_beside() -> Iterator[None]:
    """Have a worker for as long as this lasts; it also ends with this process, however that ends."""
    command = [sys.executable, "-m", "estimator", "work", WITH_PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as worker:
        yield
        # Leaving closes its standard input and waits until the rows at hand are kept.
        assert worker.stdin is not None
        worker.stdin.close()


def _stop_when_input_ends() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
