"""The gate for logos: judged by content, drawn anew, refused with the reason.

Pure: bytes in, verdict or pixels out. Nothing of the uploaded file but its pixels goes further.
"""

import io
import warnings as python_warnings
from dataclasses import dataclass
from typing import Literal

from PIL import Image, UnidentifiedImageError

from tcma.errors import Invalid
from tcma.rendering.image_bytes import (
    RefusedBytesError,
    carries_script,
    is_deep_png,
    largest_gif_frame,
    sniff,
    trailing_bytes,
)
from tcma.rendering.image_pixels import MAX_SIDE, is_white, read_pixels
from tcma.rendering.logo_raster import NotDrawnError, rasterise
from tcma.rendering.logo_svg import RefusedSvgError, looks_like_svg, read_svg
from tcma.words import say

Verdict = Literal["accept", "accept_normalise", "reject"]
MAX_IMAGE_PIXELS = 40_000_000
MAX_BYTES = 20_000_000
SVG_SIDE = 1200
SVG_SIDE_WITH_PICTURES = 800  # enlarging an embedded picture costs by the pixel
SMALL_SIDE = 64
_SUFFIXES = {
    "PNG": ("png", "apng"),
    "JPEG": ("jpg", "jpeg", "jpe", "jfif"),
    "GIF": ("gif",),
    "WEBP": ("webp",),
    "SVG": ("svg",),
}
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError,
           OverflowError, MemoryError)  # fmt: skip


class _RefusedError(Exception):
    """The sentence for the person who uploaded it."""


@dataclass(frozen=True, slots=True)
class LogoVerdict:
    """What the gate says: `changes` are made while it is drawn anew, `warnings` only told."""

    verdict: Verdict
    reason: str
    changes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreparedLogo:
    """A logo drawn anew: `png` is 8-bit RGBA, upright, sRGB, without metadata, ≤ 2000 px a side."""

    png: bytes
    width: int
    height: int
    aspect: float
    is_white: bool
    has_alpha: bool


@dataclass(frozen=True, slots=True)
class _Drawn:
    image: Image.Image
    changes: tuple[str, ...]
    warnings: tuple[str, ...]


def check(data: bytes, *, name: str = "") -> LogoVerdict:
    """Judge a file by its content; `name` only tells whether its suffix lies. Never raises."""
    try:
        drawn = _draw(data, name)
    except _RefusedError as refused:
        return LogoVerdict("reject", str(refused))
    if drawn.changes:
        return LogoVerdict(
            "accept_normalise", "; ".join(drawn.changes), drawn.changes, drawn.warnings
        )
    return LogoVerdict("accept", "; ".join(drawn.warnings) or "ready to use", (), drawn.warnings)


def prepare(data: bytes) -> PreparedLogo:
    """Draw a logo anew; raises Invalid (`logo.refused`) with the reason of `check`."""
    try:
        image = _draw(data, "").image
    except _RefusedError as refused:
        raise Invalid(
            str(refused),
            code="logo.refused",
            remedy=say("Send a PNG, JPEG, WebP, GIF or SVG picture."),
        ) from refused
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False, compress_level=6)
    low = image.getchannel("A").getextrema()[0]
    return PreparedLogo(
        png=out.getvalue(),
        width=image.width,
        height=image.height,
        aspect=image.width / image.height,
        is_white=is_white(image),
        has_alpha=isinstance(low, int | float) and low < 250,
    )


def _draw(data: bytes, name: str) -> _Drawn:
    if not data:
        raise _RefusedError(say("This file is empty."))
    if len(data) > MAX_BYTES:
        raise _RefusedError(say("This file is larger than 20 MB."))
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")
        if looks_like_svg(data):
            if suffix and suffix not in _SUFFIXES["SVG"]:
                raise _RefusedError(
                    say("This file is an SVG but is named .{suffix}.", suffix=suffix)
                )
            return _draw_svg(data)
        return _draw_raster(data, suffix)


def _draw_svg(data: bytes) -> _Drawn:
    try:
        reading = read_svg(data, check_picture=_picture_refused)
        width, height = reading.width, reading.height
        fonts = any("text" in warning for warning in reading.warnings)
        if width and height:
            if max(width / height, height / width) > 100:
                raise _RefusedError(
                    say("This picture is more than a hundred times longer than wide.")
                )
            side = SVG_SIDE_WITH_PICTURES if reading.has_pictures else SVG_SIDE
            scale = side / max(width, height)
            box = (max(1, round(width * scale)), max(1, round(height * scale)))
            png = rasterise(reading.markup, width=box[0], height=box[1], fonts=fonts)
        else:
            png = rasterise(reading.markup, width=None, height=None, fonts=fonts)
    except (RefusedSvgError, NotDrawnError) as refused:
        raise _RefusedError(str(refused)) from refused
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    if image.getchannel("A").getbbox() is None:
        raise _RefusedError(say("This SVG draws nothing."))
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return _Drawn(image, tuple(dict.fromkeys(reading.changes)), reading.warnings)


def _picture_refused(data: bytes) -> str | None:
    try:
        _draw_raster(data, "")
    except _RefusedError as refused:
        return str(refused)
    return None


def _draw_raster(data: bytes, suffix: str) -> _Drawn:
    try:
        kind = sniff(data)
        trailer = trailing_bytes(data, kind)
    except RefusedBytesError as refused:
        raise _RefusedError(str(refused)) from refused
    if kind == "GIF" and largest_gif_frame(data) > MAX_IMAGE_PIXELS:
        raise _RefusedError(say("This picture has more than 40 million pixels."))
    changes: list[str] = []
    if suffix and suffix not in _SUFFIXES[kind]:
        changes.append(f"named .{suffix}, but it is a {kind} picture: kept as what it is")
    if trailer:
        changes.append("bytes after the end of the picture removed")
    elif carries_script(data):
        changes.append("program text inside the file removed")
    try:
        with Image.open(
            io.BytesIO(data), formats=(kind, "MPO") if kind == "JPEG" else (kind,)
        ) as im:
            _refuse_size(im)
            image, made = read_pixels(im, deep=is_deep_png(data))
    except UnidentifiedImageError as unknown:
        raise _RefusedError(say("This {kind} picture is damaged.", kind=kind)) from unknown
    except Image.DecompressionBombError as bomb:
        raise _RefusedError(say("This picture has more than 40 million pixels.")) from bomb
    except _BROKEN as broken:
        raise _RefusedError(
            say("This {kind} picture is damaged or cut off: {broken}.", kind=kind, broken=broken)
        ) from broken
    changes.extend(made)
    if image.getchannel("A").getbbox() is None:
        raise _RefusedError(say("This picture is empty: every pixel is transparent."))
    small = max(image.size) < SMALL_SIDE
    warned = ("low resolution: it will look blurred; send 400 px or more, or an SVG",)
    return _Drawn(image, tuple(changes), warned if small else ())


def _refuse_size(im: Image.Image) -> None:
    width, height = im.size
    if width * height > MAX_IMAGE_PIXELS:
        raise _RefusedError(say("This picture has more than 40 million pixels."))
    if min(width, height) < 1 or max(width / height, height / width) > 100:
        raise _RefusedError(say("This picture is more than a hundred times longer than wide."))
