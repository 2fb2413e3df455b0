"""The pages of Lime Go: pipeline, deals, companies with their ERP tab, products; and the clicks on them."""

from sandbox.pages.limego.routes import limego_routes

__all__ = ["limego_routes"]
