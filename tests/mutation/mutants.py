"""Makes the mutants of modules, as JSON lines on standard output; runs in an environment of its own, where Cosmic Ray is.

    python mutants.py FILE ...

Each line is one mutant: {"path", "line", "operator", "source"}, the last one the whole mutated module.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
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


def mutants_of(path: Path) -> Iterator[dict[str, Any]]:
    """All mutants of a module, in the order of its lines."""
    source = path.read_text()
    found: list[dict[str, Any]] = []
    for name in (*OPERATORS, "RemoveStatement"):
        operator = RemoveStatement() if name == "RemoveStatement" else get_operator(f"core/{name}")()
        for occurrence, line in enumerate(_positions(source, operator)):
            if line is None:
                continue
            mutated = MutationVisitor.mutate_code(source, operator, occurrence)
            if mutated is None or mutated == source or not _compiles(mutated):
                continue
            found.append({"path": str(path), "line": line, "operator": name, "source": mutated})
    unique = {one["source"]: one for one in found}
    yield from sorted(unique.values(), key=lambda one: (one["line"], one["operator"]))


def _positions(source: str, operator: Any) -> Iterator[int | None]:
    """The line of each place where the operator can strike, in the order in which the visitor meets them.

    None for a place that no test can notice.
    """

    def walk(node: Any) -> Iterator[int | None]:
        for start, _ in operator.mutation_positions(node):
            yield None if _is_for_readers(node) else start[0]
        for child in getattr(node, "children", ()):
            yield from walk(child)

    yield from walk(get_ast(source))


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
    for name in sys.argv[1:]:
        for mutant in mutants_of(Path(name)):
            sys.stdout.write(json.dumps(mutant) + "\n")
