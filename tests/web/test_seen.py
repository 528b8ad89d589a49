"""A page is measured only once it is there."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from tests.web.seen import heard, measured

pytestmark = pytest.mark.browser


class _Slow(BaseHTTPRequestHandler):
    """Answers a press of its one button at once, and sends the page after it when half a second has passed."""

    def do_GET(self) -> None:
        self._send("<!doctype html><html lang=en><title>Ask</title><form method=post><button>Go</button></form>")

    def do_POST(self) -> None:
        self._send("<!doctype html><html lang=en><title>Answer</title><main><h1>Answer</h1></main>", 0.5)

    def _send(self, page: str, after: float = 0) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        threading.Event().wait(after)
        self.wfile.write(page.encode())

    def log_message(self, *told: object) -> None:
        pass


@pytest.fixture
def slow() -> Iterator[str]:
    """The address of a server whose next page comes late."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "ask", [lambda page: measured(page, "document.documentElement.lang"), heard], ids=["size", "axe"]
)
def test_a_page_that_comes_late_is_waited_for(browser: Browser, slow: str, ask) -> None:
    """Neither a measurement nor axe meets a page without a body."""
    page = browser.new_page()
    page.goto(slow)
    page.get_by_role("button").click()
    ask(page)

    assert "Answer" == page.title()
    page.close()
