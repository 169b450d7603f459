"""Sending a finished launch to those who joined its lists since: the same mails, to nobody twice.

It is a launch of its own, with its own sum, that `follows` the first one. All who follow the same
launch are one family: whoever has a row in any of its mails is nobody's newcomer, also under a new
number after having been deleted and imported again.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tcma.db.references import next_reference
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.ids import new_id
from tcma.launches.audience import of_launch
from tcma.launches.models import Launch, LaunchList, LaunchMail, LaunchSegment
from tcma.launches.moving import held, record
from tcma.launches.rules import LaunchState
from tcma.launches.suspension import refuse_barred
from tcma.launches.trial import Arm
from tcma.permissions import Permission
from tcma.words import say

SAME = (
    "vendor_id", "partner_id", "campaign_id", "version_id", "copy_id", "brand_id", "page_id",
    "sender_id", "language", "content_hash", "slots", "local_time", "hours", "hold_out",
)  # fmt: skip
"""What a follower takes over: whoever joined later gets what the others got."""
NOT_BEGUN = (
    LaunchState.DRAFT, LaunchState.AWAITING, LaunchState.SCHEDULED, LaunchState.EXPANDING,
    LaunchState.PAUSED, LaunchState.FAILED,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Another launch of the family: the first one, or one to those who joined later."""

    ref: str
    name: str
    state: LaunchState
    is_first: bool


def plan_for_newcomers(work: Work, ref: str) -> str:
    """Draft a launch to those who joined since a launch has finished; return its reference.

    One that has not begun yet is returned instead of a second. Conflict while the launch runs, and
    when nobody has joined.
    """
    work.require(Permission.LAUNCH_PLAN)
    launch = held(work, ref)
    first = launch if launch.follows_id is None else found(
        work.session.scalar(select(Launch).where(Launch.id == launch.follows_id).with_for_update())
    )  # fmt: skip
    if launch.state != LaunchState.FINISHED or first.state != LaunchState.FINISHED:
        raise Conflict(
            say("This launch is not finished yet; those who joined since come after its end."),
            code="launch.state",
        )
    refuse_barred(work, launch)
    waiting = work.session.scalar(
        select(Launch.ref).where(
            Launch.follows_id == first.id,
            Launch.state.in_(NOT_BEGUN),
            Launch.started_at.is_(None),
        )
    )
    return waiting or _follow(work, first)


def relatives(session: Session, launch_id: UUID) -> list[Relative]:
    """Return the other launches of the family, the first one first."""
    own = found(session.get(Launch, launch_id))
    first = own.follows_id or own.id
    rows = session.execute(
        select(Launch.ref, Launch.name, Launch.state, Launch.follows_id)
        .where((Launch.id == first) | (Launch.follows_id == first), Launch.id != own.id)
        .order_by(Launch.follows_id.is_not(None), Launch.id)
    )
    return [
        Relative(ref=ref, name=name, state=LaunchState(state), is_first=follows is None)
        for ref, name, state, follows in rows
    ]


def _follow(work: Work, first: Launch) -> str:
    count = select(func.count()).where(Launch.follows_id == first.id)
    no = (work.session.scalar(count) or 0) + 1
    ref = next_reference(work, "LCH")
    follower = Launch(
        id=new_id(),
        ref=ref,
        follows_id=first.id,
        name=f"{first.name} +{no}",
        due_at=work.now,
        idempotency_key=f"since:{first.id}:{ref}",
        created_by=work.principal.user_id,
        created_at=work.now,
        **{name: getattr(first, name) for name in SAME},
    )
    work.session.add(follower)
    work.session.flush()  # its lists and mails name it
    _copy_lists_and_mails(work, first, follower)
    people = of_launch(work.session, follower, now=work.now).subquery("people")
    if not work.session.scalar(select(func.count()).select_from(people)):
        raise Conflict(
            say("Nobody has joined the lists of this launch since."), code="launch.nobody"
        )
    record(work, follower, "planned for those who joined since", first=first.ref)
    return ref


def _copy_lists_and_mails(work: Work, first: Launch, follower: Launch) -> None:
    for table, column in ((LaunchList, "list_id"), (LaunchSegment, "segment_id")):
        chosen = work.session.scalars(
            select(getattr(table, column)).where(table.launch_id == first.id)
        ).all()
        for each in chosen:
            row = {"launch_id": follower.id, column: each}
            work.session.execute(insert(table).values(row))
    mails = work.session.scalars(
        select(LaunchMail)
        .where(LaunchMail.launch_id == first.id, LaunchMail.arm == Arm.REST)
        .order_by(LaunchMail.no)
    ).all()
    rows = [
        {
            "launch_id": follower.id, "no": mail.no, "mail": mail.mail, "audience": mail.audience,
            "subject": mail.subject, "artefact_key": mail.artefact_key, "links": mail.links,
            "due_at": work.now + (mail.due_at - mails[0].due_at),
        }
        for mail in mails
    ]  # fmt: skip
    work.session.execute(insert(LaunchMail), rows)
