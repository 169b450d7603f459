"""What rules of visibility can ask for: tiers, types, territories, languages, roles; codes with words."""

from tcma.partners import queries as partners
from tcma.partners.rules import PartnerKind, Tier
from tcma.permissions import Role
from tcma.rendering.source import LANGUAGES
from tcma.web.forms.desk import KIND_WORDS
from tcma.web.unit_of_work import work
from tcma.words import say

ROLES = {
    Role.OWNER.value: say("Owner"),
    Role.PARTNER_MARKETER.value: say("Marketer"),
    Role.SELLER.value: say("Seller"),
}


def options() -> dict[str, list[tuple[str, str]]]:
    """Return what each rule can ask for, but certifications, which are typed."""
    vendor_id = work().principal.vendor_id
    areas = partners.territories(work().session, vendor_id) if vendor_id else []
    return {
        "tier": [(tier.value, tier.value.capitalize()) for tier in Tier],
        "kind": [(kind.value, KIND_WORDS[kind]) for kind in PartnerKind],
        "territory": [(area.code, area.name) for area in areas],
        "language": [(code, code.upper()) for code in LANGUAGES],
        "role": list(ROLES.items()),
    }
