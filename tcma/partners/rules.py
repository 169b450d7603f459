"""What an enrolment is, and when a brand profile is complete."""

from collections.abc import Mapping
from enum import StrEnum


class EnrolmentState(StrEnum):
    """A partner's standing with one vendor."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Tier(StrEnum):
    """Classes of partners, lowest first."""

    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


class PartnerKind(StrEnum):
    """What a partner does for a living."""

    VAR = "var"
    MSP = "msp"
    SI = "si"
    DISTRIBUTOR = "distributor"


PROFILE_FIELDS = ("name", "legal_name", "address", "person", "role", "primary")
"""The six fields without which no mail may leave."""

PROFILE_WORDS = {
    "name": "Display name",
    "legal_name": "Legal name",
    "address": "Postal address",
    "person": "Who signs",
    "role": "Their role",
    "primary": "Main colour",
    "phone": "Phone number",
    "logo": "Logo",
}


def missing_from_profile(fields: Mapping[str, str]) -> list[str]:
    """Return the required fields that are empty, in the order the form asks for them."""
    return [name for name in PROFILE_FIELDS if not fields.get(name, "").strip()]
