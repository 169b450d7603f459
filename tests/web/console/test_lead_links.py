"""Mailed links to leads: good while their person may answer, calm when their time is over."""

import re
from datetime import timedelta
from functools import partial

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from tcma.leads import by_hand, routing_versions, telling
from tcma.leads.models import Lead
from tests.builders import waiting_leads
from tests.domain.leads.test_routing_faults import at_once
from tests.pages import Visitor, served

LINK = re.compile(r"https://tcma\.test(/l/lead/[\w.-]+)")
LATER = timedelta(days=15)
ACTS = {
    "acceptance": {},
    "refusal": {"reason": "no_capacity"},
    "touches": {"kind": "call", "note": "They want it."},
    "colleague": {"person": "nobody"},
    "fresh": {},
}


class Mailed:
    """A lead offered to Fenwright, and the links its people were mailed."""

    def __init__(self, desk):
        self.desk, self.db = desk, desk.db
        self.page = Visitor(desk.app)
        with self.db() as work:
            [self.lead] = waiting_leads(
                work, desk.ids["vendor"], desk.ids["campaign"], 1, answers={"Wrote": "I am Ida."}
            )
        with desk.world("Mira") as work:
            lead = work.session.get_one(Lead, self.lead)
            self.ref = lead.ref
            by_hand.assign(work, lead, desk.ids["fenwright"])
        self.tell()

    def tell(self):
        with self.db() as work:
            telling.tell(work)

    def links(self, name):
        """The links that `name` was mailed, oldest first."""
        query = text(
            "select b.plain from message_body b join message m on m.id = b.message_id"
            " where m.address = :address order by m.id"
        )
        with self.db() as work:
            bodies = work.session.scalars(query, {"address": f"{name.lower()}@people.example"})
            return [found[1] for body in bodies if (found := LINK.search(body))]

    def do(self, link, act, **fields):
        return self.page.post_without_token(f"{link}/{act}", **(ACTS[act] | fields))

    def run(self, query, **values):
        with self.db() as work:
            work.session.execute(text(query), values)

    def state(self):
        with self.db() as work:
            return work.session.get_one(Lead, self.lead).state


@pytest.fixture
def mailed(stocked):
    return Mailed(stocked)


GONE = {
    "removed": "update membership set state = 'ended' where user_id = :user",
    "suspended partner": "update enrolment set state = 'suspended'",
    "ended partner": "update enrolment set state = 'ended'",
}


@pytest.mark.parametrize("why", GONE)
@pytest.mark.parametrize("act", ["look", *ACTS])
def test_x5_a_link_is_dead_at_once_when_its_person_may_not_answer_any_more(mailed, act, why):
    [link] = mailed.links("Sam")
    sam = mailed.desk.people["Sam"].user_id
    if act == "touches":
        assert mailed.do(link, "acceptance").status == 303
    before = mailed.state()
    mailed.run(GONE[why], **({"user": sam} if ":user" in GONE[why] else {}))
    page = mailed.page.get(link) if act == "look" else mailed.do(link, act)
    assert page.status == 404
    assert "It may be gone, or it may not be yours to see." in page.words
    assert "Brackwater" not in page.words
    assert mailed.state() == before


def test_others_links_live_when_one_person_has_left(mailed):
    sam = mailed.desk.people["Sam"].user_id
    mailed.run("update membership set state = 'ended' where user_id = :user", user=sam)
    [link] = mailed.links("Alice")
    assert mailed.do(link, "acceptance").status == 303
    assert "It is yours" in mailed.page.get(link).words


def test_a_link_hides_what_somebody_wrote_until_the_lead_is_accepted(mailed):
    [link] = mailed.links("Sam")
    before = mailed.page.get(link)
    assert "They wrote" not in before.words
    assert "Wrote shown when you accept" in before.words
    mailed.do(link, "acceptance")
    assert "I am Ida." in mailed.page.get(link).words


