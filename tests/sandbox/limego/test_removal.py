"""Companies that are deleted, or merged into another."""

from __future__ import annotations

import pytest

DELETE = "mutation ($id: String!) { deleteOrganization(id: $id) }"
MERGE = "mutation ($id: String!, $into: String!) { mergeOrganization(id: $id, into: $into) { id name } }"
READ = "query ($id: String!) { organization(id: $id) { id } }"
DEAL = "query ($id: Int!) { deal(id: $id) { customer { id } } }"
LIST = "{ organizations { id } }"


def listed(base):
    return [one["id"] for one in base.full.data(LIST)["organizations"]]


def test_a_deleted_company_is_null_in_no_list_and_its_deals_have_none(base):
    company = base.a_company()
    deal = base.bulk(deals=[{"name": "Affär", "organizationId": company}])["deals"][0]
    base.person.data(DELETE, id=company)
    assert base.full.data(READ, id=company) == {"organization": None}
    assert company not in listed(base)
    assert base.full.data(DEAL, id=deal) == {"deal": {"customer": None}}
    assert "no organization" in base.person.error(DELETE, id=company)


@pytest.mark.parametrize(("switch", "reads_as"), [("gone", None), ("survivor", "survivor")])
def test_a_merged_company_gives_its_deals_to_the_survivor(base, switch, reads_as):
    base.control.put("/limego/switches", json={"merged_id": switch})
    gone, survivor = base.a_company(), base.a_company(name="Kvar AB")
    deal = base.bulk(deals=[{"name": "Affär", "organizationId": gone}])["deals"][0]
    assert base.person.data(MERGE, id=gone, into=survivor) == {"mergeOrganization": {"id": survivor, "name": "Kvar AB"}}
    assert base.full.data(DEAL, id=deal) == {"deal": {"customer": {"id": survivor}}}
    found = base.full.data(READ, id=gone)["organization"]
    assert found == (reads_as and {"id": survivor})
    assert listed(base) == [survivor]


def test_who_may_not_delete_neither_deletes_nor_merges(base):
    company, other = base.a_company(), base.a_company()
    for mutation, more in ((DELETE, {}), (MERGE, {"into": other})):
        assert "may not change" in base.company.error(mutation, id=company, **more)
    assert "itself" in base.person.error(MERGE, id=company, into=company)
