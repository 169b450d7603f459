"""A playbook as pages: due steps on the first page, scripts with names, ticks with a way back."""

from datetime import timedelta

import pytest

from tcma.delivery import actions as delivery
from tcma.launches import actions
from tcma.leads.models import Lead
from tcma.library.copies import copy_of as ensure_copy
from tests.builders import waiting_leads


@pytest.fixture
def planned(stocked):
    """A launch for Tuesday 10 March, on which it is Thursday 5 March."""
    with stocked.db() as work:
        sender = delivery.ensure_sender(
            work,
            partner_id=stocked.ids["fenwright"],
            from_name="Alice",
            from_address="alice@fenwright.example",
        )
    with stocked.world("Alice") as work:
        copy = ensure_copy(work, stocked.ids["campaign"])
        plan = actions.LaunchPlan(
            copy_id=copy.id,
            list_ids=(stocked.ids["list"],),
            sender_id=sender,
            send_at=work.now + timedelta(days=8),
        )
        launch = actions.plan_launch(work, plan, idempotency_key="k")
    stocked.ids["launch"] = launch.id
    stocked.db.clock.move(timedelta(days=3))
    return stocked, f"/console/launches/{launch.ref}/playbook"


def texts(page, css):
    return [" ".join(node.text().split()) for node in page.tree.css(css)]


def test_a_due_step_is_the_next_thing_of_whose_it_is(planned):
    stocked, book = planned
    page = stocked.as_("Tom").get("/console")
    titles = texts(page, ".next h2, .todo h3")
    assert "Tell your sellers what is coming" in titles
    assert "Step 1 of 8 of the playbook of “One steady arch at a time”." in page.words
    assert "Tell your sellers" not in stocked.as_("Sam").get("/console").words
    stocked.db.clock.move(timedelta(days=2))
    sam = stocked.as_("Sam").get("/console")
    assert texts(sam, ".next h2") == ["Keep two half days of an engineer free"]
    (button,) = sam.tree.css(".next .btn")
    assert button.attributes["href"].partition("#")[0] == book
    assert "Keep two half days" in stocked.as_("Alice").get("/console").words


def test_a_step_is_ticked_with_a_name_and_taken_back(planned):
    stocked, book = planned
    sam = stocked.as_("Sam")
    page = sam.get(book)
    assert texts(page, "[data-state=due] h3") == ["Tell your sellers what is coming"]
    assert texts(page, ".playstep .when")[:3] == ["Due today", "By Sat 7 Mar", "By Tue 10 Mar"]
    done = sam.post(f"{book}/tell-sellers/tick")
    assert done.location == book
    page = stocked.as_("Alice").get(book)
    assert "Done by Sam on Thu 5 Mar" in page.words
    assert "1 of 8" in page.words
    stocked.as_("Alice").post(f"{book}/tell-sellers/tick/end")
    assert texts(sam.get(book), "[data-state=due] h3") == ["Tell your sellers what is coming"]
    assert sam.post(f"{book}/launch/tick").status == 422


def test_a_script_holds_the_names_that_are_known(planned):
    stocked, book = planned
    with stocked.db() as work:
        (lead,) = waiting_leads(
            work, stocked.ids["vendor"], stocked.ids["campaign"], 1,
            partner_id=stocked.ids["fenwright"], state="accepted", launch_id=stocked.ids["launch"],
        )  # fmt: skip
        ref = work.session.get_one(Lead, lead).ref
    page = stocked.as_("Sam").get(book)
    assert "Hello …, Sam from Fenwright" in texts(page, "#script-call-first")[0]
    page = stocked.as_("Sam").get(f"{book}?lead={ref}")
    assert "Hello Ida Brook, Sam from Fenwright" in texts(page, "#script-call-first")[0]
    assert "a Move Map for Brackwater Joinery" in texts(page, "#script-answer-leads")[0]
    sheet = stocked.as_("Sam").get(f"{book}/sheet?lead={ref}")
    assert len(sheet.tree.css(".playsheet > li")) == 9
    assert "Hello Ida Brook" in sheet.words


def test_parts_open_for_a_seller_and_a_foreign_launch_is_not_there(planned):
    stocked, book = planned
    sam = stocked.as_("Sam")
    links = {a.attributes["href"] for a in sam.get(book).tree.css(".playparts a")}
    assert len(links) == 7
    mails = [href for href in links if "/preview/" in href]
    assert {sam.get(href).status for href in mails} == {200}
    charlie = stocked.as_("Charlie")
    assert charlie.get(book).status == 404
    assert charlie.post(f"{book}/tell-sellers/tick").status == 404


def test_campaign_launch_and_desk_say_how_far_it_is(planned):
    stocked, book = planned
    alice = stocked.as_("Alice")
    page = alice.get("/console/campaigns/corbelane/cloud-migration")
    assert "Your launch of Tue 10 Mar: 0 of 8 steps done" in page.words
    assert "5 days before the launch" in page.words
    card = alice.get(book.removesuffix("/playbook"))
    assert "0 of 8" in card.words
    assert "Tell your sellers what is coming Due today" in card.words
    stocked.db.clock.move(timedelta(days=1))
    assert "0 of 8, 1 late" in stocked.as_("Mira").get("/desk/partners/fenwright").words


def test_a_partner_reads_its_level_and_its_manager_says_what_one_needs(planned):
    stocked, _ = planned
    page = stocked.as_("Alice").get("/console")
    assert "Your level with Corbelane New" in page.words
    assert "Your first launch makes it “Started”." in page.words
    assert "Corbelane asks Gold partners for these" in page.words
    mira = stocked.as_("Mira")
    filled = {
        node.attributes["name"]: node.attributes.get("value", "")
        for node in mira.get("/desk/programme").tree.css("form.programme input[name]")
        if node.attributes["name"] != "csrf_token"
    }
    assert len(filled) == 24
    changed = filled | {"gold_logo": "", "gold_launch": "9", "proven_won": "2"}
    saved = mira.post("/desk/programme", **changed, follow=True)
    assert "Changed by Mira" in saved.words
    links = texts(stocked.as_("Alice").get("/console"), ".firsts li")
    assert not any("Add your logo" in each for each in links)
    assert any("by Wed 11 Mar" in each for each in links)
    refused = mira.post("/desk/programme", **changed | {"proven_won": "", "silver_list": "900"})
    assert refused.status == 422
    assert "Write 0 or more." in refused.words
    assert "Write 1 to 120 days." in refused.words
    assert "What a level needs" in mira.get("/desk/partners/fenwright").words
