"""Speaks Fortnox: creates exactly one customer and one invoice, and tells what changed there."""
