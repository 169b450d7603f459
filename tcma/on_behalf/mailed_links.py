"""An arranged launch by its mailed link: one person, one launch, until some days after it should go."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.accounts.models import UserAccount
from tcma.accounts.queries import Organisation, memberships
from tcma.db.scope import found
from tcma.errors import NotFound
from tcma.ids import Signer
from tcma.on_behalf.models import ArrangedLaunch
from tcma.on_behalf.rules import HELD_FOR
from tcma.permissions import Permission, Principal

PURPOSE = "ahead"
UNCHECKED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedLaunch:
    """What stands behind a link. `person` acts as themselves; `late` links only show."""

    ref: str
    person: Principal
    partner: Organisation
    late: bool


def link_for(signer: Signer, row: ArrangedLaunch, user_id: UUID) -> str:
    """Return the token by which one person steers `row`."""
    last = row.send_at + HELD_FOR
    return signer.sign(PURPOSE, f"{row.ref}:{user_id}", expires_at=last)


def behind(session: Session, signer: Signer, token: str, *, now: datetime) -> MailedLaunch:
    """Return what a link is about; NotFound when forged, or when its person plans no launch more."""
    ref, user_id = signer.read(PURPOSE, token, UNCHECKED).split(":")
    user = found(session.get(UserAccount, UUID(user_id)))
    partner_id = found(
        session.scalar(select(ArrangedLaunch.partner_id).where(ArrangedLaunch.ref == ref))
    )
    role = found(
        next((m for m in memberships(session, user.id) if m.organisation.id == partner_id), None)
    )
    person = Principal(
        user_id=user.id, name=user.name, role=role.role, partner_id=partner_id, via="signed link"
    )  # fmt: skip
    if not person.may(Permission.LAUNCH_PLAN):
        raise NotFound
    ends = signer.expiry(token)
    return MailedLaunch(
        ref=ref, person=person, partner=role.organisation, late=bool(ends and now > ends)
    )
