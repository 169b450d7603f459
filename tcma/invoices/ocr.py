"""The port to a reader of pictures: Tesseract where the machine has it, else an honest no.

Its words come with their boxes and with how sure it is of each, so that a field is believed as
much as the words it was read from.
"""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from PIL import Image

from tcma.invoices.layout import Glyph, Page, page_of_glyphs
from tcma.invoices.record import Belief, Fields

LANGUAGES = ("eng", "deu", "fra", "spa", "nld")
NOISE, GOOD = 20.0, 90.0
"""Below the first a word is dirt; from the second on a field read from it is likely."""
WORD = "5"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read in a picture: pages, and each word with how sure the reader is, 0 to 100."""

    pages: list[Page] = field(default_factory=list)
    words: list[tuple[str, float]] = field(default_factory=list)

    def believed(self, fields: Fields) -> Fields:
        """Return the fields, each believed no more than the words it was read from."""
        weak = {
            name: Belief.DOUBTFUL
            for name in fields.known()
            if self.sureness(getattr(fields, name)) < GOOD
        }
        capped = fields.no_surer_than(Belief.LIKELY)
        return replace(capped, belief={**capped.belief, **weak})

    def sureness(self, value: Any) -> float:
        """Return how sure the reader is of a value's words, the least sure counts; 0 if unseen."""
        folded = [(_folded(word), sure) for word, sure in self.words]
        return min(
            (max((s for w, s in folded if mark in w), default=0.0) for mark in _marks(value)),
            default=0.0,
        )


def _marks(value: Any) -> list[str]:
    if isinstance(value, Decimal):
        return [re.sub(r"\D", "", f"{value:f}")]
    if isinstance(value, date):
        return [str(value.year)]
    return [_folded(word) for word in str(value).split() if _folded(word)]


def _folded(word: str) -> str:
    return re.sub(r"[\W_]", "", word).casefold()


def reader() -> str:
    """Return where Tesseract is, empty when the machine has none."""
    return shutil.which("tesseract") or ""


def read_picture(picture: Image.Image, *, seconds: float) -> Seen:
    """Return what Tesseract reads in a picture; nothing without it, or when time runs out."""
    program = reader()
    if not program or seconds <= 0:
        return Seen()
    out = io.BytesIO()
    picture.convert("L").save(out, "PNG")
    try:
        done = subprocess.run(
            [program, "stdin", "stdout", "-l", _languages(program), "--psm", "4", "tsv"],
            input=out.getvalue(),
            capture_output=True,
            timeout=seconds,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        return Seen()
    rows = list(_words(done.stdout.decode("utf-8", errors="replace")))
    glyphs = [glyph for glyph, _ in rows]
    pages = [page_of_glyphs(glyphs, float(picture.height))] if glyphs else []
    return Seen(pages, [(glyph.text, sure) for glyph, sure in rows])


def _words(told: str) -> Iterator[tuple[Glyph, float]]:
    """Yield the words of Tesseract's table with their boxes; the height is that of their line."""
    top = bottom = 0.0
    for row in csv.DictReader(io.StringIO(told), delimiter="\t", quoting=csv.QUOTE_NONE):
        try:
            left, width = float(row["left"]), float(row["width"])
            if row["level"] != WORD:
                top = float(row["top"])
                bottom = top + float(row["height"])
                continue
            sure, text = float(row["conf"]), (row["text"] or "").strip()
        except (KeyError, TypeError, ValueError):
            continue
        if text and sure >= NOISE:
            yield Glyph(text, left, left + width, top, bottom, spaced=True), sure


def _languages(program: str) -> str:
    try:
        listed = subprocess.run(
            [program, "--list-langs"], capture_output=True, timeout=2, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return "eng"
    there = set(listed.stdout.decode().split())
    return "+".join(name for name in LANGUAGES if name in there) or "eng"
