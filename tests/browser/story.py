"""The demo's main job by clicks only: a salesperson in Lime Go, a bookkeeper in Fortnox, and whoever looks after the sync.

Runs in the environment of Playwright. Each step is told as a line of JSON; the first that fails ends the story."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright
from window import SECONDS, Window

COMPANY, DEAL = "Klickbara Bygg AB", "Införande av nytt system"
NAMELESS, WORKSHOP = "Nummerlösa Klick AB", "Workshop i telefonen"
SHOWN = SECONDS * 1000


class Story:
    """`given` has the addresses, two free organisation numbers and the folder for pictures."""

    def __init__(self, given: dict[str, str], desktop: Window, books: Window, phone: Window) -> None:
        self._limego, self._fortnox = f"{given['sandbox']}/limego", f"{given['sandbox']}/fortnox"
        self._dubbelsynk, self._number, self._later_number = given["coordinator"], given["number"], given["later_number"]
        self._sales, self._books, self._phone = desktop, books, phone
        self._customer = self._invoice = self._company = self._deal = self._nameless = ""

    def steps(self) -> list[tuple[str, Callable[[], None]]]:
        """What each step is called, and how it is played."""
        return [
            ("a company and a deal are typed in in Lime Go", self.type_in),
            ("Fortnox does not know the company", self.fortnox_lacks_it),
            ("the deal is won in the pipeline", self.win),
            ("customer and invoice stand in Fortnox", self.stands_in_fortnox),
            ("both numbers stand on the company's ERP tab", self.stands_in_limego),
            ("the invoice is booked and paid in Fortnox", self.book_and_pay),
            ("the ERP tab shows it as paid", self.is_shown_as_paid),
            ("without scripts, on a phone: a company without a number needs attention", self.needs_attention),
            ("the number is filled in, and it goes through", self.goes_through),
            ("reopened and won again by the keyboard: nothing new", self.won_again),
            ("no page complained", self.no_complaints),
        ]

    def type_in(self) -> None:
        self._company = _add_company(self._sales, self._limego, COMPANY, self._number)
        self._deal = _add_deal(self._sales, DEAL, "48 000")
        self._sales.picture("1-lime-go-deal")

    def fortnox_lacks_it(self) -> None:
        self._books.go(f"{self._fortnox}/kunder?sok={self._number}")
        expect(self._books.page.get_by_text("0 träffar")).to_be_visible()

    def win(self) -> None:
        page = self._sales.page
        self._sales.go(f"{self._limego}/")
        self._sales.stand_still()
        card = page.get_by_role("article", name=DEAL)
        expect(_column(page, "Ny").get_by_role("article", name=DEAL)).to_be_visible()
        card.get_by_role("button", name=f"Vinn: {DEAL}").click()
        expect(_column(page, "ORDER").get_by_role("article", name=DEAL)).to_be_visible()
        self._sales.picture("2-lime-go-pipeline")

    def stands_in_fortnox(self) -> None:
        found = self._books.until_shown(f"{self._fortnox}/kunder?sok={self._number}", lambda page: _row(page, COMPANY))
        self._books.picture("3-fortnox-customers")
        self._customer = found.get_by_role("rowheader").inner_text().strip()
        invoice = self._books.until_shown(f"{self._fortnox}/kund?nummer={self._customer}", _invoices)
        self._invoice = invoice.inner_text().strip()
        invoice.click()
        expect(self._books.page.get_by_role("heading", name=f"Faktura {self._invoice}")).to_be_visible()
        expect(self._books.page.get_by_text("48\N{NO-BREAK SPACE}000,00").first).to_be_visible()
        self._books.picture("4-fortnox-invoice")

    def stands_in_limego(self) -> None:
        """The page fetches itself anew: whoever looks at it sees the numbers come."""
        self._sales.go(self._company)
        tab = _erp_tab(self._sales.page)
        expect(tab.get_by_role("definition").filter(has_text=re.compile(rf"^{self._customer}$"))).to_be_visible(timeout=SHOWN)
        expect(_row(tab, self._invoice)).to_contain_text("utkast", timeout=SHOWN)
        self._sales.picture("5-lime-go-erp-tab")

    def book_and_pay(self) -> None:
        page = self._books.page
        self._books.press(f"Bokför {self._invoice}")
        self._books.says("Fakturan är bokförd.")
        self._books.press(f"Betala {self._invoice}")
        expect(page.get_by_text("betald", exact=True)).to_be_visible()
        self._books.picture("6-fortnox-paid")

    def is_shown_as_paid(self) -> None:
        expect(_row(_erp_tab(self._sales.page), self._invoice)).to_contain_text(re.compile(r"\bbetald"), timeout=SHOWN)
        self._sales.picture("7-lime-go-paid")

    def needs_attention(self) -> None:
        self._nameless = _add_company(self._phone, self._limego, NAMELESS, "")
        place = _add_deal(self._phone, WORKSHOP, "14000")
        self._phone.press(f"Vinn: {WORKSHOP}, nr {place.rpartition('/')[2]}")
        self._phone.picture("8-phone-deal")
        self._phone.until_shown(f"{self._dubbelsynk}/?state=needs_attention", lambda page: _record(page, f"Kund: {NAMELESS}"))
        expect(_record(self._phone.page, f"Kund: {NAMELESS}")).to_contain_text("organisationsnummer")
        self._phone.picture("9-phone-needs-attention")

    def goes_through(self) -> None:
        self._phone.go(f"{self._nameless}/redigera")
        self._phone.fill(nummer=self._later_number)
        self._phone.press("Spara")
        self._phone.says("Sparat.")
        self._phone.go(f"{self._dubbelsynk}/?state=needs_attention")
        self._phone.press("Försök igen", _record(self._phone.page, f"Kund: {NAMELESS}"))
        self._phone.until_shown(
            f"{self._dubbelsynk}/?state=done", lambda page: _record(page, re.compile(rf"Faktura \d+: {WORKSHOP}"))
        )
        self._phone.picture("10-phone-done")
        found = self._books.until_shown(f"{self._fortnox}/kunder?sok={self._later_number}", lambda page: _row(page, NAMELESS))
        number = found.get_by_role("rowheader").inner_text().strip()
        self._phone.go(self._nameless)
        expect(_erp_tab(self._phone.page)).to_contain_text(number, timeout=SHOWN)
        expect(_row(_erp_tab(self._phone.page), WORKSHOP)).to_be_visible(timeout=SHOWN)
        self._phone.picture("11-phone-erp-tab")

    def won_again(self) -> None:
        page, record = self._sales.page, re.compile(rf"Faktura {self._invoice}: {DEAL}")
        for button, told in (("Öppna igen", "Affären öppnades igen"), ("Vinn", "Vanns igen")):
            self._sales.go(self._deal)
            page.get_by_role("button", name=f"{button}: {DEAL}").focus()
            page.keyboard.press("Enter")
            expect(page.get_by_role("button", name=f"{button}: {DEAL}")).to_have_count(0)
            self._sales.until_shown(f"{self._dubbelsynk}/", lambda page, told=told: _record(page, record).filter(has_text=told))
        page.get_by_text("Historik").first.click()
        self._sales.picture("12-dubbelsynk")
        self._books.go(f"{self._fortnox}/kunder?sok={self._number}")
        expect(_row(self._books.page, COMPANY)).to_have_count(1)
        self._books.go(f"{self._fortnox}/kund?nummer={self._customer}")
        expect(_invoices(self._books.page)).to_have_count(1)

    def no_complaints(self) -> None:
        complaints = [one for window in (self._sales, self._books, self._phone) for one in window.complaints]
        assert not complaints, complaints


def _add_company(window: Window, limego: str, name: str, number: str) -> str:
    """The address of the new company's page."""
    window.go(f"{limego}/foretag")
    window.follow("Nytt företag")
    window.fill(namn=name, nummer=number, epost="info@klick.example", post_gata="Klickgatan 1", post_postnummer="211 20")
    window.fill(post_ort="Malmö")
    window.press("Spara")
    window.says("Skapat.")
    return window.page.url.partition("?")[0]


