"""Pictures of papers: opened, made small for looking at, marked so that a second photo is known."""

import io
import warnings

from PIL import Image, ImageOps

from tcma.invoices.record import Refused

PREVIEW = 1100
"""Pixels of the longer side of a preview."""
FOR_OCR = 2200
_GRID = 16
SAME_WITHIN = 26
"""Bits of 256 in which two pictures of one paper may differ."""


def opened(content: bytes) -> Image.Image:
    """Return a picture upright and whole; raises Refused when it does not open."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a wrong EXIF entry is no wrong picture
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
                picture.draft("RGB", (FOR_OCR * 2, FOR_OCR * 2))
                upright = ImageOps.exif_transpose(picture)
                return _on_white(upright)
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        raise Refused("The picture is broken or cut off. Save it again.") from None


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        ground = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(ground, clear).convert("RGB")
    return picture.convert("RGB")


def preview(picture: Image.Image) -> bytes:
    """Return a small PNG of the picture that holds nothing but its pixels."""
    small = picture.copy()
    small.thumbnail((PREVIEW, PREVIEW))
    out = io.BytesIO()
    small.quantize(256).save(out, "PNG", optimize=True)
    return out.getvalue()


def mark_of(picture: Image.Image) -> str:
    """Return which of two neighbours is lighter on a 16 × 16 grid, as 64 hex digits.

    A blank page has no mark.
    """
    grey = ImageOps.autocontrast(
        picture.convert("L").resize((_GRID + 1, _GRID), Image.Resampling.BOX)
    )
    light = grey.tobytes()
    if max(light) - min(light) < 8:
        return ""
    bits = 0
    for row in range(_GRID):
        at = row * (_GRID + 1)
        for left, right in zip(light[at : at + _GRID], light[at + 1 : at + _GRID + 1], strict=True):
            bits = bits << 1 | (left > right + 2)
    return f"{bits:064x}"


def apart(one: str, other: str) -> int:
    """Return in how many bits two marks differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
