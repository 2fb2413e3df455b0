"""What the consent page decides: whether a request may be shown to a person, and where their answer leads (1.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from sandbox.fortnox.apps import App
from sandbox.fortnox.company import Company
from sandbox.fortnox.grants import Grant
from sandbox.fortnox.oauth import NO_SERVICE_ACCOUNT
from sandbox.fortnox.rights import INTEGRATION, unlicensed
from sandbox.fortnox.world import Fortnox

TEXTS = {
    "access_denied": "The user denied the request",
    "invalid_scope": "An unsupported scope was requested",
    "unauthorized_client": NO_SERVICE_ACCOUNT,
    "error_missing_license": "The company lacks a license for a requested scope",
    "error_missing_app_license": "The company lacks a license for integrations",
    "error_missing_system_admin_right": "Only a system administrator can approve a service account",
}
"""The texts are ours: no public source gives them, but for the one about service accounts."""


class WrongAddressError(ValueError):
    """A request that stops at an error page, because nobody is known to whom it could be sent back."""


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request for consent that a person may be shown."""

    app: App
    scopes: frozenset[str]
    state: str
    offline: bool
    service: bool

    def refused(self, error: str) -> str:
        """The way back with an error."""
        return self.back(error=error, error_description=TEXTS[error], state=self.state)

    def back(self, **values: str) -> str:
        """The app's redirect address with these values in its query."""
        address = self.app.redirect_uri
        if not values:
            return address
        return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"


def read(fortnox: Fortnox, query: Mapping[str, str]) -> AuthorizationRequest:
    """Checks a request's parameters; raises WrongAddressError. `redirect_uri` must be the registered one to the letter."""
    app = fortnox.apps.get(query.get("client_id", ""))
    if app is None:
        raise WrongAddressError("client_id är inte känt.")
    if not app.redirect_uri or query.get("redirect_uri", app.redirect_uri) != app.redirect_uri:
        raise WrongAddressError("redirect_uri är inte den som är registrerad för appen.")
    if query.get("response_type") != "code":
        raise WrongAddressError("response_type måste vara code.")
    if not query.get("state"):
        raise WrongAddressError("state saknas.")
    if query.get("access_type", "offline") != "offline":
        raise WrongAddressError("access_type kan bara vara offline.")
    if query.get("account_type", "service") != "service":
        raise WrongAddressError("account_type kan bara vara service.")
    scopes, service = frozenset(query.get("scope", "").split(" ")) - {""}, "account_type" in query
    if service and not app.service_accounts and not fortnox.switches.service_refusal_redirects:
        raise WrongAddressError(NO_SERVICE_ACCOUNT)
    return AuthorizationRequest(app, scopes, query["state"], "access_type" in query, service)


def refusal(asked: AuthorizationRequest) -> str | None:
    """The way back of a request that no person needs to see, or None."""
    if asked.service and not asked.app.service_accounts:
        return asked.refused("unauthorized_client")
    if not asked.scopes or asked.scopes - asked.app.scopes:
        return asked.refused("invalid_scope")
    return None


def deny(asked: AuthorizationRequest) -> str:
    """The way back when the person says no."""
    return asked.refused("access_denied")


def approve(fortnox: Fortnox, asked: AuthorizationRequest, company: Company) -> str:
    """The way back when the person says yes for a company: a code, an error, or nothing at all from one that is locked."""
    if company.is_locked:
        return asked.back()
    if asked.service and not company.is_administrator:
        return asked.refused("error_missing_system_admin_right")
    if unlicensed(asked.scopes, company.licences):
        return asked.refused("error_missing_license")
    if INTEGRATION not in company.licences:
        return asked.refused("error_missing_app_license" if fortnox.switches.app_licence_error else "error_missing_license")
    if asked.service:
        company.give_consent(asked.app.client, asked.scopes)
    grant = Grant(
        asked.app.client,
        company.tenant,
        asked.scopes,
        service=asked.service,
        offline=asked.offline,
    )
    code = fortnox.grants.add_code(grant, asked.app.redirect_uri, fortnox.clock.seconds(fortnox.switches.code_life))
    return asked.back(code=code, state=asked.state)
