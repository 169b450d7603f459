"""Words as outlines: shaped by HarfBuzz, written as one SVG path, so no logo needs a font."""

import io
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import uharfbuzz as hb
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont


@dataclass(frozen=True, slots=True)
class Word:
    """Path data with its baseline at y = 0, starting at x = 0, and its advance width."""

    path: str
    width: float


@lru_cache(maxsize=64)
def _font(file: Path) -> tuple[TTFont, hb.Font]:
    font = TTFont(file)
    font.flavor = None
    plain = io.BytesIO()
    font.save(plain)
    return font, hb.Font(hb.Face(plain.getvalue()))


def word(text: str, file: Path, size: float, *, tracking: float = 0.0) -> Word:
    """Outline a text in one font; `tracking` is a share of the size added to each advance."""
    font, shaper = _font(file)
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(shaper, buffer)
    glyphs, k, x, out = font.getGlyphSet(), size / font["head"].unitsPerEm, 0.0, []
    order = font.getGlyphOrder()
    for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        pen = SVGPathPen(glyphs, ntos=_short)
        move = (k, 0, 0, -k, x + at.x_offset * k, -at.y_offset * k)
        glyphs[order[info.codepoint]].draw(TransformPen(pen, move))
        out.append(pen.getCommands())
        x += at.x_advance * k + tracking * size
    return Word("".join(out), x - tracking * size)


def subset_word(text: str, package: Path, weight: int, size: float) -> Word:
    """Outline a text of a package split into many subsets: each character from the file it is in."""
    ranges = json.loads((package / "unicode.json").read_text())
    out, x = [], 0.0
    for character in text:
        subset = next(name for name, stated in ranges.items() if _within(ord(character), stated))
        file = f"{package.name}-{subset.strip('[]')}-{weight}-normal.woff2"
        one = word(character, package / "files" / file, size)
        out.append(f'<path transform="translate({_short(x)} 0)" d="{one.path}"/>')
        x += one.width
    return Word("".join(out), x)


def _within(point: int, stated: str) -> bool:
    for part in re.findall(r"U\+([0-9A-Fa-f]+)(?:-([0-9A-Fa-f]+))?", stated):
        if int(part[0], 16) <= point <= int(part[1] or part[0], 16):
            return True
    return False


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
