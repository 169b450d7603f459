"""Every number of every report says what it counts, and opens the rows that it counted."""

from datetime import timedelta

import pytest

from tcma.launches.queries import launch_id_of
from tcma.reporting.figures import Figure
from tcma.reporting.key_report import key_report
from tcma.reporting.launch_report import campaigns_report, launch_report, launches_report
from tcma.reporting.lead_report import leads_report
from tcma.reporting.mdf_report import funds_report, spend_report
from tcma.reporting.pace_report import pace_report
from tcma.reporting.partner_report import partners_report
from tcma.reporting.rows import KINDS, rows_behind
from tcma.web.opening import LISTS
from tcma.web.report_words import BY_LINE, BY_REPORT, DEFINED
from tests.domain.mdf.conftest import house  # noqa: F401 - a fixture
from tests.domain.reporting.test_mdf_report import a_lead, an_opportunity, run  # noqa: F401 - too

OPENS_NOTHING = {
    ("key", "part"): "a sum of money has no part: the lines of sums leave it empty",
}
REPORTS = {
    "partners": partners_report,
    "launches": launches_report,
    "campaigns": campaigns_report,
    "leads": leads_report,
    "spend": spend_report,
    "pace": pace_report,
    "key": key_report,
    "funds": lambda session, who: funds_report(session, who, now=session.info["now"]),
}


def lines_of(work, who, name):
    work.session.info["now"] = work.now
    report = REPORTS[name](work.session, who)
    return [*report.lines, *([report.total] if report.total else [])]


def is_defined(name, line, figure: Figure):
    words = BY_REPORT.get((name, figure.key)) or DEFINED.get(figure.key)
    return bool(words or BY_LINE.get((name, line.key)))


@pytest.mark.parametrize("name", REPORTS)
def test_every_figure_is_defined_and_opens_rows(house, run, name):  # noqa: F811 - fixtures
    for who in (house.mira, house.alice):
        with house.db(who) as work:
            lines = lines_of(work, who, name)
            assert lines, name
            figures = [(line, figure) for line in lines for figure in line.figures]
            assert {f.key for line, f in figures if not is_defined(name, line, f)} == set()
            closed = {
                (name, f.key)
                for _, f in figures
                if f.opens is None and not (f.value is None and (name, f.key) in OPENS_NOTHING)
            }
            assert closed == set()
            for _, figure in figures:
                if figure.opens and figure.opens.what in KINDS:
                    if figure.opens.what == "people":
                        continue  # whose customers they are: test_mdf_report counts them
                    rows_behind(work.session, who, figure.opens.what, figure.opens.filters)
                elif figure.opens:
                    assert figure.opens.what in LISTS


def test_a_launchs_own_report_is_whole_too(house, run):  # noqa: F811 - fixtures
    with house.db(house.alice) as work:
        found = launch_report(work.session, house.alice, run)
    for line in (found.funnel, *found.by_mail):
        for figure in line.figures:
            assert figure.opens, figure.key
            assert is_defined("launch", line, figure), figure.key


def test_a_cost_opens_what_it_was_divided_by(house, run):  # noqa: F811 - fixtures
    """800.00 over 3 funded leads, 2 opportunities, 1 won; a lead that no fund paid for is in none."""
    with house.db() as work:
        funded = launch_id_of(work.session, house.alice, run)
        won = a_lead(work, house, 3, funded, accepted=work.now + timedelta(minutes=5))
        an_opportunity(work, house, won, 50_000, state="won")
        an_opportunity(work, house, a_lead(work, house, 4, None), 70_000, state="won")
    with house.db(house.mira) as work:
        (line,) = spend_report(work.session, house.mira).lines
        counted = {
            key: len(rows_behind(work.session, house.mira, opens.what, opens.filters).rows)
            for key in ("cost_per_lead", "cost_per_opportunity", "cost_per_won", "won_worth")
            if (opens := line.figure(key).opens)
        }
    assert counted == {
        "cost_per_lead": 3,
        "cost_per_opportunity": 2,
        "cost_per_won": 1,
        "won_worth": 1,
    }
