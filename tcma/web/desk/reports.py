"""Results for a vendor: four sentences with their numbers, every table as a file."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from tcma.permissions import Permission
from tcma.reporting.figures import NO_PARTNER, Report
from tcma.reporting.launch_report import launch_report as report_of
from tcma.web import charts
from tcma.web import report_pages as pages
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.launch_reports import shown
from tcma.web.report_pictures import picture_of
from tcma.web.report_sheets import sheet_of
from tcma.web.unit_of_work import work

NAMES = ("partners", "launches", "campaigns", "leads", "funds", "spend", "pace", "key")
SAID = ("partners", "leads", "funds", "spend", "pace", "key")
MOST_BARS, FEWEST_BARS = 10, 2


@desk.get("/reports")
@allows(Permission.REPORT_READ)
def report_index() -> ResponseReturnValue:
    """Say how partners, leads and funds stand, each sentence leading to its table."""
    names = pages.names_for(work().principal, NAMES)
    reports = {n: pages.report_named(n, names=names) for n in SAID if n in names}
    return render_template(
        "desk/reports/index.html",
        reports=reports,
        sheet=sheet_of(reports["partners"], "desk", period=pages.period()),
        ranked=ranked(reports["partners"]),
        names=names,
        titles=pages.TITLES,
        may_export=work().principal.may(Permission.REPORT_EXPORT),
        period=pages.period(),
        periods=pages.PERIODS,
    )


def ranked(partners: Report) -> tuple[str, Markup, list[tuple[Markup, int]]] | None:
    """Return the partners that brought most leads, drawn and as rows; None for fewer than two."""
    counted = [(line, line.figure("leads").value) for line in partners.lines]
    some = [(line, n) for line, n in counted if isinstance(n, int) and n > 0]
    best = sorted(some, key=lambda pair: -pair[1])[:MOST_BARS]
    if len(best) < FEWEST_BARS:
        return None
    total = sum(n for _, n in some)
    finding = f"{best[0][0].name} brought {best[0][1]:,} of {total:,} leads."
    bars = [(line.name, float(n)) for line, n in best if line.key != NO_PARTNER]
    picture = charts.ranked(finding, bars)
    link = Markup('<a href="{}">{}</a>')
    rows = [
        (link.format(url_for("desk.report_show", name="launches", partner=line.key), line.name), n)
        for line, n in best
    ]
    return finding, picture, rows


@desk.get("/reports/<name>")
@allows(Permission.REPORT_READ)
def report_show(name: str) -> ResponseReturnValue:
    """Show one report; its lines and numbers open what they are made of."""
    names = pages.names_for(work().principal, NAMES)
    report = pages.report_named(name, names=names)
    kind = "partner" if "partner" in request.args else "campaign"
    return render_template(
        "reports/show.html",
        audience="desk",
        report=report,
        sheet=sheet_of(report, "desk", period="all" if name in pages.TIMELESS else pages.period()),
        names=names,
        picture=picture_of(report),
        titles=pages.TITLES,
        may_export=work().principal.may(Permission.REPORT_EXPORT),
        about=request.args.get(kind, ""),
        about_kind=kind,
        period="" if name in pages.TIMELESS else pages.period(),
        periods=pages.PERIODS,
    )


@desk.get("/reports/rows/<what>")
@allows(Permission.REPORT_READ)
def report_rows(what: str) -> ResponseReturnValue:
    """List what a number counted."""
    return pages.rows_page(what, "desk")


@desk.get("/reports/<name>.csv")
@allows(Permission.REPORT_EXPORT)
def report_file(name: str) -> ResponseReturnValue:
    """Give one report as CSV."""
    names = pages.names_for(work().principal, NAMES)
    return pages.as_file(pages.report_named(name, names=names))


@desk.get("/launches/<ref>/report")
@allows(Permission.LAUNCH_READ)
def launch_report(ref: str) -> ResponseReturnValue:
    """Show what came of one partner's launch, in counts."""
    return shown(ref, "desk")


@desk.get("/launches/<ref>/report.csv")
@allows(Permission.REPORT_EXPORT)
def launch_report_file(ref: str) -> ResponseReturnValue:
    """Give one launch's numbers as CSV."""
    return pages.as_file(report_of(work().session, work().principal, ref).report)
