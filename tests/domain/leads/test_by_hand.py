"""What the desk does with leads: give, take back with a word why, route again, close what is none."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tcma.delivery.models import MessageBody
from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.jobs import Job
from tcma.leads import actions, by_hand, offers, queries, scores, telling
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.rules import LeadState, OfferState
from tcma.money import Money
from tests.builders import mira, waiting_leads
from tests.domain.leads.conftest import rules_are
from tests.domain.leads.test_routing_faults import at_once

IN_TURN = '[sticky]\nsource = "never"\n[[rule]]\nname = "Ours"\nneed = { territory = true }\n'


@pytest.fixture
def manager(db, ground):
    with db() as work:
        return mira(work, ground.vendor_id)


@pytest.fixture
def taken(db, ground, ask):
    """A lead that Fenwright has accepted."""
    lead_id = ask().lead_id
    with db() as work:
        assert offers.route(work, lead_id) == ground.first
    with db() as work:
        actions.accept(work, offer_of(work, lead_id).id, by="Sam")
    return lead_id


def offer_of(work, lead_id):
    of = select(LeadOffer).where(LeadOffer.lead_id == lead_id).order_by(LeadOffer.epoch.desc())
    return work.session.scalars(of.limit(1)).one()


def lead_of(work, lead_id):
    return work.session.get_one(Lead, lead_id)


def subjects(db):
    with db() as work:
        return list(work.session.scalars(select(MessageBody.subject)).all())


def test_an_accepted_lead_goes_to_another_only_with_a_word_why(db, ground, manager, taken):
    with pytest.raises(Invalid, match="Write why"), db(manager) as work:
        by_hand.assign(work, lead_of(work, taken), ground.second)
    with db(manager) as work:
        by_hand.assign(work, lead_of(work, taken), ground.second, why="They asked for Ridgeline.")
    with db() as work:
        lead = lead_of(work, taken)
        turns = [(t.state, t.reason) for t in queries.turns(work.session, taken)]
        letters = work.session.scalars(select(MessageBody.html)).all()
    assert (lead.state, lead.partner_id, lead.accepted_at) == ("offered", ground.second, None)
    assert turns[0][0] is OfferState.RECALLED
    assert turns[1] == (OfferState.OFFERED, f"{manager.name} chose you")
    assert any("They asked for Ridgeline." in each for each in letters)
    with db(manager) as work:
        history = queries.lead_view(work.session, work.principal, lead.ref).history
    assert "taken back" in [verb for _, verb, _ in history]


def test_what_a_partner_made_an_opportunity_of_is_theirs(db, ground, manager, taken):
    with db(ground.sam) as work:
        lead = actions.held_lead(work, lead_of(work, taken).ref)
        actions.convert(work, lead, name="", amount=Money(1_00, "GBP"), closes_on=None)
    for act in (
        lambda w, lead: by_hand.assign(w, lead, ground.second, why="x"),
        lambda w, lead: by_hand.route_again(w, lead, why="x"),
        lambda w, lead: by_hand.dismiss(w, lead, reason="spam"),
    ):
        with pytest.raises(Conflict, match="opportunity"), db(manager) as work:
            act(work, lead_of(work, taken))


def test_routed_again_it_does_not_come_back_to_who_had_it_or_declined_it(
    db, ground, manager, taken
):
    with db(manager) as work:
        by_hand.route_again(work, lead_of(work, taken), why="Nobody calls.")
    assert db.queue.of(Job.LEAD_ROUTE)
    with db() as work:
        assert offers.route(work, taken) == ground.second
        why = {c["partner"]: c["why"] for c in offer_of(work, taken).trace["candidates"]}
    assert why["Fenwright"] == "had its turn (recalled)"


def test_after_three_turns_the_desk_can_have_the_rules_asked_once_more(db, ground, manager, ask):
    lead_id = ask().lead_id
    for _ in range(2):
        with db() as work:
            offers.route(work, lead_id)
        with db() as work:
            actions.expire(work, offer_of(work, lead_id).id)
    with db() as work:
        assert offers.route(work, lead_id) is None
    with db(manager) as work:
        by_hand.route_again(work, lead_of(work, lead_id))
    with db() as work:
        assert offers.route(work, lead_id) == ground.first
        assert lead_of(work, lead_id).epoch == 3


@pytest.mark.parametrize("reason", ["spam", "duplicate"])
def test_what_is_no_lead_is_closed_and_teaches_the_score_nothing(
    db, ground, manager, taken, reason
):
    with db(manager) as work:
        by_hand.dismiss(work, lead_of(work, taken), reason=reason)
    with db() as work:
        lead = lead_of(work, taken)
        assert (lead.state, lead.loss_reason, lead.partner_id) == (LeadState.LOST, reason, None)
        assert scores.counts(work.session, ground.vendor_id) == (0, 0)
    assert db.queue.of(Job.NURTURE_STOP)
    assert subjects(db) == ["The lead Brackwater Joinery was taken back"] * 2
    with pytest.raises(Conflict, match="has closed"), db(manager) as work:
        by_hand.dismiss(work, lead_of(work, taken), reason=reason)


def test_many_at_once_change_but_those_that_refuse(db, ground, manager, taken):
    with db() as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign"))
        waiting_leads(work, ground.vendor_id, campaign, 3)
        refs = list(work.session.scalars(select(Lead.ref).order_by(Lead.id)))
        accepted = lead_of(work, taken).ref
    with db(manager) as work:
        done = by_hand.each_of(
            work, [*refs, "LEAD-NONE"], lambda lead: by_hand.assign(work, lead, ground.second)
        )
    assert done.done == 3
    assert [ref for ref, _ in done.left] == [accepted]
    with pytest.raises(Invalid, match="Tick at least one"), db(manager) as work:
        by_hand.each_of(work, [], print)
    with pytest.raises(Forbidden), db(ground.alice) as work:
        by_hand.each_of(work, refs, print)


def test_what_earlier_rules_left_is_counted_and_tried_again_when_the_desk_says_so(
    db, ground, manager, ask
):
    rules_are(
        db,
        ground,
        '[[rule]]\nname = "Abroad"\nif = { country = ["FR"] }\n[sticky]\nsource = "never"\n',
    )
    leads = [ask(n, address=f"ida@left{n}.example").lead_id for n in range(3)]
    for each in leads:
        with db() as work:
            assert offers.route(work, each) is None
    with db(manager) as work:
        assert by_hand.left_by_earlier_rules(work.session, work.principal, work.now) == 0
    db.clock.move(timedelta(seconds=1))
    rules_are(db, ground, IN_TURN, no=2)
    with db(manager) as work:
        assert by_hand.left_by_earlier_rules(work.session, work.principal, work.now) == 3
        assert lead_of(work, leads[0]).state == LeadState.UNASSIGNED, "nothing goes on silently"
    with db(manager) as work:
        assert by_hand.try_again(work) == 3
    with db(manager) as work:
        assert offers.route_waiting(work, ground.vendor_id) == 3
        assert by_hand.left_by_earlier_rules(work.session, work.principal, work.now) == 0
        assert lead_of(work, leads[0]).state == LeadState.OFFERED


def test_a_letter_waits_for_who_moves_its_lead(db, ground, manager, ask):
    lead_id = ask().lead_id
    with db() as work:
        offers.route(work, lead_id)
    with db(manager) as work:
        offers.hold(work, lead_id)
        with db() as beside:
            assert telling.tell(beside) == 0
        by_hand.assign(work, lead_of(work, lead_id), ground.second)
    with db() as work:
        assert telling.tell(work) == 1, "of the offer that stands"
        assert telling.tell(work) == 0


def test_two_who_tick_the_same_leads_act_one_after_the_other(db, ground, manager):
    rules_are(db, ground, IN_TURN)
    with db() as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign"))
        ids = waiting_leads(work, ground.vendor_id, campaign, 3)
        for each in ids:
            offers.route(work, each)
        refs = [lead_of(work, each).ref for each in ids]
    begun, other_done = threading.Event(), threading.Event()

    def first():
        with db(manager) as work:

            def act(lead):
                by_hand.route_again(work, lead)
                begun.set()
                other_done.wait(0.5)

            return by_hand.each_of(work, refs[:2], act)

    def second():
        begun.wait()
        with db(manager) as work:
            done = by_hand.each_of(work, refs[1:], lambda lead: by_hand.route_again(work, lead))
        other_done.set()
        return done

    one, other = at_once(first, second)
    assert (one.done, one.left) == (2, ())
    assert (other.done, [ref for ref, _ in other.left]) == (1, [refs[1]])


def made_an_opportunity(db, ground, lead_id):
    with db(ground.sam) as work:
        lead = actions.held_lead(work, lead_of(work, lead_id).ref)
        made = actions.convert(work, lead, name="", amount=Money(1_00, "GBP"), closes_on=None)
        return made.id


def test_a_lead_that_the_desk_gives_to_another_meanwhile_becomes_nobodys_opportunity(
    db, ground, manager, taken
):
    given = threading.Event()

    def desk():
        with db(manager) as work:
            by_hand.assign(work, lead_of(work, taken), ground.second, why="They asked.")
            work.session.flush()
            given.set()
            until_somebody_waits(db)

    def seller():
        given.wait()
        try:
            return made_an_opportunity(db, ground, taken)
        except NotFound:
            return "not theirs"

    assert at_once(desk, seller) == [None, "not theirs"]
    with db() as work:
        lead = lead_of(work, taken)
        assert (lead.state, lead.partner_id) == (LeadState.OFFERED, ground.second)
        assert work.session.scalar(text("SELECT count(*) FROM opportunity")) == 0


def test_two_presses_make_one_opportunity(db, ground, taken):
    pressed = threading.Event()

    def first():
        with db(ground.sam) as work:
            lead = actions.held_lead(work, lead_of(work, taken).ref)
            made = actions.convert(work, lead, name="", amount=Money(1_00, "GBP"), closes_on=None)
            pressed.set()
            until_somebody_waits(db)
            return made.id

    def second():
        pressed.wait()
        return made_an_opportunity(db, ground, taken)

    one, other = at_once(first, second)
    assert one == other


def test_trying_all_again_locks_leads_in_the_order_of_those_who_tick_many(db, ground, manager):
    with db() as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign"))
        waiting_leads(work, ground.vendor_id, campaign, 2)
    with db() as work:
        first, last = work.session.scalars(select(Lead.id).order_by(Lead.id)).all()
        work.session.execute(
            text("UPDATE lead SET state = 'unassigned' WHERE id = :id"), {"id": last}
        )
    with db() as work:  # the later one comes to lie before the other in the table
        work.session.execute(
            text("UPDATE lead SET state = 'unassigned' WHERE id = :id"), {"id": first}
        )
    holding = threading.Event()

    def desk():
        with db(manager) as work:
            work.session.scalars(select(Lead).where(Lead.id == first).with_for_update()).one()
            holding.set()
            until_somebody_waits(db)
            work.session.scalars(select(Lead).where(Lead.id == last).with_for_update()).one()
            return "had both"

    def all_again():
        holding.wait()
        with db(manager) as work:
            for plan in ("indexscan", "bitmapscan"):  # as they lie in the table, not by number
                work.session.execute(text(f"SET LOCAL enable_{plan} = off"))
            return by_hand.try_again(work)

    assert at_once(desk, all_again) == ["had both", 2]


def until_somebody_waits(db):
    """Return when another connection waits for a lock of this database."""
    waits = text("SELECT count(*) FROM pg_stat_activity"
                 " WHERE datname = current_database() AND wait_event_type = 'Lock'")  # fmt: skip
    for _ in range(200):
        with db() as work:
            if work.session.scalar(waits):
                return
        time.sleep(0.02)
    raise AssertionError("nobody waited")
