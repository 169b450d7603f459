"""No page and no file of a vendor's tells what fewer than five people of a partner's list did (H4)."""

import csv
import io

import pytest

from tcma.delivery.small_cells import FEWEST
from tests import builders
from tests.domain.reporting.test_small_cells import launched  # noqa: F401 - a fixture

FEW = "fewer than 5"
PAGES = (
    "/desk/launches?state=all", "/desk/launches/{ref}", "/desk/launches/{ref}/report",
    "/desk/reports?period=all", "/desk/reports/partners?period=all",
    "/desk/reports/launches?period=all", "/desk/reports/campaigns?period=all",
    "/studio/results?period=all",
)  # fmt: skip
FILES = (
    "/desk/launches/{ref}/report.csv", "/desk/reports/partners.csv?period=all",
    "/desk/reports/launches.csv?period=all", "/desk/reports/campaigns.csv?period=all",
    "/studio/results.csv?period=all",
)  # fmt: skip


def told(page):
    """Every number that stands in a table, a card of numbers or a picture of a page."""
    cells = page.tree.css("main td, main dd, main .funnel b, main svg text")
    return [cell.text(strip=True) for cell in cells]


@pytest.mark.parametrize("role", ["mira", "vera", "ada"])
def test_a_launch_to_four_is_in_no_number_of_any_page_or_file(counter, launched, role):  # noqa: F811
    ref = launched(FEWEST - 1)
    with counter.house.db() as work:
        who = getattr(builders, role)(work, counter.house.vendor)
    visitor, seen = counter.visitor(who), []
    for path in PAGES:
        page = visitor.get(path.format(ref=ref))
        assert page.status == 200, path
        assert [each for each in told(page) if each.startswith(str(FEWEST - 1))] == [], path
        if FEW in page.words:
            seen.append(path)
    for path in FILES:
        file = visitor.get(path.format(ref=ref))
        rows = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))
        assert str(FEWEST - 1) not in [cell for row in rows for cell in row], path
        assert FEW in [cell for row in rows for cell in row], path
    assert len(seen) >= len(PAGES) - 1
    people = f"/desk/reports/rows/people?launch={ref}&state=sent"
    assert visitor.get(people).status in (403, 404)


def test_its_partner_reads_all_of_it(counter, launched):  # noqa: F811 - a fixture
    ref = launched(FEWEST - 1)
    file = counter.alice.get(f"/console/launches/{ref}/report.csv")
    rows = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))
    sent = rows[0].index("Sent")
    assert rows[1][sent] == str(FEWEST - 1)
    assert FEW not in counter.alice.get(f"/console/launches/{ref}/report").words
