"""Speaks Lime Go: hears what happens there, reads it again, reports it; shows in Lime Go what Fortnox holds."""
