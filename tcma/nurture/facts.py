"""What is known of people in journeys, for many runs in a handful of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.journeys.document import Journey, Signal, ZonePolicy
from tcma.journeys.interpreter import TOO_OLD
from tcma.journeys.people import Facts, Person, Seen, Stand
from tcma.journeys.timing import zone_of
from tcma.leads.rules import LeadState, Touch
from tcma.nurture.belonging import belonging
from tcma.nurture.rules import LATE_AFTER, Exit, LeadFacts, Outlived, leaves
from tcma.nurture.versions import JourneyVersion, version_by_id
from tcma.partners.rules import EnrolmentState
from tcma.tracking.queries import VERDICTS, EventKind
from tcma.tracking.rules import Kind

EVER = datetime.min.replace(year=1970, tzinfo=UTC)
PEOPLE = [VERDICTS[Kind.HUMAN], VERDICTS[Kind.UNCERTAIN]]
HELD = {LeadState.ACCEPTED}
OPPORTUNE = {LeadState.OPPORTUNITY, LeadState.WON}

DUE = """
SELECT id FROM nurture_run
WHERE state = 0 AND due_at <= :until AND due_at > :after AND NOT (id = ANY(:not_these))
ORDER BY due_at, id LIMIT :batch FOR UPDATE SKIP LOCKED"""
THESE = "SELECT id FROM nurture_run WHERE id = ANY(:ids) AND state = ANY(:states) ORDER BY id FOR UPDATE"
KNOWN = text("""
SELECT r.id, r.sequence_id, r.version_id, r.vendor_id, r.partner_id, r.contact_id, r.lead_id, r.state, r.node,
  r.step_no, r.since, r.due_at, r.waiting_for, r.attempt,
  r.step_no = 0 OR r.step_no = (SELECT count(*) FROM nurture_step t WHERE t.run_id = r.id AND t.outcome = 'moved'
    AND t.node = r.node) AS just_asked,
  CASE WHEN c.address <> '' THEN c.address_hash END AS address_hash, c.language AS speaks,
  l.state AS lead_state, l.replied_at, coalesce(l.country, c.country) AS country,
  coalesce(l.postcode, c.fields ->> 'postcode') AS postcode, coalesce(l.address, c.address) AS address, l.score, l.answers,
  l.partner_id AS holder_id, p.zone AS partner_zone, p.slug, v.zone AS vendor_zone, e.tier, e.state AS partnership,
  k.version_id AS campaign_version_id, k.language,
  a.state = 'retired' AS ended, a.id IN (SELECT s.campaign_id FROM campaign_stop s
    WHERE s.lifted_at IS NULL AND s.stopped_at < :stopped_before) AS stopped,
  r.vendor_id IN (SELECT f.vendor_id FROM frequency_rule f) OR EXISTS (SELECT FROM shared_limit h
    WHERE h.everybody OR r.vendor_id IN (SELECT t.vendor_id FROM shared_limit_vendor t)) AS has_rule,
  (SELECT s.reason FROM suppression s WHERE s.address_hash = c.address_hash AND c.address <> '' AND s.topic IS NULL
    AND (s.partner_id IS NULL OR s.partner_id = r.partner_id) AND (s.vendor_id IS NULL OR s.vendor_id = r.vendor_id)
    ORDER BY s.reason = 'soft_bounces', s.id LIMIT 1) AS suppressed,
  ARRAY(SELECT t.mail FROM nurture_step t WHERE t.run_id = r.id AND t.outcome = 'sent') AS sent,
  EXISTS (SELECT FROM lead_touch t WHERE t.lead_id = r.lead_id AND t.kind = :meeting AND t.at > r.created_at) AS met,
  l.state = 'recycled' AND EXISTS (SELECT FROM lead o WHERE o.vendor_id = l.vendor_id AND o.address_hash = l.address_hash
    AND o.id <> l.id AND o.state IN ('new', 'offered', 'accepted', 'unassigned')) AS asked_anew
FROM nurture_run r
JOIN partner p ON p.id = r.partner_id
JOIN vendor v ON v.id = r.vendor_id
JOIN sequence q ON q.id = r.sequence_id
JOIN campaign a ON a.id = q.campaign_id
LEFT JOIN enrolment e ON e.vendor_id = r.vendor_id AND e.partner_id = r.partner_id
LEFT JOIN contact c ON c.id = r.contact_id
LEFT JOIN lead l ON l.id = r.lead_id
LEFT JOIN partner_copy k ON k.partner_id = r.partner_id AND k.campaign_id = q.campaign_id
WHERE r.id = ANY(:locked)
ORDER BY r.due_at, r.id
""")
"""Read after the locks are had, in a statement of its own: what others did until then counts. What was
before a journey began (a meeting, a form, a visit) does not end it. Who stayed at their first step through new
versions still gets an answer there.
"""
CLAIM_DUE, LOOK_AT = text(DUE), text(THESE)
REACTIONS = text("""
SELECT m.origin_id AS run_id, m.id AS message_id, n.mail, n.link_keys, x.human_clicked_at,
  x.bounced_at, x.replied_at
