"""The queue: each count opens its rows, risk first on request, one clock on both sides."""

import re
from datetime import timedelta

import pytest

from tests.web.desk.test_money import claimed

TAB = re.compile(r"(.+?) (\d+)$")


@pytest.fixture
def busy(counter):
    """Three plans and a claim: one plan late, one big, one with a failed check."""
    house = counter.house
    refs = {"late": house.sent(100)}
    house.db.clock.move(timedelta(days=6))
    house.db.clock.move(timedelta(days=2))
    refs["doubtful"] = house.sent(200)
    refs["big"] = house.sent(4_000)
    with house.db() as work:
        work.session.connection().exec_driver_sql(
            "update fund_request set trace = jsonb_set(trace, '{checks,0,ok}', 'false')"
            f" where ref = '{refs['doubtful']}'"
        )
    counter.mira = counter.visitor(house.mira)
    counter.alice = counter.visitor(house.alice)
    return refs


def rows_of(page):
    return [each.split(" Plan ")[-1].split(" Claim ")[-1] for each in page.all("tbody th")]


def test_every_count_of_the_queue_opens_exactly_its_rows(counter, busy):
    page = counter.mira.get("/desk")
    tabs = {
        TAB.match(" ".join(each.text(separator=" ").split()))[1]: (
            each.attributes["href"],
            int(TAB.match(" ".join(each.text(separator=" ").split()))[2]),
        )
        for each in page.tree.css("main nav.assets a")
    }
    assert {name: n for name, (_, n) in tabs.items()} == {
        "All": 3,
        "Due today or late": 1,
        "Due within seven days": 3,
        "With a failed check": 1,
        "Plans": 3,
    }
    for href, n in tabs.values():
        assert len(rows_of(counter.mira.get(href))) == n


def test_due_comes_first_and_risk_comes_first_when_asked(counter, busy):
    assert rows_of(counter.mira.get("/desk"))[0] == busy["late"]
    by_risk = rows_of(counter.mira.get("/desk?order=risk"))
    assert by_risk == [busy["doubtful"], busy["late"], busy["big"]]


@pytest.mark.parametrize("query", ["show=nothing", "order=sideways", "show=claims"])
def test_a_wrong_or_empty_choice_is_a_page_all_the_same(counter, busy, query):
    assert counter.mira.get(f"/desk?{query}").status == 200


def test_both_sides_read_the_same_clock(counter, busy):
    for ref in busy.values():
        clocks = [
            re.search(r"Day \d+ of \d+[^0-9]*\w{3} \d+ \w{3}|[Ll]ate[^.]*", page.words)
            for page in (
                counter.mira.get(f"/desk/fund-requests/{ref}"),
                counter.alice.get(f"/console/fund-requests/{ref}"),
            )
        ]
        assert all(clocks), ref
        days = [re.search(r"Day (\d+) of (\d+)", each[0]) for each in clocks]
        assert days[0] is None or days[0].groups() == days[1].groups()


def test_a_claim_has_one_clock_too(counter):
    address = claimed(counter, counter.house.approved(1_000))
    counter.house.db.clock.move(timedelta(days=1))
    said = {
        re.search(r"Day \d+ of \d+", visitor.get(path).words)[0]
        for visitor, path in (
            (counter.mira, address.replace("console", "desk")),
            (counter.alice, address),
        )
    }
    assert said == {"Day 1 of 5"}


def test_every_number_of_a_report_is_defined_under_its_table(counter):
    for name in ("partners", "launches", "campaigns", "leads", "funds", "spend", "pace"):
        page = counter.mira.get(f"/desk/reports/{name}?period=all")
        heads = page.all("main .entries thead th")[1:]
        said = page.all("dl.defined dt")
        assert said == heads, name
