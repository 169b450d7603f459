"""Results for a partner: the quarter in a sentence, each launch whole, every table as a file."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tcma.permissions import Permission
from tcma.reporting.launch_report import launch_report as report_of
from tcma.web import report_pages as pages
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.launch_reports import shown
from tcma.web.report_pictures import picture_of
from tcma.web.report_sheets import Writing, row_of, sheet_of
from tcma.web.unit_of_work import work

NAMES = ("launches", "campaigns", "leads", "funds", "spend", "pace")


@console.get("/reports")
@allows(Permission.REPORT_READ)
def report_index() -> ResponseReturnValue:
    """Say what the period brought, then launch by launch."""
    names = pages.names_for(work().principal, NAMES)
    campaigns = pages.report_named("campaigns", names=names)
    launches = pages.report_named("launches", names=names)
    total = row_of(campaigns.total, Writing("console", pages.period())) if campaigns.total else None
    return render_template(
        "reports/index.html",
        audience="console",
        report=launches,
        sentence=campaigns.sentence,
        sheet=sheet_of(launches, "console", period=pages.period()),
        total=campaigns.total,
        figures={c.label: c for c in total.cells} if total else {},
        names=names,
        titles=pages.TITLES,
        may_export=work().principal.may(Permission.REPORT_EXPORT),
        period=pages.period(),
        periods=pages.PERIODS,
        period_words=pages.PERIOD_WORDS[pages.period()],
    )


@console.get("/reports/<name>")
@allows(Permission.REPORT_READ)
def report_show(name: str) -> ResponseReturnValue:
    """Show one report; its lines and numbers open what they are made of."""
    names = pages.names_for(work().principal, NAMES)
    report = pages.report_named(name, names=names)
    return render_template(
        "reports/show.html",
        audience="console",
        report=report,
        sheet=sheet_of(
            report, "console", period="all" if name in pages.TIMELESS else pages.period()
        ),
        names=names,
        picture=picture_of(report),
        titles=pages.TITLES,
        may_export=work().principal.may(Permission.REPORT_EXPORT),
        about=request.args.get("campaign", ""),
        about_kind="campaign",
        period="" if name in pages.TIMELESS else pages.period(),
        periods=pages.PERIODS,
    )


@console.get("/reports/rows/<what>")
@allows(Permission.REPORT_READ)
def report_rows(what: str) -> ResponseReturnValue:
    """List what a number counted."""
    return pages.rows_page(what, "console")


@console.get("/reports/<name>.csv")
@allows(Permission.REPORT_EXPORT)
def report_file(name: str) -> ResponseReturnValue:
    """Give one report as CSV."""
    names = pages.names_for(work().principal, NAMES)
    return pages.as_file(pages.report_named(name, names=names))


@console.get("/launches/<ref>/report")
@allows(Permission.LAUNCH_READ)
def launch_report(ref: str) -> ResponseReturnValue:
    """Show what came of one launch."""
    return shown(ref, "console")


@console.get("/launches/<ref>/report.csv")
@allows(Permission.REPORT_EXPORT)
def launch_report_file(ref: str) -> ResponseReturnValue:
    """Give one launch's numbers as CSV."""
    return pages.as_file(report_of(work().session, work().principal, ref).report)
