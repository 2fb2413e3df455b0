"""Random calls against a simple model: sums, balances, states, number series, row ids (`STEPS_RUNS=1000` for more)."""

import os
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from support.fortnox_shop import Shop, code

CENT, KRONA = Decimal("0.01"), Decimal(1)
REFUSED = (400, 2990000)
# Sums that end on a half krona are what rounding stands or falls with.
MONEY = st.sampled_from((0.5, 2.5, 10.5)) | st.decimals("0", "99999.99", places=2).map(float)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "Description": st.just("Arbete"),
            "DeliveredQuantity": st.just("1") | st.decimals("-20", "20", places=2).map(str),
            "Price": MONEY,
            "VAT": st.sampled_from((0, 6, 12, 25)),
            "Discount": st.just(0.0) | st.decimals("0", "50", places=2).map(float),
            "DiscountType": st.sampled_from(("PERCENT", "AMOUNT")),
        }
    ),
    max_size=4,
)


def rounded(number, to=CENT):
    return number.quantize(to, ROUND_HALF_UP)


def exact(value):
    return Decimal(str(value))


def total(rows):
    """The reference's sum (5.2): rows to two decimals, VAT once for each rate, the whole to kronor."""
    by_rate = {}
    for row in rows:
        gross = exact(row["DeliveredQuantity"]) * exact(row["Price"])
        percent = row["DiscountType"] == "PERCENT"
        off = gross * exact(row["Discount"]) / 100 if percent else exact(row["Discount"])
        by_rate[row["VAT"]] = by_rate.get(row["VAT"], Decimal()) + rounded(gross - off)
    vat = sum((rounded(amount * rate / 100) for rate, amount in by_rate.items()), Decimal())
    return rounded(sum(by_rate.values(), Decimal()) + vat, KRONA)


class Series:
    """Numbers that are drawn once; a client's own are left out."""

    def __init__(self):
        self.used, self.last = set(), 0

    def draw(self, own=""):
        while not own:
            self.last += 1
            own = "" if str(self.last) in self.used else str(self.last)
        self.used.add(own)
        return own


