"""Every call that the emulator answers: method, template, scope, handler."""

from dataclasses import dataclass

from sandbox.fortnox import articles, customers, invoices, orders, payments, prices, registers, sending
from sandbox.fortnox.company import Handler


@dataclass(frozen=True)
class Route:
    """One call; `template` is what faults and the call log name."""

    method: str
    template: str
    scope: str
    handler: Handler

    @property
    def is_list(self) -> bool:
        """Whether the call searches: all others refuse parameters (reference 9.1)."""
        return self.method == "GET" and self.template in LISTS


LISTS = frozenset({
    "/3/customers", "/3/invoices", "/3/orders", "/3/articles", "/3/prices/sublist/{list}/{number}", "/3/invoicepayments",
    "/3/currencies", "/3/pricelists", "/3/termsofpayments", "/3/units",
})  # fmt: skip
ROUTES = tuple(
    Route(method, f"/3/{path}", scope, handler)
    for method, path, scope, handler in (
        ("GET", "customers", "customer", customers.listed),
        ("GET", "customers/{number}", "customer", customers.get),
        ("POST", "customers", "customer", customers.create),
        ("PUT", "customers/{number}", "customer", customers.update),
        ("DELETE", "customers/{number}", "customer", customers.delete),
        ("GET", "invoices", "invoice", invoices.listed),
        ("GET", "invoices/{number}", "invoice", invoices.get),
        ("POST", "invoices", "invoice", invoices.create),
        ("PUT", "invoices/{number}", "invoice", invoices.update),
        ("PUT", "invoices/{number}/bookkeep", "invoice", invoices.bookkeep),
        ("PUT", "invoices/{number}/cancel", "invoice", invoices.cancel),
        ("PUT", "invoices/{number}/credit", "invoice", invoices.credit),
        ("PUT", "invoices/{number}/externalprint", "invoice", invoices.external_print),
        ("PUT", "invoices/{number}/warehouseready", "invoice", sending.warehouse_ready(invoices.KIND)),
        ("GET", "invoices/{number}/print", "invoice", sending.printing(invoices.KIND)),
        ("GET", "invoices/{number}/preview", "invoice", sending.previewing(invoices.KIND)),
        ("GET", "invoices/{number}/email", "invoice", sending.mailing(invoices.KIND)),
        ("GET", "invoices/{number}/printreminder", "invoice", sending.print_reminder),
        ("GET", "invoices/{number}/eprint", "invoice", sending.print_service),
        ("GET", "invoices/{number}/einvoice", "invoice", sending.print_service),
        ("GET", "orders", "order", orders.listed),
        ("GET", "orders/{number}", "order", orders.get),
        ("POST", "orders", "order", orders.create),
        ("PUT", "orders/{number}", "order", orders.update),
        ("PUT", "orders/{number}/cancel", "order", orders.cancel),
        ("PUT", "orders/{number}/createinvoice", "order", orders.create_invoice),
        ("PUT", "orders/{number}/externalprint", "order", orders.external_print),
        ("PUT", "orders/{number}/warehouseready", "order", sending.warehouse_ready(orders.KIND)),
        ("GET", "orders/{number}/print", "order", sending.printing(orders.KIND)),
        ("GET", "orders/{number}/preview", "order", sending.previewing(orders.KIND)),
        ("GET", "orders/{number}/email", "order", sending.mailing(orders.KIND)),
        ("GET", "articles", "article", articles.listed),
        ("GET", "articles/{number}", "article", articles.get),
        ("POST", "articles", "article", articles.create),
        ("PUT", "articles/{number}", "article", articles.update),
        ("DELETE", "articles/{number}", "article", articles.delete),
        ("GET", "prices/sublist/{list}/{number}", "price", prices.sublist),
        ("GET", "prices/{list}/{number}", "price", prices.get),
        ("GET", "prices/{list}/{number}/{from}", "price", prices.get),
        ("PUT", "prices/{list}/{number}", "price", prices.update),
        ("PUT", "prices/{list}/{number}/{from}", "price", prices.update),
        ("POST", "prices", "price", prices.create),
        ("DELETE", "prices/{list}/{number}", "price", prices.delete),
        ("DELETE", "prices/{list}/{number}/{from}", "price", prices.delete),
        ("GET", "invoicepayments", "payment", payments.listed),
        ("GET", "invoicepayments/{number}", "payment", payments.get),
        ("POST", "invoicepayments", "payment", payments.create),
        ("PUT", "invoicepayments/{number}", "payment", payments.update),
        ("PUT", "invoicepayments/{number}/bookkeep", "payment", payments.bookkeep),
        ("DELETE", "invoicepayments/{number}", "payment", payments.delete),
        ("GET", "companyinformation", "companyinformation", registers.company_information),
        ("GET", "settings/company", "settings", registers.company_settings),
        ("GET", "me", "profile", registers.me),
        *((method, path, "currency", handler) for method, path, handler in registers.CURRENCIES.routes()),
        *((method, path, "price", handler) for method, path, handler in registers.PRICE_LISTS.routes()),
        *((method, path, "settings", handler) for method, path, handler in registers.TERMS_OF_PAYMENTS.routes()),
        *((method, path, "settings", handler) for method, path, handler in registers.UNITS.routes()),
    )
)
_BY_SHAPE: dict[tuple[str, int], list[tuple[tuple[str, ...], Route]]] = {}
for _route in ROUTES:
    _parts = tuple(_route.template.split("/")[2:])
    _BY_SHAPE.setdefault((_parts[0], len(_parts)), []).append((_parts, _route))


def find(method: str, parts: tuple[str, ...]) -> tuple[Route | None, tuple[str, ...], bool]:
    """The route of a path (after `/3/`), its keys, and whether the path exists with another method."""
    known = False
    for template, route in _BY_SHAPE.get((parts[0], len(parts)), ()):
        if all(want.startswith("{") or want == got for want, got in zip(template, parts, strict=True)):
            known = True
            if route.method == method:
                keys = tuple(got for want, got in zip(template, parts, strict=True) if want.startswith("{"))
                return route, keys, True
    return None, (), known
