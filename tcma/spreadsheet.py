"""Writes CSV that a spreadsheet opens as text and numbers, never as a formula (CWE-1236)."""

import csv
import io
from collections.abc import Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def inert(cell: str) -> str:
    """Return a cell that no spreadsheet runs; plain negative numbers stay numbers."""
    return cell if _is_number(cell) else inert_text(cell)


def inert_text(cell: str) -> str:
    """Return words of people that no spreadsheet runs, also when blanks or quotes stand before."""
    return f"'{cell}" if cell.lstrip(" \"'").startswith(FORMULA) else cell


def _is_number(cell: str) -> bool:
    return cell.startswith("-") and cell.isascii() and cell[1:].replace(".", "", 1).isdecimal()


def csv_row(cells: Sequence[object]) -> bytes:
    """Return one row as UTF-8 with CRLF (RFC 4180), every cell inert."""
    return _row([inert(str(cell)) for cell in cells])


def text_row(cells: Sequence[str]) -> bytes:
    """Return one row of people's words, where «-1» is a word too."""
    return _row([inert_text(cell) for cell in cells])


def _row(cells: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()
