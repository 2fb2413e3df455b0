"""The pages of Fortnox: customers, invoices, orders and articles, and what a person does with them."""

from sandbox.pages.fortnox.routes import counts, fortnox_routes

__all__ = ["counts", "fortnox_routes"]
