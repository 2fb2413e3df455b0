"""The documents agree with the code: links, commands, settings, metrics, fault points, dependencies, unconfirmed places."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from fortnox_connector.settings import FortnoxConnectorSettings
from limego_connector.settings import Settings as LimeGoConnectorSettings
from matcher.settings import Settings as MatcherSettings
from servicekit.__main__ import ProvisionSettings
from sync_coordinator.settings import Settings as SyncCoordinatorSettings

TOP = Path(__file__).resolve().parents[2]
NOT_OURS = {".venv", "build", "node_modules", ".pytest_cache", ".hypothesis"}
DOCUMENTS = sorted(path for path in TOP.rglob("*.md") if not NOT_OURS & set(path.relative_to(TOP).parts))
SETTINGS = (LimeGoConnectorSettings, FortnoxConnectorSettings, MatcherSettings, SyncCoordinatorSettings, ProvisionSettings)
OPERATIONS = (TOP / "docs/operations.md").read_text()
CODE = [path.read_text() for folder in ("libs/servicekit/src", "services") for path in sorted((TOP / folder).rglob("*.py"))]

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
MAKE = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)
CODE_PLACE = re.compile(r"`((?:libs|services)/[^`]+)`(?:, `(\w+)`)?")


def _name(path: Path) -> str:
    return str(path.relative_to(TOP))


def _anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_link_points_to_a_file_of_the_repository(document: Path):
    for target in LINK.findall(document.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = document.parent / path if path else document
        assert linked.exists(), f"{target} is not there"
        assert not anchor or anchor in _anchors(linked.read_text()), f"{target} has no such title"


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_make_target_that_is_named_exists(document: Path):
    targets = set(re.findall(r"^([.a-z-]+):", (TOP / "Makefile").read_text(), re.MULTILINE))
    assert set(MAKE.findall(document.read_text())) <= targets


def test_every_make_target_for_people_stands_in_contributing():
    targets = re.findall(r"^([.a-z-]+):.*## ", (TOP / "Makefile").read_text(), re.MULTILINE)
    text = (TOP / "CONTRIBUTING.md").read_text()
    assert [target for target in targets if target != "help" and f"`make {target}" not in text] == []


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: settings.__module__)
def test_every_setting_stands_in_operations_with_its_default(settings):
    for field, info in settings.model_fields.items():
        variable = str(info.validation_alias or field).upper()
        rows = [line for line in OPERATIONS.splitlines() if f"`{variable}`" in line]
        default = "required" if info.is_required() else f"`{_text(info.default)}`"
        # The provisioner's are named in a sentence, all others in a table.
        assert any(default in row or settings is ProvisionSettings for row in rows), f"{variable}: {default}"


def _text(default: object) -> str:
    return f"{default:g}" if isinstance(default, float) else str(default)


def test_every_variable_that_is_read_directly_stands_in_operations():
    named = {name for text in CODE for name in re.findall(r'environ(?:\.get\(|\[)"([A-Z_]+)"', text)}
    assert {name for name in named if f"`{name}`" not in OPERATIONS} == set()


def test_every_metric_stands_in_operations():
    named = {name for text in CODE for name in re.findall(r'create_\w+\("(dubbelsynk\.[\w.]+)"', text)}
    assert named
    assert {name for name in named if f"`{name}`" not in OPERATIONS} == set()


def test_every_fault_point_and_guard_stands_in_operations():
    named = {name for text in CODE for name in re.findall(r'(?:fault_point|is_guard_on)\("([\w.]+)"\)', text)}
    assert named
    assert {name for name in named if f"`{name}`" not in OPERATIONS} == set()


def test_every_place_of_something_unconfirmed_exists():
    text = (TOP / "docs/unconfirmed.md").read_text()
    places = CODE_PLACE.findall(text)
    assert places
    for path, symbol in places:
        assert (TOP / path).is_file(), path
        assert symbol in (TOP / path).read_text(), f"{symbol} is not in {path}"


def test_every_dependency_has_its_reason():
    project = tomllib.loads((TOP / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\[=<>~ ]", requirement)[0] for requirement in wanted}
    reasons = (TOP / "docs/decisions/0002-dependencies.md").read_text()
    assert {name for name in names if not re.search(rf"^\|(?:[^|]*,)? {re.escape(name)}[ ,]", reasons, re.MULTILINE)} == set()


def test_every_decision_stands_in_the_list():
    folder = TOP / "docs/decisions"
    listed = (folder / "README.md").read_text()
    assert {path.name for path in folder.glob("0*.md") if f"({path.name})" not in listed} == set()


def test_no_document_names_a_path_of_a_machine():
    for document in DOCUMENTS:
        found = re.findall(r"(?<![\w.])/(?:work|root|home|tmp/brief)/\S*", document.read_text())
        assert not found, f"{_name(document)}: {found}"
