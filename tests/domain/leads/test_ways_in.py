"""Leads by key, submissions held back, and who may decide about either."""

import pytest
from sqlalchemy import func, select, text

from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.leads import ways_in
from tcma.leads.capturing import capture, take_in
from tcma.leads.intake import Capture
from tcma.leads.models import Lead, LeadCapture
from tests.builders import a_vendor, mira, vera

FACTS = {
    "source": "api:IN-1",
    "address": "nia@calder.example",
    "consent_given": True,
    "consent_text": "You may call me.",
    "consent_version": "v1",
    "page_url": "",
    "country": "GB",
}


@pytest.fixture
def manager(db, ground):
    with db() as work:
        return mira(work, ground.vendor_id)


@pytest.fixture
def origin(db, ground, manager):
    """What a key of the vendor alone lets in."""
    with db(manager) as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign"))
        secret = ways_in.make_key(work, name="Events", campaign_id=campaign, partner_id=None)
    with db() as work:
        return ways_in.origin_of_secret(work.session, secret)[1]


def sent(db, origin, number=1, **facts):
    with db() as work:
        return take_in(work, origin, Capture(**FACTS | {"external_id": str(number)} | facts))


def test_a_key_lets_leads_in_until_it_is_ended(db, ground, manager):
    with db(manager) as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign"))
        secret = ways_in.make_key(
            work, name="Web shop", campaign_id=campaign, partner_id=ground.first
        )
    with db(manager) as work:
        [one] = ways_in.keys(work.session, work.principal)
        ref, found = ways_in.origin_of_secret(work.session, secret)
        assert (ref, found.partner_id) == (one.ref, ground.first)
        assert ways_in.origin_of_ref(work.session, ref)[1] == found
        ways_in.end_key(work, one.id)
    with db() as work:
        for refused in (secret, secret + "x", ""):
            with pytest.raises(Forbidden, match="not known, or it was ended"):
                ways_in.origin_of_secret(work.session, refused)


def test_keys_are_the_channel_managers_alone(db, ground, manager, origin):
    with db() as work:
        marketer = vera(work, ground.vendor_id)
        stranger = mira(work, a_vendor(work, name="Quillon"))
        campaign = origin.campaign_id
    with db(marketer) as work, pytest.raises(Forbidden):
        ways_in.make_key(work, name="x", campaign_id=campaign, partner_id=None)
    with db(stranger) as work:
        assert list(ways_in.keys(work.session, work.principal)) == []
        with pytest.raises(NotFound):
            ways_in.make_key(work, name="x", campaign_id=campaign, partner_id=None)
    with db(manager) as work, pytest.raises(Invalid, match="who will use it"):
        ways_in.make_key(work, name=" ", campaign_id=campaign, partner_id=None)


def test_the_same_submission_is_one_and_another_content_is_refused(db, origin):
    first, again = sent(db, origin), sent(db, origin)
    assert (again.lead_id, first.is_fresh, again.is_fresh) == (first.lead_id, True, False)
    with pytest.raises(Conflict, match="another content"):
        sent(db, origin, company="Another")
    with db() as work:
        assert work.session.scalar(select(func.count()).select_from(LeadCapture)) == 1


def test_a_second_submission_fills_gaps_and_both_are_kept_raw(db, origin):
    lead_id = sent(db, origin, 1, first_name="Nia").lead_id
    sent(db, origin, 2, first_name="N.", company="Calder & Sons", phone="0113 496 0111")
    with db() as work:
        lead = work.session.get_one(Lead, lead_id)
        raw = work.session.scalars(select(LeadCapture.raw).order_by(LeadCapture.id)).all()
    assert (lead.first_name, lead.company, lead.phone) == (
        "Nia",
        "Calder & Sons",
        "+44 113 496 0111",
    )
    assert [r["first_name"] for r in raw] == ["Nia", "N."]
    assert lead.contact_id is None


def test_what_looks_like_a_machines_is_held_and_a_person_makes_it_a_lead(db, manager, origin):
    assert sent(db, origin, company="http://win.example") is None
    assert sent(db, origin, company="http://win.example") is None
    with db(manager) as work:
        [one] = ways_in.held(work.session, work.principal)
        assert "where the company belongs" in one.reason
        done = ways_in.release(work, one.id)
        assert done.is_new
    with db(manager) as work:
        assert list(ways_in.held(work.session, work.principal)) == []
        with pytest.raises(Conflict, match="decided about this already"):
            ways_in.drop(work, one.id)


def test_a_held_submission_is_not_found_by_another_vendor(db, manager, origin):
    sent(db, origin, company="http://win.example")
    with db(manager) as work:
        [one] = ways_in.held(work.session, work.principal)
    with db() as work:
        stranger = mira(work, a_vendor(work, name="Quillon"))
    with db(stranger) as work:
        assert list(ways_in.held(work.session, work.principal)) == []
        with pytest.raises(NotFound):
            ways_in.release(work, one.id)
    with db(manager) as work:
        ways_in.drop(work, one.id)
    with db() as work:
        assert work.session.scalar(select(func.count()).select_from(Lead)) == 0


def test_without_consent_the_api_takes_nothing(db, origin):
    with pytest.raises(Invalid), db() as work:
        capture(work, origin, Capture(**FACTS | {"external_id": "9", "consent_given": False}))
