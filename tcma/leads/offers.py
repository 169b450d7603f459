"""Route waiting leads: one offer each to one partner, or one to each of several at once; then told by
mail with a signed link.
"""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm.attributes import set_committed_value

from tcma.db.sentences import kept
from tcma.db.work import Work
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.leads.chatting import tell_over
from tcma.leads.deciding import requests_of, rules_in_force
from tcma.leads.hours import answer_by
from tcma.leads.models import RACED, Lead, LeadOffer
from tcma.leads.presence import given_back, hours_of
from tcma.leads.routing.choosing import Choice
from tcma.leads.routing.masking import SHOWS, STANDARD
from tcma.leads.routing.rules import ACCEPTS, Accepts, Rules
from tcma.leads.rules import MOST_EPOCHS, LeadState, OfferState
from tcma.leads.standing import standing_of
from tcma.leads.turns import give_back
from tcma.partners.models import Partner

BATCH = 300
"""Leads decided in one transaction: the vendor’s lock is held for a sixth of a second."""


@dataclass(frozen=True, slots=True)
class Given:
    """A lead that goes to a partner, and why; `answer_by` stands when several are asked at once."""

    lead: Lead
    partner_id: UUID
    reason: str
    trace: dict[str, Any]
    answer_by: datetime | None = None


def route(work: Work, lead_id: UUID) -> UUID | None:
    """Offer a new lead to the partner the rules choose; return the partner, None when nobody,
    or when several are asked at once.
    """
    lead = work.session.scalar(
        select(Lead)
        .where(Lead.id == lead_id, Lead.state == LeadState.NEW)
        .with_for_update(skip_locked=True)
    )
    return _route(work, lead.vendor_id, [lead])[0] if lead else None


