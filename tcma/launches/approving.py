"""Asking for a yes to a launch, and answering: it is bound to what was shown, and given once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert as upsert

from tcma.accounts import queries as accounts
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery import launch_notices
from tcma.delivery.notices import Reader
from tcma.delivery.small_cells import FEW_WORDS, is_few
from tcma.errors import Conflict, Forbidden, Invalid
from tcma.ids import new_id
from tcma.launches.approval_links import link_for
from tcma.launches.approval_rules import (
    ApprovalState,
    Approver,
    Need,
    Policy,
    Subject,
    answer_by,
    changes,
    covers,
    in_one,
    need_words,
    needs,
)
from tcma.launches.approvals import is_exempt, needs_of, newest, policy_of, subject_of
from tcma.launches.audience import of_launch
from tcma.launches.beginning import begin
from tcma.launches.models import Launch, LaunchApproval, LaunchPolicy
from tcma.launches.moving import held, move, record
from tcma.launches.preflight import preflight, reach_of
from tcma.launches.rules import LaunchState, blocking
from tcma.partners import history
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Permission, Principal, Role
from tcma.words import say

OPEN = ApprovalState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What somebody who answers was shown: the mark of a `Subject`, and to how many people."""

    mark: str
    people: int


def set_policy(work: Work, policy: Policy) -> None:
    """State which launches of its partners a vendor wants approved; it holds from the next start on."""
    work.require(Permission.LAUNCH_APPROVE)
    vendor_id = found(work.principal.vendor_id)
    facts = {name: getattr(policy, name) for name in Policy.__slots__}
    before = policy_of(work.session, vendor_id)
    history.record(
        work, "launch_policy", vendor_id,
        {name: getattr(before, name) for name in facts}, facts, vendor_id=vendor_id,
    )  # fmt: skip
    work.session.execute(
        upsert(LaunchPolicy)
        .values(vendor_id=vendor_id, changed_at=work.now, **facts)
        .on_conflict_do_update(index_elements=["vendor_id"], set_={**facts, "changed_at": work.now})
    )


def asks(work: Work, launch: Launch) -> bool:
    """Ask for a yes where a launch that is about to start needs one; False where it may start."""
    policy = policy_of(work.session, launch.vendor_id)
    if not policy.asks:
        return False
    people = _people(work, launch)
    needed = needs_of(work.session, work.principal, launch, people)
    if not needed:
        if is_exempt(policy, work.principal):
            _write(work, launch, policy.approver, ApprovalState.EXEMPT, people, [])
        return False
    _ask(work, launch, policy, people, needed)
    return True


def asks_again(work: Work, launch: Launch, *, at: datetime) -> bool:
    """Ask anew when a launch is not what was approved: its texts, lists or sender are others, or its
    lists have grown past what was approved or what its vendor lets go unasked; False where it may go
    on. Asked in the moment of the freeze of a mail of `at`.
    """
    policy = policy_of(work.session, launch.vendor_id)
    given = newest(work.session, launch.id, ApprovalState.APPROVED, ApprovalState.EXEMPT)
    approved = Subject.of(given.asked) if given is not None else None
    if not policy.asks or (given is not None and given.state == ApprovalState.EXEMPT):
        return False
    people = _people(work, launch)
    needed = needs(policy, is_first=False, is_edited=False, people=people)
    if approved is not None and covers(approved.people, people):
        needed = []
    if given is not None and approved is not None:
        now = subject_of(work.session, launch, approved.people)
        if changes(approved, replace(now, when=approved.when)):
            needed = [(Need(need), value) for need, value in given.needs]
    if not needed:
        return False
    launch.due_at = at
    _ask(work, launch, policy, people, needed)
    return True


def _ask(
    work: Work, launch: Launch, policy: Policy, people: int, needed: Sequence[tuple[Any, ...]]
) -> None:
    move(launch, LaunchState.AWAITING)
    row = _write(work, launch, policy.approver, OPEN, people, needed)
    record(work, launch, "asked for approval", people=people, mark=Subject.of(row.asked).mark)
    tell_approvers(work, launch, row)


