"""The process that opens a stranger's file: limited in memory, time and files, told nothing.

It reads the file from standard input and answers in lines of JSON: the verdict, the fields, the
picture. What was answered before it was stopped counts.
"""

import base64
import json
import re
import resource
import sys
import time
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from tcma.invoices import kinds
from tcma.invoices.envelope import taken_out
from tcma.invoices.kinds import Kind
from tcma.invoices.layout import Page
from tcma.invoices.record import Belief, Fields, Refused

MEMORY = 1 << 30
FILES = 48
FEWEST_WORDS = 12
"""Fewer words than these are no text: the page is a picture."""


def limit(seconds: int) -> None:
    """Take from this process what reading a paper does not need."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Answer for the file on standard input; the arguments are the seconds and what is wanted:
    `fields`, those and the `picture`, what a `proof` shows, or it `drawn` only. The third is how many
    octets the file has; logos to look for stand behind a proof.
    """
    seconds, wanted = int(sys.argv[1]), sys.argv[2]
    limit(seconds)
    _ends.append(time.monotonic() + seconds)
    content = sys.stdin.buffer.read(min(int(sys.argv[3]), kinds.LARGEST + 1))
    try:
        if wanted == "proof":
            from tcma.invoices.proofs import tell_proof

            tell_proof(content, sys.stdin.buffer.read(), tell=tell, ends=_ends[0])
        elif wanted == "drawn":
            from tcma.invoices.proofs import tell_drawn

            tell_drawn(content, tell=tell)
        else:
            _answer(content, wants_picture=wanted == "picture")
    except Refused as why:
        tell(refused=why.reason)
    except (MemoryError, RecursionError):
        tell(refused="The file needs more memory than a paper does. Save it as a plain PDF.")


_ends: list[float] = []


def _answer(content: bytes, *, wants_picture: bool) -> None:
    kind = kinds.kind_of(content)
    while kind is Kind.P7M:
        content = taken_out(content)
        kind = kinds.kind_of(content)
    if kind is Kind.PDF:
        _pdf(content, wants_picture=wants_picture)
    elif kind in {Kind.PNG, Kind.JPEG}:
        _picture(content, kind, wants_picture=wants_picture)
    elif kind is Kind.XML:
        from tcma.invoices.einvoice import fields_of_xml

        standard, fields = fields_of_xml(content)
        tell(kind=kind, pages=1)
        _tell_fields(fields, f"From the e-invoice ({standard}).")
    else:
        from tcma.invoices import office

        read = office.pages_of_docx if kind is Kind.DOCX else office.pages_of_xlsx
        pages = read(content)
        tell(kind=kind, pages=1)
        _from_text(pages, f"From the text of the {'Word' if kind is Kind.DOCX else 'Excel'} file.")


def _pdf(content: bytes, *, wants_picture: bool) -> None:
    from tcma.invoices import pdf, pictures

    opened = pdf.open_pdf(content)
    tell(kind=Kind.PDF, pages=opened.pages)
    pages = pdf.pages_of(opened)
    text = "\n".join(page.text() for page in pages)
    has_text = len(re.findall(r"\w{2,}", text)) >= FEWEST_WORDS
    if has_text or opened.attached:
        _from_pdf(pages, opened.attached, text)
    else:
        drawn = pdf.picture_of(opened, longest=pictures.FOR_OCR)
        _from_picture(drawn, "It is a scan")
    if wants_picture:
        drawn = pdf.picture_of(opened, longest=pictures.PREVIEW)
        _tell_picture(drawn, mark=not has_text)


def _from_pdf(pages: list[Page], attached: dict[str, bytes], text: str) -> None:
    inside = _inside(attached)
    if inside is None:
        _from_text(pages, "From the text of the PDF.")
        return
    standard, stated = inside
    if _is_shown(stated, text):
        _tell_fields(stated, f"From the e-invoice in the PDF ({standard}).", text)
        return
    # A machine would read another invoice than an eye does: neither is believed.
    shown = _fields(pages)
    tell(doubt="The e-invoice inside the PDF is not the invoice one sees.")
    _tell_fields(shown.no_surer_than(Belief.DOUBTFUL), "From the text of the PDF.", text)


def _inside(attached: dict[str, bytes]) -> tuple[str, Fields] | None:
    from tcma.invoices.einvoice import fields_of_xml

    for name, content in sorted(attached.items()):
        if name.lower().endswith(".xml") and len(content) <= kinds.LARGEST_XML:
            try:
                return fields_of_xml(content)
            except Refused:
                continue
    return None


def _is_shown(stated: Fields, text: str) -> bool:
    """Whether number and total of an e-invoice stand on the page; a page of pictures shows none."""
    squeezed = re.sub(r"\s", "", text)
    if len(squeezed) < FEWEST_WORDS * 4:
        return True
    number = re.sub(r"\s", "", stated.number or "")
    digits = re.sub(r"\D", "", text)
    total = re.sub(r"\D", "", f"{stated.total:.2f}") if stated.total is not None else ""
    return number in squeezed and total in digits


def _fields(pages: list[Page]) -> Fields:
    from tcma.invoices.fields import fields_of_pages

    return fields_of_pages(pages)


def _from_text(pages: list[Page], source: str) -> None:
    text = "\n".join(page.text() for page in pages)
    _tell_fields(_fields(pages), source, text)


def _picture(content: bytes, kind: Kind, *, wants_picture: bool) -> None:
    from tcma.invoices import pictures

    picture = pictures.opened(content)
    tell(kind=kind, pages=1)
    if wants_picture:
        _tell_picture(picture, mark=True)
    picture.thumbnail((pictures.FOR_OCR, pictures.FOR_OCR))
    _from_picture(picture, "It is a picture")


def _from_picture(picture: Any, what: str) -> None:
    from tcma.invoices import ocr

    if not ocr.reader():
        _tell_fields(Fields(), f"{what}, and this machine reads none (Tesseract is not installed).")
        return
    seen = ocr.read_picture(picture, seconds=_ends[0] - time.monotonic() - 0.6)
    found = seen.believed(_fields(seen.pages))
    _tell_fields(
        found, f"{what}; read by Tesseract, look at every field." if found.known() else what + "."
    )


def _tell_fields(fields: Fields, source: str, text: str = "") -> None:
    plain = asdict(fields)
    # The same words in the same order are the same paper, whatever the bytes of the file are.
    seen = "".join(re.findall(r"\w+", text.casefold()))
    tell(
        fields={
            k: v if v is None or isinstance(v, (dict, bool)) else str(v) for k, v in plain.items()
        },
        source=source if fields.known() else nothing_read(source),
        words=sha256(seen.encode()).hexdigest() if len(seen) > FEWEST_WORDS * 4 else "",
    )


def nothing_read(source: str) -> str:
    """Return what is said when nothing was read."""
    return "No invoice is read in its text." if source.startswith("From") else source


def _tell_picture(picture: Any, *, mark: bool) -> None:
    from tcma.invoices import pictures

    small = base64.b64encode(pictures.preview(picture)).decode()
    tell(picture=small, mark=pictures.mark_of(picture) if mark else "")


def tell(**answer: object) -> None:
    """Write one line of the answer, at once."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
