"""Publishing a version of a journey, and what becomes of those inside: counted first, then one transaction.

Four choices: new entrants only; or those inside too, who stay at the step they wait at when the new
version has it; whoever waits at a step it has not leaves, or goes on at another; and who had reached
the end goes on when steps were put behind it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tcma.db.counting import changed
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.journeys.document import END, LISTS, Journey, Kind, Step
from tcma.journeys.interpreter import due_of
from tcma.journeys.people import Person
from tcma.journeys.reading import read
from tcma.journeys.trying import tried
from tcma.library.models import CampaignVersion
from tcma.nurture.entering import other_campaigns
from tcma.nurture.models import SequenceVersion
from tcma.nurture.rules import Exit
from tcma.nurture.versions import (
    JourneyVersion,
    mails_of,
    next_no,
    published,
    sequence_of,
    version_by_id,
)
from tcma.outbox.queries import names as webhook_names
from tcma.permissions import Permission

LEAVE = ""
"""The choice for a removed step after which its people leave."""
_PLAIN = {
    Kind.SEND, Kind.WAIT, Kind.UNTIL, Kind.NOTIFY, Kind.TASK, Kind.WEBHOOK, *LISTS,
}  # fmt: skip

INSIDE = """
SELECT r.id, r.version_id, r.node, p.zone, k.version_id AS campaign_version_id
FROM nurture_run r JOIN partner p ON p.id = r.partner_id JOIN sequence q ON q.id = r.sequence_id
LEFT JOIN partner_copy k ON k.partner_id = r.partner_id AND k.campaign_id = q.campaign_id
WHERE r.sequence_id = :sequence AND r.state IN (0, 3, 4)"""
ENDED = """
SELECT r.id, r.version_id, s.node, p.zone, k.version_id AS campaign_version_id
FROM nurture_run r JOIN partner p ON p.id = r.partner_id JOIN sequence q ON q.id = r.sequence_id
JOIN nurture_step s ON s.run_id = r.id AND s.step_no = r.step_no - 1
LEFT JOIN lead l ON l.id = r.lead_id
JOIN partner_copy k ON k.partner_id = r.partner_id AND k.campaign_id = q.campaign_id
WHERE r.sequence_id = :sequence AND r.state = 5
  AND (l.state IN ('new', 'offered', 'unassigned') AND l.replied_at IS NULL
       OR r.lead_id IS NULL AND k.begins_by_date_at IS NOT NULL)
  AND NOT EXISTS (SELECT FROM nurture_run o WHERE o.sequence_id = r.sequence_id
                  AND o.contact_id = r.contact_id AND (o.state IN (0, 3, 4) OR o.rotation > r.rotation))"""
"""The last time of each who had everything: of who asked while nobody took their lead, of who began by
themselves while their partner lets it begin.
"""
GROUPS = """
SELECT version_id, node, campaign_version_id, zone, count(*) AS people FROM ({those}) those
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2"""
LOCK = text(
    "SELECT id FROM nurture_run WHERE sequence_id = :sequence AND state IN (0, 3, 4, 5) FOR UPDATE"
)
MOVE = """
WITH those AS ({those} AND r.version_id = :version AND p.zone = :zone
               AND k.version_id IS NOT DISTINCT FROM :campaign AND {at} = :node),
told AS (INSERT INTO nurture_step (run_id, step_no, version_no, at, node, outcome, why)
  SELECT r.id, r.step_no, :no, :now, :node, :outcome, :why FROM nurture_run r JOIN those USING (id))
UPDATE nurture_run r SET version_id = :new, step_no = r.step_no + 1, {sets}
FROM those WHERE r.id = those.id"""
STAYS = "waiting_for = CASE WHEN r.waiting_for IS NULL THEN NULL ELSE :waits END"
JUMPS = """node = :to, since = :now, due_at = :due, waiting_for = :waits,
  state = CASE WHEN r.state IN (4, 5) THEN 0 ELSE r.state END, attempt = 0, left_because = NULL,
  ended_at = NULL"""
LEAVES = """state = 2, node = 'end', due_at = NULL, waiting_for = NULL, left_because = :why,
  ended_at = :now"""


@dataclass(frozen=True, slots=True)
class Choices:
    """What becomes of those inside. `removed` says of each removed step where its people go on."""

    inside: bool = False
    removed: Mapping[str, str] = field(default_factory=dict)
    resume: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """So many people at one step of one version; `kept` when the new version has the step."""

    version_no: int
    step: str
    people: int
    kept: bool


class Becomes(StrEnum):
    """What publishing would do with somebody inside who moves, too."""

    STAY = "stay"
    REMOVED = "removed"
    UNFIT = "unfit"


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many people at one step of one version whose partner has one version of the campaign, or no copy."""

    version_id: UUID
    version_no: int
    step: str
    copy: UUID | None
    people: int
    becomes: Becomes


