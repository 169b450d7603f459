"""The due steps of journeys, a batch in one transaction: decided by facts, written all or none.

A run is locked while its step is decided and written, so two workers never take one step, and a
process that dies has written nothing. What needs a mailing that nobody has made yet is left for
after: making one renders, and nothing is rendered while rows are held.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, text

from tcma.db.work import Work
from tcma.delivery import frequency
from tcma.delivery.frequency import Room
from tcma.delivery.queueing import Queued, queue_messages
from tcma.journeys.document import END, Cap
from tcma.journeys.interpreter import (
    Move,
    Outcome,
    answers_at_once,
    held_back,
    next_move,
    reached,
)
from tcma.nurture import caps
from tcma.nurture.doing import carry_out
from tcma.nurture.ending import drop_waiting, why_ended
from tcma.nurture.facts import Known, claim_due, look_at
from tcma.nurture.late import allowance
from tcma.nurture.mailings import basis_of
from tcma.nurture.models import NurtureMailing
from tcma.nurture.rules import BATCH, LATE_AFTER, Exit, RunState

log = structlog.get_logger(__name__)

WRITE = text("""
WITH w AS MATERIALIZED (
  SELECT * FROM json_to_recordset(cast(:rows AS json)) AS w (id bigint, step_no int, version_no smallint,
    node text, outcome text, mail text, said text, stays boolean, state smallint, next text,
    due_at timestamptz, waiting_for text, why text)),
told AS (
  INSERT INTO nurture_step (run_id, step_no, version_no, at, node, outcome, mail, why)
  SELECT id, step_no, version_no, :now, node, outcome, mail, said FROM w WHERE NOT stays)
UPDATE nurture_run r SET state = w.state, node = w.next,
  step_no = CASE WHEN w.stays THEN r.step_no ELSE w.step_no + 1 END,
  since = CASE WHEN w.stays THEN r.since ELSE :now END, due_at = w.due_at,
  waiting_for = w.waiting_for, attempt = 0, left_because = w.why,
  ended_at = CASE WHEN w.due_at IS NULL THEN cast(:now AS timestamptz) END
