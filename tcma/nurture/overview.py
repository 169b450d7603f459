"""A vendor's journeys: versions, who stands where, who is stuck and why, what the hold-out shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.delivery.small_cells import hides_from, hides_leads_from, is_few
from tcma.launches.hold_out import Group, Lift, hundredth
from tcma.nurture.models import NurtureRun, SequenceDraft, SequenceVersion
from tcma.nurture.models import Sequence as SequenceRow
from tcma.nurture.rules import OPEN, RunState
from tcma.nurture.told import told, told_column, told_part
from tcma.nurture.told_table import Cell, told_table
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
NO_COPY = UUID(int=0)
"""Stands for the version of the campaign where a partner has no copy of it."""
WAITING = text(f"""
SELECT r.version_id, r.node, coalesce(k.version_id, '{NO_COPY}') AS copy, count(*) AS people
FROM nurture_run r JOIN sequence q ON q.id = r.sequence_id
LEFT JOIN partner_copy k ON k.partner_id = r.partner_id AND k.campaign_id = q.campaign_id
WHERE r.sequence_id = :sequence AND r.state IN (0, 3, 4)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""")  # noqa: S608 - a constant
"""Who is on their way, where. Always in the same order, so that the same numbers are hidden."""


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
            r.campaign_id, r.no or 0, told(principal, r.inside),
            told_part(principal, r.stuck, told(principal, r.inside)), r.campaign_id in drafts,
        )
        for r in rows
    }  # fmt: skip
    return found | {c: JourneyRow(c, 0, 0, 0, has_draft=True) for c in drafts - set(found)}


def versions(session: Session, principal: Principal, sequence_id: UUID) -> list[VersionLine]:
    """Return the versions of a journey, newest first, with who is inside each as somebody may read it."""
    here = _here(told_steps(session, principal, sequence_id))
    rows = session.scalars(
        select(SequenceVersion)
        .where(SequenceVersion.sequence_id == sequence_id)
        .order_by(SequenceVersion.no.desc())
    )
    return [
        VersionLine(
            v.id, v.no, v.campaign_version_id, v.source, v.note, v.made_by, v.made_at,
            v.published_at, v.moved or {}, here.get((v.id, None), 0),
        )
        for v in rows
    ]  # fmt: skip


def inside(session: Session, principal: Principal, sequence_id: UUID) -> int:
    """Count who is on their way in all versions of a journey, as somebody may read it."""
    return told_steps(session, principal, sequence_id).get((None, None, None), 0)


def told_steps(session: Session, principal: Principal, sequence_id: UUID) -> dict[Cell, int]:
    """Return who is at each step of each version, by the version of the campaign that their partner has, with
    all sums, as somebody may read them: whatever else is told of who waits where is told by these numbers.
    """
    rows = session.execute(WAITING, {"sequence": sequence_id})
    return told_table(principal, {(r.version_id, r.node, r.copy): r.people for r in rows})


def standing(
    session: Session, principal: Principal, sequence_id: UUID, *, version_id: UUID | None = None
) -> Standing:
    """Count who stands where in a version, or in all of a journey together, as somebody may read it."""
    counted = _counted(session, sequence_id, RunState)
    here = _here(told_steps(session, principal, sequence_id))
    ended: dict[str, int] = {}
    paused = 0
    for (version, state, _), people in counted.items():
        if version_id not in {None, version}:
            continue
        paused += people if state is RunState.PAUSED else 0
        if state not in OPEN:
            ended[state.name] = ended.get(state.name, 0) + people
    together = here.get((version_id, None), 0)
    told_ended, _ = told_column(principal, list(ended.values()))
    return Standing(
        {n: people for (v, n), people in here.items() if v == version_id and n},
        _stuck_at(principal, counted, here, version_id),
        told_part(principal, paused, together),
        dict(zip(ended, told_ended, strict=True)),
        together,
    )


def stuck(session: Session, principal: Principal, sequence_id: UUID) -> list[Stuck]:
    """Return who cannot go on, by step; persons are not named: they are the partners'."""
    counted = _counted(session, sequence_id, OPEN)
    here = _here(told_steps(session, principal, sequence_id))
    people = _stuck_at(principal, counted, here, None)
    rows = session.execute(
        text(
            "SELECT node, (array_agg(left_because ORDER BY id DESC))[1] AS why"
            " FROM nurture_run WHERE sequence_id = :it AND state = 4 GROUP BY node ORDER BY node"
        ),
        {"it": sequence_id},
    )
    return [Stuck(r.node, people[r.node], r.why or "") for r in rows if r.node in people]


def _counted(
    session: Session, sequence_id: UUID, states: Iterable[RunState]
) -> dict[tuple[UUID, RunState, str], int]:
    """Count the runs of a journey in some states by version, state and step, always in the same order."""
    run = NurtureRun
    of_it = select(SequenceVersion.id).where(SequenceVersion.sequence_id == sequence_id)
    rows = session.execute(
        select(run.version_id, run.state, run.node, func.count())
        .where(run.version_id.in_(of_it), run.state.in_(list(states)))
        .group_by(run.version_id, run.state, run.node)
        .order_by(run.version_id, run.state, run.node)
    )
    return {(version, RunState(state), node): people for version, state, node, people in rows}


def _here(told: Mapping[Cell, int]) -> dict[tuple[Any, Any], int]:
    """Return who is at each step of each version, whatever version of the campaign their partner has."""
    return {(version, node): n for (version, node, copy), n in told.items() if copy is None}


def _stuck_at(
    principal: Principal,
    counted: Mapping[tuple[UUID, RunState, str], int],
    here: Mapping[tuple[Any, Any], int],
    version_id: UUID | None,
) -> dict[str, int]:
    """Return who is stuck at each step of a version, or of all, beside who is `here`."""
    stuck: dict[Cell, int] = {
        (v, n): people for (v, state, n), people in counted.items() if state is RunState.STUCK
    }
    return {
        str(n): told_part(principal, people, here[v, n])
        for (v, n), people in told_table(principal, stuck).items()
        if v == version_id and n
    }


def compared(session: Session, principal: Principal, sequence_id: UUID) -> Compared | None:
    """Compare those who entered with those who were held out, whatever became of either.

    None where a side, or its leads that won or did not, are too few to be told.
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
    won = [sent.did, sent.people - sent.did, held.did, held.people - held.did]
    if hides_leads_from(principal) and any(map(is_few, won)):
        return None
    return Compared(Lift("Opportunities", sent, held))
