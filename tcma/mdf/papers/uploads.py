"""What a partner may hand in: judged by its first bytes, never by its name, and stored inert."""

import io
import re
from dataclasses import dataclass
from typing import NoReturn

from PIL import Image

from tcma.errors import Invalid
from tcma.invoices.kinds import ACCEPTED, ENDINGS, Kind, kind_of
from tcma.invoices.record import Refused
from tcma.invoices.sayings import told
from tcma.mdf.rules import LARGEST_PROOF
from tcma.words import say

MOST_PIXELS = 60_000_000
_NAME = re.compile(r"[^\w .()-]+")
_FORMATS = ("PNG", "JPEG")
_JPEG = ("image/jpeg", ".jpg")
_IMAGES = {"PNG": ("image/png", ".png"), "JPEG": _JPEG, "MPO": _JPEG}
"""A phone's JPEG that carries a second picture calls itself MPO."""
_UNWANTED = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia)\b")
_STREAM = re.compile(rb">>\s{0,4}stream\r?\n")


@dataclass(frozen=True, slots=True)
class Upload:
    """An accepted file: its type by content and a name that is safe to show."""

    file_name: str
    media_type: str
    content: bytes


def accept(file_name: str, content: bytes, *, field: str = "file") -> Upload:
    """Return a PDF, JPEG or PNG as it may be stored; raises Invalid with the reason.

    A PDF that runs scripts or carries files, a picture that does not open, a file that is
    something else than it begins with, and anything above 10 MB are refused.
    """
    if not content:
        _refuse(say("The file is empty."), field)
    if len(content) > LARGEST_PROOF:
        _refuse(say("The file has more than {n} MB.", n=LARGEST_PROOF // 1024 // 1024), field)
    if content.startswith(b"%PDF-"):
        return Upload(_safe(file_name, ".pdf"), "application/pdf", _pdf(content, field))
    media_type, ending = _picture(content, field)
    return Upload(_safe(file_name, ending), media_type, content)


def accept_invoice(file_name: str, content: bytes, *, field: str = "file") -> Upload:
    """Return a paper that may be an invoice; a worker opens it later and has the last word.

    A PDF may carry an e-invoice here; everything else is as in `accept`.
    """
    try:
        kind = kind_of(content)
    except Refused as why:
        _refuse(told(why.reason), field, told(f"Upload a {ACCEPTED}."))
    if kind is Kind.PDF:
        _whole(content, field)
    return Upload(_safe(file_name, ENDINGS[kind]), kind.value, content)


def _pdf(content: bytes, field: str) -> bytes:
    _whole(content, field)
    if _UNWANTED.search(_unpacked(content)):
        _refuse(say("The PDF carries scripts or files."), field, say("Print it to a new PDF."))
    return content


def _whole(content: bytes, field: str) -> None:
    if b"%%EOF" not in content[-2048:]:
        _refuse(say("The PDF is cut off."), field, say("Save it again and upload the whole file."))


def _unpacked(content: bytes) -> bytes:
    """Return a PDF without its packed parts, whose octets spell anything by chance."""
    kept, at = [], 0
    while stream := _STREAM.search(content, at):
        end = content.find(b"endstream", stream.end())
        if end < 0:
            break
        kept.append(content[at : stream.end()])
        at = end
    return b"".join([*kept, content[at:]])


def _picture(content: bytes, field: str) -> tuple[str, str]:
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                _refuse(say("The picture has too many pixels."), field, say("Make it smaller."))
            kind = _IMAGES[picture.format or ""]
            picture.verify()
    except (OSError, SyntaxError, KeyError, ValueError, Image.DecompressionBombError):
        _refuse(say("We cannot use this file: it is {what}.", what=_what(content)), field)
    return kind


def _what(content: bytes) -> str:
    import puremagic  # heavy: only for what is refused

    try:
        found = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        found = []
    return found[0].name if found and found[0].name else say("of a kind we do not know")


def _refuse(words: str, field: str, remedy: str = say("Upload a PDF, JPEG or PNG.")) -> NoReturn:
    raise Invalid(words, code="mdf.file", fields={field: words}, remedy=remedy)


def _safe(file_name: str, ending: str) -> str:
    stem = file_name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    stem = _NAME.sub("-", stem).strip(" .-")[:80]
    return (stem or "file") + ending
