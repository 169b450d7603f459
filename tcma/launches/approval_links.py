"""Approving a launch by a mailed link: one person, one question, until one day.

The link only names who may look and what was asked. Whether that person may decide, and whether the
launch still is what they were shown, is asked of the same verbs as at the desk.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from tcma.accounts.models import UserAccount
from tcma.accounts.queries import Organisation, memberships
from tcma.db.scope import found
from tcma.errors import NotFound
from tcma.ids import Signer
from tcma.launches.approval_rules import AFTER_THE_ANSWER_IS_DUE, Approver, Subject
from tcma.launches.models import Launch, LaunchApproval
from tcma.launches.rules import LaunchState
from tcma.permissions import Permission, Principal

PURPOSE = "launch"
UNCHECKED = datetime(1970, 1, 1, tzinfo=UTC)


class Standing(StrEnum):
    """What a link is good for now."""

    OPEN = "open"
    USED = "used"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedApproval:
    """What stands behind a link. `person` acts as themselves; `asked` is what the mail spoke of."""

    launch: Launch
    asked: Subject
    person: Principal
    email: str
    side: Organisation
    standing: Standing


def link_for(signer: Signer, row: LaunchApproval, user_id: UUID) -> str:
    """Return the token by which one person answers a question."""
    last = row.answer_by + AFTER_THE_ANSWER_IS_DUE
    return signer.sign(PURPOSE, f"{row.id}:{user_id}", expires_at=last)


def behind(session: Session, signer: Signer, token: str, *, now: datetime) -> MailedApproval:
    """Return what a link is about; NotFound when it is forged, or its person approves no more.

    A link to a question that was asked anew answers the new one: the page says what changed.
    """
    number, user_id = signer.read(PURPOSE, token, UNCHECKED).split(":")
    row = found(session.get(LaunchApproval, UUID(number)))
    launch = found(session.get(Launch, row.launch_id))
    user = found(session.get(UserAccount, UUID(user_id)))
    is_vendor = row.approver == Approver.VENDOR
    side_id = row.vendor_id if is_vendor else row.partner_id
    role = found(
        next((m for m in memberships(session, user.id) if m.organisation.id == side_id), None)
    )
    person = Principal(
        user_id=user.id,
        name=user.name,
        role=role.role,
        vendor_id=side_id if is_vendor else None,
        partner_id=None if is_vendor else side_id,
        via="signed link",
    )
    if not person.may(Permission.LAUNCH_APPROVE):
        raise NotFound
    ends = signer.expiry(token)
    standing = Standing.OPEN
    if launch.state != LaunchState.AWAITING:
        standing = Standing.USED
    elif ends and now > ends:
        standing = Standing.LATE
    return MailedApproval(
        launch=launch,
        asked=Subject.of(row.asked),
        person=person,
        email=user.email,
        side=role.organisation,
        standing=standing,
    )
