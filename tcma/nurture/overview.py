"""A vendor's journeys: versions, who stands where, who is stuck and why, what the hold-out shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.delivery.small_cells import hides_from, hides_leads_from, is_few
from tcma.launches.hold_out import Group, Lift, hundredth
from tcma.nurture.models import NurtureRun, SequenceDraft, SequenceVersion
from tcma.nurture.models import Sequence as SequenceRow
from tcma.nurture.rules import RunState
from tcma.nurture.told import told, told_column, told_sum
from tcma.permissions import Principal


@dataclass(frozen=True, slots=True)
class JourneyRow:
    """A journey in the list: the newest version's number, who is inside, who is stuck."""

    campaign_id: UUID
    newest_no: int
    inside: int
    stuck: int
    has_draft: bool


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version as it is listed. `source` is null where it is a campaign version's nurture.toml."""

    id: UUID
    no: int
    campaign_version_id: UUID
    source: str | None
    note: str
    made_by: str
    made_at: datetime
    published_at: datetime | None
    moved: Mapping[str, int]
    inside: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """So many people who cannot go on at a step, with the reason of the newest of them."""

    node: str
    people: int
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands where in a version, and how those ended who are through.

    `here` is everybody at a step, the paused and the stuck too, `inside` everybody on their way.
    """

    here: Mapping[str, int]
    stuck: Mapping[str, int]
    paused: int
    ended: Mapping[str, int]
    inside: int


NOBODY = Standing({}, {}, 0, {}, 0)


@dataclass(frozen=True, slots=True)
class Compared:
    """Those who were to get the mails beside those held out: of how many how many became an opportunity."""

    lift: Lift

    @property
    def words(self) -> str:
        """What the mails did, per 100 people, as far as that can be told from chance."""
        if not self.lift.sent.people or not self.lift.held.people:
            return "Nothing to compare yet."
        low, high = self.lift.interval
        if not self.lift.is_told:
            return (
                "Too few people to tell: the mails may have brought anything from "
                f"{hundredth(low)} to {hundredth(high)} opportunities per 100 people."
            )
        least, most = (hundredth(each) for each in sorted((abs(low), abs(high))))
        what = "more" if low > 0 else "fewer"
        return f"The mails brought {least} to {most} {what} opportunities per 100 people."


def journeys(session: Session, principal: Principal) -> dict[UUID, JourneyRow]:
    """Return the journeys of a vendor by campaign."""
    inside = func.count(NurtureRun.id).filter(NurtureRun.state.in_((0, 3, 4)))
    stuck = func.count(NurtureRun.id).filter(NurtureRun.state == RunState.STUCK)
    newest = (
        select(func.max(SequenceVersion.no))
        .where(SequenceVersion.sequence_id == SequenceRow.id)
        .correlate(SequenceRow)
        .scalar_subquery()
    )
    rows = session.execute(
        visible(
            select(SequenceRow.campaign_id, newest.label("no"), inside.label("inside"), stuck.label("stuck"))
            .outerjoin(NurtureRun, NurtureRun.sequence_id == SequenceRow.id)
            .group_by(SequenceRow.id),
            principal,
            SequenceRow,
        )
    ).all()  # fmt: skip
    drafts = set(
        session.scalars(visible(select(SequenceDraft.campaign_id), principal, SequenceDraft))
    )
    found = {
        r.campaign_id: JourneyRow(
            r.campaign_id, r.no or 0, told(principal, r.inside), told(principal, r.stuck),
            r.campaign_id in drafts,
        )
        for r in rows
    }  # fmt: skip
    return found | {c: JourneyRow(c, 0, 0, 0, has_draft=True) for c in drafts - set(found)}


def versions(session: Session, principal: Principal, sequence_id: UUID) -> list[VersionLine]:
    """Return the versions of a journey, newest first, with who is inside each as somebody may read it."""
    inside = (
        select(func.count())
        .where(NurtureRun.version_id == SequenceVersion.id, NurtureRun.state.in_((0, 3, 4)))
        .correlate(SequenceVersion)
        .scalar_subquery()
    )
    rows = session.execute(
        select(SequenceVersion, inside.label("inside"))
        .where(SequenceVersion.sequence_id == sequence_id)
        .order_by(SequenceVersion.no.desc())
    ).all()
    people, _ = told_column(principal, [n for _, n in rows])
    return [
        VersionLine(
            v.id, v.no, v.campaign_version_id, v.source, v.note, v.made_by, v.made_at,
            v.published_at, v.moved or {}, n,
        )
        for (v, _), n in zip(rows, people, strict=True)
    ]  # fmt: skip


def inside(session: Session, principal: Principal, sequence_id: UUID) -> int:
    """Count who is on their way in all versions of a journey, as somebody may read it."""
    states = func.count().filter(NurtureRun.state.in_((0, 3, 4)))
    rows = session.scalars(
        select(states).where(NurtureRun.sequence_id == sequence_id).group_by(NurtureRun.version_id)
    ).all()
    _, bare = told_column(principal, list(rows))
    return told_sum(principal, sum(rows), bare=bare)


def standing(
    session: Session,
    principal: Principal,
    *,
    version_id: UUID | None = None,
    sequence_id: UUID | None = None,
) -> Standing:
    """Count who stands where in a version, or in all of a journey together, as somebody may read it."""
    of_it = (
        NurtureRun.version_id == version_id if version_id else NurtureRun.sequence_id == sequence_id
    )
    rows = session.execute(
        select(NurtureRun.state, NurtureRun.node, func.count())
        .where(of_it)
        .group_by(NurtureRun.state, NurtureRun.node)
    ).all()
    waiting: dict[str, int] = {}
    stuck: dict[str, int] = {}
    ended: dict[str, int] = {}
    paused = 0
    for state, node, people in rows:
        here = RunState(state)
        if here is RunState.STUCK:
            stuck[node] = people
        elif here in {RunState.ACTIVE, RunState.PAUSED}:
            waiting[node] = waiting.get(node, 0) + people
            paused += people if here is RunState.PAUSED else 0
        else:
            ended[here.name] = ended.get(here.name, 0) + people
    at_step = {node: waiting.get(node, 0) + stuck.get(node, 0) for node in {**waiting, **stuck}}
    return _told(principal, Standing(at_step, stuck, paused, ended, sum(at_step.values())))


def _told(principal: Principal, exact: Standing) -> Standing:
    """Return a standing without small numbers, and without such as the others give away."""
    here, bare = told_column(principal, list(exact.here.values()))
    ended, _ = told_column(principal, list(exact.ended.values()))
    return Standing(
        dict(zip(exact.here, here, strict=True)),
        {node: told(principal, people) for node, people in exact.stuck.items()},
        told(principal, exact.paused),
        dict(zip(exact.ended, ended, strict=True)),
        told_sum(principal, exact.inside, bare=bare),
    )


def stuck(session: Session, principal: Principal, sequence_id: UUID) -> list[Stuck]:
    """Return who cannot go on, by step; persons are not named: they are the partners'."""
    rows = session.execute(
        text(
            "SELECT node, count(*) AS people, (array_agg(left_because ORDER BY id DESC))[1] AS why"
            " FROM nurture_run WHERE sequence_id = :it AND state = 4 GROUP BY node ORDER BY node"
        ),
        {"it": sequence_id},
    )
    return [Stuck(r.node, told(principal, r.people), r.why or "") for r in rows]


def compared(session: Session, principal: Principal, sequence_id: UUID) -> Compared | None:
    """Compare those who entered with those who were held out, whatever became of either.

    None where a side, or its leads that won, are too few to be told.
    """
    row = session.execute(
        text(
            "SELECT count(*) FILTER (WHERE NOT held) AS mailed,"
            " count(*) FILTER (WHERE NOT held AND won) AS mailed_won,"
            " count(*) FILTER (WHERE held) AS held, count(*) FILTER (WHERE held AND won) AS held_won"
            " FROM (SELECT coalesce(r.left_because = 'held_out', false) AS held,"
            "  l.state IN ('opportunity', 'won') AS won FROM nurture_run r"
            "  JOIN lead l ON l.id = r.lead_id WHERE r.sequence_id = :it) each"
        ),
        {"it": sequence_id},
    ).one()
    sent, held = Group(row.mailed_won, row.mailed), Group(row.held_won, row.held)
    if hides_from(principal) and (is_few(sent.people) or is_few(held.people)):
        return None
    if hides_leads_from(principal) and (is_few(sent.did) or is_few(held.did)):
        return None
    return Compared(Lift("Opportunities", sent, held))
