"""The matcher: decides which company in Lime Go is which customer in Fortnox, and which is none."""
