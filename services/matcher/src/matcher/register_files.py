"""Registers as files: CSV as people and Swedish spreadsheets write it, read row by row; what cannot be read is told by line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Generic, TypeVar

from matcher.records import CompanyRecord, CustomerRecord

R = TypeVar("R")
SEPARATORS = ";,\t"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
YES, NO = ("", "1", "true", "yes", "ja", "sant", "j", "y"), ("0", "false", "no", "nej", "falskt", "n")
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d\d")
COMPANY_COLUMNS = tuple(field.name for field in fields(CompanyRecord))
CUSTOMER_COLUMNS = tuple(field.name for field in fields(CustomerRecord))
TRUTH_COLUMNS = ("customer_number", "company_id")


class FileError(Exception):
    """A file cannot be used at all; the text names it and says what to do."""

    def __init__(self, path: Path, what: str, remedy: str) -> None:
        super().__init__(f"{path}: {what}. {remedy}")


@dataclass(frozen=True)
class BadRow:
    """A row that was skipped: the line that it begins on, counted from 1, and why."""

    line: int
    why: str


@dataclass(frozen=True)
class Format:
    """How a file is written; what answers it is written the same way."""

    separator: str
    has_mark: bool
    ignored: tuple[str, ...]
    """Its columns that mean nothing here, as it names them."""
    lacking: tuple[str, ...]
    """The columns that it could have and does not."""
    rounded: tuple[str, ...]
    """Its columns in which a spreadsheet has rounded numbers away ("5,56E+09"): these cells are taken as empty."""


@dataclass(frozen=True)
class Contents(Generic[R]):
    """What a file holds."""

    rows: tuple[R, ...]
    bad_rows: tuple[BadRow, ...]
    format: Format


def read_companies(path: Path) -> Contents[CompanyRecord]:
    """A Lime Go register. Raises FileError."""
    found, bad_rows, written = _read(path, COMPANY_COLUMNS, key="company_id")
    return Contents(tuple(CompanyRecord(**cells) for _, cells in found), tuple(bad_rows), written)


def read_customers(path: Path) -> Contents[CustomerRecord]:
    """A Fortnox register; an empty `active` means yes. Raises FileError."""
    found, bad_rows, written = _read(path, CUSTOMER_COLUMNS, key="customer_number")
    customers = []
    for line, cells in found:
        active = cells.pop("active").casefold()
        if active in (*YES, *NO):
            customers.append(CustomerRecord(**cells, active=active in YES))
        else:
            bad_rows.append(BadRow(line, "active is neither yes nor no (1, true, ja, 0, false, nej)"))
    return Contents(tuple(customers), tuple(sorted(bad_rows, key=lambda row: row.line)), written)


def read_truth(path: Path) -> Contents[tuple[str, str]]:
    """Customer number and company id of every true pair; an empty company id says that there is none. Raises FileError."""
    found, bad_rows, written = _read(path, TRUTH_COLUMNS, key="customer_number", also="company_id")
    return Contents(tuple((cells["customer_number"], cells["company_id"]) for _, cells in found), tuple(bad_rows), written)


def _read(
    path: Path, columns: tuple[str, ...], *, key: str, also: str = ""
) -> tuple[list[tuple[int, dict[str, str]]], list[BadRow], Format]:
    """The rows by line, every column of them a text; `also`: a column besides the key that must be there."""
    data = _bytes(path)
    lines = _lines(data)
    separator = _separator(lines)
    rows = _rows(lines, separator)
    try:
        header = next(rows)[1]
    except StopIteration:
        raise FileError(path, "is empty", f"The first line must name the columns, {key} among them") from None
    names = [name.strip().casefold() for name in header] if isinstance(header, list) else []
    for needed in (key, also):
        if needed and needed not in names:
            known = f"It may hold {', '.join(columns)}, separated by comma or semicolon"
            raise FileError(path, f"has no column {needed} in its first line", known)
    if twice := sorted({name for name in names if name in columns and names.count(name) > 1}):
        raise FileError(path, f"has the column {twice[0]} twice", "Remove or rename one of them")
    found, bad_rows = _kept(rows, names, columns, key)
    rounded = _emptied(found) if any("E+" in line for line in lines) else ()
    ignored = tuple(name.strip() for name in header if name.strip() and name.strip().casefold() not in columns)
    lacking = tuple(column for column in columns if column not in names)
    return found, bad_rows, Format(separator, data.startswith(BYTE_ORDER_MARK), ignored, lacking, rounded)


def _kept(
    rows: Iterator[tuple[int, list[str] | str]], names: list[str], columns: tuple[str, ...], key: str
) -> tuple[list[tuple[int, dict[str, str]]], list[BadRow]]:
    found: list[tuple[int, dict[str, str]]] = []
    bad_rows: list[BadRow] = []
    lines_by_key: dict[str, int] = {}
    for line, row in rows:
        if isinstance(row, str):
            bad_rows.append(BadRow(line, row))
            continue
        if not any(cell.strip() for cell in row):
            continue
        given = {name: cell.strip() for name, cell in zip(names, row, strict=False)}
        cells = {column: given.get(column, "") for column in columns}
        if any(cell.strip() for cell in row[len(names) :]):
            bad_rows.append(BadRow(line, f"has {len(row)} cells under {len(names)} columns; is a separator unquoted?"))
        elif not cells[key]:
            bad_rows.append(BadRow(line, f"{key} is empty"))
        elif _ROUNDED.fullmatch(cells[key]):
            bad_rows.append(BadRow(line, f"the {key} is a number that a spreadsheet has rounded"))
        elif cells[key] in lines_by_key:
            bad_rows.append(BadRow(line, f"the {key} of line {lines_by_key[cells[key]]} again"))
        else:
            lines_by_key[cells[key]] = line
            found.append((line, cells))
    return found, bad_rows


def _emptied(found: list[tuple[int, dict[str, str]]]) -> tuple[str, ...]:
    """Empties the cells in which a spreadsheet has rounded a number, which would speak against the true one; their columns."""
    columns: dict[str, None] = {}
    for _, cells in found:
        for column, cell in cells.items():
            if _ROUNDED.fullmatch(cell):
                cells[column] = ""
                columns[column] = None
    return tuple(columns)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileError(path, "is not there", "Check the path") from None
    except OSError as error:
        raise FileError(path, f"cannot be read ({error.strerror})", "Name a file that you may read") from error


def _lines(data: bytes) -> list[str]:
    """Each line by its own encoding: UTF-8 where it is, else what Windows in Western Europe writes, a superset of Latin-1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return list(io.StringIO(data.decode("utf-16", errors="replace"), newline=""))
    lines = []
    for line in data.removeprefix(BYTE_ORDER_MARK).splitlines(keepends=True):
        try:
            lines.append(line.decode())
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", errors="replace"))
    return lines


def _separator(lines: list[str]) -> str:
    """The separator that the first line has most of; a spreadsheet may also name it there ("sep=;"), on a line of its own."""
    if lines and lines[0].startswith("sep=") and lines[0][4:5] in SEPARATORS:
        lines[0] = "\n"
        named = lines[1:2]
    else:
        named = lines[:1]
    return max(SEPARATORS, key=(named or [""])[0].count)


def _rows(lines: list[str], separator: str) -> Iterator[tuple[int, list[str] | str]]:
    """Rows by the line that they begin on; a text instead says why the row cannot be read. Empty lines are passed over."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            to = f", with all lines to {reader.line_num}" if reader.line_num > begins else ""
            yield begins, f"cannot be read as CSV ({error}){to}; is a quotation mark missing or too much?"
            continue
        if row:
            yield begins, row
