"""Letters that invite many people at once: `notices.invitation`, queued in one go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tcma.db.work import Work
from tcma.delivery.letters import write_letter
from tcma.delivery.notices import house_of, queue_letters, when


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """One person's: address, name, where and as what, until when, by which link; `zone` is its clock."""

    to: str
    name: str
    organisation: str
    role: str
    until: datetime
    url: str
    zone: str


def send(work: Work, invites: Sequence[Invite], *, invited_by: str, vendor_id: UUID) -> None:
    """Queue a letter for each."""
    house, foot = house_of(work, vendor_id)
    letters = []
    for one in invites:
        values = {
            "vendor": house,
            "person": one.name,
            "organisation": one.organisation,
            "invited_by": invited_by,
            "role": one.role,
            "until": when(one.until, one.zone),
        }
        letters.append(
            (one.to, write_letter("invitation", values, house=house, url=one.url, foot=foot))
        )
    queue_letters(work, letters, vendor_id=vendor_id)
