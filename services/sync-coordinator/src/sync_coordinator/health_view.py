"""The health of a connection in words and as JSON: what each side does, since when, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.health import ReadHealth, Side
from sync_coordinator.domain.health import ConnectionHealth, SideHealth, Verdict
from sync_coordinator.texts import word

Local = Callable[[datetime], str]

SIDES: dict[str, tuple[str, str]] = {Side.LIMEGO: ("Lime Go", "Lime Go"), Side.FORTNOX: ("Fortnox", "Fortnox")}

STATUS: dict[str, tuple[str, str]] = {
    Verdict.WORKING: ("synkar", "syncing"),
    Verdict.STARTING: ("startar", "starting"),
    Verdict.BEHIND: ("ligger efter", "behind"),
    Verdict.DOUBTED: ("många företag saknas", "many companies are missing"),
    Verdict.FAILING: ("läser inte allt", "not reading everything"),
    Verdict.PARTLY: ("några poster läses inte", "some records are not read"),
    Verdict.SILENT: ("svarar inte", "not responding"),
    Verdict.REFUSED: ("nekas", "refused"),
    Verdict.NO_KEY: ("nyckel saknas", "key missing"),
}

# What the line of a side says; {since}, {what}, {count}, {believed} are filled in where they stand.
SENTENCES: dict[tuple[Side, Verdict], tuple[str, str]] = {
    (Side.LIMEGO, Verdict.NO_KEY): (
        "Kopplingen har ingen API-nyckel till Lime Go, så inget läses eller skrivs där. Lägg in en nyckel med full åtkomst: "
        "synken börjar då av sig själv.",
        "The connection has no API key for Lime Go, so nothing is read or written there. Add a key with full access: the sync "
        "then starts by itself.",
    ),
    (Side.FORTNOX, Verdict.NO_KEY): (
        "Kopplingen har inget samtycke i Fortnox, så inget läses eller skrivs där. Ge samtycke i Fortnox.",
        "The connection has no consent in Fortnox, so nothing is read or written there. Give the consent in Fortnox.",
    ),
    (Side.LIMEGO, Verdict.REFUSED): (
        "Lime Go nekar API-nyckeln sedan {since}. Skapa en ny nyckel med full åtkomst i Lime Go och lägg in den. Det som väntar "
        "ligger kvar och går vidare då.",
        "Lime Go has refused the API key since {since}. Create a new key with full access in Lime Go and add it. What waits is "
        "kept, and goes on then.",
    ),
    (Side.FORTNOX, Verdict.REFUSED): (
        "Fortnox nekar kopplingen sedan {since}: samtycket är borttaget eller licensen saknas. Ge samtycke igen i Fortnox. Det "
        "som väntar ligger kvar och går vidare då.",
        "Fortnox has refused the connection since {since}: the consent was removed or the licence is missing. Give the consent "
        "again in Fortnox. What waits is kept, and goes on then.",
    ),
    (Side.LIMEGO, Verdict.SILENT): (
        "Den del som talar med Lime Go har inte hörts av sedan {since}. Inget är förlorat. Den som driver Dubbelsynk behöver se "
        "till att limego-connector är igång.",
        "The part that talks to Lime Go has not been heard of since {since}. Nothing is lost. Whoever runs Dubbelsynk must see "
        "to it that limego-connector is running.",
    ),
    (Side.FORTNOX, Verdict.SILENT): (
        "Den del som talar med Fortnox har inte hörts av sedan {since}. Inget är förlorat. Den som driver Dubbelsynk behöver se "
        "till att fortnox-connector är igång.",
        "The part that talks to Fortnox has not been heard of since {since}. Nothing is lost. Whoever runs Dubbelsynk must see "
        "to it that fortnox-connector is running.",
    ),
    (Side.LIMEGO, Verdict.FAILING): (
        "Lime Go lämnar inte ut: {what}. Det provas igen av sig självt; det som redan är läst gäller.",
        "Lime Go does not hand out: {what}. It is tried again by itself; what has been read already holds.",
    ),
    (Side.FORTNOX, Verdict.FAILING): (
        "Fortnox lämnar inte ut: {what}. Det provas igen av sig självt; det som redan är läst gäller. Saknas licens eller "
        "rättighet, skaffa den i Fortnox.",
        "Fortnox does not hand out: {what}. It is tried again by itself; what has been read already holds. If a licence or a "
        "right is missing, get it in Fortnox.",
    ),
    (Side.LIMEGO, Verdict.BEHIND): (
        "{count} ändringar väntar på att skrivas i Lime Go, den äldsta sedan {since}. De skickas av sig själva.",
        "{count} changes wait to be written in Lime Go, the oldest since {since}. They are sent by themselves.",
    ),
    (Side.FORTNOX, Verdict.BEHIND): (
        "{count} poster väntar på att skapas i Fortnox, den äldsta sedan {since}. De skickas av sig själva.",
        "{count} records wait to be created in Fortnox, the oldest since {since}. They are sent by themselves.",
    ),
    (Side.LIMEGO, Verdict.DOUBTED): (
        "Många företag saknas i Lime Go sedan {since}. Kontrollera att API-nyckeln får läsa alla företag. De som är borta än den "
        "{believed} räknas som borttagna, och deras kopplingar till Fortnox avslutas. Allt annat synkas.",
        "Many companies have been missing in Lime Go since {since}. Check that the API key may read all companies. Those "
        "that are still gone on {believed} count as deleted, and their links to Fortnox end. Everything else is synced.",
    ),
    (Side.FORTNOX, Verdict.DOUBTED): (
        "Mycket saknas i Fortnox sedan {since}: {what}. Kontrollera att samtycket får läsa allt. Det som är borta än den "
        "{believed} räknas som borttaget. Allt annat synkas.",
        "Much has been missing in Fortnox since {since}: {what}. Check that the consent may read everything. What is still gone "
        "on {believed} counts as deleted. Everything else is synced.",
    ),
    (Side.LIMEGO, Verdict.PARTLY): (
        "Lime Go lämnar inte ut enskilda poster: {what}. De provas igen av sig själva; allt annat synkas.",
        "Lime Go does not hand out single records: {what}. They are tried again by themselves; everything else is synced.",
    ),
    (Side.FORTNOX, Verdict.PARTLY): (
        "Fortnox lämnar inte ut enskilda poster: {what}. De provas igen av sig själva; allt annat synkas.",
        "Fortnox does not hand out single records: {what}. They are tried again by themselves; everything else is synced.",
    ),
    (Side.LIMEGO, Verdict.STARTING): (
        "Affärer och företag i Lime Go läses för första gången.",
        "Deals and companies in Lime Go are read for the first time.",
    ),
    (Side.FORTNOX, Verdict.STARTING): (
        "Kunder, fakturor och artiklar i Fortnox läses för första gången.",
        "Customers, invoices and articles in Fortnox are read for the first time.",
    ),
    (Side.LIMEGO, Verdict.WORKING): ("API-nyckeln fungerar.", "The API key works."),
    (Side.FORTNOX, Verdict.WORKING): ("Samtycket gäller.", "The consent holds."),
}

RESOURCES: dict[str, tuple[str, str]] = {
    "customer listing": ("kundregistret", "the customer register"),
    "customers": ("kunder", "customers"),
    "invoices": ("fakturor", "invoices"),
    "invoicepayments": ("betalningar", "payments"),
    "articles": ("artiklar", "articles"),
    "unpaid invoices": ("obetalda fakturor", "unpaid invoices"),
    "single records": ("enskilda poster som inte gick att läsa", "single records that could not be read"),
    "baseline": ("affärer som redan är vunna", "deals that are won already"),
    "subscription": ("webhooks", "web hooks"),
    "companies": ("företag", "companies"),
    "removals": ("företag som ser borttagna ut", "companies that look deleted"),
    "missing companies": ("företag som saknas, fler än rimligt", "companies that are missing, more than is likely"),
    "records": ("affärer och företag som ändrats", "deals and companies that changed"),
    "feed": ("händelser", "events"),
    "deals": ("alla affärer", "all deals"),
    "catch_up": ("det som hände under pausen", "what happened in the pause"),
    "key": ("API-nyckeln", "the API key"),
}

WORDS: dict[str, tuple[str, str]] = {
    "read": ("Senast läst", "Last read"),
    "written": ("Senast skrivet", "Last written"),
    "waiting": ("Väntar", "Waiting"),
    "oldest": ("äldst sedan", "oldest since"),
    "since": ("sedan", "since"),
    "answer": ("Meddelande", "Message"),
    "never": ("okänt", "unknown"),
}

OF_CONNECTION: dict[str, tuple[str, str]] = {
    Verdict.WORKING: ("aktiv", "active"),
    Verdict.STARTING: ("startar", "starting"),
    Verdict.BEHIND: ("ligger efter", "behind"),
    Verdict.DOUBTED: ("aktiv, många företag saknas", "active, many companies are missing"),
    Verdict.PARTLY: ("aktiv, några poster läses inte", "active, some records are not read"),
}
NOT_SYNCING = ("synkar inte", "not syncing")


@dataclass(frozen=True)
class SideLine:
    """A side as the page shows it; `facts` are short pairs of a word and a time or a number."""

    name: str
    verdict: Verdict
    status: str
    sentence: str
    message: str
    facts: tuple[tuple[str, str], ...]


def badge(health: ConnectionHealth, language: str) -> str:
    """The one word at an active connection's name. "Active" only when both sides move."""
    return word({health.verdict: OF_CONNECTION.get(health.verdict, NOT_SYNCING)}, health.verdict, language)