def test_a_second_press_takes_it_once_and_the_page_says_how_it_stands(mailed):
    [link] = mailed.links("Sam")
    assert [mailed.do(link, "acceptance").status for _ in range(2)] == [303, 303]
    assert mailed.do(link, "refusal").status == 200
    assert "It is yours" in mailed.page.get(link).words
    met = mailed.do(link, "touches", kind="meeting", note="Coffee in Leeds.")
    assert met.status == 303
    assert "We met: Coffee in Leeds." in mailed.page.get(link).words
    with mailed.db() as work:
        acts = "select actor_name from audit_entry where verb = 'accepted' and via = 'signed link'"
        assert work.session.scalars(text(acts)).all() == ["Sam"]


def test_a_lead_is_passed_on_and_the_colleague_has_a_link_of_their_own(mailed):
    [link] = mailed.links("Sam")
    assert len(mailed.links("Alice")) == 1
    alice = mailed.desk.people["Alice"].user_id
    wrong = mailed.do(link, "colleague", person=mailed.desk.people["Charlie"].user_id)
    assert "Choose a colleague." in wrong.words
    assert mailed.do(link, "colleague", person=alice).status == 303
    assert "Alice has it now, and a mail." in mailed.page.get(link).words
    mailed.tell()
    _, own = mailed.links("Alice")
    assert len(mailed.links("Sam")) == 1
    assert mailed.do(own, "acceptance").status == 303
    assert "Alice has it now." in mailed.page.get(link).words


def test_an_accepted_lead_is_passed_on_too(mailed):
    [link] = mailed.links("Sam")
    mailed.do(link, "acceptance")
    alice = mailed.desk.people["Alice"].user_id
    assert mailed.do(link, "colleague", person=alice).status == 303
    page = mailed.desk.as_("Alice").get(f"/console/leads/{mailed.ref}")
    assert "Alice: given by Sam" in page.words


def test_an_ended_link_says_so_acts_no_more_and_a_fresh_one_goes_to_its_person(mailed):
    [link] = mailed.links("Sam")
    mailed.db.clock.move(LATER)
    page = mailed.page.get(link)
    assert (page.status, page.heading) == (410, "This link has ended")
    assert not any(word in page.text for word in ("Brackwater", "@people.example", mailed.ref))
    for act in ("acceptance", "refusal", "touches", "colleague"):
        assert mailed.do(link, act).status == 410
    assert mailed.state() == "offered"
    assert "A fresh link is on its way" in mailed.do(link, "fresh").words
    old, fresh = mailed.links("Sam")
    assert old == link
    assert mailed.do(fresh, "acceptance").status == 303
    assert mailed.state() == "accepted"
    assert len(mailed.links("Alice")) == 1


def test_a_stranger_who_bends_an_ended_link_learns_nothing(mailed):
    [link] = mailed.links("Sam")
    mailed.db.clock.move(LATER)
    bent = f"{link[:-1]}{'A' if link[-1] != 'A' else 'B'}"
    assert mailed.page.get(bent).status == 404
    assert mailed.do(bent, "fresh").status == 404
    assert len(mailed.links("Sam")) == 1


def test_no_fresh_link_for_a_lead_that_went_on(mailed):
    [link] = mailed.links("Sam")
    mailed.do(link, "refusal")
    mailed.db.clock.move(LATER)
    assert "This lead is not with you any more." in mailed.page.get(link).words
    assert mailed.do(link, "fresh").status == 410
    assert len(mailed.links("Sam")) == 1


def test_a_link_that_works_needs_no_fresh_one(mailed):
    [link] = mailed.links("Sam")
    assert mailed.do(link, "fresh").status == 303
    assert len(mailed.links("Sam")) == 1


