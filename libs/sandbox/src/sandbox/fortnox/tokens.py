"""Access tokens: HS256 JWTs with the claims that were seen in public, checked without a store (reference 1.5)."""

import base64
import gzip
import hashlib
import hmac
import json
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.fortnox.draws import Draws

PERSON, SERVICE = 1, 2
"""The user ids: the person who approves, and the service account that no person stands behind."""


@dataclass(frozen=True)
class Access:
    """What a valid token gives. `expires` is in seconds since 1970."""

    tenant: str
    client: str
    scopes: frozenset[str]
    expires: float


class Tokens:
    """Issues and reads tokens. A token is good until it runs out: it cannot be revoked (reference 1.3). Only the race
    of two refreshes takes one back."""

    def __init__(self, clock: Clock, draws: Draws) -> None:
        self._clock = clock
        self._draws = draws
        self._read: dict[str, Access] = {}
        self._taken_back: dict[str, float] = {}

    def issue(self, tenant: str, client: str, scopes: frozenset[str], life: float, user: int = SERVICE) -> str:
        """A token that lives for so many seconds of the machine."""
        issued = self._clock.now().timestamp()
        names, identity = sorted(scopes), self._draws.hexadecimal("jti")
        claims = {
            "userId": user,
            "tenantId": int(tenant),
            "clientId": client,
            "rightsAsJson": _rights(names),
            "scopes": names,
            "authsource": "OAUTH2",
            "id": identity,
            "jti": identity,
            "iss": "https://api.fortnox.se/oauth2",
            "aud": client,
            "sub": f"{user}@{tenant}",
            "iat": int(issued),
            "exp": int(issued + life),
            "token_type": "bearer",
            "scope": " ".join(names),
        }
        signed = f"{_encode({'typ': 'JWT', 'alg': 'HS256'})}.{_encode(claims)}"
        token = f"{signed}.{self._signature(signed)}"
        self._read[token] = Access(tenant, client, scopes, issued + life)
        return token

    def read(self, token: str) -> Access | None:
        """What the token gives, or None if it is forged or has run out."""
        access = self._read.get(token) or self._verify(token)
        if access is None or access.expires <= self._clock.now().timestamp():
            self._read.pop(token, None)
            return None
        self._read[token] = access
        return access

    def take_back(self, token: str) -> None:
        """The token is good no longer."""
        access, now = self.read(token), self._clock.now().timestamp()
        self._read.pop(token, None)
        self._taken_back = {one: expires for one, expires in self._taken_back.items() if expires > now}
        if access is not None:
            self._taken_back[token] = access.expires

    def forget(self) -> None:
        """Empties the cache, and forgets what was taken back; tokens stay valid while the key does."""
        self._read.clear()
        self._taken_back.clear()

    def state(self) -> dict[str, float]:
        """The tokens that were taken back, with the time at which they would have run out."""
        return dict(self._taken_back)

    def load(self, data: dict[str, float]) -> None:
        """Restores a state."""
        self.forget()
        self._taken_back = dict(data)

    def _verify(self, token: str) -> Access | None:
        signed, _, signature = token.rpartition(".")
        if (
            not signed
            or token in self._taken_back
            or not hmac.compare_digest(signature.encode(), self._signature(signed).encode())
        ):
            return None
        body = signed.partition(".")[2]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return Access(str(claims["tenantId"]), claims["clientId"], frozenset(claims["scopes"]), float(claims["exp"]))

    def _signature(self, signed: str) -> str:
        return _plain(hmac.new(self._draws.key, signed.encode(), hashlib.sha256).digest())


def _rights(names: list[str]) -> str:
    """The claim's form is known (gzip and base64), what stands in it is not."""
    packed = gzip.compress(json.dumps(dict.fromkeys(names, "readwrite")).encode(), mtime=0)
    return base64.b64encode(packed).decode()


def _encode(value: object) -> str:
    return _plain(json.dumps(value, separators=(",", ":")).encode())


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
