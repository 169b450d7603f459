"""Writes CSV that a spreadsheet opens as text and numbers, never as a formula (CWE-1236)."""

import csv
import io
from collections.abc import Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def inert(cell: str) -> str:
    """Return a cell that no spreadsheet runs; plain negative numbers stay numbers."""
    if cell.startswith(FORMULA) and not _is_number(cell):
        return f"'{cell}"
    return cell


def _is_number(cell: str) -> bool:
    return cell.startswith("-") and cell.isascii() and cell[1:].replace(".", "", 1).isdecimal()


def csv_row(cells: Sequence[object]) -> bytes:
    """Return one row as UTF-8 with CRLF (RFC 4180), every cell inert."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow([inert(str(cell)) for cell in cells])
    return out.getvalue().encode()
