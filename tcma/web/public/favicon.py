"""The product's mark for browser tabs of pages that show no organisation's logo."""

import io
from functools import lru_cache

from flask import make_response
from flask.typing import ResponseReturnValue
from PIL import Image, ImageDraw

from tcma.web.auth import open_to_all
from tcma.web.public import public

INK, PAPER = (27, 29, 31, 255), (246, 246, 243, 255)
SIDE = 256
SIZES = ((16, 16), (32, 32), (48, 48))


@lru_cache(maxsize=1)
def mark() -> bytes:
    """Return the mark as ICO: one source, three channels."""
    image = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, SIDE - 1, SIDE - 1), radius=56, fill=INK)
    for y in (64, 128, 192):
        pen.line((76, 128, 184, y), fill=PAPER, width=20)
        pen.ellipse((162, y - 24, 210, y + 24), fill=PAPER)
    pen.ellipse((40, 92, 112, 164), fill=PAPER)
    out = io.BytesIO()
    image.resize((96, 96), Image.Resampling.LANCZOS).save(out, "ICO", sizes=list(SIZES))
    return out.getvalue()


@public.get("/favicon.ico")
@open_to_all("the same picture for everybody")
def favicon() -> ResponseReturnValue:
    """Return the mark."""
    response = make_response(mark())
    response.mimetype = "image/x-icon"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
