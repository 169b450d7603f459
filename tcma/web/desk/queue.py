"""The queue: what waits for a decision, due first, then risk."""

from datetime import timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from tcma.leads.queries import facet_counts
from tcma.mdf import claim_views
from tcma.mdf.waiting import waiting
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.decisions import address_of
from tcma.web.reading import reader
from tcma.web.unit_of_work import work

WEEK = timedelta(days=7)


@desk.get("")
@allows(Permission.PARTNERS_READ)
def queue() -> ResponseReturnValue:
    """Show what waits, with its clock; who may not read funds sees an empty queue."""
    session, principal, now = work().session, work().principal, work().now
    reads_funds = principal.may(Permission.FUND_READ)
    rows = claim_views.queue(session, principal, now=now) if reads_funds else []
    today = now.astimezone(reader().zone).date()
    return render_template(
        "desk/queue/index.html",
        rows=[(row, address_of(row)) for row in rows],
        today=sum(1 for r in rows if r.answer_by and r.answer_by <= today),
        week=sum(1 for r in rows if r.answer_by and r.answer_by <= today + WEEK),
        to_pay=waiting(session, principal).to_pay if principal.may(Permission.PAYMENT_MAKE) else 0,
        unassigned=facet_counts(session, principal)["unassigned"]
        if principal.may(Permission.LEAD_ASSIGN)
        else 0,
    )