def _write(  # noqa: PLR0913, PLR0917 - what is asked, of whom
    work: Work,
    launch: Launch,
    approver: Approver,
    state: ApprovalState,
    people: int,
    needed: Sequence[tuple[Any, ...]],
) -> LaunchApproval:
    row = LaunchApproval(
        id=new_id(),
        launch_id=launch.id,
        vendor_id=launch.vendor_id,
        partner_id=launch.partner_id,
        approver=approver,
        state=state,
        needs=[list(each) for each in needed],
        asked=subject_of(work.session, launch, people).as_json(),
        asked_by=work.principal.user_id or launch.created_by,
        asked_at=work.now,
        answer_by=answer_by(launch.due_at, now=work.now),
        words="",
    )
    work.session.add(row)
    return row


def subject_now(work: Work, launch: Launch) -> Subject:
    """Return what a yes would be given to now."""
    return subject_of(work.session, launch, _people(work, launch))


def approve(work: Work, ref: str, *, seen: Seen) -> None:
    """Say yes to a launch as it was shown; it begins. Conflict when it has changed since, was
    answered, or was asked for by the same person; Invalid when the preflight stops it.
    """
    launch, row = _open(work, ref)
    now = subject_now(work, launch)
    if now.mark != seen.mark or now.people > seen.people:
        changed = changes(replace(Subject.of(row.asked), people=seen.people), now)
        raise Conflict(
            say("It has changed while you looked. {changes}", changes=in_one(changed)),
            code="launch.changed",
            remedy=say("Look at it as it is now, and answer again."),
        )
    hand = as_partner(work, launch)
    stops = blocking(preflight(hand, ref).findings)
    if stops:
        raise Invalid(in_one([each.message for each in stops]), code="launch.preflight",
                      remedy=say("Send it back, so that the partner mends it."))  # fmt: skip
    _close(work, row, ApprovalState.APPROVED)
    row.asked = now.as_json()
    record(work, launch, "approved", people=now.people, mark=now.mark)
    begin(hand, launch)
    _tell_asker(work, launch, row, say("“{launch}” is approved.", launch=launch.name))


def send_back(work: Work, ref: str, *, words: str) -> None:
    """Send a launch back with what is to change; it is a draft again."""
    launch, row = _open(work, ref)
    if not words.strip():
        raise Invalid(say("Say what to change, in a sentence."), code="launch.words")
    _close(work, row, ApprovalState.RETURNED)
    row.words = words.strip()
    move(launch, LaunchState.DRAFT)
    record(work, launch, "sent back", words=row.words)
    _tell_asker(work, launch, row, say("“{launch}” was sent back.", launch=launch.name))


def take_back(work: Work, ref: str) -> None:
    """Make a launch that waits for a yes a draft again; twice is once."""
    work.require(Permission.LAUNCH_PLAN)
    launch = held(work, ref)
    if launch.state == LaunchState.DRAFT:
        return
    if launch.state != LaunchState.AWAITING:
        raise Conflict(say("It does not wait for approval any more."), code="launch.state")
    row = newest(work.session, launch.id, OPEN)
    if row is not None:
        _close(work, row, ApprovalState.REPLACED)
    move(launch, LaunchState.DRAFT)
    record(work, launch, "taken back")


