"""What time decides about a question: approvers are reminded the day before their answer is due, and
whoever launched hears when none came. Each once, however often it is looked.
"""

from datetime import timedelta
from enum import IntEnum

from sqlalchemy import select

from tcma.db.work import Work
from tcma.launches.approval_rules import ApprovalState, Approver, remind_at
from tcma.launches.approving import tell_approvers
from tcma.launches.models import Launch, LaunchApproval
from tcma.launches.rules import LaunchState
from tcma.launches.telling import tell_unanswered
from tcma.partners.models import Partner, Vendor

BATCH = 100
SOON = timedelta(days=2)
"""No day before an answer is due begins earlier."""


class Told(IntEnum):
    """How far the letters about a question's day are; the numbers are stored."""

    NOBODY = 0
    APPROVERS = 1
    PARTNER = 2


def remind(work: Work, *, most: int = BATCH) -> int:
    """Write the letters that are due now; return about how many questions."""
    rows = work.session.execute(
        select(LaunchApproval, Launch, Vendor.zone, Partner.zone)
        .join(Launch, Launch.id == LaunchApproval.launch_id)
        .join(Vendor, Vendor.id == LaunchApproval.vendor_id)
        .join(Partner, Partner.id == LaunchApproval.partner_id)
        .where(
            LaunchApproval.state == ApprovalState.OPEN,
            LaunchApproval.reminders < Told.PARTNER,
            LaunchApproval.answer_by <= work.now + SOON,
            Launch.state == LaunchState.AWAITING,
        )
        .order_by(LaunchApproval.answer_by)
        .limit(most)
        .with_for_update(skip_locked=True, of=LaunchApproval)
    ).all()
    return sum(_tell(work, row, launch, at_vendor, own) for row, launch, at_vendor, own in rows)


def _tell(work: Work, row: LaunchApproval, launch: Launch, at_vendor: str, own: str) -> bool:
    zone = at_vendor if row.approver == Approver.VENDOR else own
    if row.answer_by <= work.now:
        row.reminders = Told.PARTNER
        tell_unanswered(work, launch, row, zone=own)
    elif row.reminders < Told.APPROVERS and remind_at(row.answer_by, zone) <= work.now:
        row.reminders = Told.APPROVERS
        tell_approvers(work, launch, row, again=True)
    else:
        return False
    return True
