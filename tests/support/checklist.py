"""`python tests/support/checklist.py`: writes which test shows which line of a checklist into the sandbox's README."""

from __future__ import annotations

import ast
from pathlib import Path

TOP = Path(__file__).parents[2]
README = TOP / "libs/sandbox/README.md"
TESTS = TOP / "tests/sandbox"
BEGIN, END = "<!-- checklist {}: written by make docs -->", "<!-- end of checklist {} -->"

# The lines of each system's strictness checklist, in the reference's order and our words.
LINES = {
    "fortnox": {
        1: "unknown fields, filters and parameters are refused, bad lengths too; what was measured is cut without a word",
        2: "read-only fields are refused on a write, a customer's country name always",
        3: "wire types to the letter, slim lists, the casing of refusals by status",
        4: "POST 201 with `Location`, DELETE 204, an action answers the document",
        5: "rows meet by position and inherit; new row ids after every PUT",
        6: '`""` keeps, null clears (never a unit), `API_BLANK` clears',
        7: "refresh tokens for one use with the measured race, codes of 10 minutes, `TenantId`, revoke",
        8: "25 requests in any 5 seconds per client and company",
        9: "`lastmodified` on Stockholm's clock, no time of change in any answer, deletions silent",
        10: "nothing but numbers is unique; numbers stay reserved; the same POST twice makes two",
        11: "states of documents and payments; an order makes one invoice; GET print and email change the document",
        12: "the event stream: at least once, duplicates, 14 days of offsets, order per topic",
        13: "faults in Fortnox's own words: lost answers, 401, 429, 500, 503, hidden numbers, new enum values",
    },
    "limego": {
        1: "the key goes in the header as `go-api:<guid>`, or in the query as `apikey`",
        2: "three kinds of keys, which blank what they must not show",
        3: "six queries; a page has 10 records and at most 20",
        4: "an unknown field is a validation error of GraphQL",
        5: "`phoneNumber` is an array; a deal's id is an Int, a company's and a person's a String",
        6: "exactly 13 events",
        7: "a subscription with a relative address is 400",
        8: "the feed is consumed: 50 items, oldest first, and `peek`",
        9: "webhooks without signature, lost, doubled, reordered, late",
        10: "mutations and the bodies of events stand in one file that can be replaced, and are marked UNCONFIRMED",
    },
}
Shown = dict[tuple[str, int], list[tuple[str, str]]]


def shown(folder: Path = TESTS) -> Shown:
    """By system and line, the file and name of every test that is marked with it."""
    found: Shown = {}
    for path in sorted(folder.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for mark in map(_mark, node.decorator_list):
                    if mark:
                        found.setdefault(mark, []).append((str(path.relative_to(folder)), node.name))
    return found


def _mark(decorator: ast.expr) -> tuple[str, int] | None:
    if not isinstance(decorator, ast.Call) or ast.unparse(decorator.func) != "pytest.mark.checklist":
        return None
    system, line = (ast.literal_eval(argument) for argument in decorator.args)
    return str(system), int(line)


def table(system: str, tests: Shown) -> str:
    """The table of one system."""
    rows = ["| line | what it says | shown by |", "| --- | --- | --- |"]
    for line, text in LINES[system].items():
        rows.append(f"| {line} | {text} | {_cell(tests.get((system, line), []))} |")
    return "\n".join(rows)


def _cell(tests: list[tuple[str, str]]) -> str:
    files: dict[str, list[str]] = {}
    for file, name in tests:
        files.setdefault(file, []).append(name.removeprefix("test_").replace("_", " "))
    return "<br>".join(f"`{file}`: {'; '.join(names)}" for file, names in files.items()) or "open"


def written(text: str, tests: Shown) -> str:
    """The README's text with the tables as the tests are marked now."""
    for system in LINES:
        begin, end = BEGIN.format(system), END.format(system)
        head, _, rest = text.partition(begin)
        _, _, tail = rest.partition(end)
        text = f"{head}{begin}\n\n{table(system, tests)}\n\n{end}{tail}"
    return text


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8"), shown()), "utf-8")
