"""Pages for people: what the two emulators hold right now, and the clicks that a person makes in them. In Swedish."""

from sandbox.pages.site import routes

__all__ = ["routes"]
