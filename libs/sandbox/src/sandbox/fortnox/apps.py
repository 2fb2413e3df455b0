"""The apps of the developer portal, and the consents that companies have given them."""

from dataclasses import dataclass
from typing import Any

from sandbox.fortnox.rights import ALL_SCOPES


@dataclass(frozen=True)
class App:
    """An app as the portal has it registered. Without a `redirect_uri` it cannot ask for consent in a browser."""

    client: str
    secret: str
    name: str = ""
    redirect_uri: str = ""
    scopes: frozenset[str] = ALL_SCOPES
    service_accounts: bool = True

    def to_json(self) -> dict[str, Any]:
        """The app as control takes and shows it."""
        return {
            "client_id": self.client,
            "client_secret": self.secret,
            "name": self.name,
            "redirect_uri": self.redirect_uri,
            "scopes": sorted(self.scopes),
            "service_accounts": self.service_accounts,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "App":
        """Reads what `to_json` wrote."""
        return cls(
            data["client_id"],
            data["client_secret"],
            data["name"],
            data["redirect_uri"],
            frozenset(data["scopes"]),
            data["service_accounts"],
        )


@dataclass(frozen=True)
class Consent:
    """A company's service account for one app (reference 1.4): what client credentials stand on. It has no end;
    the scopes are those of the last approval."""

    scopes: frozenset[str]
    given: bool = True
