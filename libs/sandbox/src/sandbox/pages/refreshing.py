"""Pages that load themselves anew, so that a person can watch, and the button that stops it: whoever reads with the
keyboard or a screen reader must be able to (WCAG 2.2, 2.2.2)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.pages.rendering import back, form

SECONDS, MESSAGE_SECONDS = 3, 8
COOKIE = "sandladan-paus"


def is_paused(request: Request) -> bool:
    """Whether this person stopped it."""
    return request.cookies.get(COOKIE) == "1"


def refresh_of(request: Request, here: str) -> str:
    """The content of the page's refresh tag, "" for none. A message is shown for longer, and goes with the address."""
    if is_paused(request):
        return ""
    return f"{MESSAGE_SECONDS};url={here}" if {"fel", "klart"} & set(request.query_params) else str(SECONDS)


async def _set(request: Request) -> Response:
    fields = await form(request)
    answer = back(fields.get("tillbaka", "/"))
    answer.set_cookie(COOKIE, "1" if fields.get("paus") == "1" else "0", httponly=True, samesite="lax")
    return answer


ROUTE = Route("/uppdatering", _set, methods=["POST"])
