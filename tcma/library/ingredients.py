"""What one partner's campaign is made of, gathered once and named by the hash of all of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from tcma import rendering
from tcma.db.work import Work
from tcma.library.heads import head_of, partner_logos, vendor_logos
from tcma.library.models import CampaignVersion, PartnerCopy
from tcma.library.sources import source_of
from tcma.partners.kits import kit_of, vendor_kit
from tcma.partners.public_files import public_address, public_key
from tcma.partners.queries import (
    ProfileView,
    brand_in_force,
    brand_version,
    partner_of,
    vendor_brand,
)
from tcma.rendering.kits import PartnerKit, Picture, Pictures, VendorKit
from tcma.rendering.lockup import LogoSet
from tcma.rendering.source import CampaignSource
from tcma.rendering.studio import Draws, here


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredients:
    """Source, brands, pictures and the partner's values in one language."""

    source: CampaignSource
    partner: PartnerKit
    vendor: VendorKit
    profile: ProfileView
    partner_logos: LogoSet
    vendor_logos: LogoSet
    pictures: Pictures
    slots: Mapping[str, Any] = field(default_factory=dict)
    language: str
    page_url: str

    def mark(self, *about: str) -> str:
        """Return the SHA-256 that names a result made of these, `about` and the rendering code."""
        parts = [
            rendering_mark(),
            self.source.content_hash,
            asdict(self.partner),
            asdict(self.vendor),
            asdict(self.pictures),
            dict(self.slots),
            self.language,
            self.page_url,
            self.profile.logo_key,
            self.profile.logo_white_key,
            about,
        ]
        text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1)
def rendering_mark() -> str:
    """Return a hash of the rendering code, so that a new release draws and compiles anew."""
    digest = hashlib.sha256()
    for folder in rendering.__path__:
        for path in sorted(p for p in Path(folder).iterdir() if p.suffix in {".py", ".typ"}):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def gather(  # noqa: PLR0913 - what a copy is made of
    work: Work,
    copy: PartnerCopy,
    *,
    language: str | None = None,
    values: Mapping[str, Any] | None = None,
    brand_id: UUID | None = None,
    page_url: str | None = None,
    draw: Draws = here,
) -> Ingredients:
    """Return the ingredients of a copy. `values` not yet saved win over the copy's own.

    `brand_id` names a profile version, else the one in force is taken; `draw` makes the heads' logos.
    """
    source = source_of(work, copy.version_id)
    spoken = source.language_for(language or copy.language)
    return _gathered(
        work,
        copy.vendor_id,
        copy.partner_id,
        copy.version_id,
        slots=dict(copy.slots.get(spoken, {})) | dict(values or {}),
        language=spoken,
        brand_id=brand_id,
        page_url=page_url or "",
        draw=draw,
    )


def gather_for(  # noqa: PLR0913 - what a version is made of for a partner
    work: Work,
    version: tuple[UUID, UUID],
    partner_id: UUID,
    *,
    values: Mapping[str, Any],
    language: str,
    brand_id: UUID | None = None,
) -> Ingredients:
    """Return what (vendor, version) is made of for a partner with these values alone, copy or not."""
    vendor_id, version_id = version
    return _gathered(
        work,
        vendor_id,
        partner_id,
        version_id,
        slots=dict(values),
        language=language,
        brand_id=brand_id,
        page_url="",
    )


def _gathered(  # noqa: PLR0913 - what anything is made of
    work: Work,
    vendor_id: UUID,
    partner_id: UUID,
    version_id: UUID,
    *,
    slots: Mapping[str, Any],
    language: str,
    brand_id: UUID | None,
    page_url: str,
    draw: Draws = here,
) -> Ingredients:
    source = source_of(work, version_id)
    public_url = work.site.public_url
    profile = (
        brand_version(work.session, brand_id)
        if brand_id
        else brand_in_force(work.session, partner_id)
    )
    firm = partner_of(work.session, partner_id)
    partner = kit_of(profile, firm, public_url=public_url)
    vendor = vendor_kit(work.session, vendor_id, public_url=public_url)
    own = partner_logos(work, partner, profile)
    house = vendor_logos(work, vendor, vendor_brand(work.session, vendor_id))
    return Ingredients(
        source=source,
        partner=partner.with_logos(*(head_of(work, source, own, draw),) * 2),
        vendor=vendor.with_logos(*(head_of(work, source, house, draw),) * 2),
        profile=profile,
        partner_logos=own,
        vendor_logos=house,
        pictures=pictures_of(work, version_id, public_url),
        slots=slots,
        language=language,
        page_url=page_url,
    )


def pictures_of(work: Work, version_id: UUID, public_url: str) -> Pictures:
    """Return the art and fonts of a version by their public addresses."""
    facts = work.session.get_one(CampaignVersion, version_id).facts
    return Pictures(
        images={
            name: Picture(public_address(public_url, key), width, height)
            for name, (key, width, height) in facts["art"].items()
        },
        fonts={file: public_address(public_url, key) for file, key in facts["fonts"].items()},
    )


def sizes_of(work: Work, made_of: Ingredients) -> dict[str, int]:
    """Return the octets of every public picture and font that a page of these may load."""
    public_url = work.site.public_url
    shown = [*made_of.pictures.images.values()]
    for kit in (made_of.partner, made_of.vendor):
        shown += [each for each in (kit.logo, kit.logo_on_dark) if each]
    addresses = {*(each.url for each in shown), *made_of.pictures.fonts.values()}
    return {
        address: len(work.files.get(public_key(public_url, address)))
        for address in addresses
        if address.startswith(public_url)
    }
