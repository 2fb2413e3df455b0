"""What was written off of an invoice: Fortnox tells it on the invoice's payments, not on the invoice."""

from __future__ import annotations

from decimal import Decimal

from fortnox_connector.answers import NotFoundError
from fortnox_connector.client import FortnoxClient
from fortnox_connector.payloads import FullInvoice


async def written_off(client: FortnoxClient, invoice: FullInvoice) -> Decimal:
    """The write-offs of its booked payments, in its currency.

    No call where nothing is settled, one where something is, and one more for each payment with a write-off.
    """
    if not invoice.Booked or invoice.Credit.lower() == "true" or invoice.Balance == invoice.Total:
        return Decimal(0)
    total = Decimal(0)
    for line in await client.payments_of(invoice.DocumentNumber):
        if line.Booked and line.WriteOffExist:
            try:
                payment = await client.payment(line.Number)
            except NotFoundError:
                # Removed in between: the invoice's balance has changed too, and it is read again.
                continue
            total += sum((one.Amount for one in payment.WriteOffs), Decimal(0))
    return total
