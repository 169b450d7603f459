"""A brand profile in the two forms that rendering asks for: a kit of texts, a set of logos."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tcma.partners.public_files import public_address
from tcma.partners.queries import (
    OrganisationView,
    ProfileView,
    partner_of,
    vendor,
    vendor_brand,
)
from tcma.ports import FileStore
from tcma.rendering.kits import PartnerKit, Picture, VendorKit
from tcma.rendering.lockup import LogoSet

_TEXTS = (
    "name", "legal_name", "address", "short_name", "registration", "phone", "site", "privacy_url",
    "imprint_url", "person", "role",
)  # fmt: skip
_COLOURS = ("primary", "accent")


def partner_kit(session: Session, profile: ProfileView, *, public_url: str) -> PartnerKit:
    """Return the kit of a profile; empty fields stay empty, the preflight names them."""
    return kit_of(profile, partner_of(session, profile.partner_id), public_url=public_url)


def kit_of(profile: ProfileView, firm: OrganisationView, *, public_url: str) -> PartnerKit:
    """Return the kit of a profile and the partner it belongs to."""
    fields = profile.fields
    texts = {name: fields.get(name, "") for name in _TEXTS}
    texts["name"] = texts["name"] or firm.name
    texts["legal_name"] = texts["legal_name"] or firm.legal_name
    return PartnerKit(
        **texts,
        country=firm.country,
        language=fields.get("language", firm.locale).split("-")[0],
        from_local=fields.get("from_local", "hello"),
        colours={name: fields[name] for name in _COLOURS if fields.get(name)},
        logo=_picture(profile.marks.get("light"), public_url),
        logo_on_dark=_picture(profile.marks.get("dark"), public_url),
    )


def vendor_kit(session: Session, vendor_id: UUID, *, public_url: str) -> VendorKit:
    """Return the vendor's side of co-branding."""
    brand = vendor_brand(session, vendor_id)
    marks = brand.get("marks", {})
    return VendorKit(
        name=brand.get("name") or vendor(session, vendor_id).name,
        logo=_picture(marks.get("light"), public_url),
        logo_on_dark=_picture(marks.get("dark"), public_url),
    )


def partner_logos(files: FileStore, kit: PartnerKit, profile: ProfileView) -> LogoSet:
    """Return the partner's logos as pixels, for images."""
    return LogoSet(
        name=kit.name,
        short_name=kit.short_name,
        primary=kit.colours.get("primary", "#10282D"),
        language=kit.language,
        colour=files.get(profile.logo_key) if profile.logo_key else None,
        white=files.get(profile.logo_white_key) if profile.logo_white_key else None,
    )


def vendor_logos(files: FileStore, kit: VendorKit, brand: Mapping[str, Any]) -> LogoSet:
    """Return the vendor's logos as pixels, for images."""
    colour, white = brand.get("logo_key"), brand.get("logo_white_key")
    return LogoSet(
        name=kit.name,
        primary=brand.get("primary", "#10282D"),
        colour=files.get(colour) if colour else None,
        white=files.get(white) if white else None,
    )


def _picture(mark: tuple[str, int, int] | None, public_url: str) -> Picture | None:
    if mark is None:
        return None
    key, width, height = mark
    return Picture(public_address(public_url, key), width, height)
