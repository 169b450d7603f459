"""Leads from other programs: a key, JSON, and an answer that says what became of it."""

import pytest
from sqlalchemy import text

from tcma.leads import ways_in

LEAD = {
    "id": "crm-42",
    "email": "nia@calder.example",
    "first_name": "Nia",
    "company": "Calder & Sons",
    "country": "GB",
    "answers": {"Size": "40"},
    "consent": {"text": "You may call me.", "version": "3", "given": True},
}


@pytest.fixture
def post(sent):
    """Post a lead with a key of Corbelane's: `post(**changes)`."""
    world = sent.world
    with world.as_("Mira") as work:
        campaign = work.session.scalar(text("SELECT campaign_id FROM page LIMIT 1"))
        secret = ways_in.make_key(work, name="Shop", campaign_id=campaign, partner_id=None)

    def posted(key=secret, **changes):
        head = {"Authorization": f"Bearer {key}"} if key else {}
        return sent.client().post("/api/v1/leads", json=LEAD | changes, headers=head)

    return posted


def test_a_lead_is_taken_once_and_a_repeat_says_the_same(post):
    once = {"id": "once", "email": "once@calder.example"}
    first, again = post(**once), post(**once)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["new"]
    assert not again.json["new"]
    assert (first.json["lead"], first.json["receipt"]) == (
        again.json["lead"],
        again.json["receipt"],
    )
    other = post(**once, company="Another")
    assert (other.status_code, other.json["type"]) == (409, "lead.replay")


def test_what_is_wrong_is_named_by_field(post):
    answer = post(id="", consent="yes", answers=[1], phone=5)
    assert answer.status_code == 422
    assert set(answer.json["fields"]) == {"id", "consent", "answers", "phone"}
    refused = post(id="x", consent={"text": "No.", "given": False})
    assert (refused.status_code, set(refused.json["fields"])) == (422, {"consent"})
    assert post(id="y", email="nobody").status_code == 422


def test_without_a_key_there_is_nothing(sent, post):
    assert [post(key=key).status_code for key in ("", "tcma_in_guessed")] == [403, 403]
    assert sent.client().post("/api/v1/leads", data="x").json["type"] == "api.key"


def test_what_looks_like_a_machines_is_held_and_says_so(post):
    answer = post(id="spam", company="http://win.example")
    assert (answer.status_code, answer.json["held"], answer.json["lead"]) == (202, True, None)


@pytest.fixture
def read(sent):
    """Read leads with a key that may: `read(path, partner=…)`."""
    world = sent.world
    made = {}
    with world.as_("Mira") as work:
        campaign = work.session.scalar(text("SELECT campaign_id FROM page LIMIT 1"))
        fenwright = work.session.scalar(text("SELECT partner_id FROM page LIMIT 1"))
        for name, partner_id in (("", None), ("fenwright", fenwright)):
            made[name] = ways_in.make_key(
                work, name="CRM", campaign_id=campaign, partner_id=partner_id, may_read=True
            )

    def asked(path="", partner="", **query):
        head = {"Authorization": f"Bearer {made[partner]}"}
        return sent.client().get(f"/api/v1/leads{path}", query_string=query, headers=head)

    return asked


def test_a_key_that_may_read_gets_its_leads_back_page_by_page(sent, post, read):
    for number in range(60):
        post(id=f"read-{number}", email=f"read{number}@calder.example")
    first = read().json
    assert len(first["leads"]) == 50
    found, after = list(first["leads"]), first["next"]
    while after:
        page = read(after=after).json
        found += page["leads"]
        after = page["next"]
    refs = [each["lead"]["ref"] for each in found]
    assert len(refs) == len(set(refs)) == sent.count("SELECT count(*) FROM lead")
    whole = next(e["lead"] for e in found if e["lead"]["email"] == "read7@calder.example")
    assert whole["answers"] == {"Size": "40"}
    assert (whole["came_at"][:3], whole["answer_by"], whole["accepted_at"]) == ("202", None, None)
    assert read(f"/{whole['ref']}").json["lead"] == whole
    assert read(state="sold").status_code == 422


def test_a_lead_says_until_when_it_is_to_be_answered_and_when_it_was_accepted(sent, read):
    offered = read(f"/{sent.world.parts['offered_lead']}").json["lead"]
    assert offered["state"] == "offered"
    assert offered["answer_by"] > offered["came_at"]
    accepted = read(f"/{sent.world.parts['lead']}").json
    assert accepted["lead"]["accepted_at"] > accepted["lead"]["came_at"]
    assert accepted["opportunity"]["amount"]["currency"] == "GBP"


def test_a_partners_key_reads_its_own_and_names_of_those_it_accepted(sent, read):
    offered = read(f"/{sent.world.parts['offered_lead']}", "fenwright").json["lead"]
    assert {offered[name] for name in ("email", "first_name", "last_name", "phone", "answers")} == {
        None
    }
    held = read(f"/{sent.world.parts['lead']}", "fenwright").json["lead"]
    assert "@" in held["email"]
    assert held["url"].endswith(f"/console/leads/{held['ref']}")
    own = {each["lead"]["ref"] for each in read(partner="fenwright").json["leads"]}
    assert own < {each["lead"]["ref"] for each in read().json["leads"]} | own
    stranger = sent.count("SELECT ref FROM lead WHERE source_partner_id IS NULL"
                          " AND partner_id IS NULL LIMIT 1")  # fmt: skip
    assert stranger
    assert read(f"/{stranger}", "fenwright").status_code == 404
    assert read(f"/{stranger}").status_code == 200


def test_a_key_that_only_hands_in_reads_nothing(sent, post):
    with sent.world.as_("Mira") as work:
        campaign = work.session.scalar(text("SELECT campaign_id FROM page LIMIT 1"))
        secret = ways_in.make_key(work, name="Shop", campaign_id=campaign, partner_id=None)
    head = {"Authorization": f"Bearer {secret}"}
    for path in ("/api/v1/leads", f"/api/v1/leads/{sent.world.parts['lead']}"):
        answer = sent.client().get(path, headers=head)
        assert (answer.status_code, answer.json["type"]) == (403, "intake.key")
        assert sent.client().get(path).status_code == 403
