"""A link's preview and a customer as the API and the pages show them; a sole trader's personal number is never shown whole."""

from __future__ import annotations

from typing import Any

from contracts.values import Company
from sync_coordinator.domain.linking import Customer, LinkPreview, masked


def preview_json(preview: LinkPreview) -> dict[str, Any]:
    """The preview as JSON; `token` confirms it."""
    return {
        "company": company_json(preview.company_id, preview.company),
        "customer": customer_json(preview.customer),
        "customer_before": customer_json(preview.before) if preview.before else None,
        "holder": company_json(preview.holder_id, preview.holder) if preview.holder_id else None,
        "contradictions": list(preview.contradictions),
        "waiting_deals": list(preview.waiting),
        "deals_under_way": list(preview.under_way),
        "invoices_shown": list(preview.shown),
        "invoices_left": list(preview.left),
        "may_swap": preview.may_swap,
        "needs_confirmation": not preview.is_plain,
        "token": preview.token,
    }


def customer_json(customer: Customer) -> dict[str, Any]:
    """A customer as a person knows it."""
    return {
        "customer_number": customer.customer_number,
        "name": customer.name,
        "organisation_number": masked(customer.organisation_number),
        "city": customer.city or "",
    }


def company_json(company_id: str, company: Company | None) -> dict[str, Any]:
    """A company as a person knows it."""
    return {
        "company_id": company_id,
        "name": company.name if company else "",
        "organisation_number": masked(company.organisation_number if company else None),
        "city": city_of(company),
    }


def city_of(company: Company | None) -> str:
    """Where the company is."""
    return (company.postal_address.city or company.visiting_address.city or "") if company else ""


def line(name: str, organisation_number: str | None, city: str | None) -> str:
    """Name, number and city in one line; what is unknown is left out."""
    return " · ".join(one for one in (name, masked(organisation_number), city or "") if one)
