"""Whether a known logo stands in a picture: its shape is laid over the picture, size by size.

What is compared is light and dark beside each other (normalised correlation), so it does not matter
on which ground the logo stands. A turned, bent or covered one is not found: not found is not absent.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageStat

Grid = NDArray[np.float64]
LONGEST = 400
"""Pixels of the longer side in which a logo is looked for."""
STEP = 1.07
WORTH = 50
FINER = (0.97, 0.98, 0.99, 1.01, 1.02, 1.03)
"""From this likeness on sizes between two steps are tried, too."""
NARROWEST, LOWEST = 40, 11
"""A logo smaller than this, in those pixels, has too little shape to be told from anything else."""
WIDEST = 0.95
PLAIN = 6.0
"""A stretch whose lightness varies by less than this, of 255, shows nothing."""


@dataclass(frozen=True, slots=True)
class LogoSeen:
    """The likeliest place of a logo: how alike it is, 0 to 100, and how wide, in percent of the picture."""

    alike: int = 0
    width: int = 0


def look_for(picture: Image.Image, logos: Sequence[bytes]) -> LogoSeen:
    """Return where one of the logos (PNG) most likely stands; `LogoSeen()` where none can be compared."""
    ground = picture.convert("L")
    ground.thumbnail((LONGEST, LONGEST))
    field = _Field(np.asarray(ground, dtype=np.float64))
    best = LogoSeen()
    for shape in _shapes(logos):
        likely, width = max(
            ((field.likeness(shape, each), each) for each in _widths(shape, ground.size)),
            default=(0, 0.0),
        )
        if likely >= WORTH:  # between two steps the far letters of a wide logo miss each other
            near = (width * part for part in FINER)
            likely, width = max((field.likeness(shape, each), each) for each in (width, *near))
        if likely > best.alike:
            best = LogoSeen(likely, round(width * 100 / ground.width))
    return best


def _shapes(logos: Sequence[bytes]) -> Iterator[Image.Image]:
    """Yield each logo cut to what is drawn: its outline, and as it looks on a ground of contrast."""
    seen = set[bytes]()
    for content in logos:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as opened:
            logo = opened.convert("RGBA")
        outline = logo.getchannel("A")
        box = outline.getbbox()
        if box is None:
            continue
        for shape in (outline.crop(box), _as_it_looks(logo).crop(box)):
            shape.thumbnail((LONGEST, LONGEST))
            mark = shape.resize((16, 16)).tobytes()
            low, high = shape.getextrema()
            if mark not in seen and float(str(high)) - float(str(low)) > PLAIN:
                seen.add(mark)
                yield shape


def _as_it_looks(logo: Image.Image) -> Image.Image:
    light = ImageStat.Stat(logo.convert("L"), mask=logo.getchannel("A")).mean[0]
    ground = Image.new("RGBA", logo.size, "white" if light < 128 else "black")
    return Image.alpha_composite(ground, logo).convert("L")


def _widths(shape: Image.Image, ground: tuple[int, int]) -> Iterator[float]:
    width, tall = float(NARROWEST), shape.height / shape.width
    while width <= ground[0] * WIDEST and width * tall <= ground[1] * WIDEST:
        if width * tall >= LOWEST:
            yield width
        width *= STEP


class _Field:
    """A picture made ready to have many templates laid over it."""

    def __init__(self, light: Grid) -> None:
        self.light = light - light.mean()
        self.size = tuple(1 << (side - 1).bit_length() for side in light.shape)
        self.waves = np.fft.rfft2(self.light, self.size)
        self.sums = _summed(self.light)
        self.squares = _summed(self.light**2)

    def likeness(self, logo: Image.Image, width: float) -> int:
        """Return the highest correlation with a logo so wide anywhere, light on dark or not, in percent."""
        tall = round(width * logo.height / logo.width)
        small = logo.resize((round(width), tall), Image.Resampling.BOX)
        shape = np.asarray(small, dtype=np.float64)
        shape = shape - shape.mean()
        norm = float(np.sqrt((shape**2).sum()))
        high, wide = shape.shape
        rows, columns = self.light.shape[0] - high + 1, self.light.shape[1] - wide + 1
        if norm < PLAIN * np.sqrt(shape.size) or rows < 1 or columns < 1:
            return 0
        over = np.fft.irfft2(self.waves * np.conj(np.fft.rfft2(shape, self.size)), self.size)
        total = _window(self.sums, high, wide)
        spread = _window(self.squares, high, wide) - total**2 / shape.size
        spread = np.maximum(spread, PLAIN**2 * shape.size)
        alike = np.abs(over[:rows, :columns]) / (np.sqrt(spread) * norm)
        return int(min(alike.max(), 1.0) * 100)


def _summed(field: Grid) -> Grid:
    return np.pad(field.cumsum(0).cumsum(1), ((1, 0), (1, 0)))


def _window(summed: Grid, high: int, wide: int) -> Grid:
    """Return the sum under each place of a window."""
    whole: Grid = (
        summed[high:, wide:]
        - summed[:-high, wide:]
        - summed[high:, :-wide]
        + summed[:-high, :-wide]
    )
    return whole
