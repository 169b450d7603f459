"""Leads that grow: one that nobody took, or that a partner gave back to nurture, is routed when it meets a
rule that it missed before, by its points, by its chance or by what it says now.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tcma.db.work import Work
from tcma.leads import points
from tcma.leads.by_hand import set_free
from tcma.leads.deciding import requests_of, rules_in_force
from tcma.leads.models import Lead
from tcma.leads.offers import hold
from tcma.leads.recycling import reopen
from tcma.leads.routing.facts import Request
from tcma.leads.routing.fitting import misses
from tcma.leads.routing.rules import Rules
from tcma.leads.rules import LeadState

RIPENS = (LeadState.UNASSIGNED, LeadState.RECYCLED)


def ripen(work: Work, leads: Sequence[Lead]) -> int:
    """Give leads their points anew; return how many go to routing because a rule may take them now."""
    with watched(work, leads) as ripe:
        points.count_again(work, leads)
    return len(ripe)


@contextmanager
def watched(work: Work, leads: Sequence[Lead]) -> Iterator[list[Lead]]:
    """Send those leads to routing that a rule may take for what changes of them within; yield the list
    that they are put on.
    """
    ripe: list[Lead] = []
    waiting = [lead for lead in leads if lead.state in RIPENS]
    vendors = {lead.vendor_id for lead in waiting}
    own = {each: [lead for lead in waiting if lead.vendor_id == each] for each in vendors}
    before = {each: requests_of(work.session, each, own[each]) for each in vendors}
    yield ripe
    for vendor_id in vendors:
        rules = rules_in_force(work.session, vendor_id, work.now).rules
        after = requests_of(work.session, vendor_id, own[vendor_id])
        for lead in own[vendor_id]:
            rule = reaches(rules, before[vendor_id][lead.id], after[lead.id])
            if rule and _set_free(work, lead, rule):
                ripe.append(lead)


def reaches(rules: Rules, before: Request, after: Request) -> str:
    """Return the first rule that a lead meets now and had missed; else empty."""
    return next(
        (
            rule.name
            for rule in rules.asked
            if misses(rule.when, before) and not misses(rule.when, after)
        ),
        "",
    )


def _set_free(work: Work, lead: Lead, rule: str) -> bool:
    work.session.flush()  # what changed, before the row is read anew
    hold(work, lead.id)
    work.session.refresh(lead)
    if lead.state == LeadState.RECYCLED:
        return reopen(work, lead, verb="ripened", points=lead.score, rule=rule)
    if lead.state != LeadState.UNASSIGNED:
        return False
    set_free(work, lead, keep_last=False)
    work.audit("ripened", "lead", lead.id, vendor_id=lead.vendor_id, points=lead.score, rule=rule)
    return True
