"""The logos of a campaign: fetched once per process, chosen on the ground where each really stands."""

from collections.abc import Mapping
from typing import Any

from tcma.db.work import Work
from tcma.partners import kits
from tcma.partners.public_files import public_address, store_public
from tcma.partners.queries import ProfileView
from tcma.recent import MB, Recent
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.kits import PartnerKit, Picture, VendorKit
from tcma.rendering.lockup import LogoSet, MailLogo, mail_logo
from tcma.rendering.source import CampaignSource
from tcma.rendering.studio import Draws, here

LIGHT, DARK = "#FFFFFF", "#13292F"
_sets = Recent[LogoSet](most=500, octets=8 * MB)
_heads = Recent[MailLogo](most=512, octets=8 * MB)


def ground_of(source: CampaignSource) -> str:
    """Return the colour behind the logos at the head of a campaign's mails and page."""
    return source.look.get("top") or (DARK if source.look.get("dark") == "yes" else LIGHT)


def head_of(
    work: Work, source: CampaignSource, logos: LogoSet, draw: Draws = here
) -> Picture | None:
    """Return a logo as this campaign's head shows it, None where the name is set in type.

    `draw` makes it when this process has not shown it lately.

    Raises Invalid (`rendering.logo_lost`) for a logo that vanishes wherever it stands.
    """
    if not logos.colour and not logos.white:
        return None
    mark = head_mark(logos, ground_of(source), draw)
    key = store_public(work.files, mark.data, mark.media_type)
    return Picture(public_address(work.site.public_url, key), mark.width, mark.height)


def head_mark(logos: LogoSet, ground: str, draw: Draws = here) -> MailLogo:
    """Return a logo as the head of a mail shows it on a ground."""
    mark = (logos.mark(), ground)
    return _heads.get(mark) or _heads.keep(
        mark, draw(mail_logo, logos, ground=ground, fonts=BUILT_FONTS)
    )


def partner_logos(work: Work, kit: PartnerKit, profile: ProfileView) -> LogoSet:
    """Return a partner's logos as pixels."""
    mark = _mark(kit.name, kit.short_name, kit.language, kit.colours.get("primary"),
                 profile.logo_key, profile.logo_white_key)  # fmt: skip
    return _sets.get(mark) or _sets.keep(mark, kits.partner_logos(work.files, kit, profile))


def vendor_logos(work: Work, kit: VendorKit, brand: Mapping[str, Any]) -> LogoSet:
    """Return the vendor's logos as pixels."""
    parts = (brand.get(key) for key in ("primary", "logo_key", "logo_white_key"))
    mark = _mark("vendor", kit.name, *parts)
    return _sets.get(mark) or _sets.keep(mark, kits.vendor_logos(work.files, kit, brand))


def _mark(*parts: object) -> str:
    return "\n".join(map(str, parts))
