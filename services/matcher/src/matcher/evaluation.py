"""`python -m matcher evaluate`: links two registers that lie in files, and says how well; without Kafka and database."""

from __future__ import annotations

import argparse
import csv
import math
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from matcher import register_files, thresholds
from matcher.linking import Linkage, link_registers
from matcher.measures import Accuracy, Quality, Tally, accuracy, quality
from matcher.records import Candidate, CompanyRecord, CustomerRecord, FieldEvidence, Judgement, Outcome
from matcher.register_files import Contents, FileError, Format
from normal_forms.numbers import NumberState
from servicekit.cli import Command

R = TypeVar("R")
MOST_BAD_ROWS = 20
# Elsewhere a process is copied at a cost, or not at all.
_HAS_FORK = sys.platform == "linux"
DECISION_COLUMNS = ("customer_number", "decision", "company_id", "rung", "odds", "reason", "evidence", "candidates")
THRESHOLD_HELP = (
    f"let the score link from these odds on (default: never; recommended for whoever does: {thresholds.RECOMMENDED:g}; "
    "--truth says how many links more and how many of them wrong)"
)
EPILOG = f"""
The files are CSV, in UTF-8 or Windows' encoding, separated by comma, semicolon or tab; their first line names the columns, in
any order. Columns that are not listed here are ignored, those that lack are taken as empty.

companies: {", ".join(register_files.COMPANY_COLUMNS)}
customers: {", ".join(register_files.CUSTOMER_COLUMNS)}
truth:     {", ".join(register_files.TRUTH_COLUMNS)} (a customer that is not in it has no company)
out:       {", ".join(DECISION_COLUMNS)}; evidence is field=verdict(weight), candidates are company ids with their odds
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("--companies", type=Path, required=True, metavar="CSV", help="the companies of Lime Go")
    parser.add_argument("--customers", type=Path, required=True, metavar="CSV", help="the customers of Fortnox")
    parser.add_argument("--truth", type=Path, metavar="CSV", help="which customer is which company, to measure against")
    parser.add_argument("--out", type=Path, required=True, metavar="CSV", help="where to write a decision per customer")
    parser.add_argument("--threshold", type=_odds, metavar="ODDS", help=THRESHOLD_HELP)


def run(arguments: argparse.Namespace) -> int:
    """0, or 2 when a file cannot be used."""
    try:
        for line in _evaluate(arguments):
            _say(line)
    except FileError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _say(line: str) -> None:
    """To whoever listens: `| head` hears no more, and the decisions are written all the same."""
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer would be tried again at exit, and fail there (Python, note on SIGPIPE).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


COMMAND = Command("evaluate", "link two registers in CSV files and write a decision per customer", add_arguments, run)


def _odds(text: str) -> float:
    with suppress(ValueError):
        if (odds := float(text)) > 0:
            return odds
    raise argparse.ArgumentTypeError(f"{text} are no odds: give a number above 0, such as 1000 for right in 1000 cases of 1001")


def _evaluate(arguments: argparse.Namespace) -> Iterator[str]:
    _check_out(arguments.out, [path for path in (arguments.companies, arguments.customers, arguments.truth) if path])
    companies = register_files.read_companies(arguments.companies)
    customers = register_files.read_customers(arguments.customers)
    truth = register_files.read_truth(arguments.truth) if arguments.truth else None
    yield from _told(arguments.companies, companies, "companies")
    yield from _told(arguments.customers, customers, "customers")
    if truth is not None:
        yield from _told(arguments.truth, truth, "rows of truth")
        pairs, lost = _pairs(truth.rows, companies.rows, customers.rows)
        yield from _told_of_lost(arguments.truth, lost, len(truth.rows))
    linkage = link_registers(companies.rows, customers.rows, threshold=arguments.threshold, is_parallel=_HAS_FORK)
    _write(arguments.out, customers.format, linkage.judgements)
    yield from ("", *_outcomes(linkage.judgements), "", *_qualities(quality(companies.rows), quality(customers.rows)))
    if truth is not None:
        yield from ("", *_accuracies(accuracy(linkage.judgements, pairs)))
        yield from ("", *told_of_thresholds(_linked_by_score(companies.rows, customers.rows, linkage), pairs))
    yield ""
    yield f"{len(linkage.judgements)} decisions are in {arguments.out}"


def _check_out(path: Path, read: Sequence[Path]) -> None:
    """Before anything takes time: the decisions have a place to go to, and overwrite nothing that is read."""
    if path.resolve() in [other.resolve() for other in read]:
        raise FileError(path, "is read and would be overwritten", "Name another file by --out")
    if path.is_dir():
        raise FileError(path, "is a folder", "Name a file in it by --out")
    if not path.resolve().parent.is_dir():
        raise FileError(path, "lies in a folder that is not there", "Make the folder, or name another file by --out")


def _told(path: Path, contents: Contents[R], what: str) -> Iterator[str]:
    """Raises FileError where nothing is left."""
    bad_rows = contents.bad_rows
    for row in bad_rows[:MOST_BAD_ROWS]:
        yield f"{path}, line {row.line}: skipped, {row.why}"
    if len(bad_rows) > MOST_BAD_ROWS:
        yield f"{path}: {len(bad_rows) - MOST_BAD_ROWS} more rows skipped"
    if not contents.rows:
        raise FileError(path, "has no row that can be used", "Put one record on each line below the names of the columns")
    yield f"{path}: {len(contents.rows)} {what}, {len(bad_rows)} rows skipped"
    if contents.format.ignored:
        yield f"{path}: columns ignored: {', '.join(contents.format.ignored)}"
    if contents.format.lacking:
        yield f"{path}: columns that lack, taken as empty: {', '.join(contents.format.lacking)}"
    if contents.format.rounded:
        columns = ", ".join(contents.format.rounded)
        yield f"{path}: a spreadsheet has rounded numbers (5,56E+09), taken as empty; make them text and save again: {columns}"


def _pairs(
    truth: Sequence[tuple[str, str]], companies: Sequence[CompanyRecord], customers: Sequence[CustomerRecord]
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The company id by customer number, and the rows about records that are not there: no linkage could find those."""
    company_ids = {"", *(company.company_id for company in companies)}
    customer_numbers = {customer.customer_number for customer in customers}
    there = [pair for pair in truth if pair[0] in customer_numbers and pair[1] in company_ids]
    lost = [pair for pair in truth if pair[0] not in customer_numbers or pair[1] not in company_ids]
    return {customer_number: company_id for customer_number, company_id in there if company_id}, lost