FROM message m
JOIN message_reaction x ON x.message_id = m.id
JOIN nurture_mailing n ON n.mailing_id = m.mailing_id
WHERE m.contact_id = ANY(:contacts) AND m.origin_id = ANY(:runs)
""")
CLICKS = text("""
SELECT DISTINCT message_id, slot FROM event
WHERE message_id = ANY(:messages) AND kind = :click AND verdict = ANY(:people) AND slot > 0
""")
HAD = text("""
SELECT DISTINCT r.id, s.mail FROM nurture_run r
JOIN nurture_run o ON o.sequence_id = r.sequence_id AND o.contact_id = r.contact_id AND o.id <> r.id
JOIN nurture_step s ON s.run_id = o.id AND s.outcome = 'sent'
WHERE r.id = ANY(:runs)
""")
"""Mails of earlier times through the same journey, for those that draw from a pool."""
FORMS = text("""
SELECT DISTINCT r.id FROM nurture_run r JOIN lead_capture c ON c.lead_id = r.lead_id
WHERE r.id = ANY(:runs) AND c.at > r.created_at AND c.source LIKE 'page:%'
""")
ON_PAGES = text("""
SELECT DISTINCT r.id, p.did FROM nurture_run r
JOIN message m ON m.contact_id = r.contact_id
JOIN message_reaction x ON x.message_id = m.id AND x.human_clicked_at IS NOT NULL
JOIN page_signal p ON p.message_id = m.id
WHERE r.id = ANY(:runs) AND p.at > r.created_at
""")


@dataclass(frozen=True, slots=True)
class Known:
    """A run with all that its next decision needs. `row` has the columns of `COLUMNS`."""

    row: Any
    version: JourneyVersion
    stand: Stand
    person: Person
    facts: Facts
    leaves: Exit | None

    @property
    def journey(self) -> Journey:
        """The journey as the run's version has it."""
        return self.version.journey


def claim_due(
    work: Work, *, batch: int, not_these: Sequence[int] = (), late: bool = False
) -> list[Known]:
    """Lock due runs that nobody else holds, oldest first, and return what is known of them.

    Those that are `late` are apart from those that are due by now.
    """
    missed = work.now - LATE_AFTER
    span = {"until": missed, "after": EVER} if late else {"until": work.now, "after": missed}
    values = {"batch": batch, "not_these": list(not_these)}
    return known(work, work.session.scalars(CLAIM_DUE, span | values).all())


def look_at(work: Work, run_ids: Iterable[int], states: Sequence[int]) -> list[Known]:
    """Lock these runs as far as they are in one of the states; what is known of them."""
    values = {"ids": list(run_ids), "states": [int(state) for state in states]}
    return known(work, work.session.scalars(LOOK_AT, values).all())


def known(work: Work, run_ids: Sequence[int]) -> list[Known]:
    """Gather what is known of each run, those that are due longest first; they are locked."""
    if not run_ids:
        return []
    session = work.session
    asked = {
        "locked": list(run_ids),
        "meeting": Touch.MEETING,
        "stopped_before": work.now - TOO_OLD,
    }
    rows = session.execute(KNOWN, asked).all()
    seen = _seen(session, rows)
    versions = {each: version_by_id(work, each) for each in {row.version_id for row in rows}}
    forms = {each for each, v in versions.items() if v.journey.asks_for(Signal.FORM)}
    if asking := [r.id for r in rows if r.version_id in forms]:
        for run_id in session.scalars(FORMS, {"runs": asking}):
            seen[run_id].add(Seen(Signal.FORM))
    pages = {each for each, v in versions.items() if asks_for_pages(v.journey)}
    if asking := [r.id for r in rows if r.version_id in pages]:
        for run_id, did in session.execute(ON_PAGES, {"runs": asking}):
            seen[run_id].add(Seen(Signal(did)))
    had: dict[int, set[str]] = {}
    drawing = [r.id for r in rows if versions[r.version_id].journey.pools]
    if drawing:
        for run_id, mail in session.execute(HAD, {"runs": drawing}):
            had.setdefault(run_id, set()).add(mail)
    people = whole(session, [(row, versions[row.version_id].journey) for row in rows])
    found = []
    for row, person in zip(rows, people, strict=True):
        version = versions[row.version_id]
        facts = Facts(frozenset(seen[row.id]), frozenset(row.sent), frozenset(had.get(row.id, ())))
        stand = Stand(row.node, row.since, row.due_at or work.now, answers=row.just_asked)
        outlived = Outlived(row.ended, row.stopped, row.partnership == EnrolmentState.ENDED)
        why = _why_leave(row, version.journey, facts, outlived)
        found.append(Known(row, version, stand, person, facts, why))
    return found