def tell_approvers(
    work: Work,
    launch: Launch,
    row: LaunchApproval,
    *,
    only: UUID | None = None,
    again: bool = False,
) -> None:
    """Mail everybody who may answer a link of their own; `only` one of them, who asked for a fresh one;
    `again` as a reminder.
    """
    letter = launch_notices.launch_still_to_approve if again else launch_notices.launch_to_approve
    vendor = work.session.get_one(Vendor, launch.vendor_id)
    partner = work.session.get_one(Partner, launch.partner_id)
    at_vendor = row.approver == Approver.VENDOR
    people = accounts.members_of(
        work.session,
        vendor_id=launch.vendor_id if at_vendor else None,
        partner_id=None if at_vendor else launch.partner_id,
        able_to=Permission.LAUNCH_APPROVE,
    )
    zone = vendor.zone if at_vendor else partner.zone
    on, by = (say("{at:%a %d %b, %H:%M} ({zone})", at=each.astimezone(ZoneInfo(zone)), zone=zone)
              for each in (launch.due_at, row.answer_by))  # fmt: skip
    asked = Subject.of(row.asked)
    few = at_vendor and is_few(asked.people)
    people_told = FEW_WORDS if few else f"{asked.people:,}"
    for person in people:
        if only in (None, person.user_id) and person.user_id != row.asked_by:
            letter(
                work,
                Reader.of(person),
                vendor_id=launch.vendor_id,
                values={
                    "launch": launch.name, "partner": partner.name, "why": in_one(need_words(row.needs)),
                    "people": people_told, "sender": asked.sender,
                    "on": on, "by": by,
                },
                url=f"{work.site.public_url}/l/launch/{link_for(work.site.signer, row, person.user_id)}",
            )  # fmt: skip


def link_of(work: Work, ref: str) -> str | None:
    """Return the token by which whoever acts may answer; None when nothing waits for them."""
    work.require(Permission.LAUNCH_APPROVE)
    launch = held(work, ref)
    row = newest(work.session, launch.id, OPEN)
    if launch.state != LaunchState.AWAITING or row is None or not _is_asked(work.principal, row):
        return None
    return link_for(work.site.signer, row, found(work.principal.user_id))


def _is_asked(principal: Principal, row: LaunchApproval) -> bool:
    """Say whether a question is put to somebody's side."""
    at_vendor = row.approver == Approver.VENDOR
    return bool(principal.vendor_id if at_vendor else principal.partner_id)


def ask_afresh(work: Work, launch: Launch, user_id: UUID) -> None:
    """Mail one person, whose link has ended, another that lasts as long as a first one."""
    row = newest(work.session, launch.id, OPEN)
    if row is not None:
        row.answer_by = answer_by(launch.due_at, now=work.now)
        tell_approvers(work, launch, row, only=user_id)


def as_partner(work: Work, launch: Launch) -> Work:
    """Return the same transaction, acted on for the partner whose launch it is."""
    hand = Principal(
        user_id=launch.created_by,
        name=work.principal.name,
        role=Role.OWNER,
        partner_id=launch.partner_id,
        via="approval",
    )
    return replace(work, principal=hand)


def _open(work: Work, ref: str) -> tuple[Launch, LaunchApproval]:
    """Return a launch that waits, and its question, when whoever acts may answer it."""
    work.require(Permission.LAUNCH_APPROVE)
    launch = held(work, ref)
    row = newest(work.session, launch.id, OPEN)
    if launch.state != LaunchState.AWAITING or row is None:
        raise Conflict(say("It does not wait for approval any more."), code="launch.state")
    if not _is_asked(work.principal, row):
        raise Forbidden(say("The other side decides this."))
    if work.principal.user_id == row.asked_by:
        raise Conflict(say("You asked for it, so another person decides."), code="launch.four_eyes")
    return launch, row


def _close(work: Work, row: LaunchApproval, state: ApprovalState) -> None:
    row.state = state
    row.decided_by, row.decided_at = work.principal.user_id, work.now


def _people(work: Work, launch: Launch) -> int:
    """Return how many of a launch's lists can be mailed now."""
    return reach_of(
        work.session,
        of_launch(work.session, launch, now=work.now),
        vendor_id=launch.vendor_id,
        partner_id=launch.partner_id,
        now=work.now,
    ).sendable


def _tell_asker(work: Work, launch: Launch, row: LaunchApproval, outcome: str) -> None:
    people = accounts.members_of(
        work.session, partner_id=launch.partner_id, able_to=Permission.LAUNCH_PLAN
    )
    for person in (each for each in people if each.user_id == row.asked_by):
        launch_notices.launch_decided(
            work,
            Reader.of(person),
            vendor_id=launch.vendor_id,
            values={"outcome": outcome, "words": row.words, "by": work.principal.name},
            url=f"{work.site.public_url}/console/launches/{launch.ref}",
        )
