"""Contrast as WCAG 2.2 counts it, measured on pixels."""

from PIL import Image, ImageColor

RGB = tuple[int, int, int]
_LINEAR = tuple(
    v / 255 / 12.92 if v / 255 <= 0.04045 else ((v / 255 + 0.055) / 1.055) ** 2.4
    for v in range(256)
)


def rgb(colour: str) -> RGB:
    """#RRGGBB to three integers; raises ValueError for anything Pillow does not know."""
    return ImageColor.getrgb(colour)[:3]


def linear(part: int) -> float:
    """One channel, 0 to 255, as linear light, 0 to 1."""
    return _LINEAR[part]


def luminance(colour: RGB) -> float:
    """Relative luminance, 0 black to 1 white (WCAG 2.2)."""
    red, green, blue = colour
    return 0.2126 * _LINEAR[red] + 0.7152 * _LINEAR[green] + 0.0722 * _LINEAR[blue]


def contrast(one: RGB, other: RGB) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def is_dark(colour: RGB) -> bool:
    """Whether white reads better than black on it."""
    return luminance(colour) < 0.179


def mean(image: Image.Image, box: tuple[int, int, int, int]) -> RGB:
    """Average colour of a box (left, top, right, bottom), clipped to the picture."""
    part = image.crop(_inside(box, image.size)).convert("RGB").resize((1, 1), Image.Resampling.BOX)
    colours = part.getcolors()
    return _triple(colours[0][1]) if colours else (0, 0, 0)


def extremes(image: Image.Image, box: tuple[int, int, int, int]) -> tuple[RGB, ...]:
    """The darkest and lightest parts of a box that differ from its mean enough to be seen; or none."""
    part = image.crop(_inside(box, image.size)).convert("RGB").resize((24, 8), Image.Resampling.BOX)
    raw = part.tobytes()
    colours = sorted(zip(raw[::3], raw[1::3], raw[2::3], strict=True), key=luminance)
    middle, edge = mean(image, box), len(colours) // 20
    ends = (colours[edge], colours[-1 - edge])
    return tuple(end for end in ends if contrast(end, middle) >= 1.1)


def worst_contrast(
    image: Image.Image, box: tuple[int, int, int, int], text: RGB, *, share: float = 0.005
) -> float:
    """Contrast of `text` on the worst `share` of the pixels in a box of the rendered ground."""
    part = image.crop(_inside(box, image.size)).convert("RGB")
    return _reached(part, text, share)


def _reached(part: Image.Image, text: RGB, share: float) -> float:
    coarse = part.point([v & 0xFC for v in range(256)] * 3)
    counted = coarse.getcolors(maxcolors=coarse.width * coarse.height) or []
    ranked = sorted((contrast(_triple(colour), text), count) for count, colour in counted)
    left = share * sum(count for _, count in ranked)
    for ratio, count in ranked:
        left -= count
        if left <= 0:
            return ratio
    return 1.0


def _triple(colour: object) -> RGB:
    if isinstance(colour, tuple):
        red, green, blue = colour[:3]
        return int(red), int(green), int(blue)
    raise ValueError(colour)


def _inside(box: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    left, top = max(0, min(left, size[0] - 1)), max(0, min(top, size[1] - 1))
    return left, top, max(left + 1, min(right, size[0])), max(top + 1, min(bottom, size[1]))