class Life(RuleBasedStateMachine):
    """One company's customers, invoices and payments, and what they must be."""

    customers, invoices, payments = Bundle("customers"), Bundle("invoices"), Bundle("payments")

    @initialize()
    def begin(self):
        self.shop = Shop()
        self.known, self.documents, self.paid, self.row_ids = {}, {}, {}, set()
        self.series = {"customers": Series(), "invoices": Series()}
        self.vouchers = 0

    @rule(target=customers, own=st.sampled_from(("", "", "", "1", "3", "7", "K1")))
    def make_customer(self, own):
        series = self.series["customers"]
        answer = self.shop.post("customers", "Customer", Name="Kund AB", CustomerNumber=own)
        if own in series.used:
            assert code(answer) == (400, 2000637)
            return multiple()
        number = answer.json()["Customer"]["CustomerNumber"]
        assert number == series.draw(own)
        self.known[number] = False
        return number

    @rule(number=consumes(customers))
    def remove_customer(self, number):
        answer = self.shop.http.delete(f"customers/{number}")
        if self.known[number]:
            assert code(answer) == REFUSED
        else:
            assert answer.status_code == 204
            del self.known[number]

    @rule(target=invoices, customer=customers, rows=ROWS, own=st.sampled_from(("", "", "", "2", "5", "99999999999")))
    def make_invoice(self, customer, rows, own):
        series = self.series["invoices"]
        answer = self.shop.post("invoices", "Invoice", CustomerNumber=customer, InvoiceRows=rows, DocumentNumber=own)
        if customer not in self.known:
            assert code(answer) == (400, 2000204)
            return multiple()
        if own in series.used:
            assert code(answer) == REFUSED
            return multiple()
        invoice = answer.json()["Invoice"]
        assert invoice["DocumentNumber"] == series.draw(own)
        self.known[customer] = True
        return self.keep(invoice, rows)

    def keep(self, invoice, rows, **changes):
        number, due = invoice["DocumentNumber"], total(rows)
        start = {"state": "draft", "credit": None, "of": None}
        self.documents[number] = {**start, "rows": rows, "total": due, "balance": due, **changes}
        ids = [row["RowId"] for row in invoice["InvoiceRows"]]
        assert len(set(ids)) == len(rows)
        assert not self.row_ids & set(ids)
        self.row_ids |= set(ids)
        return number

    @rule(customer=customers, own=st.booleans())
    def send_a_wrong_invoice(self, customer, own):
        wrong = {"InvoiceRows": [{"VAT": 7}]} if own else {"Nonsense": 1}
        assert self.shop.post("invoices", "Invoice", CustomerNumber=customer, **wrong).status_code == 400

    @rule(number=invoices, rows=ROWS)
    def change_rows(self, number, rows):
        document = self.documents[number]
        answer = self.shop.put(f"invoices/{number}", "Invoice", InvoiceRows=rows)
        if document["state"] != "draft":
            assert code(answer) == REFUSED
            return
        self.keep(answer.json()["Invoice"], rows, credit=document["credit"], of=document["of"])

    @rule(number=invoices, rows=ROWS, kept=st.lists(st.integers(0, 3), unique=True))
    def keep_some_rows_by_their_ids(self, number, rows, kept):
        document, old = self.documents[number], self.shop.read(f"invoices/{number}")["InvoiceRows"]
        kept = [index for index in kept if index < len(old)]
        sent = [{"RowId": old[index]["RowId"]} for index in kept]
        if not sent or document["state"] != "draft":
            return
        answer = self.shop.put(f"invoices/{number}", "Invoice", InvoiceRows=[*sent, *rows])
        after = [*(document["rows"][index] for index in kept), *rows]
        self.keep(answer.json()["Invoice"], after, credit=document["credit"], of=document["of"])

    @rule(number=invoices)
    def book(self, number):
        document = self.documents[number]
        answer = self.shop.put(f"invoices/{number}/bookkeep")
        if document["state"] != "draft":
            assert code(answer) == REFUSED
            return
        self.vouchers += 1
        assert answer.json()["Invoice"]["VoucherNumber"] == self.vouchers
        document["state"] = "booked"
        if document["of"]:
            document["balance"] = Decimal()
            self.documents[document["of"]]["balance"] += document["total"]

    @rule(number=invoices)
    def cancel(self, number):
        answer = self.shop.put(f"invoices/{number}/cancel")
        if self.documents[number]["state"] != "draft":
            assert code(answer) == REFUSED
            return
        self.documents[number]["state"] = "cancelled"

    @rule(target=invoices, number=invoices)
    def credit(self, number):
        document = self.documents[number]
        answer = self.shop.put(f"invoices/{number}/credit")
        if document["state"] != "booked" or document["credit"] or document["of"]:
            assert code(answer) == REFUSED
            return multiple()
        note = answer.json()["Invoice"]["CreditInvoiceReference"]
        assert note == self.series["invoices"].draw()
        document["credit"] = note
        rows = [
            {
                **row,
                "DeliveredQuantity": str(-exact(row["DeliveredQuantity"])),
                "Discount": row["Discount"] * (-1 if row["DiscountType"] == "AMOUNT" else 1),
            }
            for row in document["rows"]
        ]
        return self.keep(self.shop.read(f"invoices/{note}"), rows, of=number)

    @rule(target=payments, number=invoices, amount=MONEY)
    def pay(self, number, amount):
        answer = self.shop.post("invoicepayments", "InvoicePayment", InvoiceNumber=number, Amount=amount)
        if self.documents[number]["state"] != "booked":
            assert code(answer) == REFUSED
            return multiple()
        made = answer.json()["InvoicePayment"]["Number"]
        self.paid[made] = {"of": number, "amount": exact(amount), "state": "made"}
        return made

    @rule(number=payments)
    def book_payment(self, number):
        payment = self.paid[number]
        answer = self.shop.put(f"invoicepayments/{number}/bookkeep")
        if payment["state"] != "made":
            assert answer.status_code == (404 if payment["state"] == "removed" else 400)
            return
        payment["state"] = "booked"
        self.vouchers += 1
        self.documents[payment["of"]]["balance"] -= payment["amount"]

    @rule(number=payments)
    def remove_payment(self, number):
        payment = self.paid[number]
        answer = self.shop.http.delete(f"invoicepayments/{number}")
        if payment["state"] == "made":
            assert answer.status_code == 204
            payment["state"] = "removed"
        else:
            assert answer.status_code == (404 if payment["state"] == "removed" else 400)

    @rule()
    def restore(self):
        self.shop.fortnox.load(self.shop.fortnox.state())
        self.shop.company = self.shop.fortnox.companies["100001"]

    @invariant()
    def documents_are_what_the_model_says(self):
        for number, document in self.documents.items():
            found = self.shop.company["invoices"].get(number)
            assert exact(found["Total"]) == document["total"], number
            assert exact(found["Balance"]) == document["balance"], number
            assert (found["Booked"], found["Cancelled"]) == (document["state"] == "booked", document["state"] == "cancelled")
            assert exact(found["Net"]) + exact(found["TotalVAT"]) + exact(found["RoundOff"]) == exact(found["Total"])
            if document["balance"] >= 0:
                assert bool(found["FinalPayDate"]) == (found["Booked"] and document["balance"] == 0), number

    @invariant()
    def lists_hold_every_record_once_in_the_order_of_their_numbers(self):
        listed = [line["DocumentNumber"] for line in self.shop.listed("invoices", limit="500")]
        assert listed == sorted(self.documents, key=int)
        unpaid = {number for number, one in self.documents.items() if one["state"] == "booked" and one["balance"] != 0}
        assert {line["DocumentNumber"] for line in self.shop.listed("invoices", filter="unpaid", limit="500")} == unpaid


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=int(os.environ.get("SANDBOX_RUNS", "100")),
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow],
)
