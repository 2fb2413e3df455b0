"""A browser window of a person at work, and everything that its pages complain of."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Locator, Page, expect

SECONDS = 60.0
"""How long something may take to get from one system to the other, when the machine is busy."""
LOOK_SECONDS = 2.0
"""How long one look at a page waits for it, before the page is fetched anew."""
PICTURE_SECONDS = 5.0
"""How long a screenshot may take: of a page that is replaced meanwhile it never comes."""
INTERRUPTED = (
    "interrupted by another navigation",
    "net::ERR_ABORTED",
    "Page.screenshot: Timeout",
    "Execution context was destroyed",
)
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Window:
    """One window. `complaints` is what stood in its console, and every answer of 400 or more."""

    def __init__(self, browser: Browser, folder: Path, **context: Any) -> None:
        self._folder = folder
        self._context = browser.new_context(locale="sv-SE", **context)
        self.complaints: list[str] = []
        self.page: Page = self._context.new_page()
        self.page.on("console", lambda said: said.type in ("error", "warning") and self._note(said.text))
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("response", lambda answer: answer.status >= 400 and self._note(f"{answer.status} {answer.url}"))

    def _note(self, complaint: str) -> None:
        self.complaints.append(f"{self.page.url}: {complaint}")

    def go(self, address: str) -> None:
        """Another page."""
        self._despite_refresh(lambda: self.page.goto(address))

    def press(self, name: str, within: Page | Locator | None = None) -> None:
        """A button, by its whole name."""
        (within or self.page).get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """A link, by its whole name."""
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def fill(self, **fields: str) -> None:
        """Fields by the names that a form sends; the person finds them by their labels, which another test looks at."""
        for name, value in fields.items():
            self.page.locator(f'[name="{name}"]:visible').fill(value)

    def says(self, text: str) -> None:
        """The page tells what was done."""
        expect(self.page.get_by_role("status").filter(has_text=text)).to_be_visible()

    def stand_still(self) -> None:
        """The page no longer fetches itself anew. It may do so in the middle of the click, so it is clicked until it holds."""
        still = self.page.get_by_text("Sidan står still.")
        self._until(lambda: self.follow("Låt den stå still"), still, SECONDS)

    def until_shown(self, address: str, find: Callable[[Page], Locator], seconds: float = SECONDS) -> Locator:
        """Fetches a page again and again until the thing is there."""
        found = find(self.page)
        self._until(lambda: self.go(address), found, seconds)
        return found

    def _until(self, do: Callable[[], object], shown: Locator, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            do()
            try:
                expect(shown).to_be_visible(timeout=LOOK_SECONDS * 1000)
                return
            except AssertionError:
                if time.monotonic() > deadline:
                    raise

    def picture(self, name: str) -> None:
        """A screenshot of the whole page, which must fit the window: only what is in it may be scrolled sideways."""
        path = self._folder / f"{name}.png"
        self._despite_refresh(lambda: self.page.screenshot(path=path, full_page=True, timeout=PICTURE_SECONDS * 1000))
        self._despite_refresh(lambda: self.page.evaluate(TOO_WIDE) and self._note("wider than the window"))

    def _despite_refresh(self, do: Callable[[], object]) -> None:
        """Does it again when a page that was just fetching itself anew got in the way."""
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                do()
                return
            except Error as error:
                if not any(one in error.message for one in INTERRUPTED) or time.monotonic() > deadline:
                    raise

    def close(self) -> None:
        """Closes the window."""
        self._context.close()
