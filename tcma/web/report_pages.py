"""Reports by name and period, for console and desk alike, and as files."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from flask import Response, render_template, request, url_for

from tcma.db.scope import found
from tcma.permissions import Permission, Principal
from tcma.reporting.exports import csv_rows
from tcma.reporting.figures import NO_PARTNER, Report
from tcma.reporting.key_report import MEASURE_WORDS, key_report
from tcma.reporting.launch_report import campaigns_report, launches_report
from tcma.reporting.lead_report import leads_report
from tcma.reporting.mdf_report import funds_report, spend_report
from tcma.reporting.pace_report import STAGE_WORDS, pace_report
from tcma.reporting.partner_report import partners_report
from tcma.reporting.rows import Item, rows_behind
from tcma.web.opening import NEEDS, address_of
from tcma.web.reading import reader
from tcma.web.unit_of_work import work
from tcma.words import joined, say

PERIODS: Final = (
    ("quarter", say("This quarter")),
    ("year", say("This year")),
    ("all", say("All time")),
)
PERIOD_WORDS: Final[Mapping[str, str]] = {
    "quarter": say("This quarter"),
    "year": say("This year"),
    "all": say("So far"),
}
TITLES: Final[Mapping[str, str]] = {
    "launches": say("Launches"),
    "campaigns": say("Campaigns"),
    "partners": say("Partners"),
    "leads": say("Leads"),
    "funds": say("Funds"),
    "spend": say("Spend"),
    "pace": say("Pace"),
    "key": say("Key figures"),
}
TIMELESS: Final = frozenset({"funds", "spend"})
"""Reports of balances: they are as of now, whatever the period."""
MONEY: Final = frozenset({"funds", "spend", "pace", "key"})


def period() -> str:
    """Return the period asked for, this quarter when none is."""
    asked = request.args.get("period", "quarter")
    return asked if asked in PERIOD_WORDS else "quarter"


def since() -> datetime | None:
    """Return the first instant of the period in the reader's zone, None for all time."""
    now = reader().now.astimezone(reader().zone)
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if period() == "all":
        return None
    return first.replace(month=1 if period() == "year" else 1 + (now.month - 1) // 3 * 3)


def names_for(principal: Principal, names: tuple[str, ...]) -> list[str]:
    """Return the reports this person may read."""
    reads_money = principal.may(Permission.FUND_READ)
    return [name for name in names if name not in MONEY or reads_money]


def report_named(name: str, *, names: list[str]) -> Report:
    """Return a report within its period; NotFound for one this audience has not."""
    session, principal = work().session, work().principal
    start = since()
    made: dict[str, Callable[[], Report]] = {
        "launches": lambda: launches_report(
            session,
            principal,
            since=start,
            campaign=request.args.get("campaign", ""),
            partner=request.args.get("partner", ""),
        ),
        "campaigns": lambda: campaigns_report(session, principal, since=start),
        "partners": lambda: partners_report(session, principal, since=start),
        "leads": lambda: leads_report(session, principal, since=start),
        "funds": lambda: funds_report(session, principal, now=work().now),
        "spend": lambda: spend_report(session, principal),
        "pace": lambda: pace_report(session, principal, since=start),
        "key": lambda: key_report(session, principal, since=start),
    }
    return found(made[name] if name in names else None)()


def as_file(report: Report) -> Response:
    """Return a report as CSV to keep, row by row."""
    day = reader().now.astimezone(reader().zone).date().isoformat()
    response = Response(csv_rows(report), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{report.name}-{day}.csv"'
    return response


ROW_TITLES: Final[Mapping[str, str]] = {
    "launches": say("Launches"),
    "leads": say("Leads"),
    "opportunities": say("Opportunities"),
    "people": say("People"),
    "stages": say("Plans and claims"),
    "measures": say("Plans and claims"),
}
FACET_WORDS: Final[Mapping[str, str]] = {
    "accepted": "accepted",
    "offered": "offered",
    "late": say("timed out once"),
    "won": "won",
    "sent": "sent",
    "delivered": "delivered",
    "opened": "opened",
    "clicked": "clicked",
    "replied": say("who replied"),
    "bounced": say("whose mail came back"),
    "unsubscribed": say("who unsubscribed"),
    "first": say("with a yes at the first go"),
    "part": say("those that are so"),
    "funded_accepted": say("accepted, of funded launches"),
    "funded": say("of funded launches"),
    "funded_won": say("won, of funded launches"),
}
FILTERS: Final = ("launch", "campaign", "partner", "facet", "state", "mail", "stage", "measure")


def rows_page(what: str, audience: str) -> str:
    """Render the rows that a figure counted; Forbidden without the right to read that kind."""
    work().require(found(NEEDS.get(what)))
    filters: dict[str, Any] = {key: request.args[key] for key in FILTERS if request.args.get(key)}
    page = rows_behind(
        work().session,
        work().principal,
        what,
        filters,
        since=since(),
        after=request.args.get("after"),
    )
    facet = FACET_WORDS.get(filters.get("facet") or filters.get("state", ""), "")

    def opens(row: Item) -> str:
        money = "claim_show" if row.ref.startswith("CLM-") else "request_show"
        pages = {"launches": "launch_report", "people": "", "stages": money, "measures": money}
        view = pages.get(what, "lead_show") if row.own else ""
        return address_of(f"{audience}.{view}", {"ref": row.ref}) if view else ""

    return render_template(
        "reports/rows.html",
        audience=audience,
        what=what,
        title=MEASURE_WORDS.get(filters.get("measure", ""))
        or joined(STAGE_WORDS.get(filters.get("stage", ""), ROW_TITLES[what]), facet, by=", "),
        about=[
            say("no partner") if filters[key] == NO_PARTNER else filters[key]
            for key in ("launch", "campaign", "partner")
            if key in filters
        ],
        page=page,
        address=opens,
        more=url_for(
            f"{audience}.report_rows", what=what, **filters, period=period(), after=page.next
        )
        if page.next
        else "",
    )
