"""Makes the mutants of modules; runs in an environment of its own, where Cosmic Ray is.

Standard input: {"files": {path: [line, ...] or null for all}, "sample": number or null for all, "seed": number}. Standard
output: the number of places, then a JSON object for each mutant: {"path", "line", "operator", "source"}, the last one the
whole mutated module. Making one takes a tenth of a second and more: of a sample only those that are drawn are made.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmic_ray.ast import get_ast
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator
from parso.python import tree

COMPARISONS = ("Eq_NotEq", "NotEq_Eq", "Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Lt_GtE", "GtE_Lt", "Is_IsNot", "IsNot_Is")
ARITHMETIC = ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "Mod_Mul")
PLAIN = (
    "AddNot",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ReplaceUnaryOperator_Delete_Not",
    "ExceptionReplacer",
    "NumberReplacer",
    "ZeroIterationForLoop",
)
OPERATORS = (
    *(f"ReplaceComparisonOperator_{pair}" for pair in COMPARISONS),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ARITHMETIC),
    *PLAIN,
)


REMOVAL = "RemoveStatement"


class RemoveStatement(Operator):
    """Removes a statement of a function: what keeps a promise is most often one line."""

    @classmethod
    def mutation_positions(cls, node: Any) -> Iterator[tuple[Any, Any]]:
        """A simple statement inside a function that does something."""
        if node.type == "simple_stmt" and tree.search_ancestor(node, "funcdef") and not _does_nothing(node.children[0]):
            yield node.start_pos, node.end_pos

    @classmethod
    def mutate(cls, node: Any, index: int) -> Any:
        """`pass` in its place."""
        return get_ast(f"{node.get_first_leaf().prefix}pass\n").children[0]

    @classmethod
    def examples(cls) -> tuple[Any, ...]:
        """None: this operator is no plug-in."""
        return ()


def _does_nothing(statement: Any) -> bool:
    if statement.type in ("string", "import_name", "import_from", "global_stmt", "nonlocal_stmt"):
        return True
    if statement.type in ("keyword", "name") and statement.value in ("pass", "..."):
        return True
    # A bare annotation.
    return (
        statement.type == "expr_stmt"
        and len(statement.children) == 2
        and statement.children[1].type == "annassign"
        and (len(statement.children[1].children) == 2)
    )


@dataclass(frozen=True)
class Place:
    """Where an operator can strike: its occurrence in the module, in the order in which the visitor meets them."""

    path: str
    operator: str
    occurrence: int
    line: int


def main() -> None:
    """Answers one order; the mutants come in the order of their lines, or as they are drawn."""
    order = json.load(sys.stdin)
    places = [place for path, lines in order["files"].items() for place in _places(path, lines)]
    sys.stdout.write(json.dumps(len(places)) + "\n")
    if order["sample"]:
        random.Random(order["seed"]).shuffle(places)
    made: set[tuple[str, str]] = set()
    for place in places:
        source = _mutated(place)
        if source is None or (place.path, source) in made:
            continue
        made.add((place.path, source))
        mutant = {"path": place.path, "line": place.line, "operator": place.operator, "source": source}
        sys.stdout.write(json.dumps(mutant) + "\n")
        if len(made) == order["sample"]:
            return


def _places(path: str, lines: list[int] | None) -> list[Place]:
    """All places of a module, or of some of its lines, that a test can notice."""
    module = get_ast(Path(path).read_text())
    found = []
    for name in (*OPERATORS, REMOVAL):
        struck = ((node, start[0]) for node in _nodes(module) for start, _ in _operator(name).mutation_positions(node))
        for occurrence, (node, line) in enumerate(struck):
            if not _is_for_readers(node) and (lines is None or line in lines):
                found.append(Place(path, name, occurrence, line))
    return sorted(found, key=lambda place: (place.line, place.operator))


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", ()):
        yield from _nodes(child)


def _operator(name: str) -> Any:
    return RemoveStatement() if name == REMOVAL else get_operator(f"core/{name}")()


def _mutated(place: Place) -> str | None:
    """The module with this place changed; None where that changes nothing or is no Python."""
    source = Path(place.path).read_text()
    mutated = MutationVisitor.mutate_code(source, _operator(place.operator), place.occurrence)
    return mutated if mutated is not None and mutated != source and _compiles(mutated) else None


def _is_for_readers(node: Any) -> bool:
    """Whether only mypy would notice: `frozen=True`, and the star before what must be named."""
    in_decorator = tree.search_ancestor(node, "decorator") is not None
    return in_decorator or (node.type == "operator" and node.parent.type in ("parameters", "lambdef"))


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


if __name__ == "__main__":
    main()
