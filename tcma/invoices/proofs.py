"""What a proof shows, for rules that judge it later: its words, its size, its day, a known logo in it.

Runs in the limited process of `child`; what was told before it was stopped counts.
"""

import base64
import io
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image

from tcma.invoices import kinds
from tcma.invoices.kinds import Kind

Tell = Callable[..., None]
MOST_TEXT = 200_000
FEWEST_WORDS = 5
"""Fewer words than these in a PDF are no text: its pages are pictures."""
TAKEN = ("DateTimeOriginal", "DateTimeDigitized")
_LOGO_BY = 1.6
"""Seconds of the processor after which no search for logos is begun: it takes up to one."""


@dataclass(frozen=True, slots=True)
class ProofSeen:
    """What was seen in a file. `kind` is its media type by content, `why` why it does not open.

    `read_by` is `text`, `tesseract`, `none` where this machine reads no pictures, or empty when it was
    stopped before; `width` and `height` are pixels of a picture, 0 of a PDF. `taken_on` is the ISO day
    that a camera wrote into it. `logo` is how alike the likeliest place is to a sought logo, 0 to 100, -1
    when none was looked for, and `logo_width` its width in percent of the picture's.
    """

    kind: str = ""
    why: str = ""
    pages: int = 0
    width: int = 0
    height: int = 0
    taken_on: str = ""
    read_by: str = ""
    text: str = ""
    logo: int = -1
    logo_width: int = 0
    picture: bytes = b""
    picture_mark: str = ""


def packed(logos: list[bytes]) -> bytes:
    """Return logos as they are handed to the process behind the file."""
    return json.dumps([base64.b64encode(each).decode() for each in logos]).encode()


def tell_proof(content: bytes, beside: bytes, *, tell: Tell, ends: float) -> None:
    """Tell what `content` shows, the quick first; `ends` is when this process is stopped."""
    kind = kinds.kind_of(content)
    tell(kind=kind)
    shown, has_text = _pdf(content, tell) if kind is Kind.PDF else (_picture(content, tell), False)
    logos = [base64.b64decode(each) for each in json.loads(beside or b"[]")]
    if logos and time.process_time() < _LOGO_BY:
        from tcma.invoices.logo_search import look_for  # heavy: numpy

        found = look_for(shown, logos)
        tell(logo=found.alike, logo_width=found.width)
    if not has_text:
        _read_picture(shown, tell, ends)


def tell_drawn(content: bytes, *, tell: Tell) -> None:
    """Tell what `content` looks like, small, and nothing of what stands in it."""
    kind = kinds.kind_of(content)
    tell(kind=kind)
    if kind is Kind.PDF:
        from tcma.invoices import pdf, pictures

        opened = pdf.open_pdf(content)
        tell(pages=opened.pages)
        _tell_preview(pdf.picture_of(opened, longest=pictures.PREVIEW), tell, mark=False)
    else:
        _picture(content, tell)


def _pdf(content: bytes, tell: Tell) -> tuple[Image.Image, bool]:
    from tcma.invoices import pdf, pictures

    opened = pdf.open_pdf(content)
    tell(pages=opened.pages)
    text = "\n".join(page.text() for page in pdf.pages_of(opened))
    has_text = len(re.findall(r"\w{2,}", text)) >= FEWEST_WORDS
    if has_text:
        tell(text=text[:MOST_TEXT], read_by="text")
    _tell_preview(pdf.picture_of(opened, longest=pictures.PREVIEW), tell, mark=False)
    return pdf.picture_of(opened, longest=pictures.FOR_OCR), has_text


def _picture(content: bytes, tell: Tell) -> Image.Image:
    from tcma.invoices import pictures

    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as header:
        tell(pages=1, width=header.width, height=header.height, taken_on=_taken(header))
    picture = pictures.opened(content)
    _tell_preview(picture, tell, mark=True)
    picture.thumbnail((pictures.FOR_OCR, pictures.FOR_OCR))
    return picture


def _taken(header: Image.Image) -> str:
    try:
        notes = header.getexif().get_ifd(ExifTags.IFD.Exif)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError):
        return ""
    for name in TAKEN:
        said = str(notes.get(ExifTags.Base[name].value, ""))
        if found := re.match(r"(\d{4}):(\d\d):(\d\d)", said):
            return "-".join(found.groups())
    return ""


def _tell_preview(picture: Image.Image, tell: Tell, *, mark: bool) -> None:
    from tcma.invoices import pictures

    small = base64.b64encode(pictures.preview(picture)).decode()
    tell(picture=small, mark=pictures.mark_of(picture) if mark else "")


def _read_picture(picture: Image.Image, tell: Tell, ends: float) -> None:
    from tcma.invoices import ocr

    if not ocr.reader():
        tell(read_by="none")
        return
    left = ends - time.monotonic() - 0.4
    if left <= 0:
        return
    seen = ocr.read_picture(picture, seconds=left)
    text = "\n".join(page.text() for page in seen.pages)
    tell(read_by="tesseract", text=text[:MOST_TEXT])


def seen_of(said: dict[str, Any], why: str) -> ProofSeen:
    """Return what the process told; `why` is why it told nothing of the file."""
    return ProofSeen(
        kind=said.get("kind", ""),
        why=said.get("refused", "") or ("" if "picture" in said else why),
        pages=said.get("pages", 0),
        width=said.get("width", 0),
        height=said.get("height", 0),
        taken_on=said.get("taken_on", ""),
        read_by=said.get("read_by", ""),
        text=said.get("text", ""),
        logo=said.get("logo", -1),
        logo_width=said.get("logo_width", 0),
        picture=base64.b64decode(said.get("picture", "")),
        picture_mark=said.get("mark", ""),
    )
