"""The queue: what waits for a decision, due first, then risk."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tcma.launches import approvals
from tcma.leads import ageing
from tcma.mdf import queue as mdf_queue
from tcma.mdf.records import QueueRow
from tcma.mdf.waiting import waiting
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.decisions import address_of
from tcma.web.reading import reader
from tcma.web.unit_of_work import work

SHOWN = 20
"""Rows on a page: the rules are asked anew about each of them."""
WEEK = timedelta(days=7)
DUE, RISK = "due", "risk"


FACET_WORDS = {
    "all": "All",
    "today": "Due today or late",
    "week": "Due within seven days",
    "doubt": "With a failed check",
    "plans": "Plans",
    "claims": "Claims",
    "funds": "Funds",
}


def facets_of(rows: Sequence[QueueRow], *, today: date) -> dict[str, list[QueueRow]]:
    """Return the rows behind each count on the page."""

    def due(until: date) -> list[QueueRow]:
        return [row for row in rows if row.answer_by and row.answer_by <= until]

    return {
        "all": list(rows),
        "today": due(today),
        "week": due(today + WEEK),
        "doubt": [row for row in rows if row.checks_ok < row.checks_all],
        "plans": [row for row in rows if row.kind == "request"],
        "claims": [row for row in rows if row.kind == "claim"],
        "funds": [row for row in rows if row.kind == "fund"],
    }


def risk(row: QueueRow) -> tuple[int, bool, int, str]:
    """Return what sorts the riskiest first: failed checks, lateness, the sum."""
    return (row.checks_ok - row.checks_all, not row.clock.late, -row.amount.minor, row.ref)


@desk.get("")
@allows(Permission.PARTNERS_READ)
def queue() -> ResponseReturnValue:
    """Show what waits, with its clock; who may not read funds sees an empty queue."""
    session, principal, now = work().session, work().principal, work().now
    reads_funds = principal.may(Permission.FUND_READ)
    rows = mdf_queue.queue(session, principal, now=now) if reads_funds else []
    facets = facets_of(rows, today=now.astimezone(reader().zone).date())
    facet = request.args.get("show", "")
    facet = facet if facet in facets else "all"
    order = RISK if request.args.get("order") == RISK else DUE
    some = sorted(facets[facet], key=risk) if order == RISK else facets[facet]
    first = max(request.args.get("from", 0, type=int), 0)
    shown = [mdf_queue.looked_at(session, row, now=now) for row in some[first : first + SHOWN]]
    leads = principal.may(Permission.LEAD_ASSIGN)
    aged = ageing.counts(session, principal, now=now) if leads else {}
    return render_template(
        "desk/queue/index.html",
        rows=[(row, address_of(row)) for row in shown],
        all_rows=rows,
        before=first and max(first - SHOWN, 0),
        further=first + SHOWN if len(some) > first + SHOWN else 0,
        first=first,
        facets=[(name, FACET_WORDS[name], len(some)) for name, some in facets.items()],
        facet=facet,
        order=order,
        away=principal.may(Permission.REQUEST_DECIDE),
        to_pay=waiting(session, principal).to_pay if principal.may(Permission.PAYMENT_MAKE) else 0,
        to_approve=approvals.waiting_count(session, principal)
        if principal.may(Permission.LAUNCH_APPROVE)
        else 0,
        unassigned=aged.get("unassigned", 0),
        late=aged.get("late", 0),
    )
