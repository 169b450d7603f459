"""Setting type in pictures: which font draws a text, how it breaks, how large it can be."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont, features

from tcma.errors import Invalid, Unavailable

FontRole = Literal["display", "text"]
RTL_LANGUAGES = frozenset({"ar", "he", "fa", "ur"})
_FILES = {"display": ("display-600", "arabic-600"), "text": ("text-600", "arabic-600")}
_SHAPED = re.compile("[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0e7f\ufb1d-\ufdff\ufe70-\ufeff]")
_IGNORABLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\u00ad\ufeff]")
_BREAKS = re.compile(r"[ \t\r\n]+")
ARABIC_SIZE = 0.92
ARABIC_LEADING = 0.22


@dataclass(frozen=True, slots=True)
class Frame:
    """Room for a text: px, the largest and smallest size, the most lines, leading per size."""

    width: float
    height: float
    largest: int
    smallest: int
    lines: int
    leading: float = 1.08


@dataclass(frozen=True, slots=True)
class Block:
    """Text set in lines: size in px as asked for, line height in px."""

    lines: tuple[str, ...]
    size: int
    line_height: float
    width: float
    file: str
    rtl: bool

    @property
    def height(self) -> float:
        return len(self.lines) * self.line_height


@dataclass(frozen=True, slots=True)
class Type:
    """What a text is set with: its font file, direction, and the folder the fonts are in."""

    fonts: Path
    file: str
    rtl: bool

    @property
    def arabic(self) -> bool:
        return self.file.startswith("arabic")

    def at(self, size: float) -> ImageFont.FreeTypeFont:
        return _font(
            self.fonts / f"{self.file}.ttf", round(size * (ARABIC_SIZE if self.arabic else 1))
        )

    def width(self, text: str, size: float) -> float:
        """Advance width in px; raqm orders mixed directions."""
        return self.at(size).getlength(text, direction=self.direction, language=self.tongue)

    @property
    def direction(self) -> str | None:
        return "rtl" if self.rtl else None

    @property
    def tongue(self) -> str | None:
        return "ar" if self.rtl else None


def is_rtl(language: str) -> bool:
    """Whether a BCP 47 language is written from right to left."""
    return language.split("-", 1)[0].lower() in RTL_LANGUAGES


def choose(text: str, *, role: FontRole, fonts: Path, rtl: bool) -> Type:
    """The first font of the role that draws every character.

    Raises Invalid (`rendering.no_glyphs`) naming characters none draws, and Unavailable when the
    fonts are not built or the text needs shaping and libfribidi is missing.
    """
    changed = (fonts / "fonts.json").stat().st_mtime_ns if fonts.is_dir() else 0
    missing: dict[str, str] = {}
    for file in _FILES[role]:
        missing[file] = _undrawn(text, file, fonts, changed)
        if not missing[file]:
            if (rtl or _SHAPED.search(text)) and not features.check("raqm"):
                raise Unavailable(
                    "This text needs shaping, and the fribidi library is not on this machine.",
                    code="rendering.no_raqm",
                    remedy="Install libfribidi0 (Debian: apt-get install libfribidi0).",
                )
            return Type(fonts, file, rtl)
    fewest = min(missing.values(), key=len)
    raise Invalid(
        f"No typeface of ours draws “{fewest[:8]}”.",
        code="rendering.no_glyphs",
        remedy="Use a logo instead of a name in type, or write it in Latin or Arabic letters.",
    )


def clean(text: str) -> str:
    """Narrow no-break space as no-break space (our fonts lack it), soft hyphens out, one space."""
    return _BREAKS.sub(" ", text.replace("\u202f", "\u00a0").replace("\u00ad", "")).strip()


def wrap(text: str, type_: Type, size: float, width: float) -> list[str] | None:
    """Fewest lines, then the most even ones; None when one word alone is too wide.

    No-break spaces hold. Minimises the sum of squared gaps, so lone last words are rare.
    """
    words = _BREAKS.split(text)
    gaps = [_gaps(words, start, type_, size, width) for start in range(len(words))]
    if not all(gaps):
        return None
    best: list[dict[int, tuple[float, tuple[int, ...]]]] = [{0: (0.0, ())}]
    while len(words) not in best[-1]:
        row: dict[int, tuple[float, tuple[int, ...]]] = {}
        for start, (cost, cuts) in best[-1].items():
            for end, gap in enumerate(gaps[start] if start < len(words) else (), start + 1):
                candidate = (cost + gap**2, (*cuts, end))
                if end not in row or candidate < row[end]:
                    row[end] = candidate
        best.append(row)
    cuts = (0, *best[-1][len(words)][1])
    return [" ".join(words[a:b]) for a, b in pairwise(cuts)]


def _gaps(words: list[str], start: int, type_: Type, size: float, width: float) -> list[float]:
    """Room left over when a line starts at a word and ends after it, after the next, …"""
    found = []
    for end in range(start + 1, len(words) + 1):
        gap = width - type_.width(" ".join(words[start:end]), size)
        if gap < 0:
            break
        found.append(gap)
    return found


@lru_cache(maxsize=2048)
def fit(text: str, type_: Type, frame: Frame) -> Block | None:
    """The largest size of the frame at which the text fits it; None when none does."""
    ratio = frame.leading + (ARABIC_LEADING if type_.arabic else 0)
    if type_.width(text, frame.smallest) > (frame.width + frame.smallest) * frame.lines:
        return None
    for size in range(frame.largest, frame.smallest - 1, -1):
        broken = wrap(text, type_, size, frame.width)
        if broken and len(broken) <= frame.lines and len(broken) * size * ratio <= frame.height:
            return _block(broken, type_, size, ratio)
    return None


def lines_needed(text: str, type_: Type, width: float, size: int) -> int:
    """Fewest lines at a size; 0 when a single word is wider than the box."""
    words, lines, start = _BREAKS.split(text), 0, 0
    while start < len(words):
        room = len(_gaps(words, start, type_, size, width))
        if not room:
            return 0
        lines, start = lines + 1, start + room
    return lines


def put(
    image: Image.Image, block: Block, type_: Type, at: tuple[float, float], fill: tuple[int, ...]
) -> None:
    """Draw lines from (x, y): x is the start edge, right in right-to-left text."""
    draw, font = ImageDraw.Draw(image), type_.at(block.size)
    for i, line in enumerate(block.lines):
        draw.text(
            (at[0], at[1] + i * block.line_height),
            line,
            font=font,
            fill=fill,
            anchor="ra" if type_.rtl else "la",
            direction=type_.direction,
            language=type_.tongue,
        )


def _block(broken: Sequence[str], type_: Type, size: int, ratio: float) -> Block:
    widest = max(type_.width(line, size) for line in broken)
    return Block(tuple(broken), size, size * ratio, widest, type_.file, type_.rtl)


@lru_cache(maxsize=1024)
def _undrawn(text: str, file: str, fonts: Path, changed: int) -> str:
    ranges = _covers(fonts, changed)[file]
    return "".join(sorted({c for c in text if not _drawn(c, ranges)}))


def _drawn(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    if _IGNORABLE.match(character) or character in "\t\r\n":
        return True
    return any(low <= ord(character) <= high for low, high in ranges)


@lru_cache(maxsize=8)
def _covers(fonts: Path, changed: int) -> dict[str, tuple[tuple[int, int], ...]]:
    if not changed:
        raise Unavailable(
            f"The typefaces are not built: {fonts} is missing.",
            code="rendering.no_fonts",
            remedy="Run make setup.",
        )
    merged = json.loads((fonts / "fonts.json").read_text())["merged"]
    return {name: tuple((a, b) for a, b in face["covers"]) for name, face in merged.items()}


@lru_cache(maxsize=256)
def _font(file: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, size)
