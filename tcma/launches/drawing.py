"""Who is held out and who gets which variant, as conditions on a contact's row."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, and_, func, literal

from tcma.contacts.models import Contact
from tcma.launches.hold_out import DRAWS
from tcma.launches.trial import Arm

HOLD_OUT, VARIANT = 0, 1
"""Which part of a person's draw decides what."""


def drawn(campaign_id: UUID, part: int) -> ColumnElement[int]:
    """Return `hold_out.draw` of a contact's row."""
    whole: Any = literal(campaign_id.bytes, LargeBinary()).op("||")(Contact.address_hash)
    mark = func.sha256(whole)
    return func.get_byte(mark, 2 * part) * 256 + func.get_byte(mark, 2 * part + 1)


def in_arm(campaign_id: UUID, share: int, arm: Arm) -> ColumnElement[bool]:
    """Return the condition under which somebody is in an arm of a test (`trial.arm_of`)."""
    number = drawn(campaign_id, VARIANT)
    if arm is Arm.REST:
        return number * 100 >= share * DRAWS
    return and_(number * 100 < share * DRAWS, number % 2 == int(arm is Arm.B))


def held_out(campaign_id: UUID, percent: int) -> ColumnElement[bool] | None:
    """Return the condition under which somebody is held out; None when nobody is."""
    return drawn(campaign_id, HOLD_OUT) * 100 < percent * DRAWS if percent else None
