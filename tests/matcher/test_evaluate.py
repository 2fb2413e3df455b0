"""`python -m matcher evaluate`: what it reads, what it skips and says, what it writes, and how it refuses."""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from matcher.evaluation import COMMAND
from matcher.measures import accuracy
from matcher.records import Candidate, Judgement, Outcome, Rung
from matcher.register_files import FileError, read_companies, read_customers, read_truth
from support.registers import CLEAN, DIRTY, registers

COMPANIES = "company_id,name,organisation_number,postcode\nc1,Åbäckens Bygg AB,556677-8899,111 20\n"


def _write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def _evaluate(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command as a person runs it, without a variable of ours in the environment."""
    command = [sys.executable, "-m", "matcher", "evaluate", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS")}
    return subprocess.run(command, capture_output=True, text=True, timeout=150, env=environment)


@dataclass(frozen=True)
class Ended:
    """How the command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def evaluate(capsys):
    """The same within this process: to start another one is what takes the time."""

    def run(*arguments: object) -> Ended:
        parser = argparse.ArgumentParser()
        COMMAND.add_arguments(parser)
        try:
            code = COMMAND.run(parser.parse_args([*map(str, arguments)]))
        except SystemExit as ended:
            code = int(str(ended.code))
        return Ended(code, *capsys.readouterr())

    return run


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_what_spreadsheets_write_is_read(tmp_path, separator, encoding, newline):
    text = COMPANIES.replace(",", separator).replace("\n", newline)
    found = read_companies(_write(tmp_path / "a.csv", text, encoding))
    assert [(company.company_id, company.name, company.postcode) for company in found.rows] == [
        ("c1", "Åbäckens Bygg AB", "111 20")
    ]
    assert found.bad_rows == ()
    assert found.format.separator == separator
    assert found.format.has_mark == (encoding == "utf-8-sig")


def test_a_spreadsheets_line_about_its_separator_is_no_header(tmp_path):
    found = read_companies(_write(tmp_path / "a.csv", "sep=;\r\nCOMPANY_ID;Name\r\n1;A, B och C\r\n"))
    assert [(company.company_id, company.name) for company in found.rows] == [("1", "A, B och C")]


def test_columns_may_stand_in_any_order_and_lack_and_others_are_ignored(tmp_path):
    found = read_customers(_write(tmp_path / "b.csv", "whatever,Name , customer_number\nx,Ett AB,7\ny,Två AB\nz,Tre AB,9,,\n"))
    assert [(customer.customer_number, customer.name, customer.city, customer.active) for customer in found.rows] == [
        ("7", "Ett AB", "", True),
        ("9", "Tre AB", "", True),
    ]
    assert [(row.line, row.why) for row in found.bad_rows] == [(3, "customer_number is empty")]


def test_bad_rows_are_told_by_the_line_that_they_begin_on_and_the_others_stay(tmp_path):
    rows = [
        "customer_number,name,active",
        '1,"Över',
        'två rader AB",ja',
        "2,Olåst, AB,ja",
        "1,Igen AB,ja",
        "3,Kanske AB,kanske",
        '4,"Öppet" AB,nej',
        "",
        "5,Sist AB,NEJ",
    ]
    found = read_customers(_write(tmp_path / "b.csv", "\n".join(rows)))
    assert [(customer.customer_number, customer.active) for customer in found.rows] == [("1", True), ("5", False)]
    assert [row.line for row in found.bad_rows] == [4, 5, 6, 7]
    for row, word in zip(found.bad_rows, ["separator", "line 2", "active", "quotation mark"], strict=True):
        assert word in row.why


def test_a_quotation_mark_that_never_ends_is_told(tmp_path):
    found = read_companies(_write(tmp_path / "a.csv", 'company_id,name\n1,Ett AB\n2,"Två AB\n3,Tre AB\n'))
    assert [company.company_id for company in found.rows] == ["1"]
    assert [row.line for row in found.bad_rows] == [3]
    assert "with all lines to 4;" in found.bad_rows[0].why


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "is not there"),
        ("", "is empty"),
        ("name,city\nEtt AB,Lund\n", "company_id"),
        ("company_id,name,Name\n1,a,b\n", "twice"),
    ],
    ids=["none", "empty", "no key", "column twice"],
)
def test_a_file_that_cannot_be_used_is_named_with_a_remedy(tmp_path, text, words):
    path = tmp_path / "a.csv"
    if text is not None:
        _write(path, text)
    with pytest.raises(FileError, match=words) as refused:
        read_companies(path)
    assert str(path) in str(refused.value)
    assert str(refused.value).count(". ") == 1, "what is wrong, and what to do"


def test_the_truth_needs_both_columns_and_takes_an_empty_company_for_none(tmp_path):
    with pytest.raises(FileError, match="company_id"):
        read_truth(_write(tmp_path / "t.csv", "customer_number\n1\n"))
    assert read_truth(_write(tmp_path / "t.csv", "customer_number;company_id\n1;c1\n2;\n")).rows == (("1", "c1"), ("2", ""))


