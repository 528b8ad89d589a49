"""Style sheets, fonts and pictures, served by WhiteNoise under an address that changes with what they hold.

A browser keeps them for good: a changed file stands at another address.
"""

from hashlib import sha256

from flask import Flask
from whitenoise import WhiteNoise

from estimator.resources import assets_folder

_YEAR = 365 * 24 * 60 * 60
_LETTERS = 10


def serve_assets(app: Flask) -> None:
    """Put WhiteNoise before the app, and tell templates where the assets stand."""
    address = f"assets/{_version()}"
    app.jinja_env.globals["assets"] = f"/{address}"
    files = WhiteNoise(
        app.wsgi_app,
        assets_folder(),
        address,
        max_age=_YEAR,
        allow_all_origins=False,
        add_headers_function=_nothing_sniffed,
        immutable_file_test=lambda path, url: True,
    )
    app.wsgi_app = files  # type: ignore[method-assign]


def _nothing_sniffed(headers: dict[str, str], path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def _version() -> str:
    digest = sha256()
    for path in sorted(assets_folder().rglob("*")):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:_LETTERS]
