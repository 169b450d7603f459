"""Text with its place on the page: pieces, set into lines as an eye reads them."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Glyph(NamedTuple):
    """One character and its box, from the top left corner; `spaced` when a blank stood before."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    spaced: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stand together. Tables have one piece a cell."""

    text: str
    left: float
    right: float
    line: int

    def over(self, other: "Piece", *, slack: float = 0.0) -> bool:
        """Whether the two share a column."""
        return self.left <= other.right + slack and other.left <= self.right + slack


@dataclass(slots=True)
class Page:
    """Lines of pieces from top to bottom; `tops` and `heights` are per line, of a page `height`."""

    lines: list[list[Piece]] = field(default_factory=list)
    tops: list[float] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)
    height: float = 0.0

    def pieces(self) -> Iterator[Piece]:
        """Yield every piece in reading order."""
        for line in self.lines:
            yield from line

    def text(self) -> str:
        """Return the page as plain text, two blanks between pieces."""
        return "\n".join("  ".join(piece.text for piece in line) for line in self.lines)

    def below(self, piece: Piece, *, most: int = 2) -> Iterator[Piece]:
        """Yield pieces under `piece` in its column, nearest first, at most `most` lines on."""
        for number in range(piece.line + 1, min(piece.line + 1 + most, len(self.lines))):
            gap = self.tops[number] - self.tops[piece.line]
            if self.height and gap > 4.5 * max(self.heights[piece.line], 6.0):
                return
            yield from (one for one in self.lines[number] if one.over(piece, slack=2.0))

    def right_of(self, piece: Piece) -> list[Piece]:
        """Return the pieces to the right in the same line."""
        return [one for one in self.lines[piece.line] if one.left >= piece.right - 1.0]


def page_of_glyphs(glyphs: Iterable[Glyph], height: float) -> Page:
    """Set characters into lines and pieces: by their boxes, whatever order the file has them in."""
    page = Page(height=height)
    for row in _rows(_once(glyphs)):
        number = len(page.lines)
        pieces = [_piece(run, number) for run in _runs(sorted(row, key=lambda g: g.left))]
        pieces = [piece for piece in pieces if piece.text]
        if pieces:
            page.lines.append(pieces)
            page.tops.append(min(g.top for g in row))
            page.heights.append(max(g.bottom - g.top for g in row))
    return page


def page_of_rows(rows: Iterable[Iterable[str]]) -> Page:
    """Set rows of cells into a page: what a table without boxes looks like."""
    page = Page()
    for row in rows:
        number = len(page.lines)
        cells = [" ".join(cell.split()) for cell in row]
        line = [Piece(c, n * 100.0, n * 100.0 + 90.0, number) for n, c in enumerate(cells) if c]
        if line:
            page.lines.append(line)
            page.tops.append(float(number))
            page.heights.append(1.0)
    return page


def _once(glyphs: Iterable[Glyph]) -> list[Glyph]:
    # Bold is often the same letter twice, a hair apart.
    seen: set[tuple[str, int, int]] = set()
    kept = []
    for glyph in glyphs:
        mark = (glyph.text, round(glyph.left), round(glyph.top))
        if mark not in seen:
            seen.add(mark)
            kept.append(glyph)
    return kept


def _rows(glyphs: list[Glyph]) -> list[list[Glyph]]:
    rows: list[tuple[float, float, list[Glyph]]] = []
    for glyph in sorted(glyphs, key=lambda g: (g.top + g.bottom) / 2):
        middle, size = (glyph.top + glyph.bottom) / 2, glyph.bottom - glyph.top
        if rows:
            centre, height, row = rows[-1]
            if abs(middle - centre) < 0.38 * min(max(height, 4.0), max(size, 4.0)):
                row.append(glyph)
                continue
        rows.append((middle, size, [glyph]))
    return [row for _, _, row in rows]


def _runs(row: list[Glyph]) -> Iterator[list[Glyph]]:
    run: list[Glyph] = []
    for glyph in row:
        if run and glyph.left - run[-1].right > 1.05 * (glyph.bottom - glyph.top):
            yield run
            run = []
        run.append(glyph)
    if run:
        yield run


def _piece(run: list[Glyph], line: int) -> Piece:
    gaps = [b.left - a.right for a, b in itertools.pairwise(run)]
    spaced = [g.spaced for g in run[1:]]
    # Letters set wide apart carry no blanks of their own but all the same gap.
    tracked = len(gaps) > 2 and not any(spaced) and min(gaps) > 0.2 * (run[0].bottom - run[0].top)
    text = run[0].text
    for glyph, gap, blank in zip(run[1:], gaps, spaced, strict=True):
        wide = gap > 0.22 * (glyph.bottom - glyph.top) and not tracked
        text += (" " if blank or wide else "") + glyph.text
    return Piece(" ".join(text.split()), run[0].left, run[-1].right, line)
