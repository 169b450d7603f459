"""Setting type in pictures: which font draws a text, how it breaks, how large it can be."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont, features

from tcma.errors import Invalid, Unavailable
from tcma.recent import MB, recalled
from tcma.rendering.line_breaks import pieces_of

FontRole = Literal["display", "text"]
RTL_LANGUAGES = frozenset({"ar", "he", "fa", "ur"})
_FILES = {"display": ("display-600",), "text": ("text-600",)}
_SCRIPTS = {"ar": "arabic-600", "fa": "arabic-600", "ur": "arabic-600", "he": "hebrew-600",
            "hi": "devanagari-600", "mr": "devanagari-600", "ne": "devanagari-600",
            "th": "thai-600", "ja": "japanese-500", "zh": "chinese-500", "ko": "korean-500"}  # fmt: skip
"""Which font draws a language that Latin, Greek and Cyrillic letters do not write."""
_SHAPED = re.compile("[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0e7f\ufb1d-\ufdff\ufe70-\ufeff]")
_IGNORABLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\u00ad\ufeff]")
_BREAKS = re.compile(r"[ \t\r\n]+")
ARABIC_SIZE = 0.92
LEADING_MORE = 0.22
"""Added for scripts with marks above and below, or dense letters (CONTENT 1.1)."""


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
    """What a text is set with: its font file, direction, language, and the folder of the fonts."""

    fonts: Path
    file: str
    rtl: bool
    language: str = ""

    @property
    def arabic(self) -> bool:
        return self.file.startswith("arabic")

    @property
    def airy(self) -> bool:
        """Whether its lines need more room between them."""
        return self.file.partition("-")[0] not in {"display", "text"}

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
        if self.language in _SCRIPTS:
            return self.language
        return "ar" if self.rtl else None


def is_rtl(language: str) -> bool:
    """Whether a BCP 47 language is written from right to left."""
    return language.split("-", 1)[0].lower() in RTL_LANGUAGES


def choose(text: str, *, role: FontRole, fonts: Path, rtl: bool, language: str = "") -> Type:
    """The first font of the role, or of the language, that draws every character.

    Raises Invalid (`rendering.no_glyphs`) naming characters none draws, and Unavailable when the
    fonts are not built or the text needs shaping and libfribidi is missing.
    """
    changed = _changed(fonts)
    short = language.split("-", 1)[0].lower()
    missing: dict[str, str] = {}
    for file in (name for name in _order(role, short) if name in _covers(fonts, changed)):
        missing[file] = _undrawn(text, file, fonts, changed)
        if not missing[file]:
            if (rtl or _SHAPED.search(text)) and not features.check("raqm"):
                raise Unavailable(
                    "This text needs shaping, and the fribidi library is not on this machine.",
                    code="rendering.no_raqm",
                    remedy="Install libfribidi0 (Debian: apt-get install libfribidi0).",
                )
            return Type(fonts, file, rtl, short)
    raise _no_glyphs(min(missing.values(), key=len))


def _order(role: FontRole, language: str) -> tuple[str, ...]:
    """Latin first, so that a name in it looks the same everywhere; then the language's own font."""
    own = _SCRIPTS.get(language)
    first = (own,) if own and language in {"ja", "zh", "ko"} else ()
    return tuple(dict.fromkeys((*_FILES[role], *first, "arabic-600", *_SCRIPTS.values())))


def refuse_undrawn(text: str, fonts: Path) -> None:
    """Raise Invalid (`rendering.no_glyphs`) for characters that no font of ours draws."""
    changed = _changed(fonts)
    left = text
    for file in _covers(fonts, changed):
        left = _undrawn(left, file, fonts, changed)
    if left:
        raise _no_glyphs(left)


def _no_glyphs(characters: str) -> Invalid:
    return Invalid(
        f"No typeface of ours draws “{characters[:8]}”.",
        code="rendering.no_glyphs",
        remedy="Leave these characters out, or use a logo instead of a name in type. Latin, Greek, "
        "Cyrillic, Arabic, Hebrew, Devanagari, Thai, Chinese, Japanese and Korean are drawn.",
    )


