"""When a partner works, on its page and at the vendor's desk; and why it gets as many leads as it does."""

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
