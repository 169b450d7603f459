"""How many things need an act of this person, for the rail."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from tcma.leads.ageing import unassigned_count
from tcma.leads.queries import facet_counts
from tcma.leads.races import race_count
from tcma.mdf.waiting import waiting
from tcma.permissions import Permission, Principal


def waiting_counts(session: Session, principal: Principal) -> Mapping[str, int]:
    """Return label of the rail → count, in at most three queries."""
    counts: dict[str, int] = {}
    if principal.may(Permission.LEAD_READ):
        if principal.partner_id:
            offered = facet_counts(session, principal)["offered"]
            counts["Leads"] = offered + race_count(session, principal)
        else:
            counts["Leads"] = unassigned_count(session, principal)
    if principal.may(Permission.FUND_READ):
        money = waiting(session, principal)
        if principal.partner_id:
            counts["Funds"] = money.to_fix
        else:
            counts["Queue"] = money.to_decide
            counts["Payments"] = money.to_pay
    return counts
