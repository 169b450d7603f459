"""Leads that grow: points are counted anew, and one that nobody took, or that a partner gave back to
nurture, is routed when it reaches what a rule asks for.
"""

from collections.abc import Sequence

from tcma.db.work import Work
from tcma.leads import points
from tcma.leads.by_hand import set_free
from tcma.leads.deciding import rules_in_force
from tcma.leads.models import Lead
from tcma.leads.offers import hold
from tcma.leads.recycling import reopen
from tcma.leads.routing.rules import Rules
from tcma.leads.rules import LeadState

RIPENS = (LeadState.UNASSIGNED, LeadState.RECYCLED)


def ripen(work: Work, leads: Sequence[Lead]) -> int:
    """Give leads their points anew; return how many go to routing because a rule may take them now."""
    before = {lead.id: lead.score for lead in leads}
    points.count_again(work, leads)
    return sum(_ripened(work, lead, before[lead.id]) for lead in leads)


def _ripened(work: Work, lead: Lead, before: int) -> bool:
    after = lead.score
    if after <= before or lead.state not in RIPENS:
        return False
    reached = reaches(rules_in_force(work.session, lead.vendor_id, work.now).rules, before, after)
    if not reached:
        return False
    work.session.flush()  # the points, before the row is read anew
    hold(work, lead.id)
    work.session.refresh(lead)
    if lead.state == LeadState.RECYCLED:
        return reopen(work, lead, verb="ripened", points=after, rule=reached)
    if lead.state != LeadState.UNASSIGNED:
        return False
    set_free(work, lead, keep_last=False)
    work.audit("ripened", "lead", lead.id, vendor_id=lead.vendor_id, points=after, rule=reached)
    return True


def reaches(rules: Rules, before: int, after: int) -> str:
    """Return the first rule that asks for points which a lead has now and had not; else empty."""
    return next((rule.name for rule in rules.asked if before < rule.when.score <= after), "")
