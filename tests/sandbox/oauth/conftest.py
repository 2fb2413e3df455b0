"""A sandbox inside the test's own process, with a clock that only the test moves."""

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from sandbox.app import create_app
from sandbox.clock import Clock

BACK = "https://app.example/callback?from=fortnox"
SCOPES = "customer invoice"


class StillClock(Clock):
    """Stands at noon of one day until it is moved."""

    def now(self):
        return datetime(2026, 6, 1, 12, tzinfo=UTC) + timedelta(seconds=self.offset)

    def monotonic(self):
        return self.offset


class Person:
    """A developer, a customer at the consent page and an app, all in one."""

    def __init__(self, http):
        self.http = http

    async def control(self, method, path, body=None, status=200):
        answer = await self.http.request(method, f"/control/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def advance(self, seconds):
        await self.control("POST", "clock", {"advance": seconds})

    async def switch(self, **values):
        await self.control("PUT", "switches", values)

    async def change(self, tenant="100", **values):
        return await self.control("PATCH", f"fortnox/tenants/{tenant}", values)

    async def add_app(self, client="app", **values):
        body = {"client_id": client, "client_secret": "secret", "name": "Provappen", "redirect_uri": BACK, **values}
        return await self.control("POST", "fortnox/apps", body, status=201)

    async def add_tenant(self, tenant="100", status=201, **values):
        return await self.control("POST", "fortnox/tenants", {"tenant": tenant, "clients": {}, **values}, status)

    async def page(self, **query):
        """The consent page; a parameter of None is left out."""
        return await self.http.get("/fortnox/oauth-v1/auth", params=self.asked(query))

    async def answer(self, svar="godkann", bolag="100", **query):
        """A click at the consent page: where it leads, and with which values."""
        data = {"svar": svar, "bolag": bolag}
        answer = await self.http.post("/fortnox/oauth-v1/auth", params=self.asked(query), data=data)
        assert answer.status_code == 302, answer.text
        return self.followed(answer)

    @staticmethod
    def followed(answer):
        parts = urlsplit(answer.headers["location"])
        assert (parts.netloc, parts.path) == ("app.example", "/callback")
        values = dict(parse_qsl(parts.query))
        assert values.pop("from") == "fortnox"
        return values

    @staticmethod
    def asked(query):
        default = {"client_id": "app", "response_type": "code", "scope": SCOPES, "state": "s/1 å", "access_type": "offline"}
        return {name: value for name, value in {**default, **query}.items() if value is not None}

    async def code(self, **query):
        return (await self.answer(**query))["code"]

    async def token(self, grant_type, *, client="app", secret="secret", tenant=None, **fields):
        headers = {"TenantId": tenant} if tenant else {}
        data = {"grant_type": grant_type, **fields}
        return await self.http.post("/fortnox/oauth-v1/token", auth=(client, secret), headers=headers, data=data)

    async def exchange(self, code, **values):
        return await self.token("authorization_code", **{"code": code, "redirect_uri": BACK, **values})

    async def refresh(self, token, **values):
        return await self.token("refresh_token", refresh_token=token, **values)

    async def credentials(self, tenant="100", **values):
        return await self.token("client_credentials", tenant=tenant, **values)

    async def pair(self, **query):
        """Access and refresh token of a new consent."""
        answer = await self.exchange(await self.code(**query), client=query.get("client_id", "app"))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def revoke(self, token, secret="secret"):
        data = {"token_type_hint": "refresh_token", "token": token}
        return await self.http.post("/fortnox/oauth-v1/revoke", auth=("app", secret), data=data)

    async def get(self, path, access_token):
        return await self.http.get(f"/fortnox/3/{path}", headers={"Authorization": f"Bearer {access_token}"})


def claims(token):
    """What stands in an access token, with its header."""
    head, body, _ = (part + "=" * (-len(part) % 4) for part in token.split("."))
    return json.loads(base64.urlsafe_b64decode(head)), json.loads(base64.urlsafe_b64decode(body))


@pytest.fixture
def make_person(monkeypatch):
    """Makes sandboxes, each empty."""
    monkeypatch.setattr("sandbox.app.Clock", StillClock)
    return lambda: Person(httpx.AsyncClient(transport=httpx.ASGITransport(create_app()), base_url="http://sandbox"))


@pytest.fixture
async def person(make_person):
    """A sandbox with one app and one company."""
    person = make_person()
    await person.add_app()
    await person.add_tenant()
    yield person
    await person.http.aclose()


@pytest.fixture(name="claims")
def _claims():
    return claims
