"""PDF files: opened, judged, their text with its place, their first page as a picture.

Runs in the child process only: PDFium and qpdf are fed with what strangers made.
"""

import io
import re
from ctypes import byref
from dataclasses import dataclass, field

import pikepdf
import pypdfium2 as pdfium
from PIL import Image
from pypdfium2 import raw

from tcma.invoices.layout import Glyph, Page, page_of_glyphs
from tcma.invoices.record import Refused

MOST_PAGES = 200
MOST_OBJECTS = 20_000
MOST_GLYPHS = 12_000
READ_FIRST, READ_LAST = 3, 2
"""Pages whose text is read: an invoice says all on its first and last ones."""
KERNED = 0.13
"""Gap between letters of one word at the most, in heights of a line."""
BROKEN = "The PDF is broken and does not open. Save it again."
_ACTS = re.compile(rb"/(?:JavaScript|JS|Launch|RichMedia|ImportData)(?![A-Za-z])")
_SCRIPT_LINK = re.compile(rb"/URI\s*\(\s*(?:java|vb)script:", re.IGNORECASE)
_STRING = re.compile(rb"\((?:\\.|[^\\)])*\)", re.DOTALL)
INERT = (".xml", ".pdf", ".png", ".jpg", ".jpeg", ".txt", ".csv", ".xlsx", ".docx")
"""Files a PDF may carry: e-invoices and papers, never programs."""


@dataclass(slots=True)
class Opened:
    """A judged PDF: `attached` are the files it carries."""

    document: pdfium.PdfDocument
    attached: dict[str, bytes] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return len(self.document)


def open_pdf(content: bytes) -> Opened:
    """Open a PDF and look for what must not be in it; raises Refused with the reason."""
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as why:
        raise Refused(_why_closed(content, str(why))) from None
    if not len(document):
        raise Refused("The PDF has no pages.")
    if len(document) > MOST_PAGES:
        raise Refused(f"The PDF has {len(document)} pages; {MOST_PAGES} are the most.")
    _no_program(_words_in(content))
    return Opened(document, _attached(document))


def _why_closed(content: bytes, why: str) -> str:
    if "password" in why.lower() or b"/Encrypt" in content:
        return "The PDF is protected by a password. Save it without one."
    if b"%%EOF" not in content[-2048:]:
        return "The PDF is cut off. Save it again and upload the whole file."
    return BROKEN


def _words_in(content: bytes) -> set[bytes]:
    """Return the names of acts in a PDF, also those in packed parts and in disguised spelling."""
    found: set[bytes] = set()
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as whole:
            if len(whole.objects) > MOST_OBJECTS:
                raise Refused("The PDF has more parts inside than a paper has.")
            for one in whole.objects:
                part = one.stream_dict if isinstance(one, pikepdf.Stream) else one
                if isinstance(part, pikepdf.Object):
                    written = part.unparse(resolved=True)
                    if _SCRIPT_LINK.search(written):
                        found.add(b"/JS")
                    plain = _STRING.sub(b"", written)
                    found.update(_ACTS.findall(plain))
    except (pikepdf.PdfError, ValueError, RuntimeError):
        raise Refused(BROKEN) from None
    return found


def _no_program(words: set[bytes]) -> None:
    if words & {b"/JavaScript", b"/JS"}:
        raise Refused("The PDF runs scripts. Print it to a new PDF.")
    if words:
        raise Refused("The PDF starts programs or media. Print it to a new PDF.")


def _attached(document: pdfium.PdfDocument) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for number in range(document.count_attachments()):
        one = document.get_attachment(number)
        name = str(one.get_name()).replace("\\", "/").rsplit("/", 1)[-1]
        if not name.lower().endswith(INERT):
            raise Refused(f"The PDF carries a file of another kind, “{name[:60]}”. Leave it out.")
        found[name] = bytes(one.get_data()) if name.lower().endswith(".xml") else b""
    return found


def pages_of(opened: Opened) -> list[Page]:
    """Return the text of the first and last pages with its place."""
    count = opened.pages
    wanted = sorted({*range(min(READ_FIRST, count)), *range(max(0, count - READ_LAST), count)})
    return [_page(opened.document[number]) for number in wanted]


def _page(page: pdfium.PdfPage) -> Page:
    text = page.get_textpage()
    width, height = page.get_size()
    turned = page.get_rotation()
    glyphs: list[Glyph] = []
    box = raw.FS_RECTF()
    spaced = guessed = False
    for at in range(min(text.count_chars(), MOST_GLYPHS)):
        code = raw.FPDFText_GetUnicode(text.raw, at)
        # halves of a pair are pictures (☎, ✉), never words
        half = 0xD800 <= code < 0xE000
        letter = chr(code) if 0x20 <= code < 0x110000 and not half else " "
        if not letter.strip() or code == 0xFFFE:
            made_up = code == 0x20 and raw.FPDFText_IsGenerated(text.raw, at) == 1
            spaced, guessed = spaced or not made_up, guessed or made_up
            continue
        if raw.FPDFText_GetLooseCharBox(text.raw, at, byref(box)):
            place = _upright((box.left, box.right, box.top, box.bottom), turned, (width, height))
            spaced = spaced or (guessed and _apart(glyphs, letter, place))
            glyphs.append(Glyph(letter, *place, spaced))
        spaced = guessed = False
    return page_of_glyphs(glyphs, height)


def _apart(before: list[Glyph], letter: str, place: tuple[float, float, float, float]) -> bool:
    """Whether a blank that PDFium saw between two letters is more than the gap after an «r»."""
    left, _, top, bottom = place
    last = before[-1] if before else None
    if last is None or abs(last.top - top) > 1.0 or left < last.right:
        return True
    new_word = last.text.islower() and letter.isupper()
    return new_word or left - last.right > KERNED * (bottom - top)


def _upright(
    box: tuple[float, float, float, float], turned: int, size: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Return left, right, top, bottom from the top left corner of the page as it is shown."""
    left, right, top, bottom = box
    width, height = size
    if turned == 90:
        return bottom, top, left, right
    if turned == 180:
        return width - right, width - left, bottom, top
    if turned == 270:
        return width - top, width - bottom, height - right, height - left
    return left, right, height - top, height - bottom


def picture_of(opened: Opened, *, longest: int) -> Image.Image:
    """Return the first page as a picture whose longer side has `longest` pixels."""
    page = opened.document[0]
    width, height = page.get_size()
    if not 1 <= max(width, height) < 20_000 or min(width, height) < 1:
        raise Refused("The first page has no size that can be shown.")
    drawn = page.render(scale=longest / max(width, height), may_draw_forms=False)
    picture: Image.Image = drawn.to_pil().convert("RGB")
    return picture
