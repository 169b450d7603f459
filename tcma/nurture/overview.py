"""A vendor's journeys: versions, who stands where, who is stuck and why, what the hold-out shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.launches.hold_out import Group, Lift, hundredth
from tcma.nurture.models import NurtureRun, SequenceDraft, SequenceVersion
from tcma.nurture.models import Sequence as SequenceRow
from tcma.nurture.rules import RunState
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
    """Who stands where in a version, and how those ended who are through."""

    waiting: Mapping[str, int]
    stuck: Mapping[str, int]
    paused: int
    ended: Mapping[str, int]

    @property
    def inside(self) -> int:
        """Everybody on their way, the paused and the stuck too."""
        return sum(self.waiting.values()) + sum(self.stuck.values())


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
    found = {r.campaign_id: JourneyRow(r.campaign_id, r.no or 0, r.inside, r.stuck, r.campaign_id in drafts)
             for r in rows}  # fmt: skip
    return found | {c: JourneyRow(c, 0, 0, 0, has_draft=True) for c in drafts - set(found)}


def versions(session: Session, sequence_id: UUID) -> list[VersionLine]:
    """Return the versions of a journey, newest first, with who is inside each."""
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
    )
    return [
        VersionLine(
            v.id, v.no, v.campaign_version_id, v.source, v.note, v.made_by, v.made_at,
            v.published_at, v.moved or {}, n,
        )
        for v, n in rows
    ]  # fmt: skip


def standing(session: Session, version_id: UUID) -> Standing:
    """Count who stands where in a version."""
    rows = session.execute(
        select(NurtureRun.state, NurtureRun.node, func.count())
        .where(NurtureRun.version_id == version_id)
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
    return Standing(waiting, stuck, paused, ended)


def stuck(session: Session, sequence_id: UUID) -> list[Stuck]:
    """Return who cannot go on, by step; persons are not named: they are the partners'."""
    rows = session.execute(
        text(
            "SELECT node, count(*) AS people, (array_agg(left_because ORDER BY id DESC))[1] AS why"
            " FROM nurture_run WHERE sequence_id = :it AND state = 4 GROUP BY node ORDER BY node"
        ),
        {"it": sequence_id},
    )
    return [Stuck(r.node, r.people, r.why or "") for r in rows]


def compared(session: Session, sequence_id: UUID) -> Compared:
    """Compare those who entered with those who were held out, whatever became of either."""
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
    return Compared(Lift("Opportunities", sent, held))
