"""A contact file as a table: its encoding, separator, header and rows, read as a stream."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from pathlib import Path

from tcma.contacts.judging import Judge, Judged
from tcma.contacts.mapping import (
    guess_mapping,
    known_headers,
    names_address_column,
    names_stand_before,
)
from tcma.contacts.rules import ContactField
from tcma.contacts.text_encoding import Encoding, text_encoding
from tcma.contacts.workbooks import is_workbook, workbook_rows
from tcma.errors import Invalid
from tcma.words import say, say_n

MOST_TEXT = 200 * 1024 * 1024
MOST_CELL = 131_072
MOST_LINES_IN_ROW = 1_000
SAMPLE_ROWS = 50
_PREAMBLE_ROWS = 20
_DELIMITERS = (",", ";", "\t", "|")
_SEP_LINE = re.compile(r'"?sep=(?P<mark>.)"?\s*', re.IGNORECASE)
_BINARY = {
    b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture",
    b"{\\rtf": "a text document", b"BEGIN:VCARD": "an address card",
    b"\x1f\x8b": "a compressed archive", b"BZh91AY&SY": "a compressed archive", b"\xfd7zXZ": "a compressed archive",
    b"\x28\xb5\x2f\xfd": "a compressed archive", b"Rar!": "an archive", b"7z\xbc\xaf": "an archive",
}  # fmt: skip
_JSON = re.compile(rb"\[\s*\{|\{\s*\"")
_STOPPED_NAME = re.compile(
    r"^((global|group|all)[ _-])?((un|non)-?subscribe[ds]|cleaned|bounce[ds]|suppress\w*|(block|black)-?list(ed)?|"
    r"opt(ed)?[ _-]?outs?|abgemeldet|abmeldungen|spam[ _-]reports)(?![a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was looked at: iterate `rows()` as often as needed, memory stays bounded.

    `encoding` and `delimiter` are None for a workbook. `skip` says how many records stand before
    the first row of people. `spaced` says that a blank follows each separator, outside the quotes.
    `stopped_by_name` marks an export of unsubscribed or cleaned people.
    """

    path: Path
    columns: tuple[str, ...]
    has_header: bool
    encoding: str | None
    delimiter: str | None
    skip: int
    notes: tuple[str, ...] = ()
    stopped_by_name: bool = False
    spaced: bool = False
    sample: tuple[tuple[str, ...], ...] = field(default=(), repr=False)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(row number as a spreadsheet counts, cells), blank lines left out.

        Raises Invalid when the file ends inside a quoted cell or a quote is never closed.
        """
        records = _records(self.path, self.encoding, self.delimiter, spaced=self.spaced)
        return islice(records, self.skip, None)

    def guess(self) -> dict[ContactField, int]:
        """The mapping that headers and first values suggest: field → column index."""
        return guess_mapping(self.columns, self.sample, has_header=self.has_header)

    def judged(
        self,
        mapping: dict[ContactField, int] | None = None,
        *,
        own: dict[str, int] | None = None,
    ) -> Iterator[Judged]:
        """Every row with its verdict, by `mapping` or the guessed one; `own` are fields besides."""
        places = self.guess() if mapping is None else mapping
        judge = Judge(
            self.columns,
            places,
            has_header=self.has_header,
            all_stopped=self.stopped_by_name,
            named=names_stand_before(self.sample, places.get(ContactField.EMAIL)),
            own=own,
        )
        return (judge.judge(number, cells) for number, cells in self.rows())


def open_table(path: Path, *, name: str | None = None) -> Table:
    """Looks at a CSV, TSV, XLSX, XLS or ODS file; `name` is its original name if stored under another.

    Raises Invalid, with a remedy, for a file that is empty, too large, binary or protected.
    """
    shown = name or path.name
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4096)
    if not size:
        raise _refused(say("This file is empty."), "file_empty")
    if is_workbook(head):
        sheet, sheets, rows = workbook_rows(path)
        first = [cells for _, cells in islice(rows, SAMPLE_ROWS + _PREAMBLE_ROWS)]
        notes = (
            (say("Sheet “{sheet}” of {n} is read.", sheet=sheet, n=len(sheets)),)
            if len(sheets) > 1
            else ()
        )
        return _table(Table(path, (), False, None, None, 0, notes), shown, first)
    _refuse_binary(head, size, shown)
    encoding = text_encoding(path)
    delimiter = _delimiter(path, encoding)
    spaced = _spaced(path, encoding, delimiter)
    records = _records(path, encoding.name, delimiter, strict=False, spaced=spaced)
    first = [cells for _, cells in islice(records, SAMPLE_ROWS + _PREAMBLE_ROWS)]
    notes = (say("Some characters could not be read and stand as �."),) if encoding.damaged else ()
    bare = Table(path, (), False, encoding.name, delimiter, 0, notes, spaced=spaced)
    return _table(bare, shown, first)


def check_file(path: Path, *, name: str | None = None) -> dict[str, object]:
    """What an import of this file would do, as `tcma contacts check` prints it.

    Raises Invalid when the file as a whole is refused.
    """
    table = open_table(path, name=name)
    mapping = table.guess()
    rows: list[dict[str, object]] = [
        {
            "row": judged.row,
            "verdict": str(judged.verdict),
            "address": judged.address.text if judged.address else judged.values.get(
                ContactField.EMAIL, ""
            ),
            "reason": judged.reason,
        }
        for judged in table.judged(mapping)
    ]  # fmt: skip
    return {
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "header": table.has_header,
        "columns": list(table.columns),
        "mapping": {str(name): table.columns[index] for name, index in mapping.items()},
        "rows": rows,
        "notes": list(table.notes),
    }


def _left_out(rows: int) -> str:
    return say_n(
        "{n} row above the header is left out.", "{n} rows above the header are left out.", rows
    )


def _table(bare: Table, shown: str, first: Sequence[Sequence[str]]) -> Table:
    if not first:
        raise _refused(say("This file has no rows."), "file_empty")
    start = _header_place(first)
    head = first[start]
    has_header = _is_header(head, first[start + 1 :])
    columns = _columns(head) if has_header else _numbered(first)
    skip = start + 1 if has_header else start
    notes = (*bare.notes, _left_out(start)) if start else bare.notes
    return replace(
        bare,
        columns=columns,
        has_header=has_header,
        skip=skip,
        notes=notes,
        stopped_by_name=bool(_STOPPED_NAME.match(shown)),
        sample=tuple(tuple(row) for row in first[skip : skip + SAMPLE_ROWS]),
    )


def _columns(head: Sequence[str]) -> tuple[str, ...]:
    names = [cell.strip() for cell in head]
    while len(names) > 1 and not names[-1]:
        names.pop()
    return tuple(names)


def _numbered(first: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(f"Column {n}" for n in range(1, max(map(len, first)) + 1))


def _header_place(first: Sequence[Sequence[str]]) -> int:
    """0, or the place of the header below a preamble of notes."""
    if names_address_column(first[0]) or any("@" in cell for cell in first[0]):
        return 0
    widest = max(len(row) for row in first)
    for place, row in enumerate(first[1:_PREAMBLE_ROWS], start=1):
        wider = len([c for c in row if c]) > max(len([c for c in r if c]) for r in first[:place])
        known = known_headers(row)
        if names_address_column(row) and (wider or known > known_headers(first[0])):
            return place
        if known >= 3 and wider and len(row) == widest:
            return place
    return 0


def _is_header(head: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    if any("@" in cell and " " not in cell.strip() for cell in head):
        return False
    if known_headers(head):
        return True
    filled = [cell.strip() for cell in head if cell.strip()]
    if not filled or any(re.fullmatch(r"[-+]?[\d.,:/ -]+", cell) for cell in filled):
        return False
    people = any("@" in cell for row in below for cell in row)
    return len(set(filled)) == len(filled) and (not people or len(filled) == len(head))


def _delimiter(path: Path, encoding: Encoding) -> str:
    """The separator that cuts the first lines most evenly; a `sep=` line decides at once."""
    with path.open(encoding=encoding.name, errors="replace", newline="") as file:
        lines = [line[:MOST_CELL] for line in islice(file, 200)]
    if lines and (told := _SEP_LINE.fullmatch(lines[0])):
        return told["mark"]
    lines = [line.replace("\0", "") for line in lines]
    scores = [(_evenness(lines, mark), -order, mark) for order, mark in enumerate(_DELIMITERS)]
    best, _, mark = max(scores)
    return mark if best > 0 else ","


def _spaced(path: Path, encoding: Encoding, delimiter: str) -> bool:
    """Whether quotes stand behind a blank here, `a, "b, c"`: without that the quotes mean nothing."""
    with path.open(encoding=encoding.name, errors="replace", newline="") as file:
        head = "".join(line[:MOST_CELL] for line in islice(file, SAMPLE_ROWS))
    mark = re.escape(delimiter)
    behind = re.search(rf'{mark} +"[^"]*"[ ]*(?:{mark}|\r?\n|\Z)', head) is not None
    return delimiter != " " and behind and f'{delimiter}"' not in head


def _evenness(lines: Sequence[str], mark: str) -> float:
    try:
        rows = [row for row in csv.reader(lines, delimiter=mark) if any(c.strip() for c in row)]
    except csv.Error:
        return 0.0
    widths = [len(row) for row in rows if len(row) > 1]
    if not widths:
        return 0.0
    usual = max(set(widths), key=lambda width: (widths.count(width), width))
    even = widths.count(usual) / len(rows)
    known = max(known_headers(row) for row in rows[:_PREAMBLE_ROWS])
    addressed = any(names_address_column(row) for row in rows[:_PREAMBLE_ROWS])
    return even + min(usual, 20) / 50 + known + 2 * addressed


def _lines(file: Iterator[str]) -> Iterator[str]:
    """Lines without NUL; a `sep=` line becomes a blank one."""
    for number, line in enumerate(file):
        if number == 0 and _SEP_LINE.fullmatch(line):
            yield "\n"
        else:
            yield line.replace("\0", "") if "\0" in line else line


def _records(
    path: Path,
    encoding: str | None,
    delimiter: str | None,
    *,
    strict: bool = True,
    spaced: bool = False,
) -> Iterator[tuple[int, list[str]]]:
    if encoding is None or delimiter is None:
        yield from workbook_rows(path)[2]
        return
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        record: list[str] = []
        reader = csv.reader(
            _kept(_lines(file), record), delimiter=delimiter, skipinitialspace=spaced
        )
        for number in count(1):
            record.clear()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as why:
                if not strict:
                    return
                raise _open_quote(number) from why
            if strict and '"' in record[-1] and _cut_off(record, delimiter, spaced=spaced):
                raise _cut(number)
            if cells:
                yield number, cells


def _kept(lines: Iterator[str], record: list[str]) -> Iterator[str]:
    """Passes lines on and keeps those of the record being read, up to a limit."""
    for line in lines:
        record.append(line)
        if len(record) > MOST_LINES_IN_ROW or len(line) > 8 * MOST_CELL:
            raise csv.Error("a quote is never closed")
        yield line


def _cut_off(record: Sequence[str], delimiter: str, *, spaced: bool) -> bool:
    """Whether the raw lines of a record end inside quotes: the file was cut."""
    if len(record) == 1 and record[0].endswith(("\n", "\r")) and record[0].count('"') % 2 == 0:
        return False
    try:
        list(csv.reader(record, delimiter=delimiter, strict=True, skipinitialspace=spaced))
    except csv.Error as why:
        return "unexpected end of data" in str(why)
    return False


def _refuse_binary(head: bytes, size: int, shown: str) -> None:
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    marked = (what for mark, what in _BINARY.items() if bare.startswith(mark))
    if what := "JSON" if _JSON.match(bare) else next(marked, ""):
        raise _refused(say("This is {what}, not a list.", what=what), "file_binary")
    if re.match(rb"\s*(\xef\xbb\xbf)?\s*<(!doctype|html|\?xml)", head, re.IGNORECASE):
        raise _refused(say("This is a web page or XML, not a list."), "file_binary")
    if not head.strip(b"\0"):
        raise _refused(say("This file holds only zero bytes."), "file_binary")
    if shown.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods", ".xlsb")):
        raise _refused(say("This file is named as a workbook but is none."), "workbook_broken")
    if size > MOST_TEXT:
        raise Invalid(
            say(
                "This file is {size:,} MB; the limit is {most_text} MB.",
                size=size // 1024**2,
                most_text=MOST_TEXT // 1024**2,
            ),
            code="contacts.file_too_large",
            remedy=say("Split it into smaller files and import them one after the other."),
        )


def _cut(number: int) -> Invalid:
    return _refused(
        say("The file ends inside a quoted cell in row {number:,}: it seems to be cut off.", number=number), "file_cut",
        say("Export the list again and check that the download finished."),
    )  # fmt: skip


def _open_quote(number: int) -> Invalid:
    return _refused(
        say("A quote opened near row {number:,} is never closed.", number=number), "file_quotes",
        say("Correct the quotes in that row, or save the sheet as XLSX, and try again."),
    )  # fmt: skip


def _refused(
    sentence: str, code: str, remedy: str = say("Save the sheet as CSV or XLSX and try again.")
) -> Invalid:
    return Invalid(sentence, code=f"contacts.{code}", remedy=remedy, fields={"file": sentence})
