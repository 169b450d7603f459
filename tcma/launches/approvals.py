"""What a vendor asks of launches, which need somebody's yes, and how such a question stands."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from tcma.accounts.models import UserAccount
from tcma.contacts.models import ContactList, Segment
from tcma.db.scope import visible
from tcma.delivery.sender_queries import sender_address
from tcma.launches.approval_rules import (
    ApprovalState,
    Approver,
    Policy,
    Subject,
    in_one,
    need_words,
    needs,
)
from tcma.launches.models import (
    Launch,
    LaunchApproval,
    LaunchList,
    LaunchMail,
    LaunchPolicy,
    LaunchSegment,
    LaunchTrial,
)
from tcma.launches.rules import Area, Finding, LaunchState, Severity
from tcma.partners.models import Vendor
from tcma.permissions import Permission, Principal
from tcma.words import say

ARRANGED = ("standing order", "one yes")
"""Acting for a partner by the vendor's own calendar or run: the vendor has decided already."""
NONE = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about a launch for whoever looks at it."""

    id: UUID
    state: ApprovalState
    approver: Approver
    why: str
    asked: Subject
    asked_at: datetime
    answer_by: datetime
    words: str
    decided_by: str
    decided_at: datetime | None


def policy_of(session: Session, vendor_id: UUID) -> Policy:
    """Return what a vendor asks of its partners' launches."""
    row = session.get(LaunchPolicy, vendor_id)
    if row is None:
        return NONE
    return Policy(
        asks_first=row.asks_first,
        asks_above=row.asks_above,
        asks_edited=row.asks_edited,
        approver=Approver(row.approver),
    )


def needs_of(
    session: Session, principal: Principal, launch: Launch, people: int
) -> list[tuple[Any, ...]]:
    """Return why a launch to so many people needs a yes; empty when whoever starts it gives it, or
    its vendor arranged it.
    """
    policy = policy_of(session, launch.vendor_id)
    if not policy.asks or is_exempt(policy, principal):
        return []
    edited = bool(launch.slots) and launch.follows_id is None
    return [*needs(policy, is_first=_is_first(session, launch), is_edited=edited, people=people)]


def is_exempt(policy: Policy, principal: Principal) -> bool:
    """Say whether somebody's own start is the yes that a policy asks for."""
    if principal.via in ARRANGED:
        return True
    own = policy.approver is Approver.PARTNER and bool(principal.partner_id)
    return own and principal.may(Permission.LAUNCH_APPROVE)


def _is_first(session: Session, launch: Launch) -> bool:
    earlier = exists().where(
        Launch.vendor_id == launch.vendor_id,
        Launch.partner_id == launch.partner_id,
        Launch.id != launch.id,
        Launch.started_at.is_not(None),
    )
    return not session.scalar(select(earlier))


def findings(session: Session, launch: Launch, needed: list[tuple[Any, ...]]) -> list[Finding]:
    """Return what the preflight says: who has to say yes first, and why."""
    if not needed:
        return []
    policy = policy_of(session, launch.vendor_id)
    vendor = session.get_one(Vendor, launch.vendor_id).name
    ask = {
        Approver.VENDOR: say("{vendor} has to approve it first. {why}", vendor=vendor, why=in_one(need_words(needed))),
        Approver.PARTNER: say("The owner of your account has to approve it first. {why}", why=in_one(need_words(needed))),
    }  # fmt: skip
    remedy = say("They get a mail when you ask, and answer without signing in.")
    return [Finding(Area.LAW, Severity.LOOK, ask[policy.approver], remedy=remedy)]


def subject_of(session: Session, launch: Launch, people: int) -> Subject:
    """Return what a yes to a launch is given to, as it stands now."""
    lists = session.execute(
        select(ContactList.id, ContactList.name)
        .join(LaunchList, LaunchList.list_id == ContactList.id)
        .where(LaunchList.launch_id == launch.id)
        .union_all(
            select(Segment.id, Segment.name)
            .join(LaunchSegment, LaunchSegment.segment_id == Segment.id)
            .where(LaunchSegment.launch_id == launch.id)
        )
    ).all()
    named = sorted((row.name, str(row.id)) for row in lists)
    mails = select(func.count()).where(LaunchMail.launch_id == launch.id, LaunchMail.arm == 0)
    return Subject(
        content=_content_of(session, launch),
        people=people,
        lists=tuple(name for name, _ in named),
        list_ids=tuple(number for _, number in named),
        sender=sender_address(session, launch.sender_id),
        when=launch.due_at.astimezone(UTC).isoformat(),
        mails=session.scalar(mails) or 0,
    )


def _content_of(session: Session, launch: Launch) -> str:
    """Hash all that the mails are made of: the version, brand and values as pinned, and the test."""
    trial = session.get(LaunchTrial, launch.id)
    tested = [] if trial is None else [
        trial.variant, trial.subject, trial.share, trial.hours, str(trial.sender_id),
        trial.from_name,
    ]  # fmt: skip
    mails = session.execute(
        select(LaunchMail.no, LaunchMail.mail, LaunchMail.audience)
        .where(LaunchMail.launch_id == launch.id, LaunchMail.arm == 0)
        .order_by(LaunchMail.no)
    ).all()
    made_of = [
        str(launch.version_id), str(launch.brand_id), launch.language, launch.slots,
        [list(mail) for mail in mails], tested, launch.hold_out,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def newest(session: Session, launch_id: UUID, *states: ApprovalState) -> LaunchApproval | None:
    """Return the last question about a launch, of some states when they are given."""
    wanted = select(LaunchApproval).where(LaunchApproval.launch_id == launch_id)
    if states:
        wanted = wanted.where(LaunchApproval.state.in_(states))
    return session.scalar(wanted.order_by(LaunchApproval.id.desc()).limit(1))


def waiting_count(session: Session, principal: Principal) -> int:
    """Return how many launches wait for the yes of a principal's side."""
    wanted = visible(select(func.count()).select_from(LaunchApproval), principal, LaunchApproval)
    side = Approver.VENDOR if principal.vendor_id else Approver.PARTNER
    waiting = wanted.join(Launch, Launch.id == LaunchApproval.launch_id).where(
        LaunchApproval.state == ApprovalState.OPEN,
        LaunchApproval.approver == side,
        Launch.state == LaunchState.AWAITING,
    )
    return session.scalar(waiting) or 0


def question_of(session: Session, launch_id: UUID) -> Question | None:
    """Return the last question that somebody was asked about a launch, for a page that may show it."""
    row = newest(
        session, launch_id, *(each for each in ApprovalState if each is not ApprovalState.EXEMPT)
    )
    return told(session, row) if row is not None else None


def told(session: Session, row: LaunchApproval) -> Question:
    """Return a question as a page shows it."""
    person = session.get(UserAccount, row.decided_by) if row.decided_by else None
    return Question(
        id=row.id,
        state=ApprovalState(row.state),
        approver=Approver(row.approver),
        why=in_one(need_words(row.needs)),
        asked=Subject.of(row.asked),
        asked_at=row.asked_at,
        answer_by=row.answer_by,
        words=row.words,
        decided_by=person.name if person else "",
        decided_at=row.decided_at,
    )
