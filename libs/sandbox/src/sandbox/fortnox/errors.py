"""Fortnox's refusals: codes, Swedish texts and the casing that goes with each status."""

from starlette.responses import JSONResponse, Response

# Where the reference gives no code (a booked invoice, a read-only field), the code is ours and means nothing.
UNDOCUMENTED = 2990000

LOCKED_BOOKED = "Fakturan är bokförd och kan inte ändras."
LOCKED_CANCELLED = "Dokumentet är makulerat och kan inte ändras."


class Refusal(Exception):
    """A refused call. 404 has capitalised keys, all else lower case, unless `capitals` says so (reference 3.1)."""

    def __init__(self, status: int, code: int, message: str, *, capitals: bool | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.capitals = status == 404 if capitals is None else capitals

    def response(self) -> Response:
        """The refusal on the wire."""
        if self.capitals:
            body: dict[str, object] = {"Error": 1, "Message": self.message, "Code": self.code}
        else:
            body = {"error": 1, "message": self.message, "code": self.code}
        return JSONResponse({"ErrorInformation": body}, status_code=self.status)


def bad(code: int, message: str) -> Refusal:
    """A 400."""
    return Refusal(400, code, message)


def undocumented(message: str) -> Refusal:
    """A 400 whose code and text no public source gives."""
    return bad(UNDOCUMENTED, message)


NOT_FOUND = {
    "customers": Refusal(404, 2000433, "Kan inte hitta kunden."),
    "invoices": Refusal(404, 2000434, "Kan inte hitta fakturan."),
    "orders": Refusal(404, 2000439, "Kan inte hitta ordern."),
    "articles": Refusal(404, 2000428, "Kan inte hitta artikeln."),
    "termsofpayments": Refusal(404, 2000429, "Kan inte hitta betalningsvillkoret."),
    "units": Refusal(404, 2000432, "Kan inte hitta enheten."),
    "currencies": Refusal(404, 2000427, "Kan inte hitta valutan."),
    "prices": Refusal(404, 2000430, "Kan inte hitta priset."),
    "invoicepayments": Refusal(404, UNDOCUMENTED, "Kan inte hitta betalningen."),
}
NO_RIGHT = {
    "bookkeeping": Refusal(403, 2002455, "Saknar behörighet för verifikationer.", capitals=True),
    "invoice": Refusal(403, 2001393, "Saknar behörighet för kundfakturor.", capitals=True),
    "payment": Refusal(403, 2003330, "Saknar behörighet för betalningar.", capitals=True),
}
NO_SCOPE = Refusal(403, 2000663, "Har inte behörighet för scope.", capitals=True)
NO_LICENCE = Refusal(403, 2001101, "Det finns ingen aktiv licens för begärt scope.", capitals=True)
NO_API_LICENCE = Refusal(403, 2001103, "API-licens saknas.", capitals=True)
NO_RIGHTS = {one.code: one for one in (NO_SCOPE, NO_LICENCE, NO_API_LICENCE)}
UNAUTHORISED_BODY = {"message": "unauthorized"}


def refuse(status: int, code: int | None = None) -> Response:
    """The body that a status made by a fault has: the gateway's for 401, empty for 429, HTML for maintenance."""
    if status == 401:
        return JSONResponse(UNAUTHORISED_BODY, status_code=401)
    if status == 400:
        return bad(2000588, "Ogiltig parameter i anropet.").response()
    if status == 403:
        return (NO_SCOPE if code is None else NO_RIGHTS.get(code, Refusal(403, code, "Behörighet saknas."))).response()
    if status == 500:
        return Refusal(500, 1000003, "System exception").response()
    if status == 503:
        return Response("<html><body>Fortnox genomgår underhåll.</body></html>", status_code=503, media_type="text/html")
    return Response(b"", status_code=status)
