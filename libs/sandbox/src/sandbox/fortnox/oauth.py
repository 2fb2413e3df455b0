"""The token endpoint with its three grants, and revoke (reference 1.2 to 1.7)."""

import base64
import binascii
import json
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response

from sandbox.fortnox.apps import App
from sandbox.fortnox.grants import Chain, Grant
from sandbox.fortnox.rights import INTEGRATION
from sandbox.fortnox.tokens import PERSON, SERVICE
from sandbox.fortnox.world import Fortnox

TOKEN, REVOKE = "/oauth-v1/token", "/oauth-v1/revoke"
NO_SERVICE_ACCOUNT = "Client does not allow service account"
HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True)
class Ask:
    """A request to the authorisation server. A field that is sent twice counts as its last."""

    client: str
    secret: str
    tenant: str
    form: dict[str, str]

    @classmethod
    def read(cls, headers: Headers, body: bytes) -> "Ask":
        """Takes credentials from the Basic header only, and fields from a form only."""
        client, secret = _basic(headers)
        is_form = headers.get("content-type", "").partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)) if is_form else {}
        return cls(client, secret, headers.get("tenantid", ""), form)

    def field(self, name: str) -> str:
        """A field of the form, or ""."""
        return self.form.get(name, "")

    def tenant_in(self, fortnox: Fortnox) -> str:
        """The company that the request is about, as far as it names one that is known."""
        for name in ("code", "refresh_token", "token"):
            if name in self.form:
                return fortnox.grants.tenant_of(self.form[name])
        return self.tenant


class OAuthError(Exception):
    """A refusal of the authorisation server; the content type goes with the status, and neither says JSON."""

    def __init__(self, status: int, error: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.error = error
        self.text = text

    def response(self) -> Response:
        """The refusal on the wire."""
        body = json.dumps({"error": self.error, "error_description": self.text})
        media_type = "text/plain;charset=UTF-8" if self.status == 401 else HTML
        return Response(body, status_code=self.status, headers={"Content-Type": media_type})


def answer(fortnox: Fortnox, path: str, ask: Ask) -> Response:
    """Answers a POST to `TOKEN` or `REVOKE`."""
    try:
        app = fortnox.apps.get(ask.client)
        if app is None or app.secret != ask.secret:
            raise OAuthError(401, "invalid_client", "The client credentials are invalid")
        return _revoke(fortnox, app, ask) if path == REVOKE else _token(fortnox, app, ask)
    except OAuthError as error:
        return error.response()


def _token(fortnox: Fortnox, app: App, ask: Ask) -> Response:
    kind = ask.field("grant_type")
    if kind == "authorization_code":
        return _by_code(fortnox, app, ask)
    if kind == "refresh_token":
        return _by_refresh(fortnox, app, ask)
    if kind == "client_credentials":
        return _by_credentials(fortnox, app, ask)
    raise OAuthError(400, "unsupported_grant_type", "The grant type is not supported")


def _by_code(fortnox: Fortnox, app: App, ask: Ask) -> Response:
    """A code that comes with the wrong address is spent all the same."""
    code = fortnox.grants.take_code(ask.field("code"), app.client)
    if code is None or code.redirect_uri != ask.field("redirect_uri"):
        raise OAuthError(400, "invalid_grant", "Auth code or ClientID supplied is invalid")
    _check_licence(fortnox, code.grant.tenant)
    if not code.grant.offline:
        return _issued(fortnox, code.grant)
    return _issued(fortnox, code.grant, fortnox.grants.begin(code.grant, _refresh_life(fortnox)))


def _by_refresh(fortnox: Fortnox, app: App, ask: Ask) -> Response:
    """Nothing but a good token spends one: without a licence the chain stays as it is."""
    switches, token = fortnox.switches, ask.field("refresh_token")
    found = fortnox.grants.find(token, app.client)
    if found is not None:
        _check_licence(fortnox, found.grant.tenant)
    is_race = found is not None and token != found.current
    window = fortnox.clock.seconds(switches.refresh_race_window)
    chain = fortnox.grants.refresh(token, app.client, _refresh_life(fortnox), window)
    if chain is None:
        raise OAuthError(400, "invalid_grant", "Invalid refresh token")
    if is_race and switches.race_ends_access_token:
        fortnox.tokens.take_back(chain.access)
    return _issued(fortnox, chain.grant, chain)


def _by_credentials(fortnox: Fortnox, app: App, ask: Ask) -> Response:
    switches, company = fortnox.switches, fortnox.companies.get(ask.tenant)
    if not app.service_accounts:
        raise OAuthError(400, "unauthorized_client", NO_SERVICE_ACCOUNT)
    consent = company.consent_to(app.client) if company else None
    if consent is None:
        raise OAuthError(401 if switches.no_consent_answers_401 else 400, "invalid_grant", "No valid consent for the tenant")
    _check_licence(fortnox, ask.tenant)
    scopes = consent.scopes
    if ask.field("scope") and switches.credentials_scope_narrows:
        wanted = frozenset(ask.field("scope").split())
        if wanted - scopes:
            raise OAuthError(400, "invalid_scope", "The scope is not granted")
        scopes = wanted
    grant = Grant(app.client, ask.tenant, scopes, service=True, offline=False)
    return _issued(fortnox, grant, with_scope=switches.credentials_answer_scope)


def _revoke(fortnox: Fortnox, app: App, ask: Ask) -> Response:
    """Says yes to everything; only a refresh token of the app's own does something. Access tokens live on."""
    chain = fortnox.grants.find(ask.field("token"), app.client)
    if chain is not None:
        fortnox.grants.end(chain)
        company = fortnox.companies.get(chain.grant.tenant)
        if company and chain.grant.service and fortnox.switches.revoke_ends_consent:
            fortnox.revoke_consent(company, app.client)
    return JSONResponse({"revoked": True})


def _issued(fortnox: Fortnox, grant: Grant, chain: Chain | None = None, *, with_scope: bool = True) -> Response:
    life = fortnox.clock.seconds(fortnox.switches.token_life)
    user = SERVICE if grant.service else PERSON
    access = fortnox.tokens.issue(grant.tenant, grant.client, grant.scopes, life, user)
    body: dict[str, object] = {"access_token": access, "expires_in": int(life), "token_type": "bearer"}
    if with_scope:
        body["scope"] = " ".join(sorted(grant.scopes))
    if chain is not None:
        chain.access = access
        body["refresh_token"] = chain.current
    return JSONResponse(body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _check_licence(fortnox: Fortnox, tenant: str) -> None:
    company = fortnox.companies.get(tenant)
    if company is None or INTEGRATION not in company.licences:
        raise OAuthError(400, "error_missing_license", "The company has no licence for integrations")


def _refresh_life(fortnox: Fortnox) -> float:
    return fortnox.clock.seconds(fortnox.switches.refresh_token_life)


def _basic(headers: Headers) -> tuple[str, str]:
    """Client id and secret of the Basic header, or two empty texts."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client, secret
