"""Where the database is: what DATABASE_URL says, else a file of SQLite in the folder for what is kept.

That folder is the one that ESTIMATOR_DATA names, else `instance/` of a checkout, else the folder in which an
installed program keeps a person's files.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import URL, make_url

from estimator.resources import prices_folder

_FILE = "estimator.db"
_OURS = "therapy-cost-estimator"
_POSTGRESQL = ("postgres", "postgresql")


def database_url() -> URL:
    """Return the address of the database."""
    chosen = os.environ.get("DATABASE_URL")
    if not chosen:
        return URL.create("sqlite", database=str(data_folder() / _FILE))
    url = make_url(chosen)
    # Hosts of PostgreSQL write its address without the driver, which would mean another one than ours.
    return url.set(drivername="postgresql+psycopg") if url.drivername in _POSTGRESQL else url


def data_folder() -> Path:
    """Return the folder for what is kept; it may not exist yet."""
    chosen = os.environ.get("ESTIMATOR_DATA")
    if chosen:
        return Path(chosen)
    root = prices_folder().parent
    if (root / "pyproject.toml").is_file():
        return root / "instance"
    home = os.environ.get("XDG_DATA_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(home) if home else Path.home() / ".local" / "share") / _OURS


def file_of(url: URL) -> Path | None:
    """Return the file of a database of SQLite; None where it is a server, or only in memory."""
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(str(url.database)) if is_file else None


def is_meant() -> bool:
    """Tell whether commands are to ask the database: it is named, or its file is there.

    Whoever names a folder of plans and no database means that folder.
    """
    if os.environ.get("DATABASE_URL"):
        return True
    if os.environ.get("ESTIMATOR_PLANS"):
        return False
    file = file_of(database_url())
    return file is not None and file.is_file()
