"""What keeps a company from being created by likeness alone, and when that ends: never because a model is another one."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.domain import Decision, NotFound, Reason, Review
from matcher.keyed_hash import KeyedHash
from matcher.keys import company_identity, customer_identity, keys_of
from matcher.registers import Case, Key
from matcher.repository import DecisionRepository, RegisterRepository

Found = list[tuple[Case, Decision]]


class Holds:
    """Reads within one transaction."""

    def __init__(self, registers: RegisterRepository, decisions: DecisionRepository, hashing: KeyedHash) -> None:
        self._registers, self._decisions, self._hashing = registers, decisions, hashing

    async def kept(self, found: Found) -> Found:
        """The decisions, where a `scored` review stays one that another model alone would end.

        A customer that somebody was shown as likely is created beside when a record changes or a person says so. A
        new model orders the candidates of whatever is decided again, and frees nobody.
        """
        freed = [(case, case.decision) for case, decision in found if isinstance(decision, NotFound) and _is_held(case)]
        compared = await self.compared([(case, held) for case, held in freed if isinstance(held, Review)])
        held = {case.key: review for case, review in freed if review and compared[case.key] == case.compared}
        return [(case, held.get(case.key, decision)) for case, decision in found]

    async def compared(self, reviews: Sequence[tuple[Case, Review]]) -> dict[Key, int]:
        """A keyed hash of each company and its candidates as they are now, of those that are nobody else's."""
        wanted = sorted({(case.connection_id, number) for case, review in reviews for number in review.candidates})
        if not wanted:
            return {case.key: 0 for case, _ in reviews}
        customers = await self._registers.customers(wanted)
        owners = await self._decisions.owners_of(wanted)
        hashed = self._hashing.key
        digests = {
            key: keys_of(hashed, key[0], customer_identity(stored.customer)).digest
            for key, stored in customers.items()
            if key not in owners
        }
        return {
            case.key: hashed(case.connection_id, "compared", repr(_digests(case, review, digests, self._hashing)))
            for case, review in reviews
        }


def _is_held(case: Case) -> bool:
    if case.is_confirmed_new:
        return False
    return isinstance(case.decision, Review) and case.decision.reason is Reason.SCORED and case.compared is not None


def _digests(case: Case, review: Review, customers: dict[Key, int], hashing: KeyedHash) -> list[int | None]:
    own = keys_of(hashing.key, case.connection_id, company_identity(case.company)).digest
    return [own, *(customers.get((case.connection_id, number)) for number in sorted(review.candidates))]
