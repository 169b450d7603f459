"""Points at the desk: read in sentences, tried on last quarter's leads, published, shown with each reason."""

import pytest
from sqlalchemy import select, text

from tcma.errors import Conflict
from tcma.leads import points
from tcma.leads.capturing import capture, of_page
from tcma.leads.intake import Capture
from tcma.leads.models import Lead, PointsVersion
from tcma.leads.scoring.document import STANDARD
from tcma.library.compiling import publish_page
from tcma.library.copy_queries import page_by_path
from tests.builders import a_campaign, a_copy

EDIT, RULES = "/desk/rules/points/edit", "/desk/rules/points"
NORTH = '[[fit]]\nname = "From the north"\nif = { postcode = ["FW"] }\npoints = 33\n'


def sent(counter, source, act="try"):
    with counter.house.db() as work:
        today = work.now.date().isoformat()
    return counter.mira.post(EDIT, source=source, valid_from=today, note="why", act=act)


@pytest.fixture
def lead(counter):
    """Somebody asked on the first partner's page: its reference."""
    house = counter.house
    with house.db() as work:
        copy = a_copy(
            work,
            house.alice.partner_id,
            a_campaign(work, house.mira.vendor_id, slug="backup-recovery"),
        )
        path = publish_page(work, copy).path
    with house.db() as work:
        done = capture(work, of_page(page_by_path(work.session, path)), Capture(
            source="page", external_id="1", address="ida@brackwater.example", consent_given=True,
            consent_text="You may call me.", consent_version="v1", page_url="x", first_name="Ida",
            last_name="Brook", company="Brackwater", phone="0113 496 0199", country="GB",
            postcode="FW1 2AB", answers={"Servers": "Über 200", "When": "Binnen 30 Tagen"},
        ))  # fmt: skip
        return work.session.get(Lead, done.lead_id).ref


def test_the_standard_counts_and_reads_as_sentences(counter):
    page = counter.mira.get(RULES)
    assert "the standard, until you publish your own" in page.words
    assert "40 points for every lead." in page.words
    assert "half as many every 30 days, 15 at most." in page.words


def test_a_fault_is_named_with_its_line_and_nothing_is_published(counter):
    page = sent(counter, NORTH + "point = 3\n", act="publish")
    assert page.status == 422
    assert "Line 5: “point” means nothing in [[fit]]" in page.words
    assert "Did you mean “points”?" in page.words
    failing = NORTH + '\n[[test]]\nname = "Leeds"\nlead = { postcode = "LS1" }\npoints = 33\n'
    assert "Test “Leeds” fails: 0 points, not 33" in sent(counter, failing).words
    assert sent(counter, failing, act="publish").status == 422
    with counter.house.db() as work:
        assert work.session.scalars(select(PointsVersion)).all() == []


def test_a_change_shows_who_moves_is_published_once_and_open_leads_are_counted_again(counter, lead):
    tried = sent(counter, NORTH)
    assert "1 of 1 leads of the last quarter would have other points." in tried.words
    assert "The mean goes from 85 to 33 points" in tried.words
    assert "33 points for a lead with a postcode that begins with FW." in tried.words
    assert sent(counter, NORTH, act="publish").status == 303
    assert sent(counter, NORTH, act="publish").status == 303
    counter.mira.get(RULES)  # reads what was flashed
    index = counter.mira.get(RULES)
    assert index.words.count("Version 1") == 1
    assert "Version 2" not in index.words
    with counter.house.db() as work:
        points.count_again(work, points.open_leads(work.session))
    page = counter.mira.get(f"/desk/leads/{lead}")
    assert "From the north" in page.words
    assert "version 1 of the points" in page.words


def test_a_leads_page_shows_each_reason_with_its_number_and_what_a_limit_took(counter, lead):
    page = counter.mira.get(f"/desk/leads/{lead}")
    for words in ("Filled in the form", "+40", "Asks for a lot", "+20", "Limit", "−17", "Together",
                  "What somebody is and says counts up to 85."):  # fmt: skip
        assert words in page.words
    assert "the standard points" in page.words


def test_rules_are_the_vendors_own_and_a_version_is_never_changed(counter):
    sent(counter, STANDARD, act="publish")
    assert counter.mira.get(f"{RULES}/versions/1").status == 200
    assert counter.alice.get(RULES).status == 404
    with pytest.raises(Conflict, match="contradicts"), counter.house.db() as work:
        work.session.execute(text("UPDATE points_version SET source = ''"))