def lines(health: ConnectionHealth, language: str, local: Local) -> list[SideLine]:
    """Both sides in words; `local` writes a moment as the user's time."""
    return [_line(side, language, local) for side in health.sides]


def _line(side: SideHealth, language: str, local: Local) -> SideLine:
    report = side.report
    filled = {
        "since": _moment(_since(side), language, local),
        "what": _listed(side.late, language, local),
        "count": str(report.waiting if report else 0),
        "believed": _moment(_believed_at(side), language, local),
    }
    return SideLine(
        name=word(SIDES, side.side, language),
        verdict=side.verdict,
        status=word(STATUS, side.verdict, language),
        sentence=word({"": SENTENCES[(side.side, side.verdict)]}, "", language).format_map(filled),
        message=report.detail if report and side.verdict is Verdict.REFUSED else "",
        facts=tuple(_facts(side, language, local)),
    )


def _facts(side: SideHealth, language: str, local: Local) -> Iterable[tuple[str, str]]:
    report = side.report
    if report is None:
        return
    for read in report.reads:
        if read.completed_at:
            yield f"{word(WORDS, 'read', language)}: {word(RESOURCES, read.resource, language)}", local(read.completed_at)
    if report.written_at:
        yield word(WORDS, "written", language), local(report.written_at)
    if report.waiting and report.oldest_waiting_at:
        oldest = f"{word(WORDS, 'oldest', language)} {local(report.oldest_waiting_at)}"
        yield word(WORDS, "waiting", language), f"{report.waiting} ({oldest})"


