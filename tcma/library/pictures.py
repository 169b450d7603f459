"""A copy's advertising pictures, drawn once for each set of ingredients."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import NotFound
from tcma.library import picture_texts
from tcma.library.ingredients import Ingredients, gather
from tcma.library.models import PartnerCopy
from tcma.permissions import Permission
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.images import RenderedImage, SlotFit, load_recipe, render
from tcma.rendering.source import CampaignSource, ImageSource
from tcma.rendering.studio import Draws, here

MEDIA_TYPES = {"jpg": "image/jpeg", "gif": "image/gif"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A finished picture; `key` names it in the file store."""

    name: str
    data: bytes
    media_type: str
    width: int
    height: int
    key: str

    @property
    def file_name(self) -> str:
        """What the file is called."""
        return f"{self.name}.{self.key.rpartition('.')[2]}"


def picture(
    work: Work,
    copy: PartnerCopy,
    name: str,
    *,
    language: str | None = None,
    values: Mapping[str, Any] | None = None,
) -> Drawn:
    """Return one picture of a copy, such as `banner_1200x628`, drawn or from the store.

    Raises NotFound for an unknown name, Invalid (fields by slot) for a text that does not fit.
    """
    work.require(Permission.CAMPAIGN_READ)
    made_of = gather(work, copy, language=language, values=values)
    return drawn_once(work, made_of, name)


def key_of(made_of: Ingredients, image: ImageSource) -> str:
    """Return the file store's key of a picture, drawn or not."""
    return f"images/{made_of.mark('image', image.name)}.{image.suffix}"


def drawn_once(work: Work, made_of: Ingredients, name: str, draw: Draws = here) -> Drawn:
    """Return one picture of these ingredients, drawn or from the store; raises as `picture`."""
    image = image_named(made_of.source, name)
    key = key_of(made_of, image)
    media_type = MEDIA_TYPES[image.suffix]
    try:
        data = work.files.get(key)
    except NotFound:
        data = drawn_of(made_of, image, draw).data
        work.files.put(key, data, media_type)
    return Drawn(
        name=name,
        data=data,
        media_type=media_type,
        width=image.width,
        height=image.height,
        key=key,
    )


def image_named(source: CampaignSource, name: str) -> ImageSource:
    """Return a picture of a campaign by its name; NotFound when there is none."""
    return found(next((image for image in source.images if image.name == name), None))


def drawn_of(made_of: Ingredients, image: ImageSource, draw: Draws = here) -> RenderedImage:
    """Draw one picture; Invalid (fields by slot) for a text that does not fit."""
    files = made_of.source.files
    accent = made_of.slots.get("accent")
    return draw(
        render,
        load_recipe(files[image.recipe].decode(), name=image.recipe),
        art={
            path[4:].rpartition(".")[0]: data
            for path, data in files.items()
            if path.startswith("art/")
        },
        partner=made_of.partner_logos,
        vendor=made_of.vendor_logos,
        texts=picture_texts.texts_of(made_of, image),
        language=made_of.language,
        fonts=BUILT_FONTS,
        accent=accent if isinstance(accent, str) and accent else None,
    )


def picture_fits(
    work: Work,
    copy: PartnerCopy,
    *,
    language: str | None = None,
    values: Mapping[str, Any] | None = None,
) -> dict[str, tuple[SlotFit, ...]]:
    """Return, picture by picture, how its texts fit; without drawing."""
    return picture_texts.picture_fits(gather(work, copy, language=language, values=values))
