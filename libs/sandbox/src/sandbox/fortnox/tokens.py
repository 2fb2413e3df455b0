"""Access tokens: HS256 JWTs with the claims that were seen in public, checked without a store."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

from sandbox.clock import Clock


@dataclass(frozen=True)
class Access:
    """What a valid token gives. `expires` is in seconds since 1970."""

    tenant: str
    client: str
    scopes: frozenset[str]
    expires: float


class Tokens:
    """Issues and reads tokens. The key is fixed so that tokens outlive a restart of the emulator."""

    def __init__(self, clock: Clock, key: bytes = b"sandbox") -> None:
        self._clock = clock
        self._key = key
        self._read: dict[str, Access] = {}

    def issue(self, tenant: str, client: str, scopes: frozenset[str], life: float) -> str:
        """A token that lives for so many seconds of the machine."""
        issued = self._clock.now().timestamp()
        names = sorted(scopes)
        claims = {
            "userId": 1,
            "tenantId": int(tenant),
            "clientId": client,
            "scopes": names,
            "authsource": "OAUTH2",
            "jti": secrets.token_hex(20),
            "iss": "https://api.fortnox.se/oauth2",
            "aud": client,
            "sub": f"1@{tenant}",
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

    def forget(self) -> None:
        """Empties the cache; tokens stay valid."""
        self._read.clear()

    def _verify(self, token: str) -> Access | None:
        signed, _, signature = token.rpartition(".")
        if not signed or not hmac.compare_digest(signature.encode(), self._signature(signed).encode()):
            return None
        body = signed.partition(".")[2]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return Access(str(claims["tenantId"]), claims["clientId"], frozenset(claims["scopes"]), float(claims["exp"]))

    def _signature(self, signed: str) -> str:
        return _plain(hmac.new(self._key, signed.encode(), hashlib.sha256).digest())


def _encode(value: object) -> str:
    return _plain(json.dumps(value, separators=(",", ":")).encode())


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
