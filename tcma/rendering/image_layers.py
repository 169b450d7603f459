"""The layers of a picture: art and veil drawn once, lock-up, button; all on one canvas."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from tcma.recent import MB, recalled
from tcma.rendering.image_colour import RGB, extremes, is_dark, mean, rgb, worst_contrast
from tcma.rendering.image_recipe import Lockup, Recipe, Veil
from tcma.rendering.image_text import Block, Type, put
from tcma.rendering.lockup import INK, WHITE, LogoSet, Room, piece, rounded_mask


@dataclass(frozen=True, slots=True)
class Baked:
    """The ground of a picture; `lockup_ground` is its mean under the logos, `spread` its extremes."""

    image: Image.Image
    lockup_ground: RGB
    spread: tuple[RGB, ...] = ()


@dataclass(frozen=True, slots=True)
class Brands:
    """The two brands of a lock-up, the ground they stand on, and where the fonts are."""

    partner: LogoSet
    vendor: LogoSet
    ground: RGB
    spread: tuple[RGB, ...]
    fonts: Path

    def partner_in(self, room: Room) -> Image.Image:
        return piece(self.partner, self.ground, room, self.fonts, self.spread)

    def vendor_in(self, room: Room) -> Image.Image:
        return piece(self.vendor, self.ground, room, self.fonts, self.spread)


@recalled(most=40, octets=96 * MB)
def bake(art: bytes, recipe: Recipe, mirrored: bool) -> Baked:  # noqa: FBT001 - a cache key
    """Art fitted to the canvas with its veils: the same for every partner."""
    size = (recipe.size[0] * recipe.scale, recipe.size[1] * recipe.scale)
    image = Image.open(io.BytesIO(art)).convert("RGB")
    focus = recipe.focus
    if mirrored:
        image, focus = ImageOps.mirror(image), (1 - focus[0], focus[1])
    image = ImageOps.fit(image, size, Image.Resampling.LANCZOS, centering=focus)
    ground: RGB = mean(image, (0, 0, *size))
    spread: tuple[RGB, ...] = ()
    for layer in recipe.layers:
        if isinstance(layer, Veil):
            draw_veil(image, layer, mirrored=mirrored)
        elif isinstance(layer, Lockup):
            box = _lockup_box(layer, size, recipe.scale, mirrored=mirrored)
            ground, spread = mean(image, box), extremes(image, box)
    return Baked(image, ground, spread)


def _lockup_box(
    layer: Lockup, size: tuple[int, int], scale: int, *, mirrored: bool
) -> tuple[int, int, int, int]:
    x, y, h = layer.at[0] * scale, layer.at[1] * scale, layer.height * scale
    w = layer.width * scale or h * 6
    left = size[0] - x - w if mirrored else x
    return left, y, left + w, y + h


@recalled(most=400, octets=24 * MB)
def ground_contrast(
    art: bytes,
    recipe: Recipe,
    mirrored: bool,  # noqa: FBT001 - a cache key
    box: tuple[int, int, int, int],
) -> float:
    """Contrast of the recipe's text colour on the worst 0.5 % of a box of the baked ground."""
    return worst_contrast(bake(art, recipe, mirrored).image, box, rgb(recipe.text_colour))


def draw_veil(image: Image.Image, layer: Veil, *, mirrored: bool) -> None:
    """Lay a veil over the start edge of a picture, in place."""
    fade = Image.linear_gradient("L").rotate(90).resize(image.size)
    table = [
        int(max(0.0, 1 - v / 255 / layer.reach) ** 1.1 * 255 * layer.strength) for v in range(256)
    ]
    mask = fade.point(table)
    veil = Image.new("RGB", image.size, rgb(layer.colour))
    image.paste(veil, (0, 0), ImageOps.mirror(mask) if mirrored else mask)


def draw_lockup(
    canvas: Image.Image, layer: Lockup, brands: Brands, *, scale: int, rtl: bool
) -> float:
    """Partner first; clear space is half the vendor's height. Gives the partner's height in px."""
    x, y, h = layer.at[0] * scale, layer.at[1] * scale, layer.height * scale
    if layer.arrange == "stack":
        wide = layer.width * scale
        first = brands.partner_in(Room(wide, h * 0.56, h * wide * 0.44))
        second = brands.vendor_in(Room(wide * 0.76, h * 0.26, h * wide * 0.22))
        gap = round(h * 0.17)
        top = y + (h - first.height - second.height - gap) // 2
        _place(canvas, first, (x, top), rtl=rtl)
        _place(canvas, second, (x, top + first.height + gap), rtl=rtl)
        return first.height
    first = brands.partner_in(Room(h * 6, h * 1.24, h * h * 3.6))
    second = brands.vendor_in(Room(h * 4.6, h * 0.72, h * h * 3.2))
    tint = WHITE if is_dark(brands.ground) else INK
    rule = Image.new("RGBA", (max(1, round(h / 30)), round(h * 1.05)), (*tint, 90))
    gap = round(h * 0.52)
    for image, start in (
        (first, x),
        (rule, x + first.width + gap),
        (second, x + first.width + 2 * gap),
    ):
        _place(canvas, image, (start, y + (h - image.height) // 2), rtl=rtl)
    return first.height


def _place(canvas: Image.Image, image: Image.Image, at: tuple[int, int], *, rtl: bool) -> None:
    """Composite at (x from the start edge, y)."""
    x = canvas.width - at[0] - image.width if rtl else at[0]
    canvas.paste(image, (max(0, x), max(0, at[1])), image)


@recalled(most=128, octets=8 * MB)
def pill_mask(size: tuple[int, int]) -> Image.Image:
    return rounded_mask(size, size[1] / 2)


def draw_label(
    canvas: Image.Image, block: Block, type_: Type, middle: tuple[float, float], fill: RGB
) -> None:
    """One line centred on its cap height (Latin) or a touch below the middle (Arabic)."""
    font = type_.at(block.size)
    capital = font.getbbox("H", anchor="ls")
    drop = font.size * 0.26 if type_.arabic else -(capital[1] + capital[3]) / 2
    put(canvas, block, type_, (middle[0], middle[1] + drop), fill, anchor="ms")
