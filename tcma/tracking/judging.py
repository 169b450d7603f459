"""Judges hits beside what is stored, and stored ones again: when a later hit shows what an earlier one
was, or when the rules have changed.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, text, update

from tcma.db.marks import done_to
from tcma.db.work import Work
from tcma.delivery.models import MailingLink, Message, MessageReaction
from tcma.delivery.queries import MessageFacts, any_of
from tcma.ports import Hit, HitKind
from tcma.tracking.models import Event
from tcma.tracking.queries import VERDICTS, EventKind
from tcma.tracking.rules import BESIDE, BURST_RECIPIENTS, VERDICT_VERSION, Kind, Signal, Verdict
from tcma.tracking.streams import NEAR, RawHit, judge_stream

LATELY = 2_000
"""Newest events among which others from the same networks are looked for."""
WRITE_AGAIN = text(
    """
    WITH said AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS e(id bigint, verdict smallint,
          score smallint, version smallint, reasons jsonb)
    ), held AS MATERIALIZED (
        SELECT id FROM event WHERE id IN (SELECT id FROM said) ORDER BY id FOR UPDATE
    )
    UPDATE event SET verdict = said.verdict, score = said.score, version = said.version,
      reasons = said.reasons
    FROM held JOIN said USING (id) WHERE event.id = held.id
    """
)
"""In one order, so that two batches about the same mails wait for each other."""
PEOPLE = [VERDICTS[each] for each in (Kind.HUMAN, Kind.UNCERTAIN)]


@dataclass(frozen=True, slots=True)
class _Stored:
    """An event's number, what it was, and what it was taken for."""

    id: int
    mailing_id: int
    hit: RawHit
    verdict: int
    reasons: tuple[str, ...]


def judge_new(
    work: Work, facts: Mapping[int, MessageFacts], hits: Sequence[Hit]
) -> Sequence[Verdict]:
    """Return the verdicts of hits that are not stored yet, in the order of time; stored ones that
    look different beside them are judged again. What was taken for a machine by what came beside it
    stays one, in whatever order the rest comes.
    """
    new = [
        RawHit(
            message_id=hit.message_id, click=hit.kind is HitKind.CLICK, slot=hit.slot, at=hit.at,
            method=hit.method, user_agent=hit.user_agent, network=hit.network,
            domain=_domain(facts[hit.message_id].address), unseen=hit.kind is HitKind.UNSEEN,
        )
        for hit in hits
    ]  # fmt: skip
    numbers = {hit.message_id for hit in new} | _in_a_burst(work, new)
    near = new[0].at - 2 * NEAR
    past = _stored(work, and_(Event.message_id == any_of(numbers), Event.at > near))
    opened = _opened(work, numbers, before=near)
    stream: list[tuple[RawHit, _Stored | None]] = [(one.hit, one) for one in past]
    stream += [(hit, None) for hit in new]
    stream.sort(key=lambda pair: pair[0].at)
    rows = work.session.execute(
        select(Message.id, Message.sent_at, Message.mailing_id).where(Message.id == any_of(numbers))
    ).all()
    sent_at = {row.id: row.sent_at for row in rows}
    mailings = {row.id: row.mailing_id for row in rows}
    verdicts = _judged(work, [hit for hit, _ in stream], sent_at, mailings, opened)
    told = list(zip(stream, verdicts, strict=True))
    since = new[0].at - NEAR  # what came earlier does not look different, and may be half forgotten
    beside = [(one, verdict) for (_, one), verdict in told if one and one.hit.at > since]
    _write(work, beside)
    return [verdict for (_, stored), verdict in told if stored is None]


def judge_again(work: Work, mailing_id: int, *, since: datetime) -> int:
    """Judge the stored events of a mailing by the rules of today; return how many look different.

    Of what was forgotten the verdict stays: what it rested on is gone.
    """
    events = _stored(work, and_(Event.mailing_id == mailing_id, Event.at >= since))
    numbers = {one.hit.message_id for one in events}
    rows = work.session.execute(
        select(Message.id, Message.sent_at).where(Message.id == any_of(numbers))
    )
    sent_at = {row.id: row.sent_at for row in rows}
    mailings = dict.fromkeys(numbers, mailing_id)
    verdicts = _judged(work, [one.hit for one in events], sent_at, mailings)
    forgotten = done_to(work.session, "event")
    told = zip(events, verdicts, strict=True)
    return _write(work, [(one, verdict) for one, verdict in told if one.id > forgotten])


def mailings_since(work: Work, since: datetime) -> Sequence[int]:
    """Return the mailings that had an event since then."""
    return work.session.scalars(
        select(Event.mailing_id).where(Event.at >= since).distinct().order_by(Event.mailing_id)
    ).all()


