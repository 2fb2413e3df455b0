"""A record's surroundings while a remedy is followed: both systems' connectors and the matcher answer as things stand there now,
and a person sees only the page and presses only its buttons."""

from html import unescape

from contracts.commands import CreateFortnoxInvoice, ReadFortnoxCustomer, ReadLimeGoCompany, SaveFortnoxCustomer
from contracts.events import CompanyConfirmedNew
from contracts.message import Command
from support.html_forms import Page
from sync_coordinator.domain.reasons import REASONS

ENDED = ("done", "withdrawn")
LONGEST_PAUSE = 4 * 3600 + 1
TURNS = 30


class Surroundings:
    """What stands in Lime Go and Fortnox; a test changes it, and `settle` lets the connectors and the matcher tell of it."""

    def __init__(self, house, make, browser):
        self.house, self.make, self.browser = house, make, browser
        self.company = make.company()
        self.deals = {1: make.deal()}
        self.decision = house.matched
        self.refusals = {}
        self.made = {}
        self.pressed = []

    async def win(self):
        """Every deal is won, of a company of which the matcher has decided; both sides answer."""
        for deal in self.deals.values():
            await self.house.win(deal, self.company)
        await self.decide()

    async def decide(self):
        """The matcher says what it makes of the company as it is."""
        if self.decision is not None:
            await self.house.hear(self.decision())
        await self.settle()

    async def settle(self):
        """Answers what is ordered until nothing is ordered any more."""
        for _ in range(TURNS):
            sent = await self.house.sent()
            for message in sent:
                await self._answer(message)
            if not sent:
                return
        raise AssertionError(f"after {TURNS} turns there is still something ordered: {[type(one).__name__ for one in sent]}")

    async def _answer(self, message):
        house = self.house
        if isinstance(message, CompanyConfirmedNew):
            await house.hear(house.not_found(self.company))
        if not isinstance(message, Command):
            return
        refusal = self.refusals.get(type(message))
        if refusal is not None:
            await house.hear(house.refused(message, **refusal))
        elif isinstance(message, ReadLimeGoCompany):
            await self._read(message)
        elif isinstance(message, ReadFortnoxCustomer):
            await house.hear(house.customer_changed(message.customer_number), house.saved(message, message.customer_number))
        elif isinstance(message, SaveFortnoxCustomer):
            await house.hear(house.saved(message, "51"))
        elif isinstance(message, CreateFortnoxInvoice):
            await self._invoice(message)
        else:
            await house.hear(house.saved(message))

    async def _read(self, order):
        wanted = [self.deals[deal_id] for deal_id in order.deal_ids if deal_id in self.deals]
        await self.house.hear(self.house.saved(order), self.house.company_changed(self.company))
        for deal in wanted:
            await self.house.win(deal, self.company)
        if self.decision is not None and (order.company_id == "c1" or wanted):
            await self.house.hear(self.decision())

    async def _invoice(self, order):
        deal_id = order.deal.deal_id
        adopted = deal_id in self.made
        number = self.made.setdefault(deal_id, (str(1041 + deal_id), order.customer_number))[0]
        await self.house.hear(self.house.saved(order, number, adopted=adopted))

    async def time_passes(self):
        """The longest pause between two tries is over, and the coordinator's timers run."""
        self.house.pass_time(LONGEST_PAUSE)
        await self.house.loops.recheck()
        await self.house.loops.show()
        await self.settle()

    async def orders_by_itself(self):
        """What the timers order once the longest pause is over, without an answer to it."""
        assert await self.house.sent() == []
        self.house.pass_time(LONGEST_PAUSE)
        await self.house.loops.recheck()
        await self.house.loops.show()
        return [one for one in await self.house.sent() if isinstance(one, Command)]

    async def waiting(self):
        """Every record that has not ended: (kind, key) to (state, reason)."""
        rows = await self.house.database.pool.fetch(
            "SELECT kind, record_key, state, reason FROM record WHERE connection_id = $1 AND state <> ALL($2)",
            self.house.connection_id,
            list(ENDED),
        )
        return {(row["kind"], row["record_key"]): (row["state"], row["reason"]) for row in rows}

    async def record_with(self, reason):
        """Kind and key of the one record that waits for a reason."""
        found = await self.waiting()
        (key,) = [key for key, (_, why) in found.items() if why == reason] or [None]
        assert key is not None, f"nothing waits for {reason}: {found}"
        return key

    async def all_is_well(self, customer, but=()):
        """Nothing waits any more but for these reasons; deal 1 has one invoice, of this customer, or none."""
        waiting = {why for _, why in (await self.waiting()).values()}
        assert waiting == set(but), waiting
        assert (self.made[1][1] if 1 in self.made else None) == customer, self.made

    async def page(self, address="/?lang=sv"):
        """A page as a browser gets it, with where it led to."""
        answer = await self.browser.get(address)
        assert answer.status_code == 200, answer.text
        return Page(answer.text)

    async def shows(self, reason):
        """The first page shows title and remedy in both languages, and offers *Try again* only where it can help."""
        for language in ("sv", "en"):
            text = unescape((await self.page(f"/?lang={language}")).text)
            for words in REASONS[reason].words(language):
                assert words in text, (language, words)

    async def press(self, page, button, *, at="", **typed):
        """Presses a button of a page, in the form that leads to `at`; the page that it leads to."""
        form = next((one for one in page.forms if button in one.buttons and at in one.action), None)
        assert form is not None, f"no button {button} leads to {at!r}: {[(one.action, *one.buttons) for one in page.forms]}"
        self.pressed.append(form.action)
        answer = await self.browser.post(form.action, data={**form.fields, **form.buttons[button], **typed})
        if not answer.is_redirect:
            assert answer.status_code == 200, answer.text
            return Page(answer.text)
        return await self.page(answer.headers["location"])

    async def try_again(self, kind="invoice", key="1"):
        """The record's *Try again*."""
        told = await self.press(await self.page(), "Försök igen", at=f"/{kind}/{self.house.connection_id}/{key}/try-again")
        assert not told.alerts, told.alerts
        await self.settle()

    async def link(self, number, company_id="c1"):
        """*Link* beside a candidate, or a number typed in; then what is shown is confirmed."""
        first, at = await self.page(), f"/{company_id}/link"
        if any(f"Länka {number}" in one.buttons and at in one.action for one in first.forms):
            shown = await self.press(first, f"Länka {number}", at=at)
        else:
            # Of a record that waits the number is asked for at once; of one that is done behind *Change the link*.
            change = [one for one in first.links if one.endswith(at)]
            shown = await self.press(await self.page(change[0]) if change else first, "Visa", at=at, customer_number=number)
        if not any("Ja, länka" in one.buttons for one in shown.forms):
            await self.settle()
            shown = await self.page(f"/records/customer/{self.house.connection_id}{at}?customer_number={number}&lang=sv")
        told = await self.press(shown, "Ja, länka")
        assert not told.alerts, told.alerts
        if company_id == "c1":
            self.decision = None
        await self.settle()

    async def create_new(self):
        """*Create a new customer*."""
        told = await self.press(await self.page(), "Skapa ny kund", at="/c1/confirm-new")
        assert not told.alerts, told.alerts
        self.decision = None
        await self.settle()

    async def review_and_release(self):
        """*Review*, then all that is held, then yes."""
        address = f"/connections/{self.house.connection_id}/held?lang=sv"
        assert address in (await self.page()).links
        asked = await self.press(await self.page(address), "Gå vidare med alla (1)")
        await self.press(asked, "Ja, skapa 1 faktura")
        await self.settle()
