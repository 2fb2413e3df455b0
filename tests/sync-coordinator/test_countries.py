"""A country that cannot be read: named, and a way out."""

from __future__ import annotations

from contracts.values import Address


async def test_a_country_that_cannot_be_read_is_named_and_goes_through_once_it_is_corrected(house, make):
    written = make.company(postal_address=Address(country_code="Lönneberga"))
    await house.win(make.deal(), written)
    await house.hear(house.not_found(written))
    assert (await house.record("customer", "c1"))["reason"] == "country_unreadable"
    await house.hear(house.not_found(make.company(postal_address=Address(country_code="Sverige"))))
    assert await house.count_sent("SaveFortnoxCustomer") == 1
