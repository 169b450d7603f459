"""A copy's advertising pictures, drawn once for each set of ingredients, and the proof of it all."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from tcma.db.work import Work
from tcma.errors import NotFound
from tcma.library import picture_texts
from tcma.library.compiling import compile_mail, landing_of
from tcma.library.heads import partner_logos, vendor_logos
from tcma.library.ingredients import Ingredients, gather
from tcma.library.models import CampaignVersion, PartnerCopy
from tcma.partners.queries import vendor_brand
from tcma.permissions import Permission
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.images import RenderedImage, SlotFit, load_recipe, render
from tcma.rendering.source import ImageSource

MEDIA_TYPE = "image/jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A finished picture; `key` names it in the file store."""

    name: str
    data: bytes
    media_type: str
    width: int
    height: int
    key: str


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
    image = _image(made_of, name)
    key = f"images/{made_of.mark('image', name)}.jpg"
    try:
        data = work.files.get(key)
    except NotFound:
        data = _drawn(work, copy, made_of, image).data
        work.files.put(key, data, MEDIA_TYPE)
    return Drawn(
        name=name,
        data=data,
        media_type=MEDIA_TYPE,
        width=image.width,
        height=image.height,
        key=key,
    )


def _image(made_of: Ingredients, name: str) -> ImageSource:
    for image in made_of.source.images:
        if image.name == name:
            return image
    raise NotFound


def _drawn(
    work: Work, copy: PartnerCopy, made_of: Ingredients, image: ImageSource
) -> RenderedImage:
    files = made_of.source.files
    brand = vendor_brand(work.session, copy.vendor_id)
    accent = made_of.slots.get("accent")
    return render(
        load_recipe(files[image.recipe].decode(), name=image.recipe),
        art={
            path[4:].rpartition(".")[0]: data
            for path, data in files.items()
            if path.startswith("art/")
        },
        partner=partner_logos(work, made_of.partner, made_of.profile),
        vendor=vendor_logos(work, made_of.vendor, brand),
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


def render_manifest(work: Work, copy: PartnerCopy) -> dict[str, Any]:
    """Return the hashes of everything a launch of this copy shows, and the locked texts: a proof.

    Draws and compiles what was not yet; the same ingredients give the same manifest.
    """
    made_of = gather(work, copy)
    source, language = made_of.source, made_of.language
    version = work.session.get_one(CampaignVersion, copy.version_id)
    mails = {mail.key: compile_mail(work, copy, mail.key) for mail in source.mails}
    landing = landing_of(work, copy)
    pictures = {image.name: picture(work, copy, image.name) for image in source.images}
    return {
        "campaign": source.slug,
        "version": version.no,
        "content_hash": version.content_hash,
        "language": language,
        "brand_profile": made_of.profile.no,
        "partner": asdict(made_of.partner),
        "mails": {
            key: {
                "subject": mail.subject,
                "sha256": mail.artefact.sha256,
                "made_of": mail.content_hash,
            }
            for key, mail in mails.items()
        },
        "page": {
            "sha256": landing.sha256,
            "consent_text": landing.consent_text,
            "consent_version": landing.consent_version,
        },
        "images": {
            name: {
                "width": drawn.width,
                "height": drawn.height,
                "sha256": sha256(drawn.data).hexdigest(),
            }
            for name, drawn in pictures.items()
        },
        "locked": {slot.key: slot.default(language) for slot in source.slots if not slot.editable},
        "own": dict(made_of.slots),
    }