def test_a_linkage_is_measured_against_the_truth():
    def review(number: str, *companies: str) -> Judgement:
        return Judgement(number, Outcome.REVIEW, candidates=tuple(Candidate(company, 2.0, ()) for company in companies))

    def linked(number: str, company: str, rung: Rung) -> Judgement:
        return Judgement(number, Outcome.LINKED, company, rung)

    judgements = [
        linked("1", "a", Rung.ORGANISATION_NUMBER),
        linked("2", "b", Rung.NAME_AND_POSTCODE),
        linked("3", "c", Rung.NAME_AND_POSTCODE),
        review("4", "d", "x"),
        review("5", "x", "e"),
        review("6", "x"),
        Judgement("7", Outcome.NEW),
        review("8", "x"),
    ]
    truth = {"1": "a", "2": "b", "3": "z", "4": "d", "5": "e", "6": "f", "7": "g"}
    found = accuracy(judgements, truth)
    assert found.pairs == 7
    assert {rung: (tally.right, tally.wrong) for rung, tally in found.by_rung.items()} == {
        "name_and_postcode": (1, 1),
        "organisation_number": (1, 0),
    }
    assert found.by_rung["organisation_number"].error_bound == 1.0
    assert found.by_rung["name_and_postcode"].error_bound == pytest.approx(0.95**0.5, abs=1e-5)
    assert (found.automatic.right, found.automatic.wrong, found.wrong_links) == (2, 1, (("3", "c"),))
    assert found.automatic.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(2 / 7)
    assert (found.reviewed_pairs, found.reviewed_first, found.reviewed_among) == (3, 1, 2)
    assert found.cover == pytest.approx(4 / 7)
    assert found.first_share == pytest.approx(1 / 3)


def test_the_command_writes_a_decision_per_customer_and_says_what_a_person_wants_to_know(tmp_path, written_registers):
    companies, customers, truth = written_registers
    out = tmp_path / "decisions.csv"
    ended = _evaluate("--companies", companies, "--customers", customers, "--truth", truth, "--out", out)
    assert ended.returncode == 0, ended.stderr
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    with customers.open(encoding="utf-8-sig", newline="") as file:
        assert [row["customer_number"] for row in rows] == [row["customer_number"] for row in csv.DictReader(file, delimiter=";")]
    assert {row["decision"] for row in rows} == {"linked", "new"}
    linked = [row for row in rows if row["decision"] == "linked"]
    assert all(row["company_id"] and row["rung"] and "=same" in row["evidence"] for row in linked)
    for word in ("linked", "review", "new", "organisation number valid", "organisation_number", "precision", "no link is wrong"):
        assert word in ended.stdout
    assert not any(row["name"] in ended.stdout for row in csv.DictReader(customers.open(encoding="utf-8-sig"), delimiter=";"))


@pytest.fixture
def written_registers(tmp_path):
    """Clean registers as a spreadsheet saves them."""
    return _written(tmp_path, registers(11, 200, CLEAN))


def _written(tmp_path, made):
    paths = [tmp_path / name for name in ("companies.csv", "customers.csv", "truth.csv")]
    for path, records in zip(paths[:2], (made.companies, made.customers), strict=True):
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            columns = type(records[0]).__dataclass_fields__
            writer = csv.writer(file, delimiter=";")
            writer.writerows([columns, *([getattr(record, column) for column in columns] for record in records)])
    paths[2].write_text("customer_number,company_id\n" + "".join(f"{ours},{theirs}\n" for ours, theirs in made.truth.items()))
    return paths


def test_the_score_links_when_odds_are_named_and_says_how_well(tmp_path, evaluate):
    companies, customers, truth = _written(tmp_path, registers(31, 600, DIRTY))
    out = tmp_path / "decisions.csv"
    arguments = ("--companies", companies, "--customers", customers, "--truth", truth, "--out", out)
    by_score = {}
    for threshold in ((), ("--threshold", "100")):
        ended = evaluate(*arguments, *threshold)
        assert ended.returncode == 0, ended.stderr
        assert "from odds of 100 on, which were chosen on other registers" in ended.stdout
        with out.open(encoding="utf-8-sig", newline="") as file:
            by_score[threshold] = [row for row in csv.DictReader(file, delimiter=";") if row["rung"] == "score"]
    assert by_score[()] == []
    linked = by_score["--threshold", "100"]
    assert f"    {len(linked)} links more" in ended.stdout
    assert len(linked) > 20
    assert all(row["decision"] == "linked" and float(row["odds"]) >= 100 for row in linked)


