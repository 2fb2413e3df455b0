"""The system in containers: locked down, and the main job done once through restarts of Kafka and Postgres.

The tests build on each other in the order in which they stand: they share one system.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

OURS = ("limego-connector", "fortnox-connector", "matcher", "sync-coordinator")
INFRASTRUCTURE = ("kafka", "postgres")
# What one play of the main job makes.
WINS, NEW_CUSTOMERS, PAID = 3, 2, 1

pytestmark = [pytest.mark.compose, pytest.mark.timeout(360)]


def test_every_container_is_locked_down(system):
    for name, container in system.inspected().items():
        host = container["HostConfig"]
        assert container["Config"]["User"].partition(":")[0] not in ("", "0", "root"), name
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert not host["CapAdd"], name
        assert "no-new-privileges:true" in host["SecurityOpt"], name
        assert not host["Privileged"], name
        assert 0 < host["Memory"] <= 1024**3, name
        assert host["PidsLimit"], name
        assert "/tmp" in host["Tmpfs"], name


def test_only_two_ports_are_published_and_on_loopback_only(system):
    published = {
        name: binding["HostIp"]
        for name, container in system.inspected().items()
        for bindings in container["HostConfig"]["PortBindings"].values()
        for binding in bindings
    }
    assert published == {"sync-coordinator": "127.0.0.1", "sandbox": "127.0.0.1"}
    assert system.status_of(f"{system.coordinator_url}/") == 200
    assert system.status_of(f"{system.sandbox_url}/") == 200


@pytest.mark.parametrize("name", OURS)
def test_an_image_holds_its_own_service_and_nothing_to_build_with(system, name):
    packages = sorted(one.replace("-", "_") for one in OURS)
    looked_for = [*packages, "sandbox", "devstack", "pip", "hatchling", "setuptools"]
    program = f"import importlib.util as u, os; print(os.getuid(), [name for name in {looked_for} if u.find_spec(name)])"
    found = system.run("exec", "-T", name, "python", "-c", program)
    assert found.strip() == f"10001 ['{name.replace('-', '_')}']"


def test_the_main_job_is_done_once(system):
    system.run("run", "--rm", "--no-deps", "player", within=200)
    _check_both_systems(system, plays=1)


def test_services_wait_for_kafka_and_postgres_and_lose_nothing_after_a_hard_stop_of_all(system):
    """As after a restart of the engine: all start at once and nobody keeps their order. A deal is won meanwhile."""
    company_id = _a_company_with_a_customer_number(system)
    system.run("kill", *OURS, *INFRASTRUCTURE)
    deal_id = system.win_a_deal(company_id)
    system.start_containers(*OURS)
    time.sleep(5)
    assert {name: system.inspected()[name]["State"]["Status"] for name in OURS} == dict.fromkeys(OURS, "running")
    system.start_containers(*INFRASTRUCTURE)
    system.until_healthy(*OURS, *INFRASTRUCTURE)
    assert {name: system.inspected()[name]["RestartCount"] for name in OURS} == dict.fromkeys(OURS, 0)
    _until_invoiced(system, deal_id)
    _check_both_systems(system, plays=1, wins_besides=1)


def test_the_main_job_goes_on_through_a_restart_of_kafka_and_postgres_in_its_middle(system):
    """A gentle one this time, while the second play has won its first deal and waits for the invoice."""
    wins = len(_wins(system.systems()[1]))
    playing = system.start("run", "--rm", "--no-deps", "player")
    try:
        _until(lambda: len(_wins(system.systems()[1])) > wins, "the first deal of the second play is won")
        system.run("restart", *INFRASTRUCTURE)
        told, _ = playing.communicate(timeout=200)
    finally:
        playing.kill()
    assert playing.returncode == 0, told[-4000:]
    _check_both_systems(system, plays=2, wins_besides=1)


def test_services_end_by_themselves_when_told_to(system):
    """Exit code 0: they heard SIGTERM and finished, and nobody had to kill them."""
    names = (*OURS, "sandbox")
    system.run("stop", *names)
    assert {name: system.inspected()[name]["State"]["ExitCode"] for name in names} == dict.fromkeys(names, 0)


def _a_company_with_a_customer_number(system) -> str:
    _, limego = system.systems()
    return next(one["id"] for one in limego["organizations"] if "Fortnox kundnummer" in one["custom_fields"])


def _until_invoiced(system, deal_id: int) -> None:
    def is_made() -> bool:
        return any(invoice["ExternalInvoiceReference1"] == _reference(deal_id) for invoice in _invoices(system.systems()[0]))

    _until(is_made, f"deal {deal_id} has an invoice")


def _until(look: Callable[[], bool], what: str, within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not look():
        assert time.monotonic() < deadline, f"not seen within {within:g} s: {what}"
        time.sleep(0.2)


def _wins(limego: dict[str, Any]) -> list[Any]:
    """Deals that were won here: those that the seed made have a source."""
    return [deal for deal in limego["deals"] if deal["source"] is None and deal["assessment"] == "POSITIVE"]


def _reference(deal_id: int) -> str:
    return f"limego:bolaget:deal:{deal_id};"


def _invoices(fortnox: dict[str, Any]) -> list[Any]:
    """Those that we made: the seed's have no reference."""
    return [invoice for invoice in fortnox["invoices"] if invoice.get("ExternalInvoiceReference1")]


def _check_both_systems(system, *, plays: int, wins_besides: int = 0) -> None:
    """Each won deal has one invoice, each new company one customer, old wins have none, and Lime Go shows them."""
    _until_shown(system, paid=PAID * plays)
    fortnox, limego = system.systems()
    invoices = _invoices(fortnox)
    wins = _wins(limego)
    assert len(wins) == WINS * plays + wins_besides
    made = Counter(invoice["ExternalInvoiceReference1"] for invoice in invoices)
    assert made == Counter(_reference(deal["id"]) for deal in wins)

    companies = {company["id"]: company for company in limego["organizations"]}
    _check_customers(fortnox, companies, plays=plays)
    for invoice in invoices:
        shown = limego["invoices"][invoice["DocumentNumber"]]
        assert companies[shown["organizationId"]]["custom_fields"]["Fortnox kundnummer"] == invoice["CustomerNumber"]


def _until_shown(system, *, paid: int, within: float = 30) -> None:
    """The invoices reach Lime Go a poll after they were made."""
    deadline = time.monotonic() + within
    while True:
        fortnox, limego = system.systems()
        shown = [limego["invoices"].get(invoice["DocumentNumber"], {}).get("paymentStatus") for invoice in _invoices(fortnox)]
        if None not in shown and shown.count("paid") == paid:
            return
        assert time.monotonic() < deadline, f"payment of the invoices as Lime Go shows it after {within:g} s: {shown}"
        time.sleep(0.5)


def _check_customers(fortnox: dict[str, Any], companies: dict[str, Any], *, plays: int) -> None:
    """Those that we made: one for each new company, whose number is on no other, and shown on the company."""
    numbers = Counter((one["OrganisationNumber"] or "").replace("-", "") for one in fortnox["customers"])
    customers = [one for one in fortnox["customers"] if one.get("ExternalReference")]
    assert len(customers) == NEW_CUSTOMERS * plays
    for customer in customers:
        company = companies[customer["ExternalReference"].removeprefix("limego:bolaget:company:").removesuffix(";")]
        assert company["custom_fields"]["Fortnox kundnummer"] == customer["CustomerNumber"]
        assert company["customer_relation"] == "IS_A_CUSTOMER"
        assert numbers[customer["OrganisationNumber"].replace("-", "")] == 1
