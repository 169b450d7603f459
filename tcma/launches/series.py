"""The mails of one launch in their order, each with its own sum, as whoever reads may be told of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.delivery import queries as delivery
from tcma.delivery.queries import Equation
from tcma.delivery.reaction_sums import REACTIONS
from tcma.delivery.small_cells import told_mailings
from tcma.launches.models import LaunchMail
from tcma.launches.rules import AUDIENCE_WORDS, Audience
from tcma.launches.trial import Arm
from tcma.permissions import Principal
from tcma.rendering.tokens import fill_text


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesMail:
    """One mail of the series with its own sum; the sum is None until it is frozen.

    `is_few`: it goes to too few people to be told of, and its sums are empty.
    """

    no: int
    mail: str
    audience: Audience
    audience_words: str
    due_at: datetime
    subject: str
    state: str
    mailing_id: int | None
    equation: Equation | None
    reactions: dict[str, int]
    is_few: bool
    finished_at: datetime | None


def series(session: Session, principal: Principal, launch_id: UUID) -> tuple[SeriesMail, ...]:
    """Return the mails of a launch; a test's variants are one mail."""
    rows = session.execute(
        select(
            LaunchMail.no, LaunchMail.mail, LaunchMail.audience, LaunchMail.due_at,
            LaunchMail.subject, LaunchMail.mailing_id, LaunchMail.arm,
        )
        .where(LaunchMail.launch_id == launch_id)
        .order_by(LaunchMail.no, LaunchMail.arm)
    ).all()  # fmt: skip
    frozen = [row.mailing_id for row in rows if row.mailing_id is not None]
    beside = {
        row.no: [each.mailing_id for each in rows if each.no == row.no and each.mailing_id]
        for row in rows
    }
    streams = delivery.streams(session, frozen)
    sums = delivery.equations(session, frozen)
    answers = delivery.reactions_by_mailing(session, frozen)
    numbered = [(row.no, row.mailing_id) for row in rows if row.mailing_id is not None]
    told = told_mailings(principal, numbered, sums)
    beside = {no: [each for each in all_of if each in told] for no, all_of in beside.items()}
    none = dict.fromkeys(REACTIONS, 0)
    return tuple(
        SeriesMail(
            no=row.no,
            mail=row.mail,
            audience=Audience(row.audience),
            audience_words=AUDIENCE_WORDS[Audience(row.audience)],
            due_at=row.due_at,
            subject=fill_text(row.subject, {}),
            state=streams[row.mailing_id].state if row.mailing_id else "to_come",
            mailing_id=row.mailing_id,
            equation=sum((sums[each] for each in beside[row.no]), Equation())
            if row.mailing_id
            else None,
            is_few=row.mailing_id is not None and not beside[row.no],
            reactions={name: sum(answers[each][name] for each in beside[row.no]) for name in none},
            finished_at=streams[row.mailing_id].finished_at if row.mailing_id else None,
        )
        for row in rows
        if row.arm == Arm.REST
    )