def route_waiting(work: Work, vendor_id: UUID, *, most: int = BATCH) -> int:
    """Route a vendor's oldest waiting leads that nobody else routes now; return how many."""
    leads = work.session.scalars(
        select(Lead)
        .where(Lead.vendor_id == vendor_id, Lead.state == LeadState.NEW)
        .order_by(Lead.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    return len(_route(work, vendor_id, leads)) if leads else 0


def _route(work: Work, vendor_id: UUID, leads: Sequence[Lead]) -> list[UUID | None]:
    """Decide leads in their order; the row locks make two routers of one lead one."""
    requests = requests_of(work.session, vendor_id, leads)
    turns, passed, spared = _turns(work, leads)
    resting = given_back(work.session, vendor_id, {lead.address_hash for lead in leads}, work.now)
    for lead in leads:
        for partner_id in resting.get(bytes(lead.address_hash), ()):
            turns.setdefault(lead.id, {})[partner_id] = "gave them back to nurture"
    standing = standing_of(work.session, vendor_id, now=work.now)
    given: list[Given] = []
    for lead in leads:
        request = requests[lead.id]
        if lead.id in passed:
            request = replace(request, passed=passed[lead.id])
        choice = standing.decide(request, turns.get(lead.id, {}))
        over = lead.epoch - lead.counted_from - spared[lead.id] >= MOST_EPOCHS
        if choice.several and not over:
            given += _all_at_once(work, lead, choice, standing.rules.rules)
            continue
        if choice.partner_id is None or over:
            _leave(work, lead, choice)
            continue
        standing.give(choice, choice.partner_id)
        given.append(Given(lead, choice.partner_id, choice.reason, choice.trace))
    standing.keep(work.session)
    offer(work, vendor_id, given, rules=standing.rules.rules)
    partners = {each.lead.id: each.partner_id for each in given if each.answer_by is None}
    return [partners.get(lead.id) for lead in leads]


def _turns(
    work: Work, leads: Sequence[Lead]
) -> tuple[dict[UUID, dict[UUID, str]], dict[UUID, tuple[str, ...]], Counter[UUID]]:
    """Return who had each lead before and how that ended, the rules that asked several at once, and how
    many of its turns do not count, since they were taken away: for a pause, or by hand.

    Who was asked beside others and let the time pass may be asked again, by another rule; and when
    turns are counted anew, everybody but who declined.
    """
    again = {lead.id: lead.counted_from for lead in leads if lead.epoch}
    found: dict[UUID, dict[UUID, str]] = {}
    passed: dict[UUID, dict[str, None]] = {}
    turns: dict[tuple[UUID, int], bool] = {}
    if again:
        for row in work.session.execute(
            select(
                LeadOffer.lead_id,
                LeadOffer.epoch,
                LeadOffer.partner_id,
                LeadOffer.state,
                LeadOffer.shared,
                RACED.label("raced"),
                LeadOffer.trace["rule_name"].astext.label("rule"),
            )
            .where(LeadOffer.lead_id.in_(again))
            .order_by(LeadOffer.id)
        ):
            earlier = row.epoch <= again[row.lead_id]
            if not earlier:
                turn = row.lead_id, row.epoch
                turns[turn] = turns.get(turn, False) or row.state != OfferState.RECALLED
            if row.raced and not earlier:
                passed.setdefault(row.lead_id, {})[row.rule] = None
            if row.state == OfferState.DECLINED or not (row.shared or earlier):
                found.setdefault(row.lead_id, {})[row.partner_id] = row.state
    spared = Counter(lead_id for (lead_id, _), counts in turns.items() if not counts)
    return found, {lead_id: tuple(names) for lead_id, names in passed.items()}, spared


def _all_at_once(work: Work, lead: Lead, choice: Choice, rules: Rules) -> list[Given]:
    """Return an offer for each of several, all open until the last of them had its hours."""
    until = _until(work, choice.several, rules, hours=choice.hours)
    last = max(until.values())
    return [Given(lead, each, choice.reason, choice.trace, last) for each in choice.several]


def _leave(work: Work, lead: Lead, choice: Choice) -> None:
    """Leave a lead to a person at the vendor."""
    lead.state, lead.escalated_at, lead.moved_at = LeadState.UNASSIGNED, None, work.now
    work.wake(Job.LEAD_TELL)
    words = choice.reason if choice.partner_id is None else "Nobody answered in three turns"
    work.audit(
        "left unassigned",
        "lead",
        lead.id,
        vendor_id=lead.vendor_id,
        reason=words,
        trace=choice.trace,
    )


def said_of(work: Work, vendor_id: UUID, partner_id: UUID) -> dict[str, Any]:
    """Return what the rules say of every offer to a partner, whoever chose it."""
    rules = rules_in_force(work.session, vendor_id, work.now).rules
    facts = rules.partners.get(work.session.get_one(Partner, partner_id).slug)
    said: dict[str, Any] = {}
    if rules.shown != STANDARD:
        said[SHOWS] = [fact.value for fact in rules.shown]
    if facts and facts.accept:
        said[ACCEPTS] = Accepts.PARTNER.value
    return said


def recall(work: Work, lead_id: UUID) -> None:
    """Take a lead's open offers away; whoever had one loses no turn. The lead is held by the caller."""
    taken = work.session.scalars(
        update(LeadOffer)
        .where(LeadOffer.lead_id == lead_id, LeadOffer.state == OfferState.OFFERED)
        .values(state=OfferState.RECALLED, answered_at=work.now, answered_by=work.principal.name)
        .returning(LeadOffer)
    ).all()
    give_back(work, taken)
    tell_over(work, taken)


def offer(
    work: Work, vendor_id: UUID, given: Sequence[Given], *, rules: Rules | None = None
) -> None:
    """Write the offers of a batch; `telling` writes to their people. Without `rules` those in force."""
    if not given:
        return
    rules = rules or rules_in_force(work.session, vendor_id, work.now).rules
    until = _until(work, {each.partner_id for each in given}, rules)
    rows = []
    for each in given:
        lead = each.lead
        rows.append(
            {
                "id": str(new_id()),
                "lead_id": str(lead.id),
                "epoch": lead.epoch + 1,
                "partner_id": str(each.partner_id),
                "holder": str(each.partner_id) if each.answer_by is None else None,
                "shared": each.answer_by is not None,
                "reason": kept(each.reason),
                "trace": each.trace,
                "answer_by": (each.answer_by or until[each.partner_id]).isoformat(),
            }
        )
    told = [(each.lead.id, each.partner_id, {"reason": each.reason}) for each in given]
    work.audit_each("offered", "lead", told, vendor_id=vendor_id)
    work.session.execute(OFFER, {"rows": json.dumps(rows), "vendor": vendor_id, "now": work.now})
    held = {each.lead.id: each for each in given}
    for each in held.values():  # as the statement left them
        holder = each.partner_id if each.answer_by is None else None
        set_committed_value(each.lead, "state", LeadState.OFFERED)
        set_committed_value(each.lead, "partner_id", holder)
        set_committed_value(each.lead, "epoch", each.lead.epoch + 1)
        set_committed_value(each.lead, "person_id", None)
        set_committed_value(each.lead, "moved_at", work.now)
    work.wake(Job.LEAD_TELL)


def hold(work: Work, lead_id: UUID) -> None:
    """Lock a lead before its offers, as everybody does who answers or recalls one."""
    work.session.execute(select(Lead.id).where(Lead.id == lead_id).with_for_update())


def _until(
    work: Work, ids: Collection[UUID], rules: Rules, *, hours: int | None = None
) -> dict[UUID, datetime]:
    """Return by when each partner must answer what it is offered now."""
    needed = hours or rules.answer_hours
    return {
        partner_id: answer_by(work.now, at_work, needed=needed)
        for partner_id, at_work in hours_of(work.session, ids, rules).items()
    }


OFFER = text(
    """
    WITH asked AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS a(id uuid, lead_id uuid,
            epoch int, partner_id uuid, holder uuid, shared bool, reason text, trace jsonb,
            answer_by timestamptz)
    ), moved AS (
        UPDATE lead SET state = 'offered', partner_id = a.holder, epoch = a.epoch, person_id = NULL,
            moved_at = :now
        FROM (SELECT DISTINCT lead_id, holder, epoch FROM asked) a WHERE lead.id = a.lead_id
    )
    INSERT INTO lead_offer (id, lead_id, epoch, vendor_id, partner_id, state, reason, trace,
        offered_at, answer_by, shared)
    SELECT id, lead_id, epoch, :vendor, partner_id, 'offered', reason, trace, :now, answer_by, shared
    FROM asked
    """
)
"""Leads and their offers of a whole batch in one statement: the pool's lock is held as briefly."""
