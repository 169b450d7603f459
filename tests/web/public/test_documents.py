"""A file is saved by an address of its own that works for minutes and asks for no cookie."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tcma.db.documents import Document
from tests import builders
from tests.domain.mdf.conftest import a_pdf, house  # noqa: F401 - the fixture
from tests.pages import Visitor
from tests.web.desk.conftest import Counter


@pytest.fixture
def paper(house, tmp_path):  # noqa: F811 - the fixture
    """A counter, and the address of the invoice of a claim."""
    counter = Counter(house, tmp_path)
    claim = house.claimed(house.proven(house.approved(800)), ("PS-1", 300))
    links = counter.mira.get(f"/desk/claims/{claim}").links()
    ours = [each for each in links if each.startswith("/documents/")]
    return counter, ours[0]


def test_whoever_may_read_it_is_led_to_an_address_that_ends_in_minutes(paper):
    counter, path = paper
    asked = counter.mira.get(path)
    assert (asked.status, asked.headers["Cache-Control"]) == (302, "no-store")
    nobody = Visitor(counter.app)
    file = nobody.get(asked.location)
    assert file.status == 200
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert file.headers["Cache-Control"] == "private, no-store"
    assert file.data.startswith(b"%PDF")
    counter.house.db.clock.move(timedelta(minutes=5, seconds=1))
    assert nobody.get(asked.location).status == 404


def test_nobody_else_is_led_there_and_no_other_link_opens_it(paper):
    counter, path = paper
    with counter.house.db() as work:
        charlie = builders.charlie(work, counter.house.vendor)
    assert counter.visitor(charlie).get(path).status == 404
    assert Visitor(counter.app).get(path).location.startswith("/sign-in")
    good = counter.mira.get(path).location
    assert Visitor(counter.app).get(f"{good[:-2]}AA").status == 404


def test_a_file_that_was_removed_says_when(paper):
    counter, path = paper
    good = counter.mira.get(path).location
    with counter.house.db() as work:
        for row in work.session.scalars(select(Document)):
            row.removed_at = work.now
    for page in (counter.mira.get(path), counter.mira.get(good)):
        assert page.status == 409
        assert "removed on Mon 2 Mar 2026" in page.words
