"""Co-branded pictures from a recipe: art, veil, lock-up, fitted headline, one action.

What does not depend on the partner (art and veil) is drawn once and kept, as is each logo.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tcma.errors import Invalid
from tcma.rendering.image_colour import contrast, rgb
from tcma.rendering.image_frames import MEDIA_TYPE as GIF
from tcma.rendering.image_frames import animated
from tcma.rendering.image_layers import (
    Brands,
    bake,
    draw_label,
    draw_lockup,
    ground_contrast,
    pill_mask,
)
from tcma.rendering.image_recipe import Layer, Lockup, Pill, Recipe, Text, load_recipe
from tcma.rendering.image_text import (
    Block,
    FontRole,
    Frame,
    Type,
    choose,
    clean,
    fit,
    is_rtl,
    lines_needed,
    put,
)
from tcma.rendering.lockup import INK, WHITE, LogoSet, variant
from tcma.words import say

__all__ = ["ImageReport", "LogoSet", "Recipe", "RenderedImage", "SlotFit", "check_fit",
           "load_recipe", "render"]  # fmt: skip
READABLE = 4.5
PILL_SMALLEST = 0.30
PILL_LARGEST = 0.37
Typeset = tuple[Type, Block | None]
"""What a text is set with, and how its lines break; None when it fits at no size."""


@dataclass(frozen=True, slots=True)
class SlotFit:
    """How one text stands: its size in px of the file, lines used (or needed) and allowed.

    `contrast` is that of the worst 0.5 % of the rendered ground, 0 where only fit was asked.
    """

    slot: str
    fits: bool
    size: float
    lines: int
    allowed: int
    contrast: float = 0.0
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class ImageReport:
    """What a proof shows beside a picture."""

    slots: tuple[SlotFit, ...]
    partner_logo: str
    partner_logo_height: float
    bytes: int
    fits: bool = True

    @property
    def lowest_contrast(self) -> float:
        return min((slot.contrast for slot in self.slots), default=21.0)


@dataclass(frozen=True, slots=True)
class RenderedImage:
    """The file, exactly as large as its recipe says (twice that when asked for)."""

    data: bytes
    media_type: str
    width: int
    height: int
    report: ImageReport


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    recipe: Recipe
    texts: Mapping[str, str]
    language: str
    fonts: Path
    rtl: bool
    pill_colour: str
    pill_text: str


def check_fit(
    recipe: Recipe, *, texts: Mapping[str, str], language: str, fonts: Path
) -> tuple[SlotFit, ...]:
    """Measure every text of a recipe without drawing; a missing text does not fit.

    Raises Invalid (`rendering.no_glyphs`) when no font of ours draws a text.
    """
    job = _job(recipe, texts, language, fonts, None)
    return _fits(job, _all_set(job))


def render(  # noqa: PLR0913 - the parts of one picture, each named by the caller
    recipe: Recipe,
    *,
    art: Mapping[str, bytes],
    partner: LogoSet,
    vendor: LogoSet,
    texts: Mapping[str, str],
    language: str,
    fonts: Path,
    accent: str | None = None,
    double: bool = False,
) -> RenderedImage:
    """Draw one picture as JPEG, a moving one as GIF.

    `accent` colours the action where Ink or white on it reaches 4.5 : 1, else it is ignored.
    `double` delivers twice the named size. Raises Invalid (`rendering.does_not_fit`, fields by
    slot) for a text that does not fit at its smallest size, `rendering.no_art` for missing art.
    """
    if recipe.art not in art:
        raise Invalid(
            f"The art “{recipe.art}” of {recipe.name} is missing.", code="rendering.no_art"
        )
    job = _job(recipe, texts, language, fonts, accent)
    typeset = _all_set(job)
    _refuse_misfits(recipe, _fits(job, typeset))
    ground = (art[recipe.art], recipe, job.rtl and recipe.mirror_rtl)
    baked = bake(*ground)
    brands = Brands(partner, vendor, baked.lockup_ground, baked.spread, fonts)
    drawn = [
        _frame_drawn(job, recipe.layers_of(frame), typeset, baked.image, brands, ground)
        for frame in range(1, max(1, len(recipe.seconds)) + 1)
    ]
    factor = 2 if double else 1
    size = (recipe.size[0] * factor, recipe.size[1] * factor)
    frames = [_sized(each.canvas, size, recipe.scale, factor) for each in drawn]
    data, media_type = _encoded(frames, recipe)
    kind = variant(partner, baked.lockup_ground, *baked.spread).kind
    slots = {slot.slot: slot for each in drawn for slot in each.slots}
    height = drawn[0].logo_height / recipe.scale
    report = ImageReport(tuple(slots.values()), kind, height, len(data))
    return RenderedImage(data, media_type, *size, report)


@dataclass(frozen=True, slots=True)
class _Frame:
    canvas: Image.Image
    slots: tuple[SlotFit, ...]
    logo_height: float


def _frame_drawn(  # noqa: PLR0913, PLR0917 - what stands on which ground
    job: _Job,
    layers: tuple[Layer, ...],
    typeset: Mapping[Text | Pill, Typeset],
    baked: Image.Image,
    brands: Brands,
    ground: tuple[bytes, Recipe, bool],
) -> _Frame:
    canvas = baked.copy()
    slots: list[SlotFit] = []
    bottoms: dict[str, float] = {}
    height = 0.0
    for layer in layers:
        if isinstance(layer, Lockup):
            height = draw_lockup(canvas, layer, brands, scale=job.recipe.scale, rtl=job.rtl)
        elif isinstance(layer, Text):
            slots.append(_draw_text(canvas, job, layer, typeset[layer], bottoms, ground))
        elif isinstance(layer, Pill):
            slots.append(_draw_pill(canvas, job, layer, typeset[layer], bottoms))
    return _Frame(canvas, tuple(slots), height)


def _sized(canvas: Image.Image, size: tuple[int, int], scale: int, factor: int) -> Image.Image:
    if scale > factor:
        return canvas.reduce(scale)
    return canvas if canvas.size == size else canvas.resize(size, Image.Resampling.LANCZOS)


def _encoded(frames: list[Image.Image], recipe: Recipe) -> tuple[bytes, str]:
    if recipe.seconds:
        return animated(frames, recipe.seconds, name=recipe.name), GIF
    out = io.BytesIO()
    frames[0].save(out, "JPEG", quality=recipe.quality)
    return out.getvalue(), "image/jpeg"


def _job(
    recipe: Recipe, texts: Mapping[str, str], language: str, fonts: Path, accent: str | None
) -> _Job:
    pill, label = recipe.pill_colour, recipe.pill_text
    if accent:
        ratio, best = max((contrast(c, rgb(accent)), c) for c in (WHITE, INK))
        if ratio >= READABLE:
            pill, label = accent, "#{:02X}{:02X}{:02X}".format(*best)
    return _Job(
        recipe=recipe, texts={k: clean(v) for k, v in texts.items()}, language=language,
        fonts=fonts, rtl=is_rtl(language), pill_colour=pill, pill_text=label,
    )  # fmt: skip


def _all_set(job: _Job) -> dict[Text | Pill, Typeset]:
    layers = (layer for layer in job.recipe.layers if isinstance(layer, Text | Pill))
    return {layer: _set(job, layer) for layer in layers}


def _fits(job: _Job, typeset: Mapping[Text | Pill, Typeset]) -> tuple[SlotFit, ...]:
    return tuple(_fit_of(job, layer, block) for layer, (_, block) in typeset.items())


def _set(job: _Job, layer: Text | Pill) -> Typeset:
    text, scale = job.texts.get(layer.slot, ""), job.recipe.scale
    type_ = choose(text, role=_role(layer), fonts=job.fonts, rtl=job.rtl, language=job.language)
    return type_, fit(text, type_, _frame(layer, scale)) if text else None


def _role(layer: Text | Pill) -> FontRole:
    return layer.font if isinstance(layer, Text) else "text"


def _frame(layer: Text | Pill, scale: int) -> Frame:
    if isinstance(layer, Text):
        _, _, w, h = (v * scale for v in layer.box)
        return Frame(w, h, layer.size[0] * scale, layer.size[1] * scale, layer.lines, layer.leading)
    h = layer.height * scale
    inner = layer.max_width * scale - h * 1.1
    return Frame(inner, h * 2, round(h * PILL_LARGEST), round(h * PILL_SMALLEST), 1)


def _fit_of(job: _Job, layer: Text | Pill, block: Block | None) -> SlotFit:
    scale, text = job.recipe.scale, job.texts.get(layer.slot, "")
    frame = _frame(layer, scale)
    if block:
        return SlotFit(layer.slot, True, block.size / scale, len(block.lines), frame.lines)
    type_ = choose(text, role=_role(layer), fonts=job.fonts, rtl=job.rtl, language=job.language)
    needed = lines_needed(text, type_, frame.width, frame.smallest) if text else 0
    if not text:
        remedy = say("This text is missing: write it.")
    elif needed:
        remedy = say(
            "Shorten it: {needed} lines at the smallest size, {allowed} have room.",
            needed=needed,
            allowed=frame.lines,
        )
    else:
        remedy = say("Shorten it: one word is wider than its box even at the smallest size.")
    return SlotFit(layer.slot, False, frame.smallest / scale, needed, frame.lines, remedy=remedy)


def _refuse_misfits(recipe: Recipe, fits: tuple[SlotFit, ...]) -> None:
    wrong = [slot for slot in fits if not slot.fits]
    if not wrong:
        return
    width, height = recipe.size
    first = wrong[0]
    raise Invalid(
        f"“{first.slot}” does not fit the {width} × {height} picture: it needs {first.lines or 'more'}"
        f" lines, {first.allowed} are allowed.",
        code="rendering.does_not_fit",
        remedy=first.remedy,
        fields={slot.slot: slot.remedy for slot in wrong},
    )


def _draw_text(  # noqa: PLR0913, PLR0917 - what stands on which ground
    canvas: Image.Image,
    job: _Job,
    layer: Text,
    typeset: Typeset,
    bottoms: dict[str, float],
    ground: tuple[bytes, Recipe, bool],
) -> SlotFit:
    type_, block = typeset
    assert block is not None
    x, y, _, h = (v * job.recipe.scale for v in layer.box)
    top = y + (h - block.height) * layer.place
    bottoms[layer.slot] = top + block.height
    left = canvas.width - x if job.rtl else x
    start = left - round(block.width) if job.rtl else left
    box = (start, round(top), start + round(block.width), round(top + block.height))
    ratio = ground_contrast(*ground, box)
    put(canvas, block, type_, (left, top), rgb(job.recipe.text_colour))
    size = block.size / job.recipe.scale
    return SlotFit(layer.slot, True, size, len(block.lines), layer.lines, ratio)


def _draw_pill(
    canvas: Image.Image, job: _Job, layer: Pill, typeset: Typeset, bottoms: dict[str, float]
) -> SlotFit:
    type_, block = typeset
    assert block is not None
    scale = job.recipe.scale
    h = layer.height * scale
    size = (round(block.width + h * 1.1), h)
    y = layer.at[1] * scale
    if layer.under:
        y = round(bottoms[layer.under]) + layer.gap * scale
    from_left = (layer.edge == "start") != job.rtl
    x = layer.at[0] * scale if from_left else canvas.width - layer.at[0] * scale - size[0]
    fill = Image.new("RGB", size, rgb(job.pill_colour))
    canvas.paste(fill, (x, y), pill_mask(size))
    draw_label(canvas, block, type_, (x + size[0] / 2, y + h / 2), rgb(job.pill_text))
    ratio = contrast(rgb(job.pill_text), rgb(job.pill_colour))
    return SlotFit(layer.slot, True, block.size / scale, 1, 1, ratio)
