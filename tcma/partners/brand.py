"""Saving a brand: logos through the gate, drawn anew for mails, each save a new version."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Forbidden, Invalid
from tcma.partners.models import BrandProfile, Partner, Vendor
from tcma.partners.public_files import store_public
from tcma.partners.queries import ProfileView, brand_in_force
from tcma.partners.rules import checked_profile
from tcma.permissions import Permission
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.lockup import LogoSet, mail_logo
from tcma.rendering.logos import prepare
from tcma.words import say

GROUNDS = {"light": "#FFFFFF", "dark": "#13292F"}
"""The head of a mail by day and by night."""

Keys = tuple[str | None, str | None]


def save_profile(  # noqa: PLR0913 - the form's parts
    work: Work,
    *,
    fields: Mapping[str, str],
    logo: bytes | None = None,
    logo_white: bytes | None = None,
    remove_logos: bool = False,
    partner_id: UUID | None = None,
) -> ProfileView:
    """Write a new version of the principal's brand; the same content again stays one version.

    A logo not given is kept from the version before; a white one given as `logo` is recognised.
    Raises Invalid with a sentence per field, or the gate's reason under `logo`.
    """
    work.require(Permission.BRAND_EDIT)
    owner = _own(work, partner_id)
    clean = checked_profile(fields)
    firm = found(work.session.get(Partner, owner, with_for_update=True))
    before = brand_in_force(work.session, owner)
    kept: Keys = (None, None) if remove_logos else (before.logo_key, before.logo_white_key)
    keys = _logo_keys(work, logo, logo_white, kept)
    marks = _marks(work, clean["name"], clean["primary"], keys)
    stored: dict[str, Any] = {**clean, "marks": marks}
    same = before.fields == clean and (before.logo_key, before.logo_white_key) == keys
    if same and before.no:
        return before
    version = BrandProfile(
        partner_id=firm.id,
        no=before.no + 1,
        fields=stored,
        logo_key=keys[0],
        logo_white_key=keys[1],
        made_by=work.principal.user_id,
        made_at=work.now,
    )
    work.session.add(version)
    work.session.flush()  # the view below reads the new version
    work.audit("saved", "brand_profile", version.id, partner_id=owner, no=version.no)
    return brand_in_force(work.session, owner)


def save_vendor_brand(
    work: Work,
    *,
    vendor_id: UUID,
    logo: bytes | None = None,
    logo_white: bytes | None = None,
    primary: str = "#10282D",
) -> None:
    """Set the vendor's own logos and colour, which every campaign shows."""
    work.require(Permission.CAMPAIGN_AUTHOR)
    if not work.principal.is_system and vendor_id != work.principal.vendor_id:
        found(None)
    vendor = found(work.session.get(Vendor, vendor_id, with_for_update=True))
    kept: Keys = (vendor.kit.get("logo_key"), vendor.kit.get("logo_white_key"))
    keys = _logo_keys(work, logo, logo_white, kept)
    vendor.kit = vendor.kit | {
        "primary": primary,
        "logo_key": keys[0],
        "logo_white_key": keys[1],
        "marks": _marks(work, vendor.name, primary, keys),
    }
    work.audit("saved brand", "vendor", vendor.id, vendor_id=vendor.id)


def _own(work: Work, partner_id: UUID | None) -> UUID:
    if work.principal.is_system:
        return found(partner_id)
    if work.principal.partner_id is None:
        raise Forbidden(say("A partner's brand is the partner's to edit."), code="profile.side")
    if partner_id not in (None, work.principal.partner_id):
        found(None)
    return work.principal.partner_id


def _logo_keys(work: Work, logo: bytes | None, white: bytes | None, kept: Keys) -> Keys:
    colour_key, white_key = kept
    for field, data in (("logo", logo), ("logo_white", white)):
        if not data:
            continue
        try:
            ready = prepare(data)
        except Invalid as refused:
            raise _at(field, refused) from refused
        key = store_public(work.files, ready.png, "image/png")
        if ready.is_white:
            white_key = key
        elif field == "logo":
            colour_key = key
        else:
            message = say("This logo is not white.")
            remedy = say("Upload it as the logo in colour.")
            raise Invalid(message, code="logo.colour", remedy=remedy, fields={field: message})
    return colour_key, white_key


def _marks(work: Work, name: str, primary: str, keys: Keys) -> dict[str, Any]:
    if not any(keys):
        return {}
    colour, white = (work.files.get(key) if key else None for key in keys)
    logos = LogoSet(name=name, primary=primary, colour=colour, white=white)
    marks = {}
    for ground, hex_colour in GROUNDS.items():
        try:
            mark = mail_logo(logos, ground=hex_colour, fonts=BUILT_FONTS)
        except Invalid as refused:
            raise _at("logo", refused) from refused
        key = store_public(work.files, mark.data, mark.media_type)
        marks[ground] = [key, mark.width, mark.height]
    return marks


def _at(field: str, refused: Invalid) -> Invalid:
    return Invalid(
        refused.message,
        code=refused.code,
        remedy=refused.remedy,
        fields={field: refused.advice},
    )
