"""The pages on a port, with waitress: no worker processes, nothing to set up."""

import waitress

from estimator.web.app import create_app


def serve(host: str, port: int) -> None:
    """Serve the pages until the process is stopped."""
    waitress.serve(create_app(), host=host, port=port, ident="", threads=8)