def test_a_leads_page_names_no_rival_and_the_desk_does(mailed):
    [link] = mailed.links("Sam")
    mailed.do(link, "refusal")
    with mailed.desk.world("Mira") as work:
        lead = work.session.get_one(Lead, mailed.lead)
        lead.state = "unassigned"
        work.session.flush()
        by_hand.assign(work, lead, mailed.desk.ids["ridgeline"])
    page = mailed.desk.as_("Charlie").get(f"/console/leads/{mailed.ref}")
    assert "Asked before you 1" in page.words
    assert not any(name in page.words for name in ("Fenwright", "Sam", "Declined"))
    seen = mailed.desk.as_("Mira").get(f"/desk/leads/{mailed.ref}")
    assert all(name in seen.words for name in ("Fenwright", "Ridgeline", "Declined, Sam"))


def test_the_desk_says_the_hours_that_the_rules_give(mailed):
    with mailed.desk.world("Mira") as work:
        rules = "[answer]\nhours = 7\n"
        routing_versions.publish(work, rules, valid_from=work.now.date(), note="")
    page = mailed.desk.as_("Mira").get(f"/desk/leads/{mailed.ref}")
    assert "The partner has 7 working hours to answer" in page.words


@pytest.fixture
def phone(browser, mailed):
    """A page of a phone's size without script, as a mail program opens it."""
    with served(mailed.desk.app) as address:
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, base_url=address, java_script_enabled=False
        )
        yield context.new_page()
        context.close()


def fits(page):
    """It is as wide as the phone, and says one thing."""
    size = "[document.documentElement.scrollWidth, document.querySelectorAll('h1').length]"
    return page.evaluate(size) == [390, 1]


def test_on_a_phone_a_lead_is_taken_met_and_the_link_opened_again(mailed, phone):
    [link] = mailed.links("Sam")
    phone.goto(link)
    assert fits(phone)
    phone.get_by_role("button", name="Accept").click()
    phone.goto(link)  # the mail is opened a second time
    expect(phone.get_by_text("It is yours")).to_be_visible()
    assert phone.get_by_role("button", name="Accept").count() == 0
    phone.get_by_text("We met").click()
    phone.get_by_label("In a few words").fill("Coffee in Leeds.")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_text("We met: Coffee in Leeds.")).to_be_visible()
    assert fits(phone)


def test_on_a_phone_a_lead_is_declined_and_the_link_says_so_after(mailed, phone):
    [link] = mailed.links("Sam")
    phone.goto(link)
    phone.get_by_text("Decline", exact=True).first.click()
    phone.get_by_text("We have no time for it now").click()
    phone.get_by_role("button", name="Decline").click()
    expect(phone.get_by_text("You handed it back.")).to_be_visible()
    phone.goto(link)
    expect(phone.get_by_text("You handed it back.")).to_be_visible()
    assert fits(phone)
    assert mailed.state() == "new"


def test_on_a_phone_a_lead_is_passed_on(mailed, phone):
    phone.goto(mailed.links("Sam")[0])
    phone.get_by_text("Pass on", exact=True).first.click()
    phone.get_by_label("Colleague").select_option(label="Alice")
    phone.get_by_role("button", name="Pass on").click()
    expect(phone.get_by_text("Alice has it now, and a mail.")).to_be_visible()
    assert fits(phone)


def test_on_a_phone_an_ended_link_sends_a_fresh_one(mailed, phone):
    mailed.db.clock.move(LATER)
    phone.goto(mailed.links("Sam")[0])
    assert fits(phone)
    phone.get_by_role("button", name="Mail me a fresh link").click()
    expect(phone.get_by_text("A fresh link is on its way")).to_be_visible()
    phone.goto(mailed.links("Sam")[-1])
    phone.get_by_role("button", name="Accept").click()
    expect(phone.get_by_text("It is yours")).to_be_visible()


def test_pressing_twice_at_once_takes_it_and_shows_who_asks(mailed):
    link = mailed.links("Alice")[-1]
    pages = [Visitor(mailed.desk.app) for _ in range(4)]
    answers = at_once(*[partial(each.post_without_token, f"{link}/acceptance") for each in pages])
    assert {answer.status for answer in answers} == {303}
    page = mailed.page.get(link)
    assert "It is yours" in page.words
    assert "shown when you accept" not in page.words
