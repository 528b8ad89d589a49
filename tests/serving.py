"""Apps on a port of this machine, with waitress, for as long as a test asks them.

With CLINIC in the environment it is two processes, a worker, PostgreSQL and a proxy (`tests/clinic.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from flask import Flask
from waitress.server import create_server

from estimator.web.common import kept_plans
from tests import clinic


@contextmanager
def served(app: Flask, **settings: Any) -> Iterator[str]:
    """Serve an app and yield its address."""
    if clinic.IS_MEANT and "plans" in app.extensions and not settings:
        with clinic.served(kept_plans(app).engine) as address:
            yield address
        return
    server = create_server(app, host="127.0.0.1", port=0, **settings)
    is_over = False

    def run() -> None:
        try:
            server.run()
        except OSError:
            # Anyone who closes a socket that is waited on ends the wait with an error; at any other time it is one.
            if not is_over:
                raise

    Thread(target=run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    is_over = True
    server.close()
