"""The recipe of one picture: a canvas, its art, and layers in drawing order, read from TOML."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Literal

from tcma.rendering.findings import TemplateRefused, error, nearest, refusal
from tcma.rendering.image_colour import rgb
from tcma.rendering.image_frames import (
    ANIMATED,
    FEWEST_FRAMES,
    MOST_FRAMES,
    MOVES_S,
    SHORTEST_S,
)
from tcma.rendering.image_text import FontRole

MAX_CANVAS = 4096
Edge = Literal["start", "end"]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Veil:
    """A soft ground under the text: from the start edge to `reach` of the width."""

    reach: float
    strength: float
    colour: str = "#FBF3E9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockup:
    """Partner, hairline, vendor. `row`: at (x, y) with this height. `stack`: partner above."""

    at: tuple[int, int]
    height: int
    arrange: Literal["row", "stack"] = "row"
    width: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A slot set in a box (x, y, w, h) at the largest of `size` (max, min) that fits; in a moving
    picture on the `frames` named, counted from 1, else on all.
    """

    slot: str
    box: Box
    size: tuple[int, int]
    lines: int
    font: FontRole = "display"
    leading: float = 1.08
    place: float = 0.0
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pill:
    """The action: at (x, y) from the start (or end) edge, or `gap` px under a text."""

    slot: str
    at: tuple[int, int]
    height: int
    max_width: int
    edge: Edge = "start"
    under: str = ""
    gap: int = 0


