"""Authorisation codes and chains of refresh tokens, with the race that was measured (reference 1.3)."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock
from sandbox.fortnox.draws import Draws


@dataclass(frozen=True)
class Grant:
    """What a person approved: which app may do what in which company, and as whom."""

    client: str
    tenant: str
    scopes: frozenset[str]
    service: bool
    offline: bool

    def to_json(self) -> dict[str, Any]:
        """The grant as JSON values."""
        return {**vars(self), "scopes": sorted(self.scopes)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Grant":
        """Reads what `to_json` wrote."""
        return cls(**{**data, "scopes": frozenset(data["scopes"])})


@dataclass(frozen=True)
class Code:
    """An authorisation code that nobody has used. `expires` is in seconds since 1970, as all times here."""

    grant: Grant
    redirect_uri: str
    expires: float


@dataclass
class Chain:
    """A grant's refresh tokens. Only `current` opens it, and for an instant those in `used` (by time of use).
    `access` is the access token of the pair that `current` belongs to."""

    grant: Grant
    current: str
    expires: float
    access: str = ""
    used: dict[str, float] = field(default_factory=dict)


class Grants:
    """All codes and chains of one world."""

    def __init__(self, clock: Clock, draws: Draws) -> None:
        self._clock = clock
        self._draws = draws
        self._codes: dict[str, Code] = {}
        self._chains: dict[str, Chain] = {}

    def add_code(self, grant: Grant, redirect_uri: str, life: float) -> str:
        """A code for what was approved."""
        code = self._draws.uuid("code")
        self._codes[code] = Code(grant, redirect_uri, self._now() + life)
        return code

    def take_code(self, code: str, client: str) -> Code | None:
        """Spends the app's code; None if it is unknown, spent, too old or another app's."""
        found = self._codes.get(code)
        if found is None or found.grant.client != client:
            return None
        del self._codes[code]
        return found if self._now() < found.expires else None

    def begin(self, grant: Grant, life: float) -> Chain:
        """A new chain with its first refresh token."""
        chain = Chain(grant, self._draws.hexadecimal("refresh"), self._now() + life)
        self._chains[chain.current] = chain
        return chain

    def find(self, token: str, client: str) -> Chain | None:
        """The chain that this refresh token of the app opens or, as one that was used, still belongs to."""
        chain = self._chains.get(token)
        return chain if chain and chain.grant.client == client else None

    def refresh(self, token: str, client: str, life: float, window: float) -> Chain | None:
        """Spends a refresh token and gives its chain a new one; None if the token is not, or no longer, good. The same
        token works again within the window, and then only the pair that was made last is good."""
        chain, now = self.find(token, client), self._now()
        if chain is None or (token == chain.current and now >= chain.expires):
            return None
        self._forget_used(chain, now - window)
        if token != chain.current and token not in chain.used:
            return None
        if token == chain.current:
            chain.used[token] = now
        else:
            del self._chains[chain.current]
        chain.current, chain.expires = self._draws.hexadecimal("refresh"), now + life
        self._chains[chain.current] = chain
        return chain

    def end(self, chain: Chain) -> None:
        """No token of the chain is good any longer."""
        for token in (chain.current, *chain.used):
            self._chains.pop(token, None)

    def end_all(self, tenant: str, client: str | None = None) -> None:
        """Ends what a company has approved, for one app or for all; unused codes too."""

        def is_meant(grant: Grant) -> bool:
            return grant.tenant == tenant and client in (None, grant.client)

        self._codes = {code: one for code, one in self._codes.items() if not is_meant(one.grant)}
        self._chains = {token: chain for token, chain in self._chains.items() if not is_meant(chain.grant)}

    def tenant_of(self, secret: str) -> str:
        """The company that a code or a refresh token belongs to, or ""."""
        if secret in self._codes:
            return self._codes[secret].grant.tenant
        return self._chains[secret].grant.tenant if secret in self._chains else ""

    def clear(self) -> None:
        """Forgets everything."""
        self._codes.clear()
        self._chains.clear()

    def state(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return {
            "codes": {code: {**vars(one), "grant": one.grant.to_json()} for code, one in self._codes.items()},
            "chains": [
                {**vars(chain), "grant": chain.grant.to_json(), "used": dict(chain.used)}
                for token, chain in self._chains.items()
                if token == chain.current
            ],
        }

    def load(self, data: dict[str, Any]) -> None:
        """Restores a state."""
        self.clear()
        for code, one in data["codes"].items():
            self._codes[code] = Code(**{**one, "grant": Grant.from_json(one["grant"])})
        for one in data["chains"]:
            chain = Chain(**{**one, "grant": Grant.from_json(one["grant"]), "used": dict(one["used"])})
            self._chains |= dict.fromkeys((*chain.used, chain.current), chain)

    def _forget_used(self, chain: Chain, before: float) -> None:
        for token in [token for token, used in chain.used.items() if used <= before]:
            del chain.used[token], self._chains[token]

    def _now(self) -> float:
        return self._clock.now().timestamp()
