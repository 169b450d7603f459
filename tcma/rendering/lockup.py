"""Which logo of a set stands on which ground, and how two brands stand side by side."""

import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw

from tcma.errors import Invalid
from tcma.recent import MB, recalled
from tcma.rendering.image_colour import RGB, contrast, is_dark, rgb
from tcma.rendering.image_pixels import is_white
from tcma.rendering.image_text import Frame, choose, clean, fit, is_rtl, put
from tcma.rendering.legibility import ENOUGH, Legibility, legibility
from tcma.words import say

INK, WHITE, CHALK = rgb("#10282D"), (255, 255, 255), rgb("#FBF6EE")
MAX_ENLARGED = 2.0
PLATE_PADDING = 0.42
Kind = Literal["colour", "white", "plate", "own_ground", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoSet:
    """A brand's logos as PNG (RGBA, from the gate), and what stands in when there is none."""

    name: str
    colour: bytes | None = None
    white: bytes | None = None
    primary: str = "#10282D"
    short_name: str = ""
    language: str = "en"

    def __hash__(self) -> int:
        return hash((self.name, self.colour, self.white, self.primary, self.language))

    def mark(self) -> "LogoSet":
        """Return what tells this set from others, small: digests where pictures stood."""
        return replace(self, colour=_digest(self.colour), white=_digest(self.white))


@dataclass(frozen=True, slots=True)
class Choice:
    """What `variant` decided: the picture (None: set the name in type), its plate, its contrast.

    `is_pale` when nothing of it is lost and yet much of it stays under 3 : 1, with no better choice.
    """

    kind: Kind
    png: bytes | None
    plate: RGB | None
    contrast: float
    is_pale: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """Space for a logo in px: at most this wide and high, aiming at this optical area."""

    width: float
    height: float
    area: float


@dataclass(frozen=True, slots=True)
class MailLogo:
    """A logo for a mail header: PNG at `scale` times the stated CSS pixels."""

    data: bytes
    media_type: str
    width: int
    height: int
    kind: Kind
    alt: str


def logo_set(
    name: str,
    logos: Iterable[bytes],
    *,
    primary: str = "#10282D",
    short_name: str = "",
    language: str = "en",
) -> LogoSet:
    """Sort prepared PNGs by what they are: the white one for dark grounds, the other in colour."""
    found: dict[str, bytes] = {}
    for png in logos:
        found["white" if is_white(_open(png)) else "colour"] = png
    return LogoSet(name=name, primary=primary, short_name=short_name, language=language, **found)


def _digest(png: bytes | None) -> bytes | None:
    return sha256(png).digest() if png else None


@recalled(most=512, octets=4 * MB)
def variant(logos: LogoSet, ground: RGB, *spread: RGB) -> Choice:
    """Which picture of a set to show on a ground, bare or on a plate (CONTENT 12.1).

    A logo stands where every shape of it is seen (`legibility`), also on each colour of `spread`
    that the ground takes under it. The one for such a ground comes first, then the other, then each
    on a plate: a white one on the brand's colour or Ink, one in colour on Chalk or Ink. Where none
    is clear, one of which nothing is lost will do. A picture without transparency brings its own
    ground. No picture at all: the name in type. Raises Invalid (`rendering.logo_lost`) when part of
    the logo vanishes wherever it stands.
    """
    order = [logos.white, logos.colour] if is_dark(ground) else [logos.colour, logos.white]
    present = [png for png in order if png]
    if not present:
        return Choice("text", None, None, max(contrast(INK, ground), contrast(WHITE, ground)))
    tried: list[tuple[Choice, Legibility]] = []
    for choice, grounds in _places(logos, present, (ground, *spread)):
        if choice.kind == "own_ground":
            return choice
        found = _worst(choice.png, grounds)
        if found.stands:
            return replace(choice, contrast=found.contrast)
        tried.append((replace(choice, contrast=found.contrast, is_pale=True), found))
    bearable = [each for each in tried if each[1].is_bearable]
    if not bearable:
        raise _vanishes(present[0])
    return max(bearable, key=lambda each: each[1].clear)[0]


def _places(
    logos: LogoSet, present: list[bytes], grounds: tuple[RGB, ...]
) -> Iterator[tuple[Choice, tuple[RGB, ...]]]:
    """Every way to show a logo, the best first, and the grounds on which each must be seen."""
    for png in present:
        if _fills_its_box(png):
            yield Choice("own_ground", png, None, ENOUGH), grounds
        yield Choice("white" if png == logos.white else "colour", png, None, 0.0), grounds
    for png in sorted(present, key=lambda one: one != logos.white):
        for plate in (rgb(logos.primary), INK) if png == logos.white else (CHALK, INK):
            yield Choice("plate", png, plate, 0.0), (plate,)


def _worst(png: bytes | None, grounds: tuple[RGB, ...]) -> Legibility:
    assert png is not None
    found = [_judged(png, ground) for ground in grounds]
    return Legibility(
        contrast=min(one.contrast for one in found),
        clear=min(one.clear for one in found),
        lost=max(one.lost for one in found),
    )


@recalled(most=2048, octets=MB, by=lambda png, ground: (_digest(png), ground))
def _judged(png: bytes, ground: RGB) -> Legibility:
    return legibility(_open(png), ground)


def _vanishes(png: bytes) -> Invalid:
    light, dark = (_judged(png, ground).weakest or INK for ground in (CHALK, INK))
    return Invalid(
        "Part of this logo vanishes wherever it stands: #{:02X}{:02X}{:02X} on a light ground,"
        " #{:02X}{:02X}{:02X} on a dark one.".format(*light, *dark),
        code="rendering.logo_lost",
        remedy="Upload it in one colour, or add a white version for dark grounds.",
    )


@recalled(most=48, octets=8 * MB)
def piece(
    logos: LogoSet, ground: RGB, room: Room, fonts: Path, spread: tuple[RGB, ...] = ()
) -> Image.Image:
    """The brand as it stands on the ground: RGBA, never stretched, enlarged at most twice.

    Shared between callers: read it, do not draw on it.
    """
    choice = variant(logos, ground, *spread)
    if choice.png is None:
        return _name_in_type(logos, WHITE if is_dark(ground) else INK, room, fonts)
    image = _open(choice.png)
    if choice.kind == "own_ground":
        return _rounded(_scaled(image, room))
    if choice.plate is None:
        return _scaled(image, room)
    inner = Room(room.width * 0.78, room.height * 0.72, room.area * 0.8)
    return _on_plate(_scaled(image, inner), choice.plate)


def mail_logo(
    logos: LogoSet, *, ground: str, fonts: Path, room: Room | None = None, scale: int = 2
) -> MailLogo:
    """The brand for a mail header on a ground colour; room by default as CONTENT 12.1 states it.

    At most 172 × 48 CSS px; a logo taller than 2 : 1 may use 56 px of height.
    """
    room = room or Room(172, 56 if _is_tall(logos) else 48, 48 * 48 * 3.6 / 2.2)
    big = Room(room.width * scale, room.height * scale, room.area * scale**2)
    image = _whole(piece(logos, rgb(ground), big, fonts), scale)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=6)
    return MailLogo(
        data=out.getvalue(),
        media_type="image/png",
        width=image.width // scale,
        height=image.height // scale,
        kind=variant(logos, rgb(ground)).kind,
        alt=logos.name,
    )


