"""When a partner works, on its page and at the vendor's desk; why it gets as many leads as it does; and a
lead that it gives back to nurture.
"""

from sqlalchemy import text

from tests.builders import waiting_leads

HOURS = "/console/leads/hours"
WEEK = {"days": ["2", "3", "6"], "opens": "08:30", "closes": "16:00"}


def test_the_owner_states_hours_and_rests_and_a_seller_reads_them(desk):
    sam, alice = desk.as_("Sam"), desk.as_("Alice")
    assert "Monday, Tuesday, Wednesday, Thursday, Friday: 09:00 to 17:00" in sam.get(HOURS).words
    assert sam.post(HOURS, **WEEK).status == 403
    wrong = alice.post(HOURS, **(WEEK | {"closes": "08:00"}))
    assert (wrong.status, "Close later than you open" in wrong.words) == (422, True)
    assert "Saved." in alice.post(HOURS, follow=True, **WEEK).words
    assert "Tuesday, Wednesday, Saturday: 08:30 to 16:00" in sam.get(HOURS).words
    pause = {"kind": "paused", "reason": "other", "starts_on": "2026-03-01", "ends_on": ""}
    refused = alice.post("/console/leads/rests", **pause)
    assert (refused.status, "Say what the reason is." in refused.words) == (422, True)
    page = alice.post("/console/leads/rests", follow=True, note="We move house", **pause)
    assert "No new leads now" in page.words
    assert "Another reason: We move house" in page.words
    form = page.tree.css_first("form[action*='/rests/']")
    back = alice.post(form.attributes["action"], follow=True)
    assert "Nothing is planned." in back.words


def test_the_desk_reads_a_partners_hours_and_why_it_is_paused(desk):
    alice, mira = desk.as_("Alice"), desk.as_("Mira")
    alice.post(HOURS, **WEEK)
    pause = {"kind": "paused", "reason": "capacity", "starts_on": "2026-03-01", "ends_on": ""}
    alice.post("/console/leads/rests", note="Two are ill", **pause)
    page = mira.get("/desk/partners/fenwright")
    assert "Takes no new leads. No capacity: Two are ill, without an end." in page.words
    assert "Tuesday, Wednesday, Saturday, 08:30 to 16:00 on its own clock" in page.words
    assert "Stated by Alice." in page.words


def test_a_partner_reads_why_it_gets_as_many_leads_as_it_does(desk):
    page = desk.as_("Sam").get("/console/leads/share")
    assert "Leads in 30 days" in page.words
    assert "Your weight in the round 1" in page.words


def test_one_person_gets_all_by_the_owners_rule(desk):
    alice, sam = desk.as_("Alice"), desk.people["Sam"].user_id
    refused = alice.post("/console/leads/sharing", way="person")
    assert (refused.status, "Choose somebody who gets leads." in refused.words) == (422, True)
    page = alice.post("/console/leads/sharing", way="person", person_id=str(sam), follow=True)
    assert "Saved." in page.words
    assert "One person gets all: Sam." in desk.as_("Sam").get("/console/leads/sharing").words


def test_a_lead_is_given_back_to_nurture_with_its_reason_and_the_desk_routes_it_again(stocked):
    with stocked.db() as work:
        [lead_id] = waiting_leads(
            work,
            stocked.ids["vendor"],
            stocked.ids["campaign"],
            1,
            state="accepted",
            partner_id=stocked.ids["fenwright"],
            accepted_at=work.now,
        )
        query = text("SELECT ref FROM lead WHERE id = :id")
        ref = work.session.scalar(query, {"id": lead_id})
    sam, mira = stocked.as_("Sam"), stocked.as_("Mira")
    assert "Not yet: give it back to nurture" in sam.get(f"/console/leads/{ref}").words
    path = f"/console/leads/{ref}/recycling"
    assert "Say why, so that what follows fits." in sam.post(path, follow=True).words
    page = sam.post(path, recycled="too_early", follow=True)
    assert "It is back in nurture." in page.words
    assert "Given back to nurture" in page.words
    assert "Not yet: give it back" not in page.words
    desk = mira.get(f"/desk/leads/{ref}").words
    assert "Back in nurture" in desk
    assert "They are interested, but not yet" in desk
    assert stocked.as_("Charlie").post(path, recycled="too_early").status == 404
    assert "Fenwright gave it back to nurture" in desk
    again = mira.post(f"/desk/leads/{ref}/act", act="again", follow=True)
    assert "The lead goes by the rules again." in again.words
