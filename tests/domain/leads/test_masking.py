"""Before it accepts, a partner sees enough to decide and nothing that says who it is."""

import pytest
from sqlalchemy import select

from tcma.contacts.actions import capture_contact
from tcma.delivery.models import MessageBody
from tcma.leads import actions, by_hand, offers, queries, races, routing_versions, telling
from tcma.leads.models import Lead
from tcma.leads.routing import masking
from tcma.leads.routing.masking import HIDDEN, STANDARD, Fact
from tcma.leads.routing.reading import read
from tcma.leads.routing.words import engagement, sentences
from tcma.reporting.contact_history import Happening, contact_history
from tests.builders import alice, mira

WROTE = (
    "Hello, we look for a backup of 40 seats.\nCall me on 0113 496 0199 or ida@brackwater.example.\n"
    "-- \nIda Brook\nBrackwater Joinery, www.brackwater.example"
)
STANDARD_RULES = '[sticky]\nsource = "never"\n[[rule]]\nname = "In turn"\n'


def told(answers, shown=STANDARD):
    return masking.answers(
        answers, shown, names=("Ida", "Brook", "ida.brook"), company="Brackwater Joinery"
    )


def test_what_was_picked_is_shown_and_what_was_written_is_not():
    answers = {"How soon?": "Within three months", "Seats": "100 - 499", "Wrote": "Yes"}
    assert told(answers) == answers | {"Wrote": HIDDEN}
    assert told({"Wrote": WROTE}) == {"Wrote": HIDDEN}


@pytest.mark.parametrize(
    "text",
    [
        "Ask for Ida",
        "ida@brackwater.example",
        "0113 496 0199",
        "+44 (0)113 496 0199",
        "brackwater.example",
        "https://brackwater.example/us",
        "a\nb",
        "x" * 61,
    ],
)
def test_a_short_answer_that_says_who_it_is_is_no_pick(text):
    assert told({"Anything else": text}) == {"Anything else": HIDDEN}


def test_a_vendor_may_show_what_was_written_and_then_names_and_numbers_are_cut_out():
    [seen] = told({"Wrote": WROTE}, (Fact.WORDS,)).values()
    assert seen.startswith("Hello, we look for a backup of 40 seats.\nCall me on … or …")
    assert not any(word in seen for word in ("Ida", "Brook", "0113", "Brackwater", "@"))


def test_answers_are_not_shown_where_the_rules_leave_them_out():
    assert told({"How soon?": "Now"}, (Fact.COMPANY,)) == {"How soon?": HIDDEN}


@pytest.mark.parametrize(
    ("postcode", "area"),
    [("LS1 2AB", "LS1"), ("80331", "80…"), ("100-0001", "100"), ("LS1", "LS1"), ("", "")],
)
def test_a_postcode_is_shown_as_its_district(postcode, area):
    assert masking.area_of_postcode(postcode) == area


def test_the_mask_stands_in_the_rules_and_a_wrong_word_is_named():
    rules = read('[mask]\nshows = ["country", "answers"]\n').rules
    assert rules.shown == (Fact.COUNTRY, Fact.ANSWERS)
    assert read("").rules.shown == STANDARD
    assert read("[mask]\nshows = []\n").rules.shown == ()
    [fault] = read('[mask]\nshows = ["phone"]\n').faults
    assert "“phone” is no fact that can be shown: company, country" in fault.words
    said = "Before that it sees the country and what was picked in the form."
    assert said in dict(sentences(rules))["Before it accepts"]
    assert said in dict(engagement(rules))["Who you are"]


def test_the_public_rules_name_no_company():
    source = '[[rule]]\nname = "Brackwater"\nif = { company = ["brackwater.example"] }\n'
    assert "rackwater" not in str(engagement(read(source).rules))


@pytest.fixture
def masked(db, ground):
    """Rules that show the country alone, or as told; `masked(extra)` publishes them."""

    def publish(mask='["country"]', rules=STANDARD_RULES):
        with db() as work:
            boss = mira(work, ground.vendor_id)
        with db(boss) as work:
            source = f"{rules}[mask]\nshows = {mask}\n"
            routing_versions.publish(work, source, valid_from=work.now.date(), note="")

    return publish


def seen_by(db, principal, lead_id):
    with db(principal) as work:
        return queries.view_of(work.session, principal, work.session.get_one(Lead, lead_id))


def offered(db, ask, **facts):
    lead_id = ask(**facts).lead_id
    with db() as work:
        offers.route(work, lead_id)
        partner_id = work.session.get_one(Lead, lead_id).partner_id
    return lead_id, partner_id


