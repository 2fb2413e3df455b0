"""Generated records as the services tell them to each other."""

from __future__ import annotations

from contracts.values import Address, Company, Customer
from matcher.records import CompanyRecord, CustomerRecord


def a_company(record: CompanyRecord) -> Company:
    """What Lime Go holds of it."""
    return Company(
        company_id=record.company_id,
        name=record.name,
        organisation_number=record.organisation_number or None,
        phone=record.phone or None,
        email=record.email or None,
        postal_address=Address(
            street=record.street, postcode=record.postcode, city=record.city, country_code=record.country_code or None
        ),
        visiting_address=Address(street=record.visiting_street, postcode=record.visiting_postcode, city=record.visiting_city),
    )


def a_customer(record: CustomerRecord) -> Customer:
    """What Fortnox' slim list holds of it."""
    return Customer(
        customer_number=record.customer_number,
        name=record.name,
        organisation_number=record.organisation_number or None,
        phone=record.phone or None,
        email=record.email or None,
        address=Address(street=record.address1, postcode=record.zip_code, city=record.city),
    )