def _told_of_lost(path: Path, lost: Sequence[tuple[str, str]], rows: int) -> Iterator[str]:
    """Raises FileError where nothing else is left: all links would pass for wrong."""
    if not lost:
        return
    example = " and ".join(f"{name} {value}" for name, value in zip(register_files.TRUTH_COLUMNS, lost[0], strict=True))
    if len(lost) == rows:
        what = f"names customers or companies that are in neither register, in every row, such as {example}"
        raise FileError(path, what, "Use the ids that the registers have")
    yield f"{path}: {len(lost)} rows left out, for their customer or company is in neither register, such as {example}"


def _write(path: Path, written: Format, judgements: Sequence[Judgement]) -> None:
    """In the form of the customers' file, so that what opens one opens the other."""
    try:
        with path.open("w", newline="", encoding="utf-8-sig" if written.has_mark else "utf-8") as file:
            writer = csv.writer(file, delimiter=written.separator, lineterminator="\r\n" if written.has_mark else "\n")
            writer.writerow(DECISION_COLUMNS)
            writer.writerows(map(_row, judgements))
    except OSError as error:
        raise FileError(path, f"cannot be written ({error.strerror})", "Name another file by --out") from error


def _row(judgement: Judgement) -> tuple[str, ...]:
    evidence = judgement.evidence or (judgement.candidates[0].evidence if judgement.candidates else ())
    further = [candidate for candidate in judgement.candidates if candidate.company_id != judgement.company_id]
    return (
        judgement.customer_number,
        judgement.outcome.value,
        judgement.company_id or "",
        judgement.rung.value if judgement.rung else "",
        _number(judgement.odds),
        judgement.reason or "",
        " ".join(map(_compared, evidence)),
        " ".join(map(_candidate, further)),
    )


def _compared(evidence: FieldEvidence) -> str:
    weight = "" if evidence.weight is None else f"({evidence.weight:+.1f})"
    return f"{evidence.field}={evidence.verdict.value}{weight}"


def _candidate(candidate: Candidate) -> str:
    return candidate.company_id if candidate.odds is None else f"{candidate.company_id}({_number(candidate.odds)})"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _outcomes(judgements: Sequence[Judgement]) -> Iterator[str]:
    counts = Counter((judgement.outcome, _why(judgement)) for judgement in judgements)
    yield "decisions"
    for outcome in Outcome:
        whys = Counter({why: count for (of, why), count in counts.items() if of is outcome})
        yield f"  {outcome.value:<8}{whys.total():>9}  {_percent(whys.total(), len(judgements))}"
        for why, part in whys.most_common():
            yield f"    {why:<34}{part:>9}"