FROM w WHERE r.id = w.id
""")
"""Executed steps and where each run stands now, in one statement."""


@dataclass(slots=True)
class Stepped:
    """What came of a batch: runs that went on or ended, runs whose mail has no mailing yet."""

    done: int = 0
    unmade: list[tuple[int, str]] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)

    @property
    def looked_at(self) -> int:
        """How many runs were due."""
        return self.done + len(self.unmade) + len(self.broken)


@dataclass(slots=True)
class _Going:
    """A run on its way through this batch."""

    known: Known
    move: Move
    mailing_id: int | None = None


def step_due(work: Work, *, batch: int = BATCH, not_these: Sequence[int] = ()) -> Stepped:
    """Carry out the steps of runs that are due by now, oldest first; not of those that are late."""
    return _stepped(work, claim_due(work, batch=batch, not_these=not_these))


def step_late(work: Work, *, not_these: Sequence[int] = ()) -> Stepped:
    """Carry out steps that were missed, oldest first, as many as their rate allows now."""
    most = allowance(work, work.now - LATE_AFTER)
    if not most:
        return Stepped()
    return _stepped(work, claim_due(work, batch=most, not_these=not_these, late=True))


def step_these(work: Work, run_ids: Sequence[int]) -> Stepped:
    """Carry out the due steps of these runs: an answer to a person does not wait its turn."""
    due = [
        each for each in look_at(work, run_ids, (RunState.ACTIVE,)) if each.stand.due_at <= work.now
    ]
    return _stepped(work, due)


def _stepped(work: Work, due: Sequence[Known]) -> Stepped:
    out = Stepped()
    going: list[_Going] = []
    for known in due:
        try:
            going.append(_Going(known, _decided(known, work)))
        except Exception as error:  # one odd run must not hold up two hundred
            log.exception("a step cannot be decided", run=known.row.id)
            out.broken.append((known.row.id, type(error).__name__))
    _find_mailings(work, going)
    out.unmade = [(g.known.row.id, g.move.mail) for g in going if g.move.mail and not g.mailing_id]
    ready = [g for g in going if not g.move.mail or g.mailing_id]
    _mind_caps(work, ready)
    _write(work, ready)
    out.done = len(ready)
    return out


def _decided(known: Known, work: Work) -> Move:
    """Return the move of a due run; one that leaves, or has reached its goal, moves to the end."""
    goal = reached(known.journey, known.facts)
    if goal is not None:
        return Move(outcome=Outcome.REACHED, step=END, due_at=None, why=str(goal))
    if known.leaves is not None:
        return Move(outcome=Outcome.LEFT, step=END, due_at=None, why=known.leaves)
    move = next_move(known.journey, known.stand, known.person, known.facts, now=work.now)
    if move.outcome is Outcome.LEFT and known.journey.step(known.stand.step) is None:
        return Move(outcome=Outcome.LEFT, step=END, due_at=None, why=Exit.STEP_GONE)
    return move


def _find_mailings(work: Work, going: Sequence[_Going]) -> None:
    """Name the mailing of each mail, as far as it has been made."""
    sends = [g for g in going if g.move.mail]
    if not sends:
        return
    rows = work.session.execute(
        select(
            NurtureMailing.campaign_version_id, NurtureMailing.partner_id, NurtureMailing.mail,
            NurtureMailing.language, NurtureMailing.basis, NurtureMailing.mailing_id,
        ).where(
            NurtureMailing.campaign_version_id.in_({g.known.row.campaign_version_id for g in sends}),
            NurtureMailing.partner_id.in_({g.known.row.partner_id for g in sends}),
        )
    )  # fmt: skip
    made = {tuple(row[:5]): row.mailing_id for row in rows}
    for g in sends:
        row = g.known.row
        asked = row.campaign_version_id, row.partner_id, g.move.mail, row.language
        g.mailing_id = made.get((*asked, basis_of(row.lead_id)))


def _mind_caps(work: Work, ready: Sequence[_Going]) -> None:
    """Take each mail's slots at the partner and at the vendor; who lacks one, or had enough mail by
    the vendor's rule or the host's limit, waits or skips.
    """
    mails = [g for g in ready if g.move.mail]
    counted = [g for g in mails if not answers_at_once(g.known.journey, g.known.stand)]
    asked = {
        id(g): [_key(work, g.known, scope) for scope in ("partner", "vendor")] for g in counted
    }
    wanted: dict[caps.Key, tuple[int, Cap]] = {}
    for keys in asked.values():
        for key, cap, _ in keys:
            count, least = wanted.get(key, (0, cap))
            wanted[key] = (count + 1, min(cap, least, key=lambda c: c.mails))
    ruled = {_pair(g) for g in mails if g.known.row.has_rule}
    had = caps.take(work, wanted, ruled={digest for _, digest in ruled})
    room = frequency.room(work.session, ruled, now=work.now) if ruled else Room()
    for g in mails:
        if id(g) not in asked:
            room.take(*_pair(g))
    for g in counted:
        keys = asked[id(g)]
        full = [(cap, zone) for key, cap, zone in keys if had[key] <= 0]
        if not room.has(*_pair(g)):
            full = [(cap, zone) for _, cap, zone in keys[1:]]  # at the vendor
        if not full:
            had.subtract(key for key, *_ in keys)
            room.take(*_pair(g))
            continue
        cap, zone = full[0]
        opens = caps.opens(work.now, zone, cap.period)
        g.move = held_back(
            g.known.journey, g.known.stand, g.known.person, opens=opens, now=work.now
        )
        g.mailing_id = None
    caps.give_back(work, had)


def _pair(g: _Going) -> tuple[UUID, bytes]:
    """Return who mails whom: the vendor, and the hash of the address."""
    return g.known.row.vendor_id, bytes(g.known.row.address_hash)


def _key(work: Work, known: Known, scope: str) -> tuple[caps.Key, Cap, str]:
    row, journey = known.row, known.journey
    if scope == "partner":
        cap, zone, whose = journey.partner_cap, row.partner_zone, row.partner_id
    else:
        cap, zone, whose = journey.vendor_cap, row.vendor_zone, row.vendor_id
    return caps.key_of(whose, bytes(row.address_hash), work.now, zone, cap.period), cap, zone


def _write(work: Work, ready: Sequence[_Going]) -> None:
    """Write messages, executed steps and where each run stands now."""
    if not ready:
        return
    queue_messages(
        work,
        [
            Queued(g.mailing_id, g.known.row.contact_id, g.known.row.id, g.known.row.step_no)
            for g in ready
            if g.mailing_id
        ],
    )
    for g in ready:
        g.move = carry_out(work, g.known, g.move)
    rows = json.dumps([_row(g) for g in ready])
    work.session.execute(WRITE, {"now": work.now, "rows": rows})
    ends = [g for g in ready if g.move.due_at is None]
    for g in ends:
        if g.move.outcome is Outcome.LEFT:
            drop_waiting(work, g.known.row.id, g.known.row.contact_id)
            why_ended(work, g.known.row.lead_id, g.known.row.vendor_id, g.move.why)


def _state(move: Move) -> RunState:
    if move.due_at is not None:
        return RunState.ACTIVE
    ended = {Outcome.LEFT: RunState.EXITED, Outcome.REACHED: RunState.DONE}
    return ended.get(move.outcome, RunState.EXHAUSTED)


def _row(g: _Going) -> dict[str, Any]:
    """What is written of a run: the step it took, and where it stands now."""
    row, move = g.known.row, g.move
    return {
        "id": row.id,
        "step_no": row.step_no,
        "version_no": g.known.version.no,
        "node": row.node,
        "outcome": move.outcome,
        "mail": move.mail or None,
        "said": move.why or None,
        "stays": move.stays,
        "state": int(_state(move)),
        "next": move.step,
        "due_at": move.due_at.isoformat() if move.due_at else None,
        "waiting_for": move.waits_for.signal if move.waits_for else None,
        "why": move.why if move.due_at is None and move.why else None,
    }
