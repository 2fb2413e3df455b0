"""The rules of the house that no linter of ours knows: sizes, and the names of handlers."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from contracts.registry import TYPES

ROOT = Path(__file__).parents[2]
FILES = sorted(file for folder in ("libs", "services", "tests") for file in (ROOT / folder).rglob("*.py"))
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 350, 60
TREES = {file.relative_to(ROOT): ast.parse(file.read_text(encoding="utf-8")) for file in FILES}


def test_no_file_is_longer_than_350_lines():
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert len(lengths) > 100
    assert {file: length for file, length in lengths.items() if length > MOST_LINES} == {}


def test_no_function_is_longer_than_60_lines():
    long = {
        f"{file}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    }
    assert long == {}


def test_every_handler_of_a_message_is_named_on_something():
    """Wherever a service says which function takes which message, in its wiring or beside it."""
    pairs = [
        (ast.unparse(message), ast.unparse(handler).rpartition(".")[2])
        for file, tree in TREES.items()
        if file.parts[0] == "services"
        for mapping in ast.walk(tree)
        if isinstance(mapping, ast.Dict)
        for message, handler in zip(mapping.keys, mapping.values, strict=True)
        if message is not None and ast.unparse(message) in TYPES and isinstance(handler, ast.Name | ast.Attribute)
    ]
    assert {message for message, _ in pairs} == set(TYPES), "a message that nobody handles, or handlers that this test cannot see"
    assert [(message, name) for message, name in pairs if not name.startswith("on_")] == []


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "base", "manager", "core"])
def test_no_module_has_a_name_that_says_nothing(word):
    assert [str(file) for file in TREES if word in (file.stem, *file.parent.parts)] == []


def test_log_lines_are_constant_texts_with_arguments():
    """A log line that is put together by an f-string may hold anything; what the arguments hold, tests/traces looks at."""
    formatted = [
        f"{file}:{call.lineno}"
        for file, tree in TREES.items()
        if file.parts[0] in ("libs", "services") and "devstack" not in file.parts and "sandbox" not in file.parts
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and ast.unparse(call.func.value) == "logger"
        and call.args
        and not isinstance(call.args[0], ast.Constant)
    ]
    assert formatted == []
