"""The pipeline: open opportunities by stage, moved and amended by who works on them, closed once."""

from datetime import date

import pytest
from sqlalchemy import text

from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.leads import actions, offers, pipeline
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.rules import Stage
from tcma.money import Money
from tests.builders import charlie, mira


@pytest.fixture
def made(db, ground, ask):
    """An opportunity of Sam's: its reference."""
    lead_id = ask().lead_id
    with db() as work:
        offers.route(work, lead_id)
        offer = work.session.scalar(text("SELECT id FROM lead_offer"))
        actions.accept(work, offer, by="Sam")
        assert work.session.get(LeadOffer, offer)
    with db(ground.sam) as work:
        lead = actions.held_lead(work, work.session.get_one(Lead, lead_id).ref)
        worth = Money(9_000_00, "GBP")
        return actions.convert(work, lead, name="Server move", amount=worth, closes_on=None).ref


def columns(db, who):
    with db(who) as work:
        board = pipeline.board(work.session, work.principal)
        return {c.stage.value: [(r.ref, r.worth.minor) for r in c.rows] for c in board}, board


def test_it_moves_from_stage_to_stage_with_its_sum(db, ground, made):
    assert columns(db, ground.sam)[0] == {
        "qualified": [(made, 9_000_00)],
        "proposal": [],
        "negotiation": [],
    }
    with db(ground.sam) as work:
        pipeline.move(work, made, stage=Stage.NEGOTIATION)
    found, board = columns(db, ground.sam)
    assert found["negotiation"] == [(made, 9_000_00)]
    assert [c.sums for c in board] == [[], [], [Money(9_000_00, "GBP")]]


def test_sum_and_day_are_amended_and_nothing_is_worth_nothing(db, ground, made):
    with db(ground.sam) as work:
        pipeline.amend(
            work, made, name="", worth=Money(12_000_00, "GBP"), closes_on=date(2026, 5, 1)
        )
        one = pipeline.opportunity(work.session, work.principal, made)
        assert (one.name, one.worth.minor, one.closes_on) == (
            "Server move",
            12_000_00,
            date(2026, 5, 1),
        )
        with pytest.raises(Invalid, match="what it may be worth"):
            pipeline.amend(work, made, name="", worth=Money(0, "GBP"), closes_on=None)


def test_what_has_closed_does_not_move(db, ground, made):
    with db(ground.sam) as work:
        lead = work.session.scalar(text("SELECT ref FROM lead"))
        actions.close(work, actions.held_lead(work, lead), won=True)
    with db(ground.sam) as work, pytest.raises(Conflict, match="has closed meanwhile"):
        pipeline.move(work, made, stage=Stage.PROPOSAL)
    assert columns(db, ground.sam)[0]["qualified"] == []


def test_the_vendor_looks_on_and_a_stranger_finds_nothing(db, ground, made):
    with db() as work:
        manager, stranger = mira(work, ground.vendor_id), charlie(work, ground.vendor_id)
    assert columns(db, manager)[0]["qualified"] == [(made, 9_000_00)]
    with db(manager) as work, pytest.raises(Forbidden):
        pipeline.move(work, made, stage=Stage.PROPOSAL)
    assert columns(db, stranger)[0]["qualified"] == []
    with db(stranger) as work, pytest.raises(NotFound):
        pipeline.move(work, made, stage=Stage.PROPOSAL)
