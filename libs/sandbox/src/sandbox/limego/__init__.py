"""The classic Lime Go API in a box: GraphQL, events, feed and (unconfirmed) ERP tab, per database."""

from sandbox.limego.world import LimeGo

__all__ = ["LimeGo"]