def _changed(fonts: Path) -> int:
    return (fonts / "fonts.json").stat().st_mtime_ns if fonts.is_dir() else 0


def clean(text: str) -> str:
    """Narrow no-break space as no-break space (our fonts lack it), soft hyphens out, one space."""
    return _BREAKS.sub(" ", text.replace("\u202f", "\u00a0").replace("\u00ad", "")).strip()


def wrap(text: str, type_: Type, size: float, width: float) -> list[str] | None:
    """Fewest lines, then the most even ones; None when one word alone is too wide.

    No-break spaces hold; scripts without spaces break between phrases. Minimises the sum of squared
    gaps, so lone last words are rare.
    """
    words = pieces_of(text)
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
    return ["".join(words[a:b]).rstrip() for a, b in pairwise(cuts)]


def _gaps(words: Sequence[str], start: int, type_: Type, size: float, width: float) -> list[float]:
    """Room left over when a line starts at a word and ends after it, after the next, …"""
    found = []
    for end in range(start + 1, len(words) + 1):
        gap = width - type_.width("".join(words[start:end]).rstrip(), size)
        if gap < 0:
            break
        found.append(gap)
    return found


@lru_cache(maxsize=2048)
def fit(text: str, type_: Type, frame: Frame) -> Block | None:
    """The largest size of the frame at which the text fits it; None when none does."""
    ratio = frame.leading + (LEADING_MORE if type_.airy else 0)
    if type_.width(text, frame.smallest) > (frame.width + frame.smallest) * frame.lines:
        return None
    for size in range(frame.largest, frame.smallest - 1, -1):
        broken = wrap(text, type_, size, frame.width)
        if broken and len(broken) <= frame.lines and len(broken) * size * ratio <= frame.height:
            return _block(broken, type_, size, ratio)
    return None


def lines_needed(text: str, type_: Type, width: float, size: int) -> int:
    """Fewest lines at a size; 0 when a single word is wider than the box."""
    words, lines, start = pieces_of(text), 0, 0
    while start < len(words):
        room = len(_gaps(words, start, type_, size, width))
        if not room:
            return 0
        lines, start = lines + 1, start + room
    return lines


def put(  # noqa: PLR0913 - what is set, where, in which colour
    image: Image.Image,
    block: Block,
    type_: Type,
    at: tuple[float, float],
    fill: tuple[int, ...],
    *,
    anchor: str = "",
) -> None:
    """Draw lines from (x, y): x is the start edge, right in right-to-left text, y the top.

    `anchor` as Pillow names it puts another point of each line there.
    """
    left, top = math.floor(at[0]), math.floor(at[1])
    start = at[0] - left, at[1] - top
    mask, (x, y) = _inked(block, type_, start, anchor or ("ra" if type_.rtl else "la"))
    image.paste(fill, (left + x, top + y), mask)


@recalled(most=96, octets=24 * MB)
def _inked(
    block: Block, type_: Type, start: tuple[float, float], anchor: str
) -> tuple[Image.Image, tuple[int, int]]:
    """A block's letters as a mask, and how far from its point it stands.

    Kept, for most partners leave a campaign's headline as it is. `start` is the point's part of a
    pixel.
    """
    font, margin = type_.at(block.size), 2 * block.size
    size = (math.ceil(block.width) + 2 * margin, math.ceil(block.height) + 2 * margin)
    edge = {"l": margin, "m": size[0] // 2, "r": size[0] - margin}[anchor[0]]
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    for i, line in enumerate(block.lines):
        draw.text(
            (edge + start[0], margin + start[1] + i * block.line_height),
            line,
            font=font,
            fill=255,
            anchor=anchor,
            direction=type_.direction,
            language=type_.tongue,
        )
    box = mask.getbbox() or (0, 0, 1, 1)
    return mask.crop(box), (box[0] - edge, box[1] - margin)


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
