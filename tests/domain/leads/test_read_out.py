"""What a partner's key reads of a lead that others have, or had: nothing of what they did with it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tcma.leads import actions, by_hand, offers, read_out
from tcma.leads.capturing import Origin
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.rules import OfferState
from tests.builders import alice, mira

THEIRS = ("decline_reason", "answer_by", "accepted_at", "closed_at", "loss_reason")


@pytest.fixture
def other(db, ground):
    with db() as work:
        return alice(work, ground.second)


@pytest.fixture
def brought(db, ground, ask):
    """A lead of Fenwright's page that the desk has given to Ridgeline."""
    lead_id = ask().lead_id
    with db() as work:
        manager = mira(work, ground.vendor_id)
    with db(manager) as work:
        by_hand.assign(work, work.session.get_one(Lead, lead_id), ground.second)
    return lead_id


def read(db, ground, lead_id, partner_id):
    with db() as work:
        lead = work.session.get_one(Lead, lead_id)
        scope = Origin(
            vendor_id=ground.vendor_id, campaign_id=lead.campaign_id, partner_id=partner_id
        )
        one, [listed] = read_out.lead(work, scope, lead.ref), read_out.leads(work, scope).rows
        assert one == listed
        return one["lead"]


def open_offer(work):
    return work.session.scalars(
        select(LeadOffer.id).where(LeadOffer.state == OfferState.OFFERED)
    ).one()


def test_who_brought_it_reads_nothing_of_what_another_does_with_it(db, ground, other, brought):
    def seen():
        return {name: read(db, ground, brought, ground.first)[name] for name in THEIRS}

    nothing = dict.fromkeys(THEIRS)
    assert read(db, ground, brought, ground.second)["answer_by"]
    assert seen() == nothing
    with db(other) as work:
        actions.accept(work, open_offer(work), by="Rita")
    assert read(db, ground, brought, ground.second)["accepted_at"]
    assert seen() == nothing
    db.clock.move(timedelta(hours=1))
    with db(other) as work:
        lead = actions.held_lead(work, work.session.get_one(Lead, brought).ref)
        actions.close(work, lead, won=False, reason="no_money")
    held = read(db, ground, brought, ground.second)
    assert (held["loss_reason"], held["decline_reason"]) == ("no_money", None)
    assert seen() == nothing
    assert read(db, ground, brought, None)["closed_at"] == held["closed_at"] is not None


def test_who_has_it_after_another_declined_it_reads_its_own_alone(db, ground, other, brought):
    with db(other) as work:
        actions.decline(work, open_offer(work), by="Rita", reason="known")
    assert read(db, ground, brought, None)["decline_reason"] == "known"
    with db() as work:
        assert offers.route(work, brought) == ground.first
    mine = read(db, ground, brought, ground.first)
    assert (mine["decline_reason"], mine["accepted_at"]) == (None, None)
    assert mine["answer_by"]
    with db(ground.sam) as work:
        actions.decline(work, open_offer(work), by="Sam", reason="no_capacity")
    assert read(db, ground, brought, ground.first)["decline_reason"] == "no_capacity"
