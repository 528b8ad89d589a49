"""A file is written whole, for its owner only, or not at all; and a damaged zip is told with its reason."""

import io
import os
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from estimator.errors import Refused
from estimator.files import EVERYBODYS, day_of, make_private, written_whole
from estimator.plans.crosswalk import read_crosswalk
from estimator.plans.marketplace.files import table
from estimator.plans.pbp import read_benefit_file
from estimator.prices.cms_files import read_gpcis

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
    """Catalogues that ship are read by any user the program runs as."""
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


# ----------------------------------------------------------------------------
# Damaged zip files.
# ----------------------------------------------------------------------------


def rows_of_benefits(path: Path) -> None:
    with table(path, "benefits") as opened:
        list(opened.rows)


ZIP_READERS = {
    "pbp_Section_A.txt": read_benefit_file,
    "benefits.csv": rows_of_benefits,
    "crosswalk2027.txt": read_crosswalk,
    "GPCI2026.csv": read_gpcis,
}


def packed(name: str, method: int = zipfile.ZIP_DEFLATED) -> bytearray:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr(name, "".join(f"{at}\t{at * at}\r\n" for at in range(400)))
    return bytearray(target.getvalue())


def everywhere(content: bytearray, field: int, bits: int) -> bytearray:
    """Set bits of a field of the local header and of the same one in the directory, which has two bytes before it."""
    directory = content.rindex(b"PK\1\2")
    content[field] |= bits
    content[directory + field + 2] |= bits
    return content


def damaged_in_the_middle(content: bytearray) -> bytearray:
    start = 30 + int.from_bytes(content[26:28], "little")
    content[start + 40 : start + 60] = b"7" * 20
    return content


DAMAGES: dict[str, Callable[[str], bytearray]] = {
    "an unknown method": lambda name: everywhere(packed(name), 8, 64),
    "a password": lambda name: everywhere(packed(name), 6, 1),
    "other bytes": lambda name: damaged_in_the_middle(packed(name, zipfile.ZIP_STORED)),
    "no deflate": lambda name: damaged_in_the_middle(packed(name)),
    "no bzip2": lambda name: damaged_in_the_middle(packed(name, zipfile.ZIP_BZIP2)),
    "no LZMA": lambda name: damaged_in_the_middle(packed(name, zipfile.ZIP_LZMA)),
    "the end cut off": lambda name: packed(name)[:-30],
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ZIP_READERS)
def test_a_damaged_zip_is_told_with_its_reason(tmp_path: Path, name: str, damage: str) -> None:
    """For everything the standard library raises, and for every reader."""
    path = tmp_path / f"{Path(name).stem}.zip"
    path.write_bytes(DAMAGES[damage](name))

    with pytest.raises(Refused, match="download it again") as refusal:
        ZIP_READERS[name](path)
    assert path.name in str(refusal.value.problems[0])


def test_a_member_without_a_day_has_none() -> None:
    """Some programs write zeros there, of which no month and no day is one."""
    content = everywhere(packed("benefits.csv"), 10, 0)
    directory = content.rindex(b"PK\1\2")
    days = []
    for at in (b"\0\0\0\0", b"\0\0\x21\x5d"):
        content[directory + 12 : directory + 16] = at
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            days.append(day_of(archive.infolist()[0]))

    assert [None, date(2026, 9, 1)] == days
