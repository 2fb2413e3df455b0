"""Fortnox and Lime Go in a box: strict, stateful emulators with real limits and faults on demand."""
