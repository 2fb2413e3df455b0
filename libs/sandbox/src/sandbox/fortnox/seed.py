"""A believable Swedish company in Fortnox: customers, articles, a year's invoices."""

import random
from datetime import timedelta
from typing import Any

from sandbox.fortnox import articles, customers, invoices, payments, prices
from sandbox.fortnox.company import Call, Company
from sandbox.fortnox.store import wall
from sandbox.fortnox.world import Fortnox
from sandbox.seed import SeedCompany, companies

TENANT, CLIENT, SECRET = "100001", "dubbelsynk", "sandbox-secret"
# Somebody else at work in the same company: limits count per client, so they do not spend the integration's.
BOOKKEEPER = ("bookkeeper", "bookkeeper-secret")
ARTICLES = (
    ("1000", "Konsulttjänst", "SERVICE", "st", 1200), ("1001", "Projektledning", "SERVICE", "h", 1350),
    ("1002", "Systemutveckling", "SERVICE", "h", 1250), ("1003", "Utbildning, halvdag", "SERVICE", "st", 9800),
    ("1004", "Utbildning, heldag", "SERVICE", "st", 17500), ("1005", "Support, månad", "SERVICE", "st", 2900),
    ("1006", "Installation", "SERVICE", "h", 980), ("1007", "Resa", "SERVICE", "km", 45),
    ("1008", "Restid", "SERVICE", "h", 650), ("1009", "Workshop", "SERVICE", "st", 14000),
    ("2000", "Licens bas, år", "SERVICE", "st", 6000), ("2001", "Licens plus, år", "SERVICE", "st", 12000),
    ("2002", "Licens stor, år", "SERVICE", "st", 24000), ("3000", "Skrivbord 160 cm", "STOCK", "st", 4490),
    ("3001", "Kontorsstol", "STOCK", "st", 3290), ("3002", "Skärm 27 tum", "STOCK", "st", 2790),
    ("3003", "Dockningsstation", "STOCK", "st", 1890), ("3004", "Headset", "STOCK", "st", 1190),
    ("3005", "Kabel HDMI 2 m", "STOCK", "st", 129), ("9999", "Utgången tjänst", "SERVICE", "st", 500),
)  # fmt: skip


def seed(fortnox: Fortnox, found: list[SeedCompany], seed: int) -> Company:
    """Makes tenant 100001 with the companies that are `in_fortnox`, 20 articles and booked or paid invoices. All of it
    was written before now: `lastmodified` lies in the past and lists show it at once."""
    fortnox.set_seed(seed)
    company = fortnox.add_company(TENANT, "Norrviken Konsult AB", {CLIENT: SECRET, BOOKKEEPER[0]: BOOKKEEPER[1]})
    rand = random.Random(f"fortnox:{seed}")
    with fortnox.events.silenced():
        _articles(company)
        numbers = [_customer(company, one) for one in found if one.in_fortnox]
        for _ in range(min(40, len(numbers))):
            _invoice(company, rand, rand.choice(numbers))
    _age(company, rand)
    for register in company.registers.values():
        register.settle()
    return company


def fill(fortnox: Fortnox, company: Company, customer_count: int, invoice_count: int, seed: int) -> None:
    """Adds so many customers and so many invoices of theirs, as they are a year later: for measurements."""
    rand = random.Random(f"fill:{seed}")
    with fortnox.events.silenced():
        numbers = [_customer(company, one) for one in companies(customer_count, seed, 1.0)]
        for _ in range(invoice_count if numbers else 0):
            row = {"Description": "Arbete", "DeliveredQuantity": "1", "Price": rand.randrange(100, 90_000), "VAT": 25}
            invoices.save_new(company, {"CustomerNumber": rand.choice(numbers), "InvoiceRows": [row]}, {})
    for register in company.registers.values():
        register.settle()


def _articles(company: Company) -> None:
    for number, text, kind, unit, price in ARTICLES:
        body: dict[str, Any] = {"ArticleNumber": number, "Description": text, "Type": kind, "Unit": unit, "VAT": 25}
        articles.create(company, Call(body={"Article": {**body, "Active": number != "9999"}}))
        prices.update(company, Call(("A", number), body={"Price": {"Price": price}}))


def _customer(company: Company, one: SeedCompany) -> str:
    body = {
        "Name": one.name,
        "OrganisationNumber": one.organisation_number,
        "Address1": one.street,
        "ZipCode": one.zip_code,
        "City": one.city,
        "CountryCode": "SE",
        "Phone1": one.phone,
        "Email": one.email,
    }
    answer = customers.create(company, Call(body={"Customer": body}))
    assert answer.body is not None
    return str(answer.body["Customer"]["CustomerNumber"])


def _invoice(company: Company, rand: random.Random, customer: str) -> None:
    """An invoice of the last year: most are booked, most of those paid."""
    day = (company.today() - timedelta(days=rand.randrange(5, 360))).isoformat()
    rows = [
        {"ArticleNumber": rand.choice(ARTICLES[:-1])[0], "DeliveredQuantity": rand.randrange(1, 9)}
        for _ in range(rand.randrange(1, 4))
    ]
    body = {"CustomerNumber": customer, "InvoiceDate": day, "InvoiceRows": rows}
    number = invoices.save_new(company, body, {})["DocumentNumber"]
    if rand.random() < 0.9:
        invoices.bookkeep(company, Call((number,)))
        if rand.random() < 0.7:
            _pay(company, number)


def _pay(company: Company, number: str) -> None:
    invoice = company["invoices"].get(number)
    assert invoice is not None
    paid = min(invoice["DueDate"], company.today().isoformat())
    body = {"InvoiceNumber": number, "Amount": invoice["Total"], "PaymentDate": paid}
    answer = payments.create(company, Call(body={"InvoicePayment": body}))
    assert answer.body is not None
    payments.bookkeep(company, Call((answer.body["InvoicePayment"]["Number"],)))


def _age(company: Company, rand: random.Random) -> None:
    """Moves every record's `lastmodified` back by 2 to 360 days."""
    for register in company.registers.values():
        register.age(lambda: wall(company.clock.now() - timedelta(days=rand.randrange(2, 360), seconds=rand.randrange(86_400))))