Layer = Veil | Lockup | Text | Pill
_KINDS: Mapping[str, type[Layer]] = {"veil": Veil, "lockup": Lockup, "text": Text, "pill": Pill}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One picture of a campaign. Boxes are in px of `size`; `scale` is what it is drawn at. With
    `seconds` it moves: how long each of its frames stands.
    """

    name: str
    size: tuple[int, int]
    art: str
    layers: tuple[Layer, ...]
    text_colour: str = "#10282D"
    pill_colour: str = "#AD3614"
    pill_text: str = "#FFFFFF"
    focus: tuple[float, float] = (0.5, 0.5)
    mirror_rtl: bool = True
    scale: int = 1
    quality: int = 88
    alt: str = ""
    seconds: tuple[float, ...] = ()

    def layers_of(self, frame: int) -> tuple[Layer, ...]:
        """Layers of one frame, counted from 1, in drawing order."""
        return tuple(
            layer
            for layer in self.layers
            if not isinstance(layer, Text) or not layer.frames or frame in layer.frames
        )

    @property
    def slots(self) -> tuple[str, ...]:
        """Slot names this picture asks for, in drawing order."""
        return tuple(layer.slot for layer in self.layers if isinstance(layer, Text | Pill))


@lru_cache(maxsize=128)
def load_recipe(toml_text: str, *, name: str) -> Recipe:
    """Read a recipe; `name` is the file, used in messages.

    Raises TemplateRefused for broken TOML, an unknown key or layer kind, a value of the wrong
    shape, a layer that leaves the canvas, or a picture over 4096 px a side.
    """
    try:
        raw = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as broken:
        raise refusal(name, "recipe", f"This is not TOML: {broken}.") from broken
    layers = tuple(_layer(entry, name, i) for i, entry in enumerate(raw.pop("layer", []), 1))
    _known(raw, Recipe, name, "the picture")
    try:
        recipe = Recipe(name=name, layers=layers, **_tuples(raw))
        _check(recipe)
    except (TypeError, ValueError) as wrong:
        if isinstance(wrong, TemplateRefused):
            raise
        raise refusal(name, "recipe", f"A value has the wrong shape: {wrong}.") from wrong
    return recipe


def _layer(entry: dict[str, Any], name: str, number: int) -> Layer:
    kind = entry.pop("kind", "")
    if kind not in _KINDS:
        raise refusal(
            name, "recipe", f"Layer {number} has the unknown kind “{kind}”.",
            remedy=nearest(str(kind), _KINDS),
        )  # fmt: skip
    shape = _KINDS[kind]
    _known(entry, shape, name, f"layer {number} ({kind})")
    try:
        return shape(**_tuples(entry))
    except TypeError as wrong:
        raise refusal(name, "recipe", f"Layer {number} ({kind}): {wrong}.") from wrong


def _known(entry: Mapping[str, Any], shape: type[Layer | Recipe], name: str, where: str) -> None:
    allowed = {field.name for field in fields(shape)} - {"name", "layers"}
    for key in entry:
        if key not in allowed:
            raise refusal(
                name, "recipe", f"Unknown key “{key}” in {where}.", remedy=nearest(key, allowed)
            )


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}


def _check(recipe: Recipe) -> None:
    width, height = recipe.size
    wrong = (
        [] if 0 < width <= MAX_CANVAS and 0 < height <= MAX_CANVAS else ["size is out of bounds"]
    )
    if recipe.scale not in (1, 2):
        wrong.append("scale is 1 or 2")
    for colour in (recipe.text_colour, recipe.pill_colour, recipe.pill_text):
        rgb(colour)
    wrong.extend(_wrong_frames(recipe))
    texts = {layer.slot for layer in recipe.layers if isinstance(layer, Text)}
    for layer in recipe.layers:
        wrong.extend(_wrong(layer, recipe.size, texts))
    if wrong:
        raise TemplateRefused(
            [error(recipe.name, "recipe", f"{w[0].upper()}{w[1:]}.") for w in wrong]
        )


def _wrong_frames(recipe: Recipe) -> list[str]:
    moves, count = recipe.name.rpartition("/")[2].startswith(ANIMATED), len(recipe.seconds)
    named = [layer for layer in recipe.layers if isinstance(layer, Text) and layer.frames]
    found = []
    if moves != bool(count):
        found.append(f"a picture with seconds is named {ANIMATED}…, and no other")
    if count and not FEWEST_FRAMES <= count <= MOST_FRAMES:
        found.append(f"a moving picture has {FEWEST_FRAMES} to {MOST_FRAMES} frames")
    if any(each < SHORTEST_S for each in recipe.seconds) or sum(recipe.seconds) > MOVES_S:
        found.append(f"a frame stands {SHORTEST_S:.0f} s or longer, all of them {MOVES_S:.0f} s")
    if any(not 1 <= frame <= count for layer in named for frame in layer.frames):
        found.append("a text stands on a frame that is not there")
    hangs = {layer.under for layer in recipe.layers if isinstance(layer, Pill)}
    if any(layer.slot in hangs for layer in named):
        found.append("the pill hangs under a text that does not stand on every frame")
    if count and not any(isinstance(layer, Text) for layer in recipe.layers_of(1)):
        found.append("the first frame must carry the message: mail programs may show only it")
    return found


def _wrong(layer: Layer, size: tuple[int, int], texts: set[str]) -> list[str]:
    found = []
    if isinstance(layer, Text):
        x, y, w, h = layer.box
        if x < 0 or y < 0 or x + w > size[0] or y + h > size[1]:
            found.append(f"the box of “{layer.slot}” leaves the canvas")
        if layer.size[0] < layer.size[1] or layer.lines < 1:
            found.append(f"size of “{layer.slot}” is [largest, smallest], lines at least 1")
    elif isinstance(layer, Pill):
        if layer.under and layer.under not in texts:
            found.append(f"the pill hangs under an unknown text “{layer.under}”")
        if layer.at[0] + layer.max_width > size[0]:
            found.append("the pill can leave the canvas: at[0] + max_width is too much")
    elif isinstance(layer, Lockup):
        if layer.arrange == "stack" and not layer.width:
            found.append("a stacked lock-up needs a width")
    else:
        rgb(layer.colour)
        if not (0 < layer.reach <= 1 and 0 <= layer.strength <= 1):
            found.append("reach and strength of a veil are shares, 0 to 1")
    return found
