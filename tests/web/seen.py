"""What a browser says of a page, once all of the page is there.

A click comes back as soon as the server answers, when the next page may have no body yet.
"""

from typing import Any

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def heard(page: Page, **rules: Any) -> AxeResults:
    """Return what axe finds on a page; `rules` are its options."""
    page.wait_for_load_state()
    return Axe().run(page, **rules)


def measured(page: Page, script: str) -> Any:
    """Return what a script says of a page."""
    page.wait_for_load_state()
    return page.evaluate(script)
