"""Housework (ROT, RUT, green technology): which rows a document may hold (reference 5.2 and 5.10)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sandbox.fortnox.errors import bad
from sandbox.fortnox.store import Value

OTHER_COSTS = "OTHERCOSTS"
ENDED = frozenset({"COOKING", "TUTORING"})
TYPES = MappingProxyType({
    "rot": frozenset({
        "CONSTRUCTION", "ELECTRICITY", "GLASSMETALWORK", "GROUNDDRAINAGEWORK", "MASONRY", "PAINTINGWALLPAPERING", "HVAC",
    }),
    "rut": frozenset({
        "MAJORAPPLIANCEREPAIR", "MOVINGSERVICES", "ITSERVICES", "CLEANING", "TEXTILECLOTHING", "SNOWPLOWING", "GARDENING",
        "BABYSITTING", "OTHERCARE", "HOMEMAINTENANCE", "FURNISHING", "TRANSPORTATIONSERVICES", "WASHINGANDCAREOFCLOTHING",
    }),
    "green": frozenset({"SOLARCELLS", "STORAGESELFPRODUCEDELECTRICITY", "CHARGINGSTATIONELECTRICVEHICLE"}),
    "none": frozenset(),
})  # fmt: skip
ANYWHERE = frozenset({OTHER_COSTS, "EMPTYHOUSEWORK"})


def promoted(old: Value, row: Value, changes: Mapping[str, Any]) -> Value:
    """A row with a type but no flag becomes housework at the next update of the rows."""
    if old["HouseWorkType"] in (None, OTHER_COSTS) or {"HouseWork", "HouseWorkType"} & set(changes):
        return row
    return {**row, "HouseWork": True}


def check(reduction: str, rows: list[Value], *, changed: bool) -> None:
    """Refuses rows that the document's type of tax reduction does not allow. `changed` says that this call set the
    type."""
    if changed and reduction == "none" and any(row["HouseWork"] for row in rows):
        raise bad(2004001)
    for row in rows:
        kind = row["HouseWorkType"]
        if kind in ENDED:
            raise bad(2003157)
        if kind == OTHER_COSTS and row["HouseWork"]:
            raise bad(2002980)
        allowed = TYPES[reduction] | (ANYWHERE if reduction != "none" else frozenset())
        flagged = row["HouseWork"] or row["HouseWorkHoursToReport"]
        if (kind and kind not in allowed) or (flagged and reduction == "none"):
            raise bad(2004021, reduction, kind or "EMPTYHOUSEWORK")