@dataclass(frozen=True, slots=True)
class DryRun:
    """What publishing would do, counted; nothing is written.

    Who is unfit waits with a copy of the campaign that lacks a mail of the new version: they stay with the
    old one. `ended` are all at the end who may go on, kept where a step is behind theirs now.
    """

    waiting: tuple[Waiting, ...]
    ended: tuple[Group, ...]

    @property
    def groups(self) -> tuple[Group, ...]:
        """Who could move, by step and version."""
        found: dict[tuple[int, str, bool], int] = {}
        for w in self.waiting:
            if w.becomes is not Becomes.UNFIT:
                key = w.version_no, w.step, w.becomes is Becomes.STAY
                found[key] = found.get(key, 0) + w.people
        return tuple(Group(no, step, n, kept) for (no, step, kept), n in sorted(found.items()))

    @property
    def inside(self) -> int:
        """Everybody who is on their way."""
        return sum(w.people for w in self.waiting)

    @property
    def staying(self) -> int:
        """Who waits at a step that the new version has."""
        return sum(g.people for g in self.groups if g.kept)

    @property
    def unfit(self) -> int:
        """Who goes on with the old version, for their partner’s copy lacks a mail of the new one."""
        return sum(w.people for w in self.waiting if w.becomes is Becomes.UNFIT)

    @property
    def removed(self) -> dict[str, int]:
        """The removed steps with people at them."""
        found: dict[str, int] = {}
        for g in self.groups:
            if not g.kept:
                found[g.step] = found.get(g.step, 0) + g.people
        return found

    @property
    def resumable(self) -> int:
        """Who had reached the end and could go on."""
        return sum(g.people for g in self.ended if g.kept)


@dataclass(slots=True)
class Moved:
    """What publishing did, counted."""

    stayed: int = 0
    jumped: int = 0
    left: int = 0
    resumed: int = 0
    untouched: int = 0


def checked(work: Work, campaign_version_id: UUID, source: str) -> Journey:
    """Return the journey of a document that may be published; Invalid with its first lines else."""
    found = read(source, mails=mails_of(work, campaign_version_id))
    lines = [f"Line {f.line}: {f.words}" for f in found.faults]
    if found.journey is not None:
        wrong = [(t, words) for t, words in tried(found.journey) if words]
        lines = [f"Line {t.line}: test “{t.name}”: {words}." for t, words in wrong]
        lines += _unheard(work, campaign_version_id, found.journey)
        lines += _nowhere(work, campaign_version_id, found.journey)
    if found.journey is None or lines:
        raise Invalid(lines[0], code="journey.faults", fields={"source": " ".join(lines[:3])})
    return found.journey


def _unheard(work: Work, campaign_version_id: UUID, journey: Journey) -> list[str]:
    """Return a line for each step that tells a webhook nobody has made."""
    told = [step for step in journey.steps if step.kind is Kind.WEBHOOK]
    if not told:
        return []
    version = work.session.get_one(CampaignVersion, campaign_version_id)
    known = webhook_names(work.session, version.vendor_id)
    return [
        f"Line {s.line}: there is no webhook “{s.text}”. Make it at the desk under Leads, Ways out."
        for s in told
        if s.text not in known
    ]


def _nowhere(work: Work, campaign_version_id: UUID, journey: Journey) -> list[str]:
    """Return a line for each step that sends people on to a campaign that is not there."""
    onward = [step for step in journey.steps if step.kind is Kind.MOVE]
    if not onward:
        return []
    version = work.session.get_one(CampaignVersion, campaign_version_id)
    known = other_campaigns(work.session, version.vendor_id, version.campaign_id)
    return [
        f"Line {s.line}: there is no other campaign “{s.text}”."
        for s in onward
        if s.text not in known
    ]


def dry_run(work: Work, sequence_id: UUID, journey: Journey) -> DryRun:
    """Count what publishing this journey would mean for those inside."""
    waiting: dict[tuple[UUID, str, UUID | None], Waiting] = {}
    for row in _groups(work, sequence_id, INSIDE):
        old = version_by_id(work, row.version_id)
        key = row.version_id, row.node, row.campaign_version_id
        people = row.people + (waiting[key].people if key in waiting else 0)
        becomes = Becomes.REMOVED if _kept(old, row.node, journey) is None else Becomes.STAY
        if not _fits(work, row.campaign_version_id, journey):
            becomes = Becomes.UNFIT
        waiting[key] = Waiting(old.id, old.no, row.node, row.campaign_version_id, people, becomes)
    ended: dict[tuple[int, str, bool], int] = {}
    for row in _groups(work, sequence_id, ENDED):
        old = version_by_id(work, row.version_id)
        goes_on = _behind(old, row.node, journey) is not None
        kept = goes_on and _fits(work, row.campaign_version_id, journey)
        ended[old.no, row.node, kept] = ended.get((old.no, row.node, kept), 0) + row.people
    return DryRun(
        tuple(waiting.values()),
        tuple(Group(no, node, n, kept) for (no, node, kept), n in sorted(ended.items())),
    )


