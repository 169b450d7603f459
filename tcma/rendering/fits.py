"""Does a text fit its box? Measured with the real font's advance widths and real wrapping."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from tcma.errors import Unavailable

BUILT_FONTS = Path(__file__).resolve().parents[1] / "built" / "fonts"
_ARABIC = re.compile(r"[\u0600-\u08ff]")


@dataclass(frozen=True, slots=True)
class Box:
    """A place for text: width in CSS pixels at the narrowest screen, type size, lines allowed."""

    face: str
    size: int
    width: int
    lines: int


# Narrowest widths: a 375 px phone less the margins for mails, 300x250 for the button label.
BOXES = {
    "mail.letter": Box("text-400", 17, 323, 13),
    "mail.proof": Box("text-400", 16, 323, 9),
    "mail.button": Box("text-600", 17, 263, 1),
    "mail.name": Box("text-600", 17, 323, 2),
    "mail.role": Box("text-400", 15, 323, 2),
    "mail.note": Box("text-400", 16, 323, 4),
    "banner.pill": Box("text-600", 15, 226, 1),
    "page.choice": Box("text-400", 16, 290, 1),
    "page.question": Box("text-600", 20, 331, 3),
    "page.answer": Box("text-400", 18, 331, 9),
    "social": Box("text-400", 16, 480, 12),
}


@lru_cache(maxsize=64)
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(path, size * 4, layout_engine=ImageFont.Layout.BASIC)
    except OSError as problem:
        message = f"The font {path.name} is not built."
        raise Unavailable(message, code="fonts.missing", remedy="run make setup") from problem


def text_width(text: str, *, face: str, size: int, fonts: Path = BUILT_FONTS) -> float:
    """Width of one line in CSS pixels. Raises `Unavailable` when the fonts are not built."""
    if _ARABIC.search(text):
        face = face.replace("text", "arabic").replace("display", "arabic")
    return _font(fonts / f"{face}.ttf", size).getlength(text) / 4


def lines_needed(text: str, box: Box, *, fonts: Path = BUILT_FONTS) -> int:
    """Lines the text takes in the box; a word wider than the box breaks inside, as mails do."""
    space = text_width(" ", face=box.face, size=box.size, fonts=fonts)
    total = 0
    for paragraph in text.split("\n"):
        lines, used = 1, 0.0
        for word in paragraph.split():
            wide = text_width(word, face=box.face, size=box.size, fonts=fonts)
            if used and used + space + wide > box.width:
                lines += 1
                used = 0.0
            while wide > box.width:
                lines += 1
                wide -= box.width
            used = used + space + wide if used else wide
        total += lines
    return total