def _whole(image: Image.Image, scale: int) -> Image.Image:
    """Padded with nothing to a whole number of CSS pixels."""
    size = (-(-image.width // scale) * scale, -(-image.height // scale) * scale)
    out = Image.new("RGBA", size)
    out.paste(image, (0, 0))
    return out


def _is_tall(logos: LogoSet) -> bool:
    png = logos.colour or logos.white
    image = _open(png) if png else None
    return image is not None and image.height > 2 * image.width


@recalled(most=2048, octets=MB, by=_digest)
def _fills_its_box(png: bytes) -> bool:
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    return image.getchannel("A").getextrema()[0] == 255


@recalled(most=4, octets=17 * MB)  # decoded: one of the largest, or those of a partner and a vendor
def _open(png: bytes) -> Image.Image:
    """Trimmed to what is visible; shared, not to be drawn on."""
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    box = image.getchannel("A").point([0] * 9 + [255] * 247).getbbox()
    return image.crop(box) if box else image


def _scaled(image: Image.Image, room: Room) -> Image.Image:
    ratio = image.width / image.height
    height = min(
        math.sqrt(room.area / ratio),
        room.height,
        room.width / ratio,
        image.height * MAX_ENLARGED,
    )
    size = (max(1, round(height * ratio)), max(1, round(height)))
    return image.resize(size, Image.Resampling.LANCZOS)


def rounded_mask(size: tuple[int, int], radius: float) -> Image.Image:
    """Anti-aliased rounded rectangle as an L mask."""
    fine = 4
    mask = Image.new("L", (size[0] * fine, size[1] * fine))
    corner = (size[0] * fine - 1, size[1] * fine - 1)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *corner), radius=radius * fine, fill=255)
    return mask.resize(size, Image.Resampling.LANCZOS)


def _rounded(image: Image.Image) -> Image.Image:
    out = image.copy()
    out.putalpha(rounded_mask(image.size, min(image.size) * 0.1))
    return out


def _on_plate(image: Image.Image, colour: RGB) -> Image.Image:
    pad = round(image.height * PLATE_PADDING)
    size = (image.width + 2 * pad, image.height + round(1.3 * pad))
    out = Image.new("RGBA", size, (*colour, 0))
    out.paste(Image.new("RGBA", size, (*colour, 255)), (0, 0), rounded_mask(size, size[1] * 0.2))
    out.alpha_composite(image, (pad, (size[1] - image.height) // 2))
    return out


def _name_in_type(logos: LogoSet, fill: RGB, room: Room, fonts: Path) -> Image.Image:
    largest = max(11, round(room.height * 0.55))
    for name in filter(None, (clean(logos.name), clean(logos.short_name))):
        type_ = choose(
            name, role="display", fonts=fonts, rtl=is_rtl(logos.language), language=logos.language
        )
        for lowest in (max(10, round(room.height * 0.28)), 8):
            frame = Frame(room.width, room.height, largest, lowest, lines=2, leading=1.12)
            block = fit(name, type_, frame)
            if block:
                size = (math.ceil(block.width) + 2, math.ceil(block.height + block.size))
                image = Image.new("RGBA", size)
                put(image, block, type_, (image.width if type_.rtl else 0, 0), (*fill, 255))
                _, top, _, bottom = image.getbbox() or (0, 0, *size)
                return image.crop((0, top, image.width, bottom))
    raise Invalid(
        say(
            "The name “{logos}” does not fit where the logo stands, even in two lines.",
            logos=logos.name,
        ),
        code="rendering.does_not_fit",
        remedy=say("Upload a logo, or give a short name of at most 24 characters."),
    )
