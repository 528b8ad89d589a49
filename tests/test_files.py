"""A file is written whole, for its owner only, or not at all."""

import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from estimator.files import EVERYBODYS, make_private, written_whole

KILLED_HALFWAY = """
import os, signal, sys
from pathlib import Path
from estimator.files import written_whole
with written_whole(Path(sys.argv[1])) as target:
    target.write(b"half")
    target.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_its_owner_reads_what_is_written(tmp_path: Path) -> None:
    """A backup holds hashes of passwords, and a document a person's costs."""
    path = tmp_path / "kept.gz"
    with written_whole(path) as target:
        target.write(b"whole")

    assert b"whole" == path.read_bytes()
    assert 0o600 == rights(path)


def test_what_is_for_everybody_is_said(tmp_path: Path) -> None:
    """Catalogs that ship are read by any user the program runs as."""
    path = tmp_path / "catalogue"
    with written_whole(path, EVERYBODYS):
        pass

    assert rights(path) & 0o400
    assert 0o600 != rights(path) or os.umask(0o022) == 0o077


def test_what_fails_halfway_leaves_the_older_file_alone(tmp_path: Path) -> None:
    """And nothing next to it."""
    path = tmp_path / "kept.gz"
    path.write_bytes(b"older")
    with suppress(ZeroDivisionError), written_whole(path) as target:
        target.write(b"half")
        raise ZeroDivisionError

    assert [path] == list(tmp_path.iterdir())
    assert b"older" == path.read_bytes()


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="only Linux has files without a name")
def test_what_is_killed_halfway_leaves_nothing_either(tmp_path: Path) -> None:
    """Nobody is there any more to clean up, so there must be nothing to clean up."""
    path = tmp_path / "kept.gz"
    path.write_bytes(b"older")
    ended = subprocess.run([sys.executable, "-c", KILLED_HALFWAY, str(path)], check=False)

    assert -signal.SIGKILL == ended.returncode
    assert [path] == list(tmp_path.iterdir())
    assert b"older" == path.read_bytes()


def test_only_a_file_is_replaced(tmp_path: Path) -> None:
    """A device or a pipe in its place would be gone, and everybody who uses it would notice."""
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    for path, reason in ((pipe, "it is no file"), (folder, "it is a folder")):
        with pytest.raises(OSError, match=reason), written_whole(path):
            pass

    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert folder.is_dir()


def test_a_link_goes_on_leading_to_its_file(tmp_path: Path) -> None:
    """What it leads to is replaced, not the link."""
    path, link = tmp_path / "kept.gz", tmp_path / "newest"
    path.write_bytes(b"older")
    link.symlink_to(path)
    with written_whole(link) as target:
        target.write(b"newer")

    assert link.is_symlink()
    assert b"newer" == path.read_bytes()


def test_a_private_file_is_taken_from_everybody_else(tmp_path: Path) -> None:
    """Older versions of the program made it for all to read; a group that somebody let in stays."""
    new, open_to_all, shared = (tmp_path / name for name in ("new", "open", "shared"))
    open_to_all.touch()
    open_to_all.chmod(0o644)
    shared.touch()
    shared.chmod(0o660)
    for path in (new, open_to_all, shared):
        make_private(path)

    assert [0o600, 0o600, 0o660] == [rights(path) for path in (new, open_to_all, shared)]
