"""A person and a member of staff through the proxy, in Chromium: an estimate, a sign-in, closed doors."""

import shutil
import sys

from playwright.sync_api import Page, expect, sync_playwright

PASSWORD = "four blue herons"
ARGUMENTS = ["--no-sandbox", "--ignore-certificate-errors", "--disable-dev-shm-usage"]


def patient(page: Page, address: str) -> None:
    """Answer three questions, read what it costs."""
    page.goto(address)
    page.get_by_label("ZIP code of the clinic").fill("98101")
    page.get_by_label("I’m not sure").check()
    page.get_by_label("Your health plan").select_option("template-employer-ppo")
    page.get_by_label("Number of visits").fill("6")
    page.get_by_role("button", name="See my cost").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("6 visits")
    assert page.url.startswith(address), page.url


def staff(page: Page, address: str) -> None:
    """Sign in, and read that the worker lives."""
    page.goto(f"{address}/staff/")
    page.get_by_label("Name").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("main")).to_contain_text("The worker was last seen")
    cookies = page.context.cookies()
    assert len(cookies) == 1, cookies
    assert all(cookie["secure"] and cookie["httpOnly"] for cookie in cookies), cookies


def doors(page: Page, address: str) -> None:
    """Figures are closed from outside, plain http leads to https, and browsers are told to stay there."""
    assert page.request.get(f"{address}/metrics").status == 404
    assert "max-age" in page.request.get(f"{address}/livez").headers["strict-transport-security"]
    answer = page.request.get(address.replace("https:", "http:") + "/about", max_redirects=0)
    assert (answer.status, answer.headers["location"]) == (301, f"{address}/about"), answer.headers


def main(address: str) -> None:
    """Walk all three."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page = browser.new_context(ignore_https_errors=True).new_page()
        patient(page, address)
        staff(page, address)
        doors(page, address)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
    sys.stdout.write(f"   journey through {sys.argv[1]}: as it should be\n")
