"""The countries by their codes, and the names that Fortnox has for them (reference 5.11)."""

from types import MappingProxyType

from sandbox.fortnox.schema import lines

NAMES = MappingProxyType({line[:2]: line[3:] for line in lines("countries")})
KNOWN = frozenset(NAMES.values())
