"""Fortnox's refusals as data: codes, Swedish texts, and the casing that goes with each status."""

import json
from types import MappingProxyType

from starlette.responses import JSONResponse, Response

# Where the reference gives no code (a booked invoice, a read-only field), the code is ours and means nothing.
UNDOCUMENTED = 2990000

LOCKED_BOOKED = "Fakturan är bokförd och kan inte ändras."
LOCKED_CANCELLED = "Dokumentet är makulerat och kan inte ändras."

# Code: status and text (reference 3.3). {} is what the call is about. Texts of ours, where only the meaning is public, too.
TABLE = MappingProxyType({
    1000003: (500, "System exception"),
    1000030: (400, "Ogiltig responstyp."),
    1000031: (400, "Ogiltig innehållstyp."),
    2000013: (400, 'Artikelnumret "{}" är redan taget'),
    2000106: (400, "Värdet måste vara alfanumeriskt. ({})"),
    2000107: (400, "Värdet är för långt. ({})"),
    2000108: (400, "Värdet måste vara numeriskt. ({})"),
    2000134: (400, "Värdet måste vara booleskt. ({})"),
    2000204: (400, "Kunde inte hitta kund"),
    2000359: (400, "Värdet innehåller otillåtna tecken. ({})"),
    2000427: (404, "Kan inte hitta valutan."),
    2000428: (404, "Kan inte hitta artikeln."),
    2000429: (404, "Kan inte hitta betalningsvillkoret."),
    2000430: (404, "Kan inte hitta priset."),
    2000431: (404, "Kan inte hitta prislistan."),
    2000432: (404, "Kan inte hitta enheten."),
    2000433: (404, "Kan inte hitta kunden."),
    2000434: (404, "Kan inte hitta fakturan."),
    2000439: (404, "Kan inte hitta ordern."),
    2000587: (400, "Ett ogiltigt filter har använts."),
    2000588: (400, "Ogiltig parameter i anropet."),
    2000637: (400, "Kundnumret {} är redan använt."),
    2000699: (400, "Värdet kan inte vara null. (unit)"),
    2001302: (400, "Kan inte hitta artikeln. ({})"),
    2001304: (400, "Kunde inte hitta konto"),
    2001392: (400, "Felaktig eller tom begäran."),
    2001399: (400, "Felaktigt fältnamn ({})"),
    2001600: (400, "Värdet är för långt, högst 50 tecken. ({})"),
    2001896: (400, "Värdet är för långt, högst 1024 tecken. ({})"),
    2002115: (400, "Felaktig JSON."),
    2002980: (400, "Kan inte sätta typen övrig kostnad på en rad markerad som husarbete."),
    2003126: (400, "Utleveransdatum kan inte vara efter dagens datum."),
    2003157: (400, "Skattereduktion för den valda typen av husarbete har upphört."),
    2004001: (400, "Skattereduktionstypen kan inte vara 'none' när dokumentet har rader med husarbete."),
    2004021: (
        400,
        "Dokument med skattereduktionstypen '{}' får inte innehålla rader med husarbetestypen '{}'.",
    ),
    2004167: (400, "Konto måste anges när en egen momssats används."),
    2004194: (400, "Ogiltigt VAT-nummer."),
})  # fmt: skip
MISSING = MappingProxyType({
    "customers": 2000433, "invoices": 2000434, "orders": 2000439, "articles": 2000428, "termsofpayments": 2000429,
    "units": 2000432, "currencies": 2000427, "prices": 2000430,
    "pricelists": 2000431,
})  # fmt: skip


class Refusal(Exception):
    """A refused call. 404 has capitalised keys, all else lower case, unless `capitals` says so (reference 3.1)."""

    def __init__(self, status: int, code: int, message: str, *, capitals: bool | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.capitals = status == 404 if capitals is None else capitals

    def response(self) -> Response:
        """The refusal on the wire, which is ASCII (reference 0)."""
        if self.capitals:
            body: dict[str, object] = {"Error": 1, "Message": self.message, "Code": self.code}
        else:
            body = {"error": 1, "message": self.message, "code": self.code}
        content = json.dumps({"ErrorInformation": body}, separators=(",", ":"))
        return Response(content, self.status, media_type="application/json")


def known(code: int, *about: object) -> Refusal:
    """A refusal of the table, with the status that the table gives it."""
    status, text = TABLE[code]
    return Refusal(status, code, text.format(*about))


def bad(code: int, *about: object) -> Refusal:
    """A refusal of the table as a 400: what is missing stands inside a payload (reference 3.2)."""
    return Refusal(400, code, TABLE[code][1].format(*about))


def undocumented(message: str) -> Refusal:
    """A 400 whose code and text no public source gives."""
    return Refusal(400, UNDOCUMENTED, message)


def missing(kind: str) -> Refusal:
    """The 404 of a resource whose record does not exist."""
    return known(MISSING[kind]) if kind in MISSING else Refusal(404, UNDOCUMENTED, "Kan inte hitta posten.")


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
        return bad(2000588).response()
    if status == 403:
        return (NO_SCOPE if code is None else NO_RIGHTS.get(code, Refusal(403, code, "Behörighet saknas."))).response()
    if status == 500:
        return known(1000003).response()
    if status == 503:
        return Response("<html><body>Fortnox genomgår underhåll.</body></html>", status_code=503, media_type="text/html")
    return Response(b"", status_code=status)
