"""The token endpoint: `POST /oauth-v1/token`, client credentials with a tenant id (reference 1.2, 1.4, 1.7)."""

import base64
import binascii
import json
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response

from sandbox.fortnox.world import Fortnox


def basic(headers: Headers) -> tuple[str, str]:
    """Client id and secret of the Basic header, or two empty texts."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client, secret


def _refused(status: int, error: str, text: str, media_type: str) -> Response:
    body = json.dumps({"error": error, "error_description": text})
    return Response(body, status_code=status, headers={"Content-Type": media_type})


def token(fortnox: Fortnox, headers: Headers, body: bytes) -> Response:
    """Answers one request for a token. What a revoked consent or an unknown tenant answers is not public: 400."""
    client, secret = basic(headers)
    if not client or fortnox.secret(client) != secret:
        text = "The client credentials are invalid"
        return _refused(401, "invalid_client", text, "text/plain;charset=UTF-8")
    grant = parse_qs(body.decode("utf-8", "replace")).get("grant_type", [""])[0]
    if grant != "client_credentials":
        return _refused(400, "unsupported_grant_type", "The grant type is not supported", "text/html; charset=UTF-8")
    tenant = headers.get("tenantid", "")
    company = fortnox.companies.get(tenant)
    if company is None or client not in company.clients or not company.consent:
        return _refused(400, "invalid_grant", "No valid consent for the tenant", "text/html; charset=UTF-8")
    life = fortnox.clock.seconds(fortnox.switches.token_life)
    return JSONResponse(
        {
            "access_token": fortnox.tokens.issue(tenant, client, company.scopes, life),
            "token_type": "bearer",
            "expires_in": int(life),
            "scope": " ".join(sorted(company.scopes)),
        },
        headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
    )