def test_a_mail_that_came_in_is_hidden_with_its_signature_until_the_lead_is_accepted(
    db, ground, ask
):
    lead_id, _ = offered(db, ask, answers={"Subject": "From Ida", "Wrote": WROTE, "Size": "40"})
    before = seen_by(db, ground.sam, lead_id)
    assert before.answers == {"Subject": HIDDEN, "Wrote": HIDDEN, "Size": "40"}
    assert (before.consent.text, before.consent.page_url) == (HIDDEN, "")
    with db() as work:
        actions.accept(work, before.offer_id, by="Sam")
    after = seen_by(db, ground.sam, lead_id)
    assert after.answers["Wrote"] == WROTE
    assert after.consent.text == "You may call me."


def test_the_vendor_reads_every_answer_at_once(db, ground, ask):
    lead_id, _ = offered(db, ask, answers={"Wrote": WROTE})
    with db() as work:
        boss = mira(work, ground.vendor_id)
    assert seen_by(db, boss, lead_id).answers == {"Wrote": WROTE}


def test_what_the_rules_hide_is_in_no_page_list_search_or_letter(db, ground, ask, masked):
    masked(rules='[sticky]\nsource = "always"\n')
    lead_id, partner_id = offered(db, ask, answers={"Size": "40"})
    assert partner_id == ground.first
    view = seen_by(db, ground.sam, lead_id)
    assert (view.row.company, view.row.place) == ("Somebody", "GB")
    assert (view.row.campaign, view.answers) == ("an offer of Corbelane", {"Size": HIDDEN})
    with db(ground.sam) as work:
        [row] = queries.leads(work.session, ground.sam).rows
        assert (row.company, row.place) == ("Somebody", "GB")
        assert queries.leads(work.session, ground.sam, wanted="Brack").rows == []
        assert queries.most_urgent(work.session, ground.sam).company == "Somebody"
    with db() as work:
        telling.tell(work)
        letters = "".join(work.session.scalars(select(MessageBody.plain)))
    assert "Somebody asks for you" in letters
    assert not any(word in letters for word in ("Brackwater", "FW1", "cloud"))
    with db() as work:
        actions.accept(work, view.offer_id, by="Sam")
    with db(ground.sam) as work:
        [row] = queries.leads(work.session, ground.sam, wanted="Brack").rows
        assert row.place == "GB FW1 2AB"


def test_a_letter_tells_the_district_not_the_street(db, ask):
    offered(db, ask)
    with db() as work:
        telling.tell(work)
        letters = "".join(work.session.scalars(select(MessageBody.plain)))
    assert "from GB FW1." in letters
    assert "2AB" not in letters


def test_a_lead_that_several_are_asked_about_is_masked_too(db, ground, ask, masked):
    masked(rules='[sticky]\nsource = "never"\n[[rule]]\nname = "Quick"\nfirst = 2\n')
    offered(db, ask)
    with db(ground.sam) as work:
        [race] = races.races(work.session, ground.sam)
    assert (race.company, race.place) == ("Somebody", "GB")


def test_a_lead_given_by_hand_is_masked_too_and_a_named_account_does_not_say_which(
    db, ground, ask, masked
):
    masked(
        rules='[sticky]\nsource = "never"\n[[account]]\ndomain = "brackwater.example"\n'
        'partner = "fenwright"\n'
    )
    lead_id, _ = offered(db, ask)
    assert seen_by(db, ground.sam, lead_id).turns[-1].reason == "the company is your account"
    with db() as work:
        boss = mira(work, ground.vendor_id)
    with db(boss) as work:
        by_hand.assign(work, work.session.get_one(Lead, lead_id), ground.first)
    assert seen_by(db, ground.sam, lead_id).row.company == "Somebody"


def test_a_contacts_story_does_not_say_whose_the_offered_lead_is(db, ground, ask, masked):
    masked(rules='[sticky]\nsource = "never"\n[[rule]]\nname = "A"\npartners = ["ridgeline"]\n')
    lead_id, partner_id = offered(db, ask)
    assert partner_id == ground.second
    with db() as work:
        owner = alice(work, ground.second)
        contact = capture_contact(work, partner_id=ground.second, address="ida@brackwater.example")
    form = Happening.FORM
    with db(owner) as work:
        assert form not in {m.what for m in contact_history(work.session, owner, contact)}
    with db() as work:
        actions.accept(work, seen_by(db, owner, lead_id).offer_id, by="Zoe")
    with db(owner) as work:
        assert form in {m.what for m in contact_history(work.session, owner, contact)}