def _since(side: SideHealth) -> datetime | None:
    report = side.report
    if report is None:
        return None
    if side.verdict is Verdict.SILENT:
        return report.reported_at
    if side.verdict is Verdict.DOUBTED:
        return min((read.failing_since for read in side.late if read.believed_at and read.failing_since), default=None)
    return report.oldest_waiting_at if side.verdict is Verdict.BEHIND else report.access_since


def _believed_at(side: SideHealth) -> datetime | None:
    return min((read.believed_at for read in side.late if read.believed_at), default=None)


def _listed(reads: Iterable[ReadHealth], language: str, local: Local) -> str:
    since = word(WORDS, "since", language)
    moments = [(_named(read, language), _moment(read.completed_at or read.failing_since, language, local)) for read in reads]
    return ", ".join(f"{name} ({since} {moment})" for name, moment in moments)


def _named(read: ReadHealth, language: str) -> str:
    """The resource, or the records of it that are not read: kind and number."""
    records = [record.partition(" ") for record in read.records]
    return ", ".join(f"{word(RESOURCES, kind, language)} {number}" for kind, _, number in records) or word(
        RESOURCES, read.resource, language
    )


def _moment(moment: datetime | None, language: str, local: Local) -> str:
    return local(moment) if moment else word(WORDS, "never", language)


def health_json(health: ConnectionHealth) -> dict[str, Any]:
    """Both sides as the API shows them; times in ISO 8601, None where nothing has happened yet."""
    return {"verdict": health.verdict, "sides": {side.side.value: _side_json(side) for side in health.sides}}


def _side_json(side: SideHealth) -> dict[str, Any]:
    if side.report is None:
        return {"verdict": side.verdict, "report": None}
    report = side.report.model_dump(mode="json", exclude={"connection_id", "side"})
    return {"verdict": side.verdict, "late": [read.resource for read in side.late], "report": report}
