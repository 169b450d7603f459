"""XLSX, XLS and ODS files as rows of text, after their real size has been measured."""

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tcma.errors import Invalid
from tcma.words import say

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

MOST_UNPACKED = 200 * 1024 * 1024
MOST_CELLS = 10_000_000
MOST_MEMBERS = 5_000
_MOST_OLE = 50 * 1024 * 1024
_STEP = 1 << 20
_LOOKED_AT = 60
_LOCAL = struct.Struct("<4s22xHH")
_CELL = re.compile(rb'<(?:\w+:)?c [^>]{0,40}?\br="([A-Z]{1,3})(\d{1,7})"')
_ADVICE = say("Save the sheet as CSV and try again.")


def is_workbook(head: bytes) -> bool:
    """Whether the first bytes are those of a zip package or an old OLE file."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"))


def workbook_rows(path: Path) -> tuple[str, list[str], Iterator[tuple[int, list[str]]]]:
    """The sheet of the list: its name, all names, and (row number, cells).

    That is the first sheet shown that holds an address near its top, else the first with rows.

    Raises Invalid for a file that grows past `MOST_UNPACKED` bytes or `MOST_CELLS` cells when
    opened, is protected, or is no workbook.
    """
    from python_calamine import CalamineError, load_workbook  # heavy: only for workbooks

    _measure(path)
    try:
        book = load_workbook(str(path))
        found = _sheet_of_the_list(book)
        if found is not None:
            return found, book.sheet_names, _rows(book.get_sheet_by_name(found))
    except (CalamineError, OSError, ValueError) as why:
        protected = "password" in type(why).__name__.lower() or "password" in str(why).lower()
        if protected:
            raise _refused(say("This workbook is protected by a password."), "protected") from why
        raise _refused(say("This file cannot be read as a workbook."), "workbook_broken") from why
    raise _refused(say("This workbook has no rows."), "file_empty")


def _sheet_of_the_list(book: "CalamineWorkbook") -> str | None:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    tables = [each for each in book.sheets_metadata if each.typ is SheetTypeEnum.WorkSheet]
    shown = [each.name for each in tables if each.visible is SheetVisibleEnum.Visible]
    hidden = [each.name for each in tables if each.name not in shown]
    filled = [name for name in (*shown, *hidden) if book.get_sheet_by_name(name).total_height]
    if len(filled) < 2:
        return next(iter(filled), None)
    return next((n for n in filled if _holds_address(book.get_sheet_by_name(n))), filled[0])


def _holds_address(sheet: "CalamineSheet") -> bool:
    near = islice(sheet.iter_rows(), _LOOKED_AT)
    return any(isinstance(cell, str) and "@" in cell for row in near for cell in row)


def _rows(sheet: "CalamineSheet") -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [_text(cell) for cell in row]
        if any(cells):
            yield number, cells


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell) if isinstance(cell, (int, timedelta)) else ""


def _measure(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(4) == b"\xd0\xcf\x11\xe0":
            if path.stat().st_size > _MOST_OLE:
                raise _refused(say("This workbook is larger than 50 MB."), "file_too_large")
            return
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as why:
        raise _refused(say("This workbook is damaged or was cut off."), "workbook_broken") from why
    promised = sum(member.file_size for member in members)
    if promised > MOST_UNPACKED:
        raise _too_large(promised)
    if len(members) > MOST_MEMBERS:
        raise _refused(
            say("This workbook has {n:,} parts inside.", n=len(members)), "file_too_large"
        )
    left = MOST_UNPACKED
    with path.open("rb") as file:
        for member in members:
            left -= _unpack(file.fileno(), member, left)


def _unpack(descriptor: int, member: zipfile.ZipInfo, left: int) -> int:
    """Really unpacks one member without keeping it: the directory of a bomb may lie."""
    head = os.pread(descriptor, _LOCAL.size, member.header_offset)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        raise _refused(say("This workbook is damaged or was cut off."), "workbook_broken")
    _, name_size, extra_size = _LOCAL.unpack(head)
    at = member.header_offset + _LOCAL.size + name_size + extra_size
    end = at + member.compress_size
    packed = member.compress_type == zipfile.ZIP_DEFLATED
    reader = zlib.decompressobj(-15) if packed else None
    span = _Span() if member.filename.lower().endswith(".xml") else None
    total = 0
    try:
        while at < end:
            block = os.pread(descriptor, min(_STEP, end - at), at)
            if not block:
                break
            at += len(block)
            for piece in _pieces(reader, block):
                total += len(piece)
                if total > left:
                    raise _too_large(MOST_UNPACKED + total - left)
                if span:
                    span.add(piece)
    except zlib.error as why:
        raise _refused(say("This workbook is damaged or was cut off."), "workbook_broken") from why
    return total


def _pieces(reader: "zlib._Decompress | None", block: bytes) -> Iterator[bytes]:
    if reader is None:
        yield block
        return
    yield reader.decompress(block, _STEP)
    while reader.unconsumed_tail:
        yield reader.decompress(reader.unconsumed_tail, _STEP)


class _Span:
    """The largest row and column that the cells of one sheet name; readers allocate their product."""

    def __init__(self) -> None:
        self._rows = self._columns = 0
        self._tail = b""

    def add(self, piece: bytes) -> None:
        text = self._tail + piece
        self._tail = text[-64:]
        found = set(_CELL.findall(text))
        if found:
            self._columns = max(self._columns, *(_column(letters) for letters, _ in found))
            self._rows = max(self._rows, *(int(digits) for _, digits in found))
        cells = self._rows * self._columns
        if cells > MOST_CELLS:
            raise _refused(
                say(
                    "The sheet reaches to row {rows:,} and column {columns:,}, most of it empty.",
                    rows=self._rows,
                    columns=self._columns,
                ),
                "file_too_large",
                say("Delete the empty rows and columns, or save the sheet as CSV, and try again."),
            )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large(size: int) -> Invalid:
    grows = f"{size / 1024**3:.0f} GB" if size >= 1024**3 else f"{size // 1024**2} MB"
    return _refused(
        say(
            "This file grows to {grows} or more when opened. We stopped at the limit of {most} MB.",
            grows=grows,
            most=MOST_UNPACKED // 1024**2,
        ),
        "file_too_large",
    )


def _refused(sentence: str, code: str, remedy: str = _ADVICE) -> Invalid:
    return Invalid(sentence, code=f"contacts.{code}", remedy=remedy, fields={"file": sentence})
