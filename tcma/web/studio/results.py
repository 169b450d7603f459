"""Use and effect of campaigns over all partners."""

from flask import render_template
from flask.typing import ResponseReturnValue

from tcma.library import copy_queries
from tcma.permissions import Permission
from tcma.reporting.figures import NO_PARTNER, Line
from tcma.reporting.trial_report import pooled_tests
from tcma.web import report_pages as pages
from tcma.web.auth import allows
from tcma.web.report_sheets import sheet_of
from tcma.web.studio import studio
from tcma.web.studio.versions import who_may_start
from tcma.web.unit_of_work import work

NAMES = ["campaigns", "partners", "launches"]
COLUMNS = ("sent", "delivered", "clicked", "leads", "accepted", "opportunities")


@studio.get("/results")
@allows(Permission.REPORT_READ)
def result_index() -> ResponseReturnValue:
    """Say how many partners went how far, then campaign by campaign."""
    campaigns = pages.report_named("campaigns", names=NAMES)
    partners = pages.report_named("partners", names=NAMES)
    took = {copy.partner_id for copy in copy_queries.copies(work().session, work().principal)}
    return render_template(
        "studio/results/index.html",
        sheet=sheet_of(campaigns, "studio", columns=COLUMNS),
        steps=[
            ("May start campaigns", len(who_may_start()), ""),
            ("Made one theirs", len(took), ""),
            ("Launched", partners_with(partners.lines, "launches"), ""),
            ("Got leads", partners_with(partners.lines, "leads"), ""),
            ("Got opportunities", partners_with(partners.lines, "opportunities"), ""),
        ],
        tests=pooled_tests(work().session, work().principal),
        period=pages.period(),
        periods=pages.PERIODS,
    )


def partners_with(lines: tuple[Line, ...], key: str) -> int:
    """Return how many partners have any of a figure."""
    return sum(
        1
        for line in lines
        if line.key != NO_PARTNER and line.figure(key).value not in (0, None, ())
    )


@studio.get("/results.csv")
@allows(Permission.REPORT_EXPORT)
def result_file() -> ResponseReturnValue:
    """Give the same as CSV."""
    return pages.as_file(pages.report_named("campaigns", names=NAMES))
