"""A number is the same on both sides of a link however it is written."""

from __future__ import annotations

import pytest

from contracts.commands import CreateFortnoxInvoice, ReadFortnoxCustomer, ReadLimeGoCompany
from contracts.values import Company
from sync_coordinator.actions import NotPossibleError
from sync_coordinator.domain.linking import Customer, contradictions, masked

WRITTEN = ("556036-0793", "5560360793.0", "165560360793", "SE556036079301", "Org.nr 556036 0793")


@pytest.mark.parametrize("own", WRITTEN)
@pytest.mark.parametrize("theirs", WRITTEN)
def test_one_number_in_two_forms_contradicts_nothing(own, theirs):
    company = Company(company_id="c1", name="Exempel AB", organisation_number=own)
    assert contradictions(company, Customer("17", 1, "Exempel AB", theirs)) == ()
    assert contradictions(company, Customer("17", 1, "Exempel AB", "556012-5790")) == ("organisation_number",)


@pytest.mark.parametrize(
    ("own", "theirs", "agree"),
    [
        ("Bostadsrättsföreningen Eken", "BRF Eken", True),
        ("Exempel Limited", "Exempel", True),
        ("Exempel A.B. (publ)", "exempel", True),
        ("Åkeriet Ek. för.", "Akeriet ekonomisk förening", True),
        ("Exempel Nord AB", "Exempel", True),
        ("Exempel i Stockholm AB", "Exempel i Göteborg AB", False),
        ("Exempel AB", "Annat AB", False),
        ("", "Annat AB", True),
    ],
)
def test_a_name_is_read_as_everywhere_else(own, theirs, agree):
    found = contradictions(Company(company_id="c1", name=own), Customer("17", 1, theirs))
    assert found == (() if agree else ("name",))


@pytest.mark.parametrize("number", ["19640823-3234", "640823-3234"])
def test_the_last_digits_of_a_personal_number_are_hidden(number):
    assert masked(number) == "640823-****"


async def test_another_company_is_read_again_too_however_its_number_is_written(house, make, browser):
    for company_id, number in (("c1", "556036-0793"), ("c2", "5560360793.0"), ("c3", "556012-5790")):
        await house.win(make.deal(int(company_id[1]), company_id), make.company(company_id, organisation_number=number))
    await house.hear(house.review("organisation_number_shared", "c1"))
    await house.sent()
    await browser.post(f"/api/records/customer/{house.connection_id}/c1/try-again")
    read = [message.company_id for message in await house.sent() if isinstance(message, ReadLimeGoCompany)]
    assert sorted(read) == ["c1", "c2"]


@pytest.mark.parametrize(("reason", "is_missing"), [("customer_missing", True), ("connection_changed", False)])
async def test_only_fortnox_says_that_it_has_no_customer(house, make, browser, reason, is_missing):
    await house.win(make.deal())
    await house.hear(house.review("scored"))
    await house.sent()
    path, query = f"/records/customer/{house.connection_id}/c1/link", {"customer_number": "4711"}
    with pytest.raises(NotPossibleError):
        await house.actions.link(house.connection_id, "c1", "4711")
    await house.hear(house.refused(await house.sent_one(ReadFortnoxCustomer), reason))
    page = (await browser.get(path, params=query)).text
    assert ("Fortnox har ingen kund med det numret." in page) is is_missing


async def test_a_customer_that_fortnox_has_lost_is_looked_up_before_it_is_linked_again(house, make):
    await house.linked_company()
    await house.win(make.deal())
    await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), "customer_missing"))
    await house.sent()
    with pytest.raises(NotPossibleError) as refused:
        await house.actions.link(house.connection_id, "c1", "17")
    assert refused.value.code == "customer_looked_up"
    assert (await house.sent_one(ReadFortnoxCustomer)).customer_number == "17"
