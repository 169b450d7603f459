"""How many things need an act of this person, for the rail."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from tcma.leads.queries import facet_counts
from tcma.leads.races import race_count
from tcma.mdf.waiting import waiting
from tcma.permissions import Permission, Principal


def waiting_counts(session: Session, principal: Principal) -> Mapping[str, int]:
    """Return label of the rail → count, in at most three queries."""
    counts: dict[str, int] = {}
    if principal.may(Permission.LEAD_READ):
        leads = facet_counts(session, principal)
        counts["Leads"] = leads["offered" if principal.partner_id else "unassigned"]
        if principal.partner_id:
            counts["Leads"] += race_count(session, principal)
    if principal.may(Permission.FUND_READ):
        money = waiting(session, principal)
        if principal.partner_id:
            counts["Funds"] = money.to_fix
        else:
            counts["Queue"] = money.to_decide
            counts["Payments"] = money.to_pay
    return counts
