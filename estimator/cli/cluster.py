"""A Dask cluster that works in the place of this machine's processes, for batches and price files.

What a worker was at when it ended is given to another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from estimator.cli.common import refused

_PATIENCE = "20s"


class WorkerLost(Exception):
    """What worked on a part was ended, and nothing else can do it."""


@contextmanager
def on_cluster(address: str, rests_on: Callable[[], str]) -> Iterator[tuple[Executor, int]]:
    """Connect to a Dask cluster; give its executor, and how many parts it works on at a time.

    What `rests_on` returns must be the same on every worker as here, and files must be at the same place. Raises
    RequestRefused where nothing answers there, where it has no workers, and where one rests on something else;
    WorkerLost where a part ended the workers that it was given to.
    """
    try:
        # Its types are there in part: its functions are taken as they are.
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise refused("Install the extra `cluster` to use --dask.") from error
    try:
        client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
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
            yield executor, threads
        except distributed.KilledWorker as error:
            raise WorkerLost from error
        finally:
            executor.shutdown(wait=False)