def publish(  # noqa: PLR0913 - a document, its campaign, the choices
    work: Work,
    *,
    vendor_id: UUID,
    campaign_id: UUID,
    campaign_version_id: UUID,
    source: str,
    choices: Choices,
    note: str = "",
) -> tuple[int, Moved]:
    """Publish a document as the next version and move those inside as chosen; its number and counts.

    One transaction. Publishing what is the newest already changes nothing.
    """
    work.require(Permission.CAMPAIGN_AUTHOR)
    journey = checked(work, campaign_version_id, source)
    sequence_id = sequence_of(work, vendor_id=vendor_id, campaign_id=campaign_id)
    no = next_no(work, sequence_id)
    newest = next(iter(published(work.session, sequence_id)), None)
    last = work.session.get_one(SequenceVersion, newest) if newest else None
    if last is not None and last.source == source:
        return last.no, Moved()
    for to in choices.removed.values():
        if to != LEAVE and journey.step(to) is None:
            message = f"There is no step “{to}” to go on at."
            raise Invalid(message, code="journey.jump", fields={"removed": message})
    row = SequenceVersion(
        sequence_id=sequence_id, vendor_id=vendor_id, campaign_version_id=campaign_version_id,
        no=no, source=source, note=note[:400], choices=asdict(choices), made_by=work.principal.name,
        made_at=work.now, published_at=work.now,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()  # the runs that move name it
    moved = _Moving(work, sequence_id, version_by_id(work, row.id)).all_of(choices)
    row.moved = asdict(moved)
    work.audit(
        "published a journey",
        "sequence_version",
        row.id,
        vendor_id=vendor_id,
        no=no,
    )
    return no, moved


class _Moving:
    """Moves group by group: everybody at one step of one version, in one statement."""

    def __init__(self, work: Work, sequence_id: UUID, new: JourneyVersion) -> None:
        self.work, self.sequence_id, self.new = work, sequence_id, new
        self.done = Moved()

    def all_of(self, choices: Choices) -> Moved:
        self.work.session.execute(LOCK, {"sequence": self.sequence_id})
        for row in _groups(self.work, self.sequence_id, INSIDE):
            fits = _fits(self.work, row.campaign_version_id, self.new.journey)
            if not choices.inside or not fits:
                self.done.untouched += row.people
                continue
            old = version_by_id(self.work, row.version_id)
            step = _kept(old, row.node, self.new.journey)
            to = self.new.journey.step(choices.removed.get(row.node, LEAVE))
            if step is not None:
                waits = step.asks.signal.value if step.kind is Kind.EVENT and step.asks else None
                self.done.stayed += self._move(
                    row, INSIDE, STAYS, why="at the same step", waits=waits
                )
            elif to is not None:
                self.done.jumped += self._jump(row, INSIDE, to, why=f"on to {to.id}")
            else:
                self.done.left += self._move(row, INSIDE, LEAVES, why=Exit.STEP_GONE)
        if choices.resume:
            self._resume()
        return self.done

    def _resume(self) -> None:
        for row in _groups(self.work, self.sequence_id, ENDED):
            to = _behind(version_by_id(self.work, row.version_id), row.node, self.new.journey)
            if to is not None and _fits(self.work, row.campaign_version_id, self.new.journey):
                self.done.resumed += self._jump(row, ENDED, to, why=f"resumed at {to.id}")

    def _jump(self, row: Any, those: str, to: Step, *, why: str) -> int:
        person = Person(key="", zone=row.zone)
        due = due_of(self.new.journey, to, person, self.work.now)
        waits = to.asks.signal.value if to.kind is Kind.EVENT and to.asks else None
        return self._move(row, those, JUMPS, why=why, to=to.id, due=due, waits=waits)

    def _move(self, row: Any, those: str, sets: str, *, why: str, **more: Any) -> int:
        at = "s.node" if those is ENDED else "r.node"
        statement = text(MOVE.format(those=those, at=at, sets=sets))
        outcome = "left" if sets is LEAVES else "moved"
        values = {
            "sequence": self.sequence_id, "version": row.version_id, "zone": row.zone,
            "campaign": row.campaign_version_id, "node": row.node, "no": self.new.no,
            "now": self.work.now, "outcome": outcome, "why": str(why), "new": self.new.id,
        }  # fmt: skip
        return changed(self.work.session, statement, values | more)


def _groups(work: Work, sequence_id: UUID, those: str) -> list[Any]:
    query = text(GROUPS.format(those=those))
    return list(work.session.execute(query, {"sequence": sequence_id}).all())


def _fits(work: Work, campaign_version_id: UUID | None, journey: Journey) -> bool:
    return campaign_version_id is not None and journey.mails <= mails_of(work, campaign_version_id)


def _kept(old: JourneyVersion, node: str, journey: Journey) -> Step | None:
    """Return the step of the new journey that is the same as the old one's: its id and its kind."""
    was, now = old.journey.step(node), journey.step(node)
    return now if was is not None and now is not None and was.kind is now.kind else None


def _behind(old: JourneyVersion, node: str, journey: Journey) -> Step | None:
    """Return the step that follows the last step somebody took, where there was none before."""
    was, now = old.journey.step(node), _kept(old, node, journey)
    if was is None or now is None or now.kind not in _PLAIN or was.then != END or now.then == END:
        return None
    return journey.step(now.then)