def test_columns_that_are_ignored_and_columns_that_lack_are_told(tmp_path, evaluate):
    companies = _write(tmp_path / "a.csv", COMPANIES)
    customers = _write(tmp_path / "b.csv", "customer_number;Name;Org.nr\n1;Åbäckens Bygg AB;556677-8899\n")
    ended = evaluate("--companies", companies, "--customers", customers, "--out", tmp_path / "out.csv")
    assert f"{customers}: columns ignored: Org.nr\n" in ended.stdout
    assert f"{customers}: columns that lack, taken as empty: organisation_number, vat_number, " in ended.stdout
    assert f"{companies}: columns ignored" not in ended.stdout


def test_numbers_that_a_spreadsheet_has_rounded_speak_against_nobody(tmp_path, evaluate):
    companies = _write(tmp_path / "a.csv", COMPANIES)
    text = "customer_number;name;organisation_number;phone\n1;Åbäckens Bygg AB;5,56678E+09;\n2;Två AB;;4,68E+10\n3E+05;;;\n"
    customers = _write(tmp_path / "b.csv", text)
    found = read_customers(customers)
    assert [(one.organisation_number, one.phone) for one in found.rows] == [("", ""), ("", "")]
    assert [(row.line, row.why) for row in found.bad_rows] == [
        (4, "the customer_number is a number that a spreadsheet has rounded")
    ]
    ended = evaluate("--companies", companies, "--customers", customers, "--out", tmp_path / "out.csv")
    assert "make them text and save again: organisation_number, phone\n" in ended.stdout


def test_numbers_that_a_spreadsheet_kept_as_numbers_are_the_same_company(tmp_path, evaluate):
    companies = _write(tmp_path / "a.csv", "company_id,name,organisation_number\nc1,Åbäckens Bygg AB,556036-0793\n")
    customers = _write(tmp_path / "b.csv", "customer_number,name,organisation_number\n1,Åbäckens Bygg AB,5560360793.0\n")
    assert evaluate("--companies", companies, "--customers", customers, "--out", tmp_path / "out.csv").returncode == 0
    assert "1,linked,c1,organisation_number" in (tmp_path / "out.csv").read_text()


def test_the_truth_is_measured_over_the_records_that_are_there(tmp_path, evaluate):
    companies = _write(tmp_path / "a.csv", "company_id,name,organisation_number\nc1,Åbäckens Bygg AB,556036-0793\n")
    customers = _write(tmp_path / "b.csv", "customer_number,organisation_number\n1,5560360793\n2,\n")
    truth = _write(tmp_path / "t.csv", "customer_number,company_id\n1,c1\n2,c9\n3,c1\n4,\n")
    arguments = ("--companies", companies, "--customers", customers, "--truth", truth, "--out", tmp_path / "out.csv")
    ended = evaluate(*arguments)
    assert "3 rows left out, for their customer or company is in neither register, such as customer_number 2 and" in ended.stdout
    assert "against the truth of 1 pairs" in ended.stdout
    assert "linked or before a person: 100.00%" in ended.stdout
    _write(truth, "customer_number,company_id\n7,c7\n")
    ended = evaluate(*arguments)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{truth}: names customers or companies that are in neither register, in every row")


def test_who_listens_to_the_first_line_only_has_the_decisions_all_the_same(tmp_path):
    companies, customers = _write(tmp_path / "a.csv", COMPANIES), _write(tmp_path / "b.csv", "customer_number\n1\n")
    out = tmp_path / "out.csv"
    command = [sys.executable, "-m", "matcher", "evaluate", "--companies", companies, "--customers", customers, "--out", out]
    reads, writes = os.pipe()
    os.close(reads)
    ended = subprocess.run(command, stdout=writes, stderr=subprocess.PIPE, text=True, timeout=150)
    os.close(writes)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert out.exists()


def test_what_is_read_is_not_overwritten_and_a_folder_that_lacks_is_told_first(tmp_path, evaluate):
    companies, customers = _write(tmp_path / "a.csv", COMPANIES), _write(tmp_path / "b.csv", "customer_number\n1\n")
    for out, word in ((companies, "overwritten"), (tmp_path / "none" / "out.csv", "Make the folder"), (tmp_path, "is a folder")):
        ended = evaluate("--companies", companies, "--customers", customers, "--out", out)
        assert ended.returncode == 2
        assert ended.stderr.startswith(f"{out}: ")
        assert word in ended.stderr
        assert ended.stdout == ""
    assert companies.read_text() == COMPANIES


def test_odds_that_are_none_are_refused_with_an_example(evaluate):
    ended = evaluate("--companies", "a", "--customers", "b", "--out", "c", "--threshold", "0")
    assert ended.returncode == 2
    assert "such as 1000" in ended.stderr


def test_a_refusal_ends_with_exit_code_2_and_writes_nothing(tmp_path):
    good, bad, out = _write(tmp_path / "a.csv", COMPANIES), _write(tmp_path / "b.csv", "name\nEtt AB\n"), tmp_path / "out.csv"
    ended = _evaluate("--companies", good, "--customers", bad, "--out", out)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{bad}: has no column customer_number")
    assert "Traceback" not in ended.stderr
    assert not out.exists()
