"""How a company goes: deleted, or merged into another (UNCONFIRMED, all of it). Neither fires an event."""

from sandbox.limego import checks
from sandbox.limego.records import Organization
from sandbox.limego.refusals import RuleError
from sandbox.limego.world import Caller


def delete_organization(caller: Caller, id: str) -> bool:
    """Takes a company away; its deals and persons stay, without a company."""
    checks.may_delete(caller)
    _take_away(caller, checks.organization(caller, id), None)
    return True


def merge_organization(caller: Caller, id: str, into: str) -> Organization:
    """Takes a company away and gives its deals and persons to another, which keeps its own data."""
    checks.may_delete(caller)
    gone, heir = checks.organization(caller, id), checks.organization(caller, into)
    if gone is heir:
        raise RuleError("A company cannot be merged into itself")
    _take_away(caller, gone, heir)
    caller.database.merged[gone.id] = heir.id
    return heir


def _take_away(caller: Caller, gone: Organization, heir: Organization | None) -> None:
    database = caller.database
    for deal_id in list(database.deals_of.get(gone.id, ())):
        database.give_deal(database.deals[deal_id], heir)
    database.deals_of.pop(gone.id, None)
    persons = database.persons_of.pop(gone.id, [])
    for person_id in persons:
        database.persons[person_id].employer = heir.id if heir else None
    if heir and persons:
        database.persons_of.setdefault(heir.id, []).extend(persons)
    del database.organizations[gone.id]
    database.organization_index.remove(gone.id)
    database.removed.append(gone.id)
    database.count_write(caller.writer, heir)
