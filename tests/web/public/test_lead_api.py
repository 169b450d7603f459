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
