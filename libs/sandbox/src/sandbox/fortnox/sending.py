"""What leaves the house: documents printed, previewed, mailed, reminded of. GETs, and most of them change the document."""

from sandbox.fortnox import invoices
from sandbox.fortnox.company import Answer, Call, Company, Handler
from sandbox.fortnox.documents import Kind, existing
from sandbox.fortnox.errors import NO_LICENCE, undocumented
from sandbox.fortnox.rights import as_switched
from sandbox.fortnox.store import Value


def printing(kind: Kind) -> Handler:
    """GET …/print: a PDF, and the document counts as sent."""

    def handler(company: Company, call: Call) -> Answer:
        record = existing(company, kind, call.keys[0])
        _bank_details(company)
        _sent(company, kind, record)
        return _pdf(kind, record)

    return handler


def previewing(kind: Kind) -> Handler:
    """GET …/preview: a PDF, and nothing changes."""

    def handler(company: Company, call: Call) -> Answer:
        return _pdf(kind, existing(company, kind, call.keys[0]))

    return handler


def mailing(kind: Kind) -> Handler:
    """GET …/email: sends the document to the address in it, and answers the document."""

    def handler(company: Company, call: Call) -> Answer:
        record = existing(company, kind, call.keys[0])
        _bank_details(company)
        if not record["EmailInformation"]["EmailAddressTo"]:
            raise undocumented("E-postadress saknas.")
        return Answer({kind.wrapper: _sent(company, kind, record)})

    return handler


def print_reminder(company: Company, call: Call) -> Answer:
    """GET /3/invoices/{number}/printreminder: a PDF; whether it counts as a reminder is a switch. Only what is booked and
    open is reminded of."""
    record = existing(company, invoices.KIND, call.keys[0])
    _bank_details(company)
    if not record["Booked"] or record["Balance"] <= 0:
        raise undocumented("Fakturan är inte obetald.")
    if company.switches.reminder_print_counts:
        today = company.today().isoformat()
        record = {**record, "Reminders": record["Reminders"] + 1, "LastRemindDate": today}
        company["invoices"].save(record["DocumentNumber"], record, touch=company.switches.reminder_touches_invoice)
    return _pdf(invoices.KIND, record)


def print_service(company: Company, call: Call) -> Answer:
    """GET /3/invoices/{number}/eprint and /einvoice: need a company that is registered for them."""
    record = existing(company, invoices.KIND, call.keys[0])
    if not company.settings.registered:
        raise undocumented("Kan inte skicka dokument om inte företaget är registrerat")
    return Answer({"Invoice": _sent(company, invoices.KIND, record)})


def warehouse_ready(kind: Kind) -> Handler:
    """PUT …/warehouseready: needs the warehouse module, which no company here has."""

    def handler(company: Company, call: Call) -> Answer:
        existing(company, kind, call.keys[0])
        raise as_switched(NO_LICENCE, company.switches)

    return handler


def _sent(company: Company, kind: Kind, record: Value) -> Value:
    record = {**record, "Sent": True}
    company[kind.plural].save(record["DocumentNumber"], record)
    return record


def _bank_details(company: Company) -> None:
    if not company.settings.bank_details:
        raise undocumented("Bankuppgifter saknas")


def _pdf(kind: Kind, record: Value) -> Answer:
    """One page with the document's number and total; the same document makes the same bytes."""
    text = f"{kind.wrapper} {record['DocumentNumber']}  {record['Total']} {record['Currency']}"
    stream = f"BT /F1 14 Tf 60 780 Td ({text}) Tj ET".encode("latin-1", "replace")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (table, len(body))
    return Answer(None, pdf=body + end)
