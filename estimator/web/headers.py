"""What every response tells the browser: run no script, load nothing from elsewhere, keep no address.

No Strict-Transport-Security and no upgrade of requests: on a person's own machine the pages are plain http;
whoever serves them to others puts a proxy in front that speaks https and says so.
"""

import gzip

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # The way back from another page shows the answer again; nobody in between keeps it.
    "Cache-Control": "private, no-cache",
}
_LEAST_TO_COMPRESS = 1_000


def add_headers(app: Flask) -> None:
    """Give every page of the app these headers, compressed where the browser can read that."""
    app.after_request(_with_headers)
    app.after_request(_compressed)


def _with_headers(response: Response) -> Response:
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    return response


def _compressed(response: Response) -> Response:
    response.vary.add("Accept-Encoding")
    if response.is_streamed or response.cache_control.no_store or not request.accept_encodings.quality("gzip"):
        # Of a page that holds a secret, such as the mark in a form of staff, no length may tell anything.
        return response
    page = response.get_data()
    if len(page) >= _LEAST_TO_COMPRESS:
        response.set_data(gzip.compress(page, compresslevel=9, mtime=0))
        response.content_encoding = "gzip"
    return response
