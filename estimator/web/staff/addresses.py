"""The address by which others reach these pages: what ESTIMATOR_URL says, else that of the request at hand."""

from __future__ import annotations

import os

from flask import request


def outside_address(path: str) -> str:
    """Return the whole address of a path of ours."""
    return (public_address() or request.host_url).rstrip("/") + path


def public_address() -> str:
    """Return the address that whoever runs the pages has given them, such as https://estimate.clinic.example."""
    return os.environ.get("ESTIMATOR_URL", "")
