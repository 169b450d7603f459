"""What a lead's holder is told and asked to do by a journey: a mail, or a task with its day."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.rules import MembershipState
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery import notices
from tcma.delivery.notices import Reader
from tcma.leads.models import Lead, LeadTask
from tcma.leads.routing.masking import SOMEBODY
from tcma.permissions import Permission, Role

TOLD = (Role.SELLER, Role.OWNER)


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a lead as its holder sees it."""

    id: UUID
    words: str
    due_at: datetime
    done_at: datetime | None
    done_by: str


def notify(work: Work, lead_id: UUID, words: str, *, partner_id: UUID) -> None:
    """Mail whose lead it is, else the partner's sellers and owners, a sentence with a link to it."""
    lead = found(work.session.get(Lead, lead_id))
    people = work.session.execute(
        select(UserAccount.id, UserAccount.email, UserAccount.name, UserAccount.locale)
        .join(Membership, Membership.user_id == UserAccount.id)
        .where(
            Membership.partner_id == partner_id,
            Membership.role.in_(TOLD),
            Membership.state == MembershipState.ACTIVE,
        )
    ).all()
    for person in [each for each in people if each.id == lead.person_id] or people:
        notices.lead_reminder(
            work,
            Reader(email=person.email, name=person.name, locale=person.locale),
            vendor_id=lead.vendor_id,
            company=lead.company or SOMEBODY,
            words=words,
            url=f"{work.site.public_url}/console/leads/{lead.ref}",
        )


def ask(work: Work, lead_id: UUID, words: str, *, due_at: datetime, source: str) -> None:
    """Give the lead a task; asking again from the same `source` changes nothing."""
    work.session.execute(
        insert(LeadTask)
        .values(lead_id=lead_id, words=words, due_at=due_at, asked_at=work.now, source=source)
        .on_conflict_do_nothing(constraint="lead_task_once")
    )


def tasks(session: Session, lead_id: UUID, *, since: datetime | None = None) -> list[Task]:
    """Return the tasks of a lead, open ones first, by day.

    Who did one before `since`, when the lead came to its partner, is somebody else's matter.
    """
    rows = session.scalars(
        select(LeadTask)
        .where(LeadTask.lead_id == lead_id)
        .order_by(LeadTask.done_at.is_not(None), LeadTask.due_at)
    )
    return [
        Task(
            t.id, t.words, t.due_at, t.done_at, "" if _before(t.done_at, since) else t.done_by or ""
        )
        for t in rows
    ]


def _before(at: datetime | None, since: datetime | None) -> bool:
    return at is not None and since is not None and at < since


def finish(work: Work, ref: str, task_id: UUID) -> None:
    """Tick a task of a lead off; a second press changes nothing."""
    work.require(Permission.LEAD_ANSWER)
    mine = (
        select(LeadTask.id)
        .join(Lead, Lead.id == LeadTask.lead_id)
        .where(Lead.ref == ref, LeadTask.id == task_id)
    )
    found(work.session.scalar(visible(mine, work.principal, Lead)))
    work.session.execute(
        update(LeadTask)
        .where(LeadTask.id == task_id, LeadTask.done_at.is_(None))
        .values(done_at=work.now, done_by=work.principal.name)
    )
