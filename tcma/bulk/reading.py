"""A file as rows of named cells: the columns are found by their usual names, in any order."""

from collections.abc import Mapping
from dataclasses import dataclass

from tcma.contacts.imports import on_disk
from tcma.contacts.reading import open_table
from tcma.errors import Invalid

MOST_ROWS = 10_000
"""What a page carries out while somebody waits, in one transaction."""
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Columns:
    """What a file may say: each column's usual names, the first one shown; `needed` must be there."""

    names: Mapping[str, tuple[str, ...]]
    needed: tuple[str, ...]

    def words(self) -> str:
        """Return the columns that must be there, as a sentence says them."""
        *rest, last = (self.names[column][0] for column in self.needed)
        return f"{', '.join(rest)} and {last}"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: `no` as a spreadsheet counts, `cells` by column, missing ones empty."""

    no: int
    cells: dict[str, str]


def read_lines(content: bytes, file_name: str, columns: Columns) -> list[Line]:
    """Read a CSV, XLSX, XLS or ODS file; raises Invalid when it is none or lacks a column."""
    with on_disk(content) as path:
        table = open_table(path, name=file_name)
        places = _places(table.columns, columns)
        lines: list[Line] = []
        for no, cells in table.rows():
            if not any(cell.strip() for cell in cells):
                continue
            if len(lines) == MOST_ROWS:
                raise _refused(f"The file has more than {MOST_ROWS:,} rows: split it.")
            lines.append(Line(no, {name: _cell(cells, at) for name, at in places.items()}))
    if not lines:
        raise _refused("There is no row below the names of the columns.")
    return lines


def _cell(cells: list[str], at: int | None) -> str:
    return " ".join(cells[at].split())[:LONGEST] if at is not None and at < len(cells) else ""


def _places(head: tuple[str, ...], columns: Columns) -> dict[str, int | None]:
    said = [" ".join(cell.casefold().replace("_", " ").replace("-", " ").split()) for cell in head]
    found = {
        column: next((at for at, name in enumerate(said) if name in known), None)
        for column, known in columns.names.items()
    }
    if missing := [columns.names[each][0] for each in columns.needed if found[each] is None]:
        words = f"The first row names no column for the {' and '.join(missing)}."
        raise _refused(f"{words} Needed are {columns.words()}.")
    return found


def _refused(words: str) -> Invalid:
    return Invalid(words, code="bulk.file", fields={"file": words})
