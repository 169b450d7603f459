"""Whether a logo can be seen on a ground, judged shape by shape: nothing of it may vanish.

Ink that fades into the ground counts as lost where it stands on its own; what other ink encloses
(white letters in a blue sign) is carried by that ink.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageFilter

from tcma.rendering.image_colour import RGB, contrast, is_dark, linear

ENOUGH = 3.0
"""Contrast that a shape needs (WCAG 2.2, 1.4.11)."""
CLEAR = 0.33
"""Share of a logo's ink that must reach it; the rest may be told by its hue."""
LOST = 0.03
"""Share of the ink that may vanish: fringes, a hairline."""
SEEN_ON_DARK, SEEN_ON_LIGHT = (1.5, 32.0), (1.12, 40.0)
"""Least contrast and distance of colours (CIE 1976) at which a pale shape is still seen by its hue:
on white a yellow is, on black a navy is not.
"""
MEASURED = 10_000
"""Pixels a logo is made to before it is judged: letters stay letters."""
CARRIED, ATTACHED = 0.7, 0.2
"""Share of its edge that other ink holds: a shape that needs no ground, one that is part of another."""
VISIBLE = 112
"""Alpha from which a pixel is ink."""
_COARSE = [min(255, (value + 2) // 4 * 4) for value in range(256)]


@dataclass(frozen=True, slots=True)
class Legibility:
    """Shares of the ink, 0 to 1; `contrast` is what `CLEAR` of it reaches; `weakest` a lost colour."""

    contrast: float
    clear: float
    lost: float
    weakest: RGB | None = None

    @property
    def stands(self) -> bool:
        """Is all of it seen?"""
        return self.clear >= CLEAR and self.lost <= LOST

    @property
    def is_bearable(self) -> bool:
        """Is nothing lost, though much of it is pale?"""
        return self.clear >= 0.1 and self.lost <= LOST


def legibility(logo: Image.Image, ground: RGB) -> Legibility:
    """Judge an RGBA picture on a plain ground."""
    small = _measurable(logo)
    alpha = small.getchannel("A")
    # The rim of a shape is judged as its middle: smoothing there is no paleness.
    solid = alpha.filter(ImageFilter.MaxFilter(3))
    flat = Image.new("RGB", small.size, ground)
    flat.paste(small.convert("RGB"), (0, 0), solid)
    raw, ink = flat.point(_COARSE * 3).tobytes(), alpha.tobytes()
    colours = list(zip(raw[::3], raw[1::3], raw[2::3], strict=True))
    places = [at for at, visible in enumerate(ink) if visible >= VISIBLE]
    if not places:
        return Legibility(1.0, 0.0, 1.0)
    rated = {colour: _seen(colour, ground) for colour in {colours[at] for at in places}}
    pale = {colour for colour, (ratio, _) in rated.items() if ratio < ENOUGH}
    weak = {at for at in places if colours[at] in pale} if pale else set()
    needy, alone = _needy(weak, ink, small.width)
    lost = [at for at in alone if not rated[colours[at]][1]]
    carried = weak - needy
    judged = sorted(ENOUGH if at in carried else rated[colours[at]][0] for at in places)
    return Legibility(
        contrast=judged[int(len(judged) * (1 - CLEAR))],
        clear=1 - len(needy) / len(places),
        lost=len(lost) / len(places),
        weakest=_commonest(colours[at] for at in lost or needy),
    )


def _measurable(logo: Image.Image) -> Image.Image:
    shrink = math.sqrt(MEASURED / (logo.width * logo.height))
    if shrink >= 1:
        return logo
    size = (max(1, round(logo.width * shrink)), max(1, round(logo.height * shrink)))
    return logo.resize(size, Image.Resampling.BOX)


def _seen(colour: RGB, ground: RGB) -> tuple[float, bool]:
    """Contrast, and whether a shape of that colour is seen at all."""
    ratio = contrast(colour, ground)
    least, far = SEEN_ON_DARK if is_dark(ground) else SEEN_ON_LIGHT
    return ratio, ratio >= least and math.dist(_lab(colour), _lab(ground)) >= far


def _needy(weak: set[int], ink: bytes, width: int) -> tuple[set[int], list[int]]:
    """Places of weak shapes that no other ink carries, and those of them that stand alone."""
    needy: set[int] = set()
    alone: list[int] = []
    left = set(weak)
    while left:
        start = left.pop()
        shape, todo = [start], [start]
        open_sides = held_sides = 0
        while todo:
            for near in _around(todo.pop(), width, len(ink)):
                if near in left:
                    left.discard(near)
                    shape.append(near)
                    todo.append(near)
                elif near is None or ink[near] < VISIBLE:
                    open_sides += 1
                elif near not in weak:
                    held_sides += 1
        held = held_sides / (open_sides + held_sides)
        if held < CARRIED:
            needy.update(shape)
        if held < ATTACHED:
            alone += shape
    return needy, alone


def _around(at: int, width: int, end: int) -> tuple[int | None, ...]:
    column = at % width
    return (
        at - 1 if column else None,
        at + 1 if column + 1 < width else None,
        at - width if at >= width else None,
        at + width if at + width < end else None,
    )


def _commonest(colours: Iterable[RGB]) -> RGB | None:
    counted = Counter(colours).most_common(1)
    return counted[0][0] if counted else None


@lru_cache(maxsize=4096)
def _lab(colour: RGB) -> tuple[float, float, float]:
    """CIE L*a*b* of an sRGB colour under D65."""
    red, green, blue = (linear(part) for part in colour)
    x, y, z = (
        _curve(total)
        for total in (
            (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
            0.2126 * red + 0.7152 * green + 0.0722 * blue,
            (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _curve(part: float) -> float:
    return float(part ** (1 / 3)) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116
