"""Word and Excel papers as lines of text; their parts are XML from strangers."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from python_calamine import CalamineError, CalamineWorkbook

from tcma.invoices.kinds import MOST_UNPACKED
from tcma.invoices.layout import Page, page_of_rows
from tcma.invoices.record import Refused

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MOST_ROWS, MOST_SHEETS = 2_000, 3


def pages_of_docx(content: bytes) -> list[Page]:
    """Return a Word paper as one page: its head, its text, its tables, its foot."""
    rows: list[list[str]] = []
    for name, part in _parts(content):
        try:
            root = fromstring(part, forbid_dtd=True)
        except (ParseError, DefusedXmlException):
            raise Refused(f"The Word file is broken inside ({name}). Save it as PDF.") from None
        body = root.find(f"{_W}body")
        rows.extend(_rows(body if body is not None else root))
    return [page_of_rows(rows[:MOST_ROWS])]


def _parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = package.namelist()
        heads = sorted(name for name in names if name.startswith("word/header"))
        feet = sorted(name for name in names if name.startswith("word/footer"))
        for name in (*heads, "word/document.xml", *feet):
            yield name, _unpacked(package, name)


def _unpacked(package: zipfile.ZipFile, name: str) -> bytes:
    try:
        with package.open(name) as part:
            data = part.read(MOST_UNPACKED + 1)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError):
        raise Refused("The file is damaged or was cut off. Save it again.") from None
    if len(data) > MOST_UNPACKED:
        raise Refused("The file grows too large when opened. Save it as PDF.")
    return data


def _rows(where: Element) -> Iterator[list[str]]:
    for child in where:
        if child.tag == f"{_W}p":
            yield from _lines(child)
        elif child.tag == f"{_W}tbl":
            for row in child.iter(f"{_W}tr"):
                cells = [_text(cell) for cell in row.iter(f"{_W}tc")]
                yield [" ".join(cell.split()) for cell in cells]
        else:
            yield from _rows(child)


def _lines(paragraph: Element) -> Iterator[list[str]]:
    for line in _text(paragraph).split("\n"):
        yield line.split("\t")


def _text(where: Element) -> str:
    words = []
    for node in where.iter():
        if node.tag == f"{_W}t":
            words.append(node.text or "")
        elif node.tag == f"{_W}tab":
            words.append("\t")
        elif node.tag in {f"{_W}br", f"{_W}cr"}:
            words.append("\n")
    return "".join(words)


def pages_of_xlsx(content: bytes) -> list[Page]:
    """Return the first sheets of a workbook, a page each."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        pages = []
        for name in book.sheet_names[:MOST_SHEETS]:
            sheet = book.get_sheet_by_name(name)
            rows = []
            for number, row in enumerate(sheet.iter_rows()):
                if number >= MOST_ROWS:
                    break
                rows.append([_cell(value) for value in row])
            pages.append(page_of_rows(rows))
    except (CalamineError, OSError, ValueError, RuntimeError):
        raise Refused("The workbook is broken or protected. Save it as PDF.") from None
    return pages


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # Money in a cell has at most two digits; the rest is how binary numbers end.
        return str(int(value)) if value.is_integer() else f"{value:.2f}"
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
