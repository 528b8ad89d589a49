"""A Dask cluster as what answers the parts of a batch: the same interface as a pool of processes (extra `cluster`).

A part that a worker was answering when it ended is given to another one. Every worker must have this version, these
rules and, where prices are files, these files at the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import cast

from estimator.cli.batch import WorkerLost
from estimator.cli.common import refused

_PATIENCE = "20s"


@contextmanager
def on_cluster(address: str, rests_on: Callable[[], str]) -> Iterator[tuple[Executor, int]]:
    """Connect to a cluster; give its executor, and how many parts it answers at a time.

    Raises RequestRefused where nothing answers there, where it has no workers, and where one rests on other rules than
    this machine; WorkerLost where a part ended the workers that it was given to.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        raise refused("Install the extra `cluster` to use --dask.") from error
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise refused(f"No Dask cluster answers at {address}. Enter the address of its scheduler.") from error
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise refused(f"The cluster at {address} has no workers. Start at least one.")
        ours = rests_on()
        others = [worker for worker, theirs in client.run(rests_on).items() if theirs != ours]
        if others:
            words = "has another version, day or rules than this machine. Bring them to the same state."
            raise refused(f"The worker at {others[0]} {words}")
        executor = client.get_executor()
        try:
            yield cast("Executor", executor), threads
        except KilledWorker as error:
            raise WorkerLost from error
        finally:
            executor.shutdown(wait=False)
