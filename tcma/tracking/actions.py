"""Writes opens and clicks: raw, each once, with a verdict beside; never decides where a link leads."""

from datetime import timedelta

from sqlalchemy import exists, func, insert, literal, select, update

from tcma.db.work import Work
from tcma.delivery.links import Purpose
from tcma.delivery.models import MessageReaction
from tcma.delivery.queries import MessageFacts, link_target, message_of_link
from tcma.delivery.reactions import Name, note, prove_sent
from tcma.jobs import Job
from tcma.tracking.models import Event
from tcma.tracking.queries import VERDICTS, EventKind
from tcma.tracking.rules import EventFacts, Kind, Signal, Verdict, judge

TOGETHER = timedelta(seconds=2)
LONGEST_AGENT = 400
PEOPLE = (Kind.HUMAN, Kind.UNCERTAIN)
"""A proxy fetches pictures for people too, so an uncertain event counts as theirs when they click."""


def record_open(work: Work, token: str, *, user_agent: str, method: str = "GET") -> Verdict:
    """Write an open of the pixel; NotFound for a forged token, then nothing is written."""
    facts = message_of_link(work.session, work.site.signer, Purpose.OPEN, token)
    return _record(work, facts, EventKind.OPEN, user_agent=user_agent, method=method)


def record_click(work: Work, token: str, *, user_agent: str, method: str = "GET") -> str:
    """Write a click and return the address its row names; NotFound for a forged token.

    The address comes from the mailing's row only: nothing in the request can change it.
    """
    facts, url = link_target(work.session, work.site.signer, token)
    _record(work, facts, EventKind.CLICK, user_agent=user_agent, method=method)
    return url


def _record(
    work: Work, facts: MessageFacts, kind: EventKind, *, user_agent: str, method: str
) -> Verdict:
    verdict = judge(_facts(work, facts, kind, user_agent=user_agent, method=method))
    work.session.execute(
        insert(Event).values(
            message_id=facts.id,
            mailing_id=facts.mailing_id,
            kind=kind,
            slot=facts.slot,
            verdict=VERDICTS[verdict.kind],
            reasons=[signal.value for signal in verdict.reasons],
            user_agent=user_agent[:LONGEST_AGENT].replace("\x00", ""),
            at=work.now,
        )
    )
    if verdict.kind is Kind.SCANNER and Signal.MANY_LINKS in verdict.reasons:
        _judge_again(work, facts, verdict)
    prove_sent(work, facts.id)
    note(work, facts.id, facts.mailing_id, *_flags(kind, verdict))
    if kind is EventKind.CLICK and verdict.kind is Kind.HUMAN:
        work.wake(Job.NURTURE_STOP, message_id=facts.id)
    return verdict


def _facts(
    work: Work, facts: MessageFacts, kind: EventKind, *, user_agent: str, method: str
) -> EventFacts:
    earlier = (Event.message_id == facts.id,)
    slots = work.session.scalar(
        select(func.count(Event.slot.distinct())).where(
            *earlier,
            Event.kind == EventKind.CLICK,
            Event.at > work.now - TOGETHER,
            Event.slot != facts.slot,
        )
    )
    opened = work.session.scalar(
        select(exists(select(literal(1)).where(*earlier, Event.kind == EventKind.OPEN)))
    )
    since = (work.now - facts.sent_at).total_seconds() if facts.sent_at else None
    return EventFacts(
        click=kind is EventKind.CLICK,
        user_agent=user_agent,
        method=method,
        seconds_since_sent=since,
        links_within_2s=(slots or 0) + 1,
        opened_before=bool(opened),
    )


def _flags(kind: EventKind, verdict: Verdict) -> tuple[Name, ...]:
    if kind is EventKind.OPEN:
        return ("opened", "human_opened") if verdict.kind in PEOPLE else ("opened",)
    if verdict.kind is Kind.HUMAN:
        return ("clicked", "human_clicked", "opened", "human_opened")
    return ("clicked", "human_clicked") if verdict.kind is Kind.UNCERTAIN else ("clicked",)


def _judge_again(work: Work, facts: MessageFacts, verdict: Verdict) -> None:
    """A scanner shows at its third link: what it hit just before was not a person either."""
    burst = (
        Event.message_id == facts.id,
        Event.kind == EventKind.CLICK,
        Event.at > work.now - TOGETHER,
    )
    work.session.execute(
        update(Event)
        .where(*burst)
        .values(verdict=VERDICTS[Kind.SCANNER], reasons=[each.value for each in verdict.reasons])
    )
    first_human = (
        select(func.min(Event.at))
        .where(
            Event.message_id == facts.id,
            Event.kind == EventKind.CLICK,
            Event.verdict.in_([VERDICTS[each] for each in PEOPLE]),
        )
        .scalar_subquery()
    )
    work.session.execute(
        update(MessageReaction)
        .where(MessageReaction.message_id == facts.id)
        .values(human_clicked_at=first_human)
    )
