"""The forms for companies and their persons. Each sends the mutation that a client would send, with what was filled in."""

from typing import Any

from starlette.responses import Response

from sandbox.limego.records import Address, Organization
from sandbox.limego.refusals import MissingError, RuleError
from sandbox.pages.limego.context import PageContext, company_path

CREATE = """mutation ($name: String!, $number: String, $email: String, $phone: [String!], $post: AddressInput,
                      $visit: AddressInput) {
  createOrganization(name: $name, organizationNumber: $number, email: $email, phoneNumber: $phone, postalAddress: $post,
                     visitAddress: $visit) { id } }"""
UPDATE = """mutation ($id: String!, $name: String, $number: String, $email: String, $phone: [String!], $post: AddressInput,
                      $visit: AddressInput, $responsible: Int) {
  updateOrganization(id: $id, name: $name, organizationNumber: $number, email: $email, phoneNumber: $phone, postalAddress: $post,
                     visitAddress: $visit, responsibleCoworkerId: $responsible) { id } }"""
RELATE = """mutation ($id: String!, $relation: CustomerRelation!) {
  updateOrganization(id: $id, customerRelation: $relation) { id } }"""
CREATE_PERSON = """mutation ($name: String!, $email: String, $company: String) {
  createPerson(name: $name, email: $email, organizationId: $company) { id } }"""
UPDATE_PERSON = "mutation ($id: String!, $email: String) { updatePerson(id: $id, email: $email) { id } }"
ADDRESS = {"gata": "street", "postnummer": "zipCode", "ort": "city", "land": "countryCode"}
FROM_THE_REGISTER = "Namn, organisationsnummer och adresser kommer här från Limes register och ändras inte."


def create(context: PageContext) -> Response:
    """A new company."""
    wrong = ""
    if context.is_sent:
        try:
            made = context.ask(CREATE, **{"name": "", **_filled_in(context.fields)})
            return context.to(f"/limego/foretag/{made['id']}", "skapat")
        except RuleError as error:
            wrong = str(error)
    first = {f"{kind}_land": "SE" for kind in ("post", "visit")}
    return _form(context, "Nytt företag", "/limego/foretag/ny", "/limego/foretag", first, wrong)


def edit(context: PageContext) -> Response:
    """A company's own data. Whoever saves what Lime's register keeps is told that it stays."""
    one, wrong = context.organization, ""
    if context.is_sent:
        asked = _filled_in(context.fields)
        try:
            context.ask(UPDATE, id=one.id, **asked)
            if all(_data(one).get(name) == value for name, value in asked.items()):
                return context.to(company_path(one), "sparat")
            wrong = FROM_THE_REGISTER
        except RuleError as error:
            wrong = str(error)
    return _form(context, f"Ändra {one.name}", f"{company_path(one)}/redigera", company_path(one), _fields(one), wrong, one)


def set_relation(context: PageContext) -> Response:
    """The company's relation."""
    return context.click(RELATE, id=context.organization.id, relation=context.fields.get("relation"))


def create_person(context: PageContext) -> Response:
    """A new contact person of a company."""
    one, wrong = context.organization, ""
    if context.is_sent:
        try:
            name, email = (context.fields.get(field, "").strip() for field in ("namn", "epost"))
            context.ask(CREATE_PERSON, name=name, email=email, company=one.id)
            return context.to(company_path(one), "skapat")
        except RuleError as error:
            wrong = str(error)
    return context.render_form(
        "limego_person_form.html",
        f"Ny kontaktperson hos {one.name}",
        action=f"{company_path(one)}/person",
        back=company_path(one),
        fields={},
        wrong=wrong,
        is_new=True,
    )


def edit_person(context: PageContext) -> Response:
    """A person's e-mail, which is all that can be changed."""
    one = context.database.persons.get(context.request.path_params["id"])
    if one is None:
        raise MissingError("Personen finns inte. Kontaktpersonerna står på sina företags sidor i Lime Go.")
    employer, wrong = context.database.organizations.get(one.employer or ""), ""
    after = company_path(employer) if employer else "/limego/foretag"
    if context.is_sent:
        try:
            context.ask(UPDATE_PERSON, id=one.id, email=context.fields.get("epost", "").strip())
            return context.to(after, "sparat")
        except RuleError as error:
            wrong = str(error)
    return context.render_form(
        "limego_person_form.html",
        f"Ändra {one.name}",
        action=f"/limego/person/{one.id}",
        back=after,
        fields={"epost": one.email or ""},
        wrong=wrong,
        is_new=False,
    )


def _form(
    context: PageContext, title: str, action: str, after: str, fields: dict[str, str], wrong: str, one: Organization | None = None
) -> Response:
    kept = one is not None and one.is_registered and context.limego.switches.register_data != "free"
    return context.render_form(
        "limego_company_form.html",
        title,
        action=action,
        back=after,
        fields=fields,
        wrong=wrong,
        coworkers=list(context.database.coworkers.values()) if one else [],
        kept=FROM_THE_REGISTER if kept and not wrong else "",
        is_kept=kept,
    )


def _filled_in(fields: dict[str, str]) -> dict[str, Any]:
    """The mutation's variables. What the form did not have is left out, so it stays; what was emptied becomes null."""
    given = {name: value.strip() for name, value in fields.items()}
    asked: dict[str, Any] = {}
    for name, variable in (("namn", "name"), ("nummer", "number"), ("epost", "email")):
        if name in given:
            asked[variable] = given[name] or (None if variable != "name" else "")
    if "telefon" in given:
        asked["phone"] = [number.strip() for number in given["telefon"].split(",") if number.strip()]
    for kind in ("post", "visit"):
        if any(f"{kind}_{part}" in given for part in ADDRESS):
            asked[kind] = _address(given, kind)
    if "ansvarig" in given:
        asked["responsible"] = int(given["ansvarig"]) if given["ansvarig"].isdecimal() else None
    return asked


def _address(given: dict[str, str], kind: str) -> dict[str, str | None] | None:
    """A country alone is no address."""
    parts = {name: given.get(f"{kind}_{part}", "") or None for part, name in ADDRESS.items()}
    return parts if any(value for name, value in parts.items() if name != "countryCode") else None


def _data(one: Organization) -> dict[str, Any]:
    """The company as the mutation's variables would say it."""
    return {
        "name": one.name,
        "number": one.organization_number,
        "email": one.email,
        "phone": one.phone_number,
        "post": _parts(one.postal_address),
        "visit": _parts(one.visit_address),
        "responsible": one.responsible,
    }


def _parts(found: Address | None) -> dict[str, str | None] | None:
    if found is None:
        return None
    return {"street": found.street, "zipCode": found.zip_code, "city": found.city, "countryCode": found.country_code}


def _fields(one: Organization) -> dict[str, str]:
    """The company as its form shows it."""
    fields = {
        "namn": one.name,
        "nummer": one.organization_number or "",
        "epost": one.email or "",
        "telefon": ", ".join(one.phone_number),
        "ansvarig": str(one.responsible or ""),
    }
    for kind, found in (("post", one.postal_address), ("visit", one.visit_address)):
        parts = _parts(found) or {"countryCode": "SE"}
        fields |= {f"{kind}_{part}": parts.get(name) or "" for part, name in ADDRESS.items()}
    return fields
