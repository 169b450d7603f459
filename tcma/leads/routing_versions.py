"""Routing rules by version: read, tried on tests and on past leads, published from a date."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from operator import itemgetter
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.orm import Session, aliased

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.leads import dated
from tcma.leads.at_hand import candidates_of
from tcma.leads.dated import LONGEST_SOURCE, Version
from tcma.leads.deciding import RulesInForce, areas_of, requests_of, rules_in_force
from tcma.leads.models import RACED, Lead, LeadOffer, RoutingVersion
from tcma.leads.performance import records_of
from tcma.leads.routing.reading import read
from tcma.leads.routing.rules import Rules
from tcma.leads.routing.trying import (
    FIRST,
    NOBODY,
    Case,
    Outcome,
    facts_of,
    tried,
    what_if,
)
from tcma.library.models import Campaign
from tcma.library.rules import CampaignState
from tcma.partners.models import Enrolment, Partner
from tcma.permissions import Permission, Principal
from tcma.toml_document import Fault, Tried

QUARTER = timedelta(days=91)
MOST_CASES = 3_000


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying a document: faults by line, its tests, and last quarter decided again."""

    rules: Rules | None
    faults: tuple[Fault, ...]
    tests: tuple[Tried, ...] = ()
    outcome: Outcome | None = None

    @property
    def ready(self) -> bool:
        """True when it may be published."""
        return self.rules is not None and all(t.ok for t in self.tests)


def vendor_of(principal: Principal) -> UUID:
    """Return the vendor whose rules a principal keeps; NotFound for a partner's people."""
    return found(principal.vendor_id)


def in_force(session: Session, principal: Principal, now: datetime) -> RulesInForce:
    """Return the rules that decide now."""
    return rules_in_force(session, vendor_of(principal), now)


def versions(session: Session, principal: Principal, now: datetime) -> list[Version]:
    """Return all versions, newest first."""
    return dated.versions(session, RoutingVersion, vendor_of(principal), now)


def version(session: Session, principal: Principal, no: int, now: datetime) -> Version:
    """Return one version; NotFound when there is none."""
    return found(next((v for v in versions(session, principal, now) if v.no == no), None))


def partner_slugs(session: Session, vendor_id: UUID) -> list[str]:
    """Return the short names that rules may use."""
    return [slug for slug, _ in partner_names(session, vendor_id)]


def partner_names(session: Session, vendor_id: UUID) -> list[tuple[str, str]]:
    """Return the short name and name of each partner that rules may speak of."""
    query = select(Partner.slug, Partner.name).join(Enrolment, Enrolment.partner_id == Partner.id)
    rows = session.execute(query.where(Enrolment.vendor_id == vendor_id).order_by(Partner.name))
    return [(row.slug, row.name) for row in rows]


def campaign_names(session: Session, vendor_id: UUID) -> list[tuple[str, str]]:
    """Return the short name and name of each campaign that rules may speak of."""
    query = select(Campaign.slug, Campaign.name).where(Campaign.vendor_id == vendor_id)
    rows = session.execute(query.where(Campaign.state != CampaignState.RETIRED))
    return sorted(((row.slug, row.name) for row in rows), key=itemgetter(1))


def try_out(session: Session, principal: Principal, source: str, *, now: datetime) -> Trial:
    """Read a document, run its tests and decide last quarter's leads again; nothing is written."""
    vendor_id = vendor_of(principal)
    trial = tested(session, principal, source, now=now)
    if trial.rules is None:
        return trial
    rules = trial.rules
    records = records_of(session, vendor_id, rules.performance, now) if rules.performs else None
    cases = past_cases(session, vendor_id, rules, now=now)
    return replace(trial, outcome=what_if(rules, cases, records))


def tested(session: Session, principal: Principal, source: str, *, now: datetime) -> Trial:
    """Read a document and run its tests only."""
    vendor_id = vendor_of(principal)
    document = read(source[:LONGEST_SOURCE], partners=partner_slugs(session, vendor_id))
    if document.rules is None:
        return Trial(None, document.faults)
    today = candidates_of(session, vendor_id, now=now, rules=document.rules)
    tests = tuple(tried(document.rules, areas_of(session, vendor_id), today))
    return Trial(document.rules, (), tests)


def past_cases(session: Session, vendor_id: UUID, rules: Rules, *, now: datetime) -> list[Case]:
    """Return the leads of the last quarter, oldest first, with the facts of their first decision.

    A lead that was decided before facts were kept, or that went to nobody, gets today's.
    """
    one = aliased(LeadOffer)
    first_offer = (
        select(one.id)
        .where(one.lead_id == Lead.id, one.epoch == 1)
        .order_by(one.id)
        .limit(1)
        .correlate(Lead)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Lead, LeadOffer.trace, case((RACED, FIRST), else_=Partner.name))
        .select_from(Lead)
        .outerjoin(LeadOffer, LeadOffer.id == first_offer)
        .outerjoin(Partner, Partner.id == LeadOffer.partner_id)
        .where(Lead.vendor_id == vendor_id, Lead.created_at > now - QUARTER)
        .order_by(Lead.id.desc())
        .limit(MOST_CASES)
    ).all()
    bare = [lead for lead, trace, _ in rows if "request" not in (trace or {})]
    requests = requests_of(session, vendor_id, bare)
    areas = areas_of(session, vendor_id) if bare else []
    today = candidates_of(session, vendor_id, now=now, rules=rules) if bare else []
    cases = []
    for lead, trace, name in reversed(rows):
        told = "request" in (trace or {})
        facts = trace if told else facts_of(requests[lead.id], areas, today)
        cases.append(Case(lead.ref, lead.company or "Somebody", facts, name or NOBODY))
    return cases


def today(session: Session, principal: Principal, now: datetime) -> date:
    """Return the day it is where the vendor is: the first from which rules may be in force."""
    return dated.today(session, vendor_of(principal), now)


def publish(work: Work, source: str, *, valid_from: date, note: str) -> int:
    """Publish a document from a day on; its number. Invalid with the lines that are wrong."""
    work.require(Permission.LEAD_ASSIGN)
    trial = try_out(work.session, work.principal, source, now=work.now)
    if not trial.ready:
        raise dated.refused(trial.faults, trial.tests, code="routing.rules")
    return dated.publish(work, RoutingVersion, source, valid_from=valid_from, note=note)
