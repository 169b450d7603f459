"""The report of one launch, for the partner whole, for the vendor in counts."""

from flask import render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from tcma.launches.hold_out import told
from tcma.launches.queries import LaunchDetail, launch_detail
from tcma.library.visits import VIAS, visits_of
from tcma.mdf.requests.views import requests_of_launch
from tcma.mdf.rules import RequestState
from tcma.permissions import Permission
from tcma.reporting.figures import Opens
from tcma.reporting.launch_report import Day, LaunchReport, launch_report
from tcma.reporting.lift import lifts_of
from tcma.web import charts, filters
from tcma.web.opening import address, address_of
from tcma.web.reading import reader
from tcma.web.report_sheets import Cell, Writing, cell_of
from tcma.web.report_words import definitions
from tcma.web.unit_of_work import work
from tcma.web.wording import told as said
from tcma.words import say

FUNNEL = ("delivered", "clicked", "leads", "accepted", "opportunities")
MONEY = ("worth", "reserved", "claimed", "paid", "cost_per_lead")
PEOPLE = {
    "sent": say("Sent"),
    "failed": say("Failed"),
    "skipped": say("Skipped"),
    "uncertain": say("Uncertain"),
    "cancelled": say("Cancelled"),
    "waiting": say("Waiting"),
}


def shown(ref: str, audience: str) -> ResponseReturnValue:
    """Render the report of one launch."""
    report = launch_report(work().session, work().principal, ref)
    detail = launch_detail(work().session, work().principal, ref, now=work().now)
    figures = {f.key: f for f in report.funnel.figures}
    lifts = lifts_of(work().session, work().principal, ref)
    steps = [
        (cell.label, figures[cell.key].value, cell.href, cell.text)
        for cell in (cell_of(figures[key], Writing(audience)) for key in FUNNEL)
    ]
    return render_template(
        "reports/launch.html",
        audience=audience,
        launch=detail,
        report=report,
        steps=steps,
        is_drawn=all(isinstance(number, int) for _, number, *_ in steps),
        money=[cell_of(figures[key], Writing(audience)) for key in MONEY],
        people=people_of(detail, audience),
        also=also_of(detail, report, audience),
        ways=ways_of(detail),
        lifts=lifts,
        lift_words=told(lifts),
        mails=mails_of(report, audience),
        days=days_of(report.by_day),
        defined=definitions(
            "launch",
            [
                (key, figures[key].label)
                for key in ("sent", "delivered", "opened", *FUNNEL[1:], *MONEY)
                if key in figures
            ],
        ),
        has_answers=bool(report.counts.clicked or report.counts.opened or report.counts.leads),
        may_export=work().principal.may(Permission.REPORT_EXPORT),
        reads_money=work().principal.may(Permission.FUND_READ),
        claim_href=claim_address(detail, audience),
    )


def people_of(detail: LaunchDetail, audience: str) -> list[Cell]:
    """Return how everybody of the launch ended, each number leading to them."""
    about = {"launch": detail.line.ref}
    return [
        Cell(
            label=words,
            text=filters.count(number, locale=reader().locale),
            href=address(Opens("people", {**about, "state": state}), audience) if number else "",
        )
        for state, words in PEOPLE.items()
        if (number := getattr(detail.equation, state)) or state == "sent"
    ]


def also_of(
    detail: LaunchDetail, report: LaunchReport, audience: str
) -> list[tuple[str, str, str]]:
    """Return how many mails came back and who left; empty when neither happened."""
    counts = (
        (say("Came back"), report.counts.bounced, "bounced"),
        (say("Unsubscribed"), report.counts.unsubscribed, "unsubscribed"),
    )
    if not any(number for _, number, _ in counts):
        return []
    about = {"launch": detail.line.ref}
    return [
        (
            words,
            filters.count(number, locale=reader().locale),
            address(Opens("people", {**about, "state": state}), audience) if number else "",
        )
        for words, number, state in counts
    ]


def ways_of(detail: LaunchDetail) -> list[tuple[str, str]]:
    """Return who came to the page beside the mails since the launch began, way by way."""
    began = detail.line.started_at
    if detail.page_id is None or began is None:
        return []
    came = visits_of(work().session, detail.page_id, since=began.date())
    return [(words, filters.count(came[via], locale=reader().locale))
            for via, words in VIAS.items() if via in came]  # fmt: skip


def mails_of(report: LaunchReport, audience: str) -> list[tuple[str, str, list[Cell]]]:
    """Return number, subject and figures of each mail of the series."""
    return [
        (
            say("Mail {key}", key=line.key),
            line.name,
            [cell_of(f, Writing(audience)) for f in line.figures],
        )
        for line in report.by_mail
    ]


def days_of(days: tuple[Day, ...]) -> tuple[str, Markup, list[tuple[str, int, int, int]]] | None:
    """Return finding, picture and table of the days; None while nothing came."""
    if not days:
        return None
    names = [filters.local_date(day.on, reader=reader()) for day in days]
    best = max(days, key=lambda day: (day.clicked, day.leads, day.opened))
    on = filters.local_date(best.on, reader=reader())
    if best.clicked:
        finding = say("Most clicks came on {on}.", on=on)
    elif best.leads:
        finding = say("Most leads came on {on}.", on=on)
    else:
        finding = say("Most opens came on {on}.", on=on)
    series: list[tuple[str, list[float | None]]] = [
        (say("Clicked"), [day.clicked for day in days]),
        (say("Leads"), [day.leads for day in days]),
    ]
    if len(days) == 1:
        day = days[0]
        points = [
            (say("Opened"), day.opened),
            (say("Clicked"), day.clicked),
            (say("Leads"), day.leads),
        ]
        drawn = [(said(label), float(number)) for label, number in points]
        picture = charts.steps(said(finding), drawn)
    else:
        lines = [(said(name), values) for name, values in series]
        picture = charts.over_time(said(finding), names, lines)
    rows = [(n, d.opened, d.clicked, d.leads) for n, d in zip(names, days, strict=True)]
    return finding, picture, rows


def claim_address(detail: LaunchDetail, audience: str) -> str:
    """Return where the partner claims the money of this launch, empty when none waits."""
    principal = work().principal
    if audience != "console" or not principal.may(Permission.CLAIM_FILE):
        return ""
    plans = requests_of_launch(work().session, principal, detail.line.id, now=work().now)
    open_plans = [plan for plan in plans if plan.state is RequestState.APPROVED]
    return address_of("console.claim_new", {"plan": open_plans[0].ref}) if open_plans else ""
