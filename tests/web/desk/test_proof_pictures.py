"""Who decides looks at a proof beside its name; nobody else sees its small copy."""

import re

import pytest
from sqlalchemy import select

from tcma.db.documents import Document
from tcma.mdf import queries
from tcma.mdf.case_files import proofs
from tcma.mdf.rules import ProofKind
from tests import builders
from tests.domain.mdf.conftest import house  # noqa: F401 - the fixture
from tests.domain.mdf.test_twins import a_photo
from tests.pages import Visitor
from tests.web.desk.conftest import counter  # noqa: F401 - the fixture

LOOK = re.compile(r'<img src="(/documents/[^"]+/picture)" alt="([^"]*)" loading="lazy">')


@pytest.fixture
def claim(counter):  # noqa: F811 - the fixture
    """The reference of a claim that is proven by a photo and by a cut off one."""
    of = counter.house
    ref = of.approved(800)
    for name, content in (("fair.jpg", a_photo()), ("cut-off.jpg", a_photo(7)[:9_000])):
        with of.db(of.alice) as work:
            request = queries.request_by_ref(work.session, of.alice, ref)
            proofs.upload(work, request, kind=ProofKind.OTHER, file_name=name, content=content)
    assert sorted(of.looked()) == ["made", "none"]
    return of.claimed(ref, ("PS-1", 300))


def test_both_sides_look_at_a_photo_and_read_why_there_is_none(counter, claim):  # noqa: F811
    for visitor, side in ((counter.mira, "desk"), (counter.alice, "console")):
        page = visitor.get(f"/{side}/claims/{claim}")
        ((path, alt),) = LOOK.findall(page.text)
        assert alt.endswith("small copy of fair.jpg")
        assert "no picture of it to look at. The picture is broken or cut off." in page.words
        shown = visitor.get(path)
        assert (shown.status, shown.headers["Content-Type"]) == (200, "image/png")
        assert shown.data.startswith(b"\x89PNG")
        assert "sandbox" in shown.headers["Content-Security-Policy"]


def test_a_stranger_does_not_find_it(counter, claim):  # noqa: F811
    ((path, _),) = LOOK.findall(counter.mira.get(f"/desk/claims/{claim}").text)
    with counter.house.db() as work:
        charlie = builders.charlie(work, counter.house.vendor)
    assert counter.visitor(charlie).get(path).status == 404
    assert Visitor(counter.app).get(path).location.startswith("/sign-in")


def test_the_page_of_a_photo_that_was_removed_shows_none(counter, claim):  # noqa: F811
    of = counter.house
    with of.db() as work:
        for row in work.session.scalars(select(Document)):
            row.removed_at = work.now
    assert LOOK.findall(counter.mira.get(f"/desk/claims/{claim}").text) == []


def test_both_sides_read_what_was_found_in_it_with_what_helps(counter, claim):  # noqa: F811
    for visitor, side in ((counter.mira, "desk"), (counter.alice, "console")):
        words = visitor.get(f"/{side}/claims/{claim}").words
        assert "A picture of 640 × 640 pixels , found" in words
        assert "It cannot be opened here. Save it again as a plain PDF or picture" in words
        assert "Look at it: 1 thing is not found or not sure" in words
        assert words.count("It decides nothing: a person does.") == 2
    assert "A service also read it" not in words
