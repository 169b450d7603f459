"""Who gets a partner's leads: the owner's rule, absences, and giving one to a colleague."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import text

from tests.builders import waiting_leads


def test_the_owner_chooses_the_rule_and_a_seller_only_states_days_away(desk):
    sam, alice = desk.as_("Sam"), desk.as_("Alice")
    assert "Everybody hears of every lead" in sam.get("/console/leads/sharing").words
    assert sam.post("/console/leads/sharing", way="turn").status == 403
    person = desk.people["Sam"].user_id
    wrong = alice.post("/console/leads/sharing", way="area", **{f"areas-{person}": "LS1"})
    assert (wrong.status, "Sam: “LS1” does not begin with a country" in wrong.words) == (422, True)
    assert 'value="LS1"' in wrong.text
    areas = {f"areas-{person}": "gb ls, de"}
    page = alice.post("/console/leads/sharing", way="area", keeps="1", follow=True, **areas)
    assert 'value="GB LS, DE"' in page.text
    said = sam.get("/console/leads/sharing").words
    assert "Alice chose it." in said
    assert "accepted by themselves" not in said
    alice.post("/console/leads/sharing", way="area", accepts="1", **areas)
    assert "are accepted by themselves." in sam.get("/console/leads/sharing").words
    days = {"starts_on": "2026-03-02", "ends_on": "2026-03-06"}
    page = sam.post("/console/leads/absences", person=person, follow=True, **days)
    assert "away now" in page.words
    form = page.tree.css_first("form[action*='/absences/']")
    back = sam.post(form.attributes["action"], follow=True)
    assert "Everybody is here." in back.words
    assert sam.post("/console/leads/absences", person=uuid4(), **days).status == 422


def test_a_lead_is_given_to_a_colleague_and_its_page_says_how(stocked):
    with stocked.db() as work:
        [lead_id] = waiting_leads(
            work,
            stocked.ids["vendor"],
            stocked.ids["campaign"],
            1,
            state="accepted",
            partner_id=stocked.ids["fenwright"],
            accepted_at=work.now - timedelta(days=4),
        )
        query = text("SELECT ref FROM lead WHERE id = :id")
        ref = work.session.scalar(query, {"id": lead_id})
    alice = stocked.as_("Alice")
    assert "Call Brackwater Joinery" in alice.get("/console").words
    sam = stocked.people["Sam"].user_id
    page = alice.post(f"/console/leads/{ref}/person", person=sam, follow=True)
    assert "Sam has it, and a mail." in page.words
    assert "Sam: given by Alice" in page.words
    assert "Sam" in alice.get("/console/leads?state=yours").tree.css_first("tbody").text()
    assert "Call Brackwater" not in alice.get("/console").words
    assert "Call Brackwater" in stocked.as_("Sam").get("/console").words
    nobody = alice.post(f"/console/leads/{ref}/person", person=uuid4(), follow=True)
    assert "Choose a colleague." in nobody.words
    assert stocked.as_("Charlie").post(f"/console/leads/{ref}/person", person=sam).status == 404
