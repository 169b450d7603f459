"""A version with everything around it that rendering asks for, whoever sends it; not yet anybody's."""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import NotFound
from tcma.library.ingredients import Ingredients, pictures_of
from tcma.library.models import CampaignVersion
from tcma.library.samples import SamplePartner
from tcma.library.sources import source_of
from tcma.partners.kits import vendor_kit, vendor_logos
from tcma.partners.public_files import public_address, store_public
from tcma.partners.queries import ProfileView, vendor_brand
from tcma.permissions import Permission
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.kits import Picture, Pictures, VendorKit
from tcma.rendering.lockup import LogoSet, MailLogo, mail_logo
from tcma.rendering.source import CampaignSource

GROUNDS = ("#FFFFFF", "#13292F")
"""Of a light and of a dark mail; the head of a mail stands on one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """Source, pictures and the vendor's brand."""

    vendor_id: UUID
    source: CampaignSource
    pictures: Pictures
    vendor: VendorKit
    vendor_logos: LogoSet

    def sent_by(self, work: Work, sample: SamplePartner, language: str = "") -> Ingredients:
        """Return what this is made of when `sample` sends it."""
        return Ingredients(
            source=self.source,
            partner=sample.kit.with_logos(*(_head_logo(work, sample, each) for each in GROUNDS)),
            vendor=self.vendor,
            profile=_no_profile(self.vendor_id),
            pictures=self.pictures,
            language=self.source.language_for(language or sample.kit.language),
            page_url=f"{work.site.public_url}/go/{sample.slug}/{self.source.slug}",
        )


def specimen_of(work: Work, version_id: UUID) -> Specimen:
    """Return a version to be tried on; NotFound for another vendor's."""
    work.require(Permission.CAMPAIGN_AUTHOR)
    version = found(work.session.get(CampaignVersion, version_id))
    if not work.principal.is_system and version.vendor_id != work.principal.vendor_id:
        raise NotFound
    pictures = pictures_of(work, version_id, work.site.public_url)
    return specimen(work, version.vendor_id, source_of(work, version_id), pictures)


def specimen(work: Work, vendor_id: UUID, source: CampaignSource, pictures: Pictures) -> Specimen:
    """Return a source in its vendor's clothes."""
    vendor = vendor_kit(work.session, vendor_id, public_url=work.site.public_url)
    return Specimen(
        vendor_id=vendor_id,
        source=source,
        pictures=pictures,
        vendor=vendor,
        vendor_logos=vendor_logos(work.files, vendor, vendor_brand(work.session, vendor_id)),
    )


@lru_cache(maxsize=512)
def head_mark(logos: LogoSet, ground: str) -> MailLogo:
    """Return a partner's logo as the head of a mail shows it on a ground."""
    return mail_logo(logos, ground=ground, fonts=BUILT_FONTS)


def _head_logo(work: Work, sample: SamplePartner, ground: str) -> Picture | None:
    if not sample.logos.colour and not sample.logos.white:
        return None
    mark = head_mark(sample.logos, ground)
    key = store_public(work.files, mark.data, mark.media_type)
    return Picture(public_address(work.site.public_url, key), mark.width, mark.height)


def _no_profile(vendor_id: UUID) -> ProfileView:
    return ProfileView(
        id=None, partner_id=vendor_id, no=0, fields={}, logo_key=None, logo_white_key=None,
        marks={}, made_at=None,
    )  # fmt: skip
