"""A card or a badge becomes a lead, once; what is missing is said, and what was typed stays."""

import pytest
from sqlalchemy import text

from tcma.library.compiling import publish_page
from tests.builders import a_campaign, a_copy
from tests.domain.leads.test_cards import VCARD

NEW = "/console/leads/new"


@pytest.fixture
def paged(desk):
    """Fenwright has one live page."""
    with desk.db() as work:
        copy = a_copy(work, desk.ids["fenwright"], a_campaign(work, desk.ids["vendor"]))
        desk.ids["page"] = publish_page(work, copy).path
    return desk


def leads(desk):
    with desk.db() as work:
        return work.session.execute(
            text(
                "SELECT l.*, c.source, c.consent_text FROM lead l JOIN lead_capture c ON c.lead_id = l.id"
            )
        ).all()


def sent(desk, **fields):
    known = {
        "page": desk.ids["page"],
        "key": "once",
        "consent": "y",
        "email": "ida@brackwater.example",
    }
    return desk.as_("Alice").post(NEW, **known | fields)


def test_without_a_page_there_are_no_words_to_say_yes_to(desk):
    assert "You have no page yet" in desk.as_("Alice").get(NEW).words


def test_a_typed_card_is_a_lead_of_the_partner_with_the_words_of_its_page(paged):
    form = paged.as_("Alice").get(NEW)
    [words] = form.all("label.opt small")
    assert sent(paged, first_name="Ida", company="Brackwater", note="Servers").status == 303
    assert sent(paged, first_name="Ida", company="Brackwater", note="Servers").status == 303
    [lead] = leads(paged)
    assert (lead.first_name, lead.company, lead.answers) == (
        "Ida",
        "Brackwater",
        {"Note": "Servers"},
    )
    assert lead.source_partner_id == paged.ids["fenwright"]
    assert lead.consent_text == words


def test_a_badge_fills_what_nobody_typed(paged):
    page = sent(paged, scanned=VCARD, email="", first_name="Ada")
    assert page.status == 303, page.words
    [lead] = leads(paged)
    assert (lead.first_name, lead.last_name, lead.address) == (
        "Ada",
        "Brook",
        "ida@brackwater.example",
    )
    assert lead.postcode == "LS1 2AB"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": ""}, "Write an address we may answer to."),
        ({"email": "no address"}, "There is no @-sign."),
        ({"consent": ""}, "Tick the box, so that we may answer."),
        ({"page": "another"}, "Not a valid choice"),
    ],
    ids=["no address", "a broken one", "no yes", "another page"],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(paged, wrong, said):
    page = sent(paged, company="Brackwater", **wrong)
    assert page.status == 422
    assert said in page.words
    assert page.tree.css_first("#company").attributes["value"] == "Brackwater"
    assert leads(paged) == []


@pytest.mark.parametrize(
    ("typed", "kept"), [("", "GB"), ("Germany", "DE"), ("at", "AT"), ("Deutschland", "DE")]
)
def test_a_card_from_another_country_is_a_lead_from_there(paged, typed, kept):
    assert sent(paged, first_name="Ida", country=typed).status == 303
    [lead] = leads(paged)
    assert lead.country == kept


def test_a_country_that_nobody_knows_is_asked_again(paged):
    page = sent(paged, first_name="Ida", country="Brackwater")
    assert page.status == 422
    assert "Write a country, such as Germany or DE." in page.words
    assert leads(paged) == []