def _why(judgement: Judgement) -> str:
    return judgement.reason or (judgement.rung.value if judgement.rung else "no company is like it")


def _qualities(companies: Quality, customers: Quality) -> Iterator[str]:
    rows: list[tuple[str, int, int]] = [
        (f"organisation number {state.value}", companies.numbers.get(state, 0), customers.numbers.get(state, 0))
        for state in NumberState
    ]
    rows.append(("number that another record has too", companies.sharing, customers.sharing))
    rows += [(f"{name} filled in", companies.filled[name], customers.filled[name]) for name in companies.filled]
    yield f"{'data quality':<38}{'companies':>18}{'customers':>18}"
    for name, ours, theirs in rows:
        cells = (f"{ours} {_percent(ours, companies.records)}", f"{theirs} {_percent(theirs, customers.records)}")
        yield f"  {name:<36}{cells[0]:>18}{cells[1]:>18}"


def _accuracies(found: Accuracy) -> Iterator[str]:
    yield f"against the truth of {found.pairs} pairs{'links':>15}{'right':>9}{'wrong':>9}  precision  share of the pairs"
    for name, tally in {**found.by_rung, "all automatic links": found.automatic}.items():
        precision = "" if tally.precision is None else f"{tally.precision:.4f}"
        share = _percent(tally.right, found.pairs)
        yield f"  {name:<38}{tally.links:>9}{tally.right:>9}{tally.wrong:>9}  {precision:>9}  {share}"
    if found.automatic.links:
        yield f"  {_bounded(found.automatic)}"
    first, among = found.reviewed_first, found.reviewed_among
    yield f"  true pairs in review: {found.reviewed_pairs}; with their company as first candidate {first}, among all {among}"
    yield f"  linked or before a person: {found.cover:.2%} of the true pairs"


def _bounded(links: Tally) -> str:
    """How many are wrong, and what that says of others like them."""
    if not links.wrong:
        return f"no link is wrong: at 95 %, fewer than {links.error_bound:.2%} are (three in {links.links})"
    return f"{links.wrong} of {links.links} links are wrong: at 95 %, fewer than {links.error_bound:.2%} are"


def _linked_by_score(
    companies: Sequence[CompanyRecord], customers: Sequence[CustomerRecord], linkage: Linkage
) -> Sequence[Judgement]:
    """Everything that the score could link, whatever its odds."""
    return link_registers(companies, customers, model=linkage.model, threshold=0.0).judgements


def told_of_thresholds(judgements: Sequence[Judgement], truth: Mapping[str, str]) -> Iterator[str]:
    """What letting the score link would bring: from the recommended odds, and from odds chosen on this very truth."""
    links = thresholds.score_links(judgements, truth)
    recommended = thresholds.tally(links, thresholds.RECOMMENDED)
    yield "if the score linked too (it never does, unless --threshold names odds)"
    yield f"  from odds of {thresholds.RECOMMENDED:g} on, which were chosen on other registers"
    yield from _brought(recommended, len(truth))
    choice = thresholds.choose(judgements, truth)
    if choice.odds is None or choice.proof is None:
        yield "  from odds chosen here, on half of the customers: none"
        yield f"    of {choice.links.links} links by the score there, {choice.links.wrong} are wrong; {_lacking(choice.links)}"
        return
    yield f"  from odds of {choice.odds:.4g} on, chosen here on half of the customers, and proven on the other half"
    yield from _brought(choice.proof, len(truth))


def _brought(links: Tally, pairs: int) -> Iterator[str]:
    """So many links more, and whether they are sure enough."""
    yield f"    {links.links} links more; of all pairs,{_percent(links.right, pairs)}"
    if not links.links:
        yield f"    {_lacking(links)}"
        return
    yield f"    {_bounded(links)}"
    bound = links.error_bound
    is_bounded = bound is not None and bound <= thresholds.MOST_WRONG
    yield f"    at most {thresholds.MOST_WRONG:.1%} wrong is shown" if is_bounded else f"    {_lacking(links)}"


def _lacking(links: Tally) -> str:
    """Why links do not show that few enough are wrong, and what to do."""
    most = f"at most {thresholds.MOST_WRONG:.1%} wrong"
    if links.wrong > thresholds.MOST_WRONG * links.links:
        return f"{most} does not hold: leave the score off, or name higher odds"
    needed = thresholds.links_needed()
    times = f", about {math.ceil(needed / links.links)} times as many customers" if links.links else ""
    return f"{most} takes more truth to show: {needed} links without a wrong one{times}"


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:>6.1%}" if whole else f"{'-':>6}"
