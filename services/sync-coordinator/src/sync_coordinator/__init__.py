"""Decides what must be written where, and whether it has been. Owns connections, links and records."""