def whole(session: Session, rows: Sequence[tuple[Any, Journey]]) -> list[Person]:
    """Return who each row is of, with what its journey asks of them besides."""
    return belonging(session, [(row, each, person_of(row, each)) for row, each in rows])


def asks_for_pages(journey: Journey) -> bool:
    """Say whether a journey asks what people did on pages."""
    return journey.asks_for(Signal.VISITED) or journey.asks_for(Signal.DOWNLOADED)


def person_of(row: Any, journey: Journey) -> Person:
    """Return who a run is of, by the clock that the journey's policy names."""
    zones = {
        ZonePolicy.CONTACT: zone_of(row.country or "", row.partner_zone),
        ZonePolicy.PARTNER: row.partner_zone,
        ZonePolicy.VENDOR: row.vendor_zone,
    }
    return Person(
        key=f"{row.contact_id}",
        zone=zones[journey.zone],
        country=row.country or "",
        postcode=row.postcode or "",
        company=(row.address or "").rpartition("@")[2],
        language=row.language or row.speaks or "",
        partner=row.slug,
        tier=row.tier or "",
        score=row.score or 0,
        answers={str(q): str(a) for q, a in (row.answers or {}).items()},
    )


def _why_leave(row: Any, journey: Journey, facts: Facts, outlived: Outlived) -> Exit | None:
    if row.address_hash is None:
        return Exit.ERASED
    done = {each.signal for each in facts.seen}
    lead = LeadFacts(
        accepted=Signal.ACCEPTED in done,
        opportunity=Signal.OPPORTUNITY in done,
        replied=Signal.REPLIED in done,
        met=Signal.MEETING in done,
        won=row.lead_state == LeadState.WON,
        lost=row.lead_state == LeadState.LOST,
        anew=bool(row.asked_anew),
    )
    stopped = row.suppressed
    if stopped is None and Signal.BOUNCED in done:
        stopped = "hard_bounce"
    return leaves(journey.exits, lead, stopped, outlived)


def _seen(session: Session, rows: Sequence[Any]) -> dict[int, set[Seen]]:
    """What each run's person did: what stands at their lead, and what they did with the mails."""
    runs = [row.id for row in rows]
    found = {row.id: _of_lead(row) for row in rows}
    values = {"contacts": [row.contact_id for row in rows], "runs": runs}
    reactions = session.execute(REACTIONS, values).all()
    for x in reactions:
        for at, seen in (
            (x.human_clicked_at, Seen(Signal.CLICKED, x.mail)),
            (x.bounced_at, Seen(Signal.BOUNCED, x.mail)),
            (x.replied_at, Seen(Signal.REPLIED)),
        ):
            if at:
                found[x.run_id].add(seen)
    clicked = {x.message_id: x for x in reactions if x.human_clicked_at}
    if clicked:
        asked = {"messages": list(clicked), "click": EventKind.CLICK, "people": PEOPLE}
        for message_id, slot in session.execute(CLICKS, asked):
            x = clicked[message_id]
            if slot <= len(x.link_keys):
                found[x.run_id].add(Seen(Signal.CLICKED, x.mail, str(x.link_keys[slot - 1])))
    return found


def _of_lead(row: Any) -> set[Seen]:
    held = {
        Signal.ACCEPTED: row.lead_state in HELD,
        Signal.OPPORTUNITY: row.lead_state in OPPORTUNE,
        Signal.REPLIED: row.replied_at is not None,
        Signal.MEETING: row.met,
    }
    return {Seen(signal) for signal, holds in held.items() if holds}


def runs_of(session: Session, *, lead_id: UUID | None, contact_id: int | None) -> list[int]:
    """Return the open runs of a lead or contact."""
    whose, value = ("lead_id", lead_id) if lead_id else ("contact_id", contact_id)
    query = text(f"SELECT id FROM nurture_run WHERE {whose} = :it AND state IN (0, 3, 4)")  # noqa: S608
    return list(session.scalars(query, {"it": value}))
