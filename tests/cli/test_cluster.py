"""Price files read by the workers of a Dask cluster: the same as read here, also where a worker ends in the middle."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from distributed import LocalCluster

from estimator.cli import cluster as cluster_module
from estimator.cli.prices import import_
from estimator.cli.rates import read_on_cluster
from estimator.prices.rates import read_all
from tests.prices.test_rates import PLAIN, file_of, price, service

FILES = 12


@pytest.fixture
def two_workers() -> Iterator[Any]:
    """Two processes of one thread each on this machine."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster


def files_in(folder: Path, copies: int, number: int = FILES) -> list[Path]:
    """Write files of so many prices each, no two alike."""
    paths = []
    for place in range(number):
        many = [service("97110", price(30 + place / 100 + one / 1000)) for one in range(copies)]
        paths.append(shutil.move(file_of(folder, *PLAIN, *many), folder / f"rates-{place}.json"))
    return paths


def imported(*words: str | Path) -> Result:
    return CliRunner().invoke(import_, ["rates", *map(str, words), "--insurer", "bcbs-mn", "--state", "MN"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_files_are_read_on_a_cluster_though_a_worker_is_killed(tmp_path: Path, two_workers: Any) -> None:
    """Each file once, in order, with what reading them here gives; some were still to be read when it ended."""
    paths = files_in(tmp_path, 20_000)
    reading = read_on_cluster(two_workers.scheduler_address, paths)
    first = next(reading)
    at_work = sum(len(worker.processing) for worker in two_workers.scheduler.workers.values())
    os.kill(two_workers.workers[0].pid, signal.SIGKILL)
    read = [first, *reading]

    assert at_work > 1
    assert read_all(paths) == read


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_command_prints_the_same_with_a_cluster(tmp_path: Path, two_workers: Any) -> None:
    """Files, counts and the market; a damaged file is refused as it is here."""
    paths = files_in(tmp_path, 3, 3)
    here, there = imported(*paths), imported(*paths, "--dask", two_workers.scheduler_address)

    assert 0 == there.exit_code
    assert here.output == there.output
    assert "97110" in there.output
    paths[1].write_text(paths[1].read_text("utf-8")[:-20], "utf-8")
    here, there = imported(*paths), imported(*paths, "--dask", two_workers.scheduler_address)

    assert 2 == here.exit_code == there.exit_code
    assert here.output == there.output


def test_a_cluster_that_does_not_answer_is_told_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to enter instead."""
    monkeypatch.setattr(cluster_module, "_PATIENCE", "1s")
    ran = imported(file_of(tmp_path, *PLAIN), "--dask", "tcp://127.0.0.1:9")

    assert 2 == ran.exit_code
    assert "No Dask cluster answers at tcp://127.0.0.1:9. Enter the address of its scheduler." in ran.output