def _add_deal(window: Window, name: str, value: str) -> str:
    """From a company's page: the address of the new deal's page."""
    window.go(window.page.url.partition("?")[0] + "?stilla=1")
    window.follow("Ny affär")
    window.fill(namn=name, varde=value)
    window.press("Spara")
    window.says("Skapat.")
    expect(window.page.get_by_role("heading", name=name, level=1)).to_be_visible()
    return window.page.url.partition("?")[0]


def _column(page: Page, step: str) -> Locator:
    return page.get_by_role("region", name=re.compile(rf"^{step}\b"))


def _row(within: Page | Locator, text: str) -> Locator:
    return within.get_by_role("row").filter(has_text=text)


def _erp_tab(page: Page) -> Locator:
    return page.get_by_role("region", name="ERP", exact=True)


def _invoices(page: Page) -> Locator:
    return page.get_by_role("link", name=re.compile(r"^Faktura \d+$"))


def _record(page: Page, title: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=title))


def main() -> int:
    """0 when all steps hold."""
    given = json.loads(sys.argv[1])
    folder = Path(given["folder"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=given["chromium"])
        wide = {"viewport": {"width": 1280, "height": 900}}
        phone = {**playwright.devices["Pixel 5"], "java_script_enabled": False}
        windows = [Window(browser, folder, **wide), Window(browser, folder, **wide), Window(browser, folder, **phone)]
        story = Story(given, *windows)
        for name, play in story.steps():
            started, said = time.monotonic(), ""
            try:
                play()
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
            seconds = round(time.monotonic() - started, 1)
            sys.stdout.write(json.dumps({"step": name, "ok": not said, "said": said, "seconds": seconds}) + "\n")
            sys.stdout.flush()
            if said:
                for index, window in enumerate(windows):
                    window.picture(f"failed-{index}")
                return 1
        for window in windows:
            window.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
