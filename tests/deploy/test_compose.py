"""The system in containers: locked down, and the main job done once through restarts of Kafka and Postgres.

The tests build on each other in the order in which they stand: they share one system.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest

OURS = ("limego-connector", "fortnox-connector", "matcher", "sync-coordinator")
INFRASTRUCTURE = ("kafka", "postgres")
WINS_OF_A_PLAY = 3
NEW_CUSTOMERS_OF_A_PLAY = 2

pytestmark = [pytest.mark.compose, pytest.mark.timeout(360)]


def test_every_container_is_locked_down(system):
    for name, container in system.inspected().items():
        host = container["HostConfig"]
        # Kafka's image names its user, which is not root; ours say a number.
        assert container["Config"]["User"] not in ("", "0", "root", "0:0"), name
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
    own, others = name.replace("-", "_"), {one.replace("-", "_") for one in OURS if one != name}
    unwanted = sorted(others | {"sandbox", "devstack", "pip", "hatchling", "setuptools"})
    found = "import importlib.util as u, os; print(os.getuid(), [n for n in {} if u.find_spec(n)])"
    assert system.run("exec", "-T", name, "python", "-c", found.format([own, *unwanted])).strip() == f"10001 ['{own}']"


def test_the_main_job_is_done_once_while_kafka_and_postgres_restart(system):
    player = system.start("run", "--rm", "--no-deps", "player")
    try:
        _until_an_invoice_is_made(system, player)
        system.run("restart", *INFRASTRUCTURE)
        output, _ = player.communicate(timeout=200)
    finally:
        player.kill()
    assert player.returncode == 0, output[-4000:]
    _check_both_systems(system, plays=1)


def test_services_wait_for_kafka_and_postgres_as_after_a_restart_of_the_engine(system):
    """Which starts all containers at once: then nobody keeps the order."""
    system.run("stop", *INFRASTRUCTURE)
    system.run("restart", *OURS)
    time.sleep(3)
    waiting = system.inspected()
    assert {name: waiting[name]["State"]["Status"] for name in OURS} == dict.fromkeys(OURS, "running")
    system.run("start", *INFRASTRUCTURE)
    system.until_healthy(*OURS, *INFRASTRUCTURE)
    assert {name: system.inspected()[name]["RestartCount"] for name in OURS} == dict.fromkeys(OURS, 0)


def test_the_main_job_is_done_once_more_after_that(system):
    system.run("run", "--rm", "--no-deps", "player", within=180)
    _check_both_systems(system, plays=2)


def test_services_end_by_themselves_when_told_to(system):
    system.run("stop", *OURS, "sandbox")
    ended = system.inspected()
    assert {name: ended[name]["State"]["ExitCode"] for name in (*OURS, "sandbox")} == dict.fromkeys((*OURS, "sandbox"), 0)


def _until_an_invoice_is_made(system, player) -> None:
    """The first step's: then the job is under way, and most of it is still to come."""
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline:
        if player.poll() is not None:
            pytest.fail(f"the player ended early: {player.stdout.read()[-4000:]}")
        if _of_the_job(system)[1]:
            return
        time.sleep(0.2)
    pytest.fail("no invoice was made within 150 s")


def _of_the_job(system) -> tuple[list[Any], list[Any], list[Any]]:
    """Won deals that the player made (the seed's have a source), our invoices and our customers."""
    try:
        fortnox, limego = system.systems()
    except KeyError:
        return [], [], []
    wins = [deal for deal in limego["deals"] if deal["source"] is None and deal["assessment"] == "POSITIVE"]
    invoices = [invoice for invoice in fortnox["invoices"] if invoice.get("ExternalInvoiceReference1")]
    customers = [customer for customer in fortnox["customers"] if customer.get("ExternalReference")]
    return wins, invoices, customers


def _check_both_systems(system, *, plays: int) -> None:
    """Each won deal has one invoice, each new company one customer, old wins have none, and Lime Go shows them."""
    wins, invoices, customers = _of_the_job(system)
    fortnox, limego = system.systems()
    assert len(wins) == WINS_OF_A_PLAY * plays
    assert len(customers) == NEW_CUSTOMERS_OF_A_PLAY * plays
    references = Counter(invoice["ExternalInvoiceReference1"] for invoice in invoices)
    assert references == Counter(f"limego:bolaget:deal:{deal['id']};" for deal in wins)

    companies = {company["id"]: company for company in limego["organizations"]}
    for customer in customers:
        company = companies[customer["ExternalReference"].removeprefix("limego:bolaget:company:").removesuffix(";")]
        assert company["custom_fields"]["Fortnox kundnummer"] == customer["CustomerNumber"]
        assert company["customer_relation"] == "IS_A_CUSTOMER"
        numbers = [one["OrganisationNumber"].replace("-", "") for one in fortnox["customers"] if one["OrganisationNumber"]]
        assert numbers.count(customer["OrganisationNumber"].replace("-", "")) == 1

    for invoice in invoices:
        shown = limego["invoices"][invoice["DocumentNumber"]]
        assert companies[shown["organizationId"]]["custom_fields"]["Fortnox kundnummer"] == invoice["CustomerNumber"]
    paid = [number for number, shown in limego["invoices"].items() if shown["paymentStatus"] == "paid"]
    ours = {invoice["DocumentNumber"] for invoice in invoices}
    assert len(ours.intersection(paid)) == plays
