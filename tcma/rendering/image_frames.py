"""The frames of a moving picture as one GIF: one palette, the same bytes each time, a bound on weight.

A picture moves for five seconds at most (WCAG 2.2.2) and comes to rest on its first frame, which
carries the message: mail programs that play nothing show that one.
"""

import io
from collections.abc import Sequence

from PIL import Image

from tcma.errors import Invalid

ANIMATED = "animated_"
"""How the name of a picture begins that moves."""
MEDIA_TYPE = "image/gif"
MOVES_S = 5.0
MOST_BYTES = 150 * 1024
"""What advertising networks take."""
FEWEST_FRAMES, MOST_FRAMES = 2, 4
"""Of the author's; the first stands at the end once more."""
SHORTEST_S = 1.0
"""How long a frame stands at least: it can be read, and is never a flash (WCAG 2.3.1)."""
COLOURS = (256, 128, 64)


def animated(frames: Sequence[Image.Image], seconds: Sequence[float], *, name: str) -> bytes:
    """Return frames of one size as a GIF; fewer colours are taken where it is too heavy.

    Raises Invalid (`rendering.too_heavy`) when it stays so.
    """
    for colours in COLOURS:
        data = _written(frames, seconds, colours)
        if len(data) <= MOST_BYTES:
            return data
    raise Invalid(
        f"{name} weighs {len(data) >> 10} kB as a GIF, {MOST_BYTES >> 10} kB is the most.",
        code="rendering.too_heavy",
        remedy="Take a frame less, or a plainer ground.",
    )


def _written(frames: Sequence[Image.Image], seconds: Sequence[float], colours: int) -> bytes:
    width, height = frames[0].size
    sheet = Image.new("RGB", (width, height * len(frames)))
    for place, frame in enumerate(frames):
        sheet.paste(frame, (0, place * height))
    # by octree: a cut by frequency would turn the few pixels of a blue logo into the ground's green
    palette = sheet.quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    first, *others = (f.quantize(palette=palette, dither=Image.Dither.NONE) for f in frames)
    out = io.BytesIO()
    first.save(
        out, "GIF", save_all=True, append_images=[*others, first], disposal=1, optimize=False,
        duration=[round(each * 1000) for each in (*seconds, MOVES_S)],
    )  # fmt: skip
    return out.getvalue()
