"""The checklists in the sandbox's README: every line is shown by a test, and the tables are what the tests say."""

from dataclasses import fields

import pytest

from sandbox.fortnox.switches import Switches
from support import checklist


@pytest.mark.parametrize("system", checklist.LINES)
def test_every_line_of_a_checklist_is_shown_by_a_test(system):
    tests = checklist.shown()
    missing = [line for line in checklist.LINES[system] if (system, line) not in tests and (system, line) not in checklist.OPEN]
    assert missing == []


def test_a_mark_names_a_line_that_exists():
    assert [mark for mark in checklist.shown() if mark[1] not in checklist.LINES.get(mark[0], {})] == []


def test_the_tables_in_the_readme_are_what_the_tests_say():
    text = checklist.README.read_text("utf-8")
    assert text == checklist.written(text, checklist.shown()), "run `make docs`"


def test_every_switch_of_fortnox_is_explained():
    text = checklist.README.read_text("utf-8")
    assert [field.name for field in fields(Switches) if f"`{field.name}`" not in text] == []
