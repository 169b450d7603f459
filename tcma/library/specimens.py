"""A version with everything around it that rendering asks for, whoever sends it; not yet anybody's."""

from dataclasses import dataclass
from uuid import UUID

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import NotFound
from tcma.library.heads import head_of, vendor_logos
from tcma.library.ingredients import Ingredients, pictures_of
from tcma.library.models import CampaignVersion
from tcma.library.samples import SamplePartner
from tcma.library.sources import source_of
from tcma.partners.kits import vendor_kit
from tcma.partners.queries import ProfileView, vendor_brand
from tcma.permissions import Permission
from tcma.rendering.kits import Pictures, VendorKit
from tcma.rendering.lockup import LogoSet
from tcma.rendering.source import CampaignSource


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
            partner=sample.kit.with_logos(*(head_of(work, self.source, sample.logos),) * 2),
            vendor=self.vendor.with_logos(*(head_of(work, self.source, self.vendor_logos),) * 2),
            profile=_no_profile(self.vendor_id),
            partner_logos=sample.logos,
            vendor_logos=self.vendor_logos,
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
        vendor_logos=vendor_logos(work, vendor, vendor_brand(work.session, vendor_id)),
    )


def _no_profile(vendor_id: UUID) -> ProfileView:
    return ProfileView(
        id=None, partner_id=vendor_id, no=0, fields={}, logo_key=None, logo_white_key=None,
        marks={}, made_at=None,
    )  # fmt: skip
