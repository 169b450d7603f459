"""The logo the new partner of the story brings: a low sun over furrows, its name beside it."""

import io

from PIL import Image, ImageDraw, ImageFont

from tcma.rendering.fits import BUILT_FONTS

GREEN, CREAM, OCHRE, INK = "#1F5C4A", "#F3E7CF", "#E0A63A", "#17302A"
SIDE, FINE = 200, 4
FURROWS = 5


def logo():
    """A PNG on transparent ground, as a partner's own designer would hand it over."""
    sign = sign_of(SIDE * FINE).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    sheet = Image.new("RGBA", (5 * SIDE, SIDE))
    sheet.alpha_composite(sign)
    name = ImageFont.truetype(BUILT_FONTS / "display-600.ttf", 104)
    ImageDraw.Draw(sheet).text((236, SIDE // 2), "Harrow & Vale", font=name, fill=INK, anchor="lm")
    out = io.BytesIO()
    sheet.crop(sheet.getbbox()).save(out, "PNG")
    return out.getvalue()


def sign_of(side):
    """The sign alone: a rounded square."""
    ground = Image.new("RGBA", (side, side), CREAM)
    draw = ImageDraw.Draw(ground)
    draw.ellipse((0.33 * side, 0.17 * side, 0.67 * side, 0.51 * side), fill=OCHRE)
    for furrow in range(FURROWS):
        top = (0.42 + 0.13 * furrow) * side
        box = (-0.45 * side, top, 1.45 * side, top + 1.9 * side)
        draw.ellipse(box, fill=CREAM if furrow % 2 else GREEN)
    mask = Image.new("L", (side, side))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side - 1, side - 1), 0.22 * side, fill=255)
    return Image.composite(ground, Image.new("RGBA", (side, side)), mask)
