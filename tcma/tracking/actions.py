"""Writes what came back by mailed links: raw, each once, with a verdict beside; never decides where a
link leads.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from tcma.db.work import Work
from tcma.delivery import feedback
from tcma.delivery.links import Purpose
from tcma.delivery.queries import (
    MessageFacts,
    facts_by_message,
    link_target,
    message_of_link,
    targets_of,
)
from tcma.delivery.reactions import First, Name, note_each, prove_sent
from tcma.delivery.rules import MessageState
from tcma.jobs import Job
from tcma.ports import Hit, HitKind
from tcma.tracking import judging
from tcma.tracking.models import HitFile
from tcma.tracking.queries import VERDICTS, EventKind
from tcma.tracking.rules import Kind, Verdict, is_a_persons

LONGEST_AGENT = 400
KINDS = {HitKind[kind.name]: kind for kind in EventKind}


WRITE = text(
    """
    INSERT INTO event (message_id, mailing_id, kind, slot, verdict, reasons, user_agent, at,
      method, network, score, version)
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS e(message_id bigint, mailing_id int,
      kind smallint, slot smallint, verdict smallint, reasons jsonb, user_agent text, at timestamptz,
      method text, network text, score smallint, version smallint)
    """
)


def record_open(
    work: Work, token: str, *, user_agent: str, method: str = "GET", network: str = ""
) -> Verdict:
    """Write an open of the pixel; NotFound for a forged token, then nothing is written."""
    facts = message_of_link(work.session, work.site.signer, Purpose.OPEN, token)
    hit = Hit(HitKind.OPEN, facts.id, 0, work.now, method, user_agent, network)
    return _record(work, {facts.id: facts}, [hit])[0]


def record_click(
    work: Work, token: str, *, user_agent: str, method: str = "GET", network: str = ""
) -> str:
    """Write a click and return the address its row names; NotFound for a forged token.

    The address comes from the mailing's row only: nothing in the request can change it.
    """
    facts, url = link_target(work.session, work.site.signer, token)
    hit = Hit(HitKind.CLICK, facts.id, facts.slot, work.now, method, user_agent, network)
    _record(work, {facts.id: facts}, [hit])
    return url


def record_unseen(
    work: Work, token: str, *, user_agent: str, method: str = "GET", network: str = ""
) -> str:
    """Write that the link was followed that no person sees: of whoever did, all is a machine's. Return
    where the mail's first link leads; NotFound for a forged token.
    """
    facts = message_of_link(work.session, work.site.signer, Purpose.UNSEEN, token)
    hit = Hit(HitKind.UNSEEN, facts.id, 0, work.now, method, user_agent, network)
    _record(work, {facts.id: facts}, [hit])
    links = targets_of(work.session, [facts.mailing_id]).get(facts.mailing_id, {})
    return links.get(1, work.site.public_url)


def record_hits(work: Work, hits: Sequence[Hit]) -> None:
    """Write many hits, whose tokens were good, in one go; a message that is gone keeps none."""
    facts = facts_by_message(work.session, {hit.message_id for hit in hits})
    known = [hit for hit in hits if hit.message_id in facts]
    for number in {hit.message_id for hit in known if hit.kind is HitKind.STOP}:
        feedback.stop(work, facts[number])
    _record(work, facts, [hit for hit in known if hit.kind in KINDS])


def read_to(work: Work, name: str) -> int:
    """Return how far a file of hits is written, and hold it until the transaction ends."""
    held = select(HitFile.read_to).where(HitFile.name == name).with_for_update()
    return work.session.scalar(held) or 0


def have_read(work: Work, name: str, octets: int) -> None:
    """Note how far a file of hits is written, in one transaction with what it said."""
    now = {"read_to": octets, "at": work.now}
    row = upsert(HitFile).values(name=name, **now)
    work.session.execute(row.on_conflict_do_update(index_elements=["name"], set_=now))


def forget_file(work: Work, name: str) -> None:
    """Forget a file of hits that has been taken away."""
    work.session.execute(delete(HitFile).where(HitFile.name == name))


def _record(work: Work, facts: dict[int, MessageFacts], hits: Sequence[Hit]) -> Sequence[Verdict]:
    if not hits:
        return ()
    hits = sorted(hits, key=lambda hit: hit.at)
    verdicts = judging.judge_new(work, facts, hits)
    rows = [
        _row(hit, facts[hit.message_id].mailing_id, verdict)
        for hit, verdict in zip(hits, verdicts, strict=True)
    ]
    work.session.execute(WRITE, {"rows": json.dumps(rows)})
    for number in {hit.message_id for hit in hits}:
        if facts[number].state is MessageState.UNCERTAIN:
            prove_sent(work, number)
    note_each(work, _firsts(facts, zip(hits, verdicts, strict=True)))
    for hit, verdict in zip(hits, verdicts, strict=True):
        if hit.kind is HitKind.CLICK and verdict.kind is Kind.HUMAN:
            work.wake(Job.NURTURE_STOP, message_id=hit.message_id)
    return verdicts


def _row(hit: Hit, mailing_id: int, verdict: Verdict) -> dict[str, object]:
    return {
        "message_id": hit.message_id,
        "mailing_id": mailing_id,
        "kind": KINDS[hit.kind],
        "slot": hit.slot,
        "verdict": VERDICTS[verdict.kind],
        "reasons": [signal.value for signal in verdict.reasons],
        "user_agent": hit.user_agent[:LONGEST_AGENT].replace("\x00", ""),
        "at": hit.at.isoformat(),
        "method": hit.method[:16],
        "network": hit.network,
        "score": verdict.score,
        "version": verdict.version,
    }


def _firsts(facts: dict[int, MessageFacts], judged: Iterable[tuple[Hit, Verdict]]) -> list[First]:
    found: dict[int, dict[Name, datetime]] = {}
    for hit, verdict in judged:
        for name in _flags(KINDS[hit.kind], verdict):
            found.setdefault(hit.message_id, {}).setdefault(name, hit.at)
    return [First(number, facts[number].mailing_id, at) for number, at in found.items()]


def _flags(kind: EventKind, verdict: Verdict) -> tuple[Name, ...]:
    if kind is EventKind.UNSEEN:
        return ()
    person = is_a_persons(verdict, click=kind is EventKind.CLICK)
    if kind is EventKind.OPEN:
        return ("opened", "human_opened") if person else ("opened",)
    if verdict.kind is Kind.HUMAN:
        return ("clicked", "human_clicked", "opened", "human_opened")
    return ("clicked", "human_clicked") if person else ("clicked",)