def _judged(
    work: Work,
    hits: Sequence[RawHit],
    sent_at: Mapping[int, datetime | None],
    mailings: Mapping[int, int],
    opened: Collection[int] = (),
) -> list[Verdict]:
    counts = select(MailingLink.mailing_id, func.count()).group_by(MailingLink.mailing_id)
    counts = counts.where(MailingLink.mailing_id == any_of(set(mailings.values())))
    known: dict[int, int] = dict(work.session.execute(counts).all())
    links = {number: known.get(mailing, 0) for number, mailing in mailings.items()}
    return judge_stream(hits, sent_at=sent_at, links=links, opened=opened)


def _stored(work: Work, which: ColumnElement[bool]) -> list[_Stored]:
    rows = work.session.execute(
        select(
            Event.id, Event.mailing_id, Event.message_id, Event.kind, Event.slot, Event.at,
            Event.method, Event.user_agent, Event.network, Event.verdict, Event.reasons,
            Event.version, Message.address,
        )
        .outerjoin(Message, Message.id == Event.message_id)
        .where(which)
        .order_by(Event.at, Event.id)
    )  # fmt: skip
    return [
        _Stored(
            row.id,
            row.mailing_id,
            RawHit(
                message_id=row.message_id, click=row.kind == EventKind.CLICK, slot=row.slot,
                at=row.at, method=row.method, user_agent=row.user_agent, network=row.network,
                domain=_domain(row.address or ""), unseen=row.kind == EventKind.UNSEEN,
                known=_known(row.reasons, row.version),
            ),
            row.verdict,
            tuple(row.reasons),
        )
        for row in rows
    ]  # fmt: skip


def _known(reasons: Sequence[str], version: int) -> frozenset[Signal]:
    """Signs of today's rules that others beside an event gave; older rules may have seen too much."""
    return (
        BESIDE & {Signal(each) for each in reasons} if version == VERDICT_VERSION else frozenset()
    )


def _opened(work: Work, message_ids: Collection[int], *, before: datetime) -> set[int]:
    """Return which messages were opened by then; what else came that long ago says nothing of now."""
    return set(
        work.session.scalars(
            select(Event.message_id)
            .where(
                Event.message_id == any_of(message_ids),
                Event.kind == EventKind.OPEN,
                Event.at <= before,
            )
            .distinct()
        )
    )


def _in_a_burst(work: Work, new: Sequence[RawHit]) -> set[int]:
    """Return the messages, of this batch or shortly before, that one network clicks in many of."""
    clicks = [hit for hit in new if hit.click and hit.network]
    if not clicks:
        return set()
    lately = (
        select(Event.message_id, Event.network, Message.address)
        .join(Message, Message.id == Event.message_id)
        .where(
            Event.id > select(func.max(Event.id) - LATELY).scalar_subquery(),
            Event.kind == EventKind.CLICK,
            Event.at > clicks[0].at - NEAR,
            Event.network.in_({hit.network for hit in clicks}),
        )
    )
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in work.session.execute(lately):
        found[row.network, _domain(row.address)].add(row.message_id)
    for hit in clicks:
        found[hit.network, hit.domain].add(hit.message_id)
    many = (numbers for numbers in found.values() if len(numbers) >= BURST_RECIPIENTS)
    return set().union(*many)


def _write(work: Work, judged: Sequence[tuple[_Stored, Verdict]]) -> int:
    """Store verdicts that differ from what stands there, and what follows from them."""
    changed = [
        (one, verdict)
        for one, verdict in judged
        if one.verdict != VERDICTS[verdict.kind]
        or one.reasons != tuple(each.value for each in verdict.reasons)
    ]
    if changed:
        rows = [
            {"id": one.id, "verdict": VERDICTS[verdict.kind], "score": verdict.score,
             "version": verdict.version, "reasons": [each.value for each in verdict.reasons]}
            for one, verdict in changed
        ]  # fmt: skip
        work.session.execute(WRITE_AGAIN, {"rows": json.dumps(rows)})
    _first_of_people(work, {one.hit.message_id for one, _ in changed})
    return len(changed)


def _first_of_people(work: Work, message_ids: Collection[int]) -> None:
    """Read anew, from the events of some messages, when a person first opened and clicked."""
    if not message_ids:
        return
    click, people = Event.kind == EventKind.CLICK, Event.verdict.in_(PEOPLE)
    hasty = and_(click, Event.reasons.contains([Signal.FAST_CLICK.value]))
    clicked = and_(click, people, or_(Event.verdict == VERDICTS[Kind.HUMAN], ~hasty))
    opened = case((click, Event.verdict == VERDICTS[Kind.HUMAN]), else_=people)
    firsts = (
        select(
            Event.message_id,
            func.min(Event.at).filter(clicked).label("clicked"),
            func.min(Event.at).filter(opened).label("opened"),
        )
        .where(Event.message_id == any_of(message_ids))
        .group_by(Event.message_id)
        .subquery()
    )
    values: dict[Any, Any] = {
        MessageReaction.human_clicked_at: firsts.c.clicked,
        MessageReaction.human_opened_at: firsts.c.opened,
    }
    work.session.execute(
        update(MessageReaction)
        .where(MessageReaction.message_id == firsts.c.message_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
