"""Reports: every number of people or things opens exactly as many rows, in each audience."""

import csv
import io
import re

import pytest

from tcma.permissions import Permission
from tcma.reporting.figures import NO_PARTNER, Figure, Line, Report
from tcma.web.desk.reports import ranked
from tcma.web.studio.results import partners_with

COUNT = re.compile(r"^\d[\d,]*")
ROWS = re.compile(r"^/(console|desk)/reports/rows/|^/console/launches/[^/]+/people")
STARTS = {
    "Alice": (
        "/console/reports",
        "/console/reports/campaigns",
        "/console/reports/leads",
        "/console/reports/pace",
    ),
    "Sam": ("/console/reports", "/console/reports/leads"),
    "Mira": ("/desk/reports", "/desk/reports/launches", "/desk/reports/leads"),
    "Finn": ("/desk/reports", "/desk/reports/spend", "/desk/reports/pace"),
    "Vera": ("/desk/reports",),
}


def look(rehearsal, who, path):
    page = rehearsal.ask(who, "GET", path)
    assert page.status == 200, (who, path, page.status)
    return page


def numbers(page):
    """(number, address) of everything counted that leads to its rows."""
    for link in page.tree.css("main a[href]"):
        words, href = link.text(strip=True), link.attributes["href"]
        if COUNT.fullmatch(words) and ROWS.match(href):
            yield int(words.replace(",", "")), href


def addresses(lived):
    ref = lived.parts["launch"]
    reports = {"Alice": f"/console/launches/{ref}/report", "Mira": f"/desk/launches/{ref}/report"}
    return [(who, path) for who, paths in STARTS.items() for path in paths] + list(reports.items())


def test_each_number_opens_as_many_rows(rehearsal, lived):
    opened, wrong = 0, []
    for who, path in addresses(lived):
        for number, href in numbers(look(rehearsal, who, path)):
            rows = len(look(rehearsal, who, href).tree.css("tbody tr"))
            opened += 1
            if rows != number:
                wrong.append((who, path, number, href, rows))
    assert wrong == []
    assert opened > 20


def test_a_table_adds_up_to_its_last_line(rehearsal, lived):
    page = look(rehearsal, "Mira", "/desk/reports/partners?period=all")
    rows = [
        [cell.text(separator=" ", strip=True) for cell in row.css("td")]
        for row in page.tree.css("tbody tr")
    ]
    total = [cell.text(separator=" ", strip=True) for cell in page.tree.css("tfoot td")]
    for column in range(5):
        parts = [int(COUNT.match(row[column])[0].replace(",", "")) for row in rows]
        assert sum(parts) == int(COUNT.match(total[column])[0].replace(",", ""))


@pytest.mark.parametrize(
    ("who", "path", "name"),
    [
        ("Alice", "/console/reports/launches.csv", "launches"),
        ("Mira", "/desk/reports/partners.csv", "partners"),
        ("Finn", "/desk/reports/funds.csv", "funds"),
        ("Vera", "/studio/results.csv", "campaigns"),
    ],
)
def test_a_report_is_given_as_a_file_with_one_line_for_each_row(rehearsal, lived, who, path, name):
    page = look(rehearsal, who, path)
    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    said = page.headers["Content-Disposition"]
    assert re.fullmatch(rf'attachment; filename="{name}-\d{{4}}-\d\d-\d\d\.csv"', said)
    lines = list(csv.reader(io.StringIO(page.data.decode("utf-8-sig"))))
    assert len({len(line) for line in lines}) == 1
    assert len(lines) > 1


def test_a_seller_reads_results_and_takes_no_file_and_sees_no_funds(rehearsal):
    page = look(rehearsal, "Sam", "/console/reports")
    assert "Download" not in page.words
    assert "Funds" not in page.all("main nav a")
    assert rehearsal.ask("Sam", "GET", "/console/reports/launches.csv").status == 403
    assert rehearsal.ask("Sam", "GET", "/console/reports/funds").status == 404
    assert rehearsal.ask("Sam", "GET", "/console/reports/rows/launches").status == 403


def test_a_vendor_reads_counts_and_never_whom(rehearsal, lived):
    ref = lived.parts["launch"]
    report = look(rehearsal, "Mira", f"/desk/launches/{ref}/report")
    assert "@readers.example" not in report.text
    assert not [href for href in report.links("main a[href]") if "people" in href]
    people = f"/desk/reports/rows/people?launch={ref}&state=clicked"
    assert rehearsal.ask("Mira", "GET", people).status == 404


@pytest.mark.parametrize("who", ["Charlie", "Omar"])
def test_another_partners_launch_has_no_report_and_no_rows(rehearsal, lived, who):
    ref = lived.parts["launch"]
    assert rehearsal.ask(who, "GET", f"/console/launches/{ref}/report").status == 404
    for what in ("leads", "opportunities", "people", "launches"):
        path = f"/console/reports/rows/{what}?launch={ref}&state=sent"
        assert look(rehearsal, who, path).tree.css("tbody tr") == []


def test_results_do_not_tell_what_few_people_did(rehearsal, lived):
    page = look(rehearsal, "Vera", "/studio/results?period=all")
    leads = [row.css("td")[3].text(strip=True) for row in page.tree.css("tbody tr")]
    assert "fewer than 5" in leads
    assert not lived.people["Vera"].may(Permission.LEAD_READ)


@pytest.mark.parametrize("asked", ["period=never", "after=rubbish", "campaign=no-such", "mail=x"])
def test_odd_questions_get_an_answer(rehearsal, asked):
    status = rehearsal.ask("Alice", "GET", f"/console/reports/rows/leads?{asked}").status
    assert status == (422 if asked.startswith("after") else 200)


def test_what_no_partner_brought_is_no_partner_with_leads():
    lines = (Line("a", "A", (Figure("leads", "Leads", 7),)),)
    none = Line(NO_PARTNER, "Brought by no partner", (Figure("leads", "Leads", 1),))
    assert partners_with((*lines, none), "leads") == 1


def test_what_no_partner_brought_is_no_partner_of_the_median(rehearsal):
    brought = [("a", 7), ("b", 5), ("c", 2), (NO_PARTNER, 1)]
    lines = tuple(Line(key, key, (Figure("leads", "Leads", n),)) for key, n in brought)
    with rehearsal.app.test_request_context():
        finding, picture, rows = ranked(Report("partners", "Partners", "", lines))
    assert finding == "a brought 7 of 15 leads."
    assert "median 5" in picture
    assert [n for _, n in rows] == [7, 5, 2, 1]
