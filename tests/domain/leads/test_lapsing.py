"""Registered deals have a number and an end where a vendor's rules say so; a channel manager gives more time."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from tcma.errors import Conflict, Forbidden, Invalid, LimitReached, NotFound
from tcma.jobs import Job
from tcma.leads import actions, deals, lapsing, offers, pipeline
from tcma.leads.models import Lead
from tcma.leads.routing.reading import read
from tcma.leads.routing.rules import Deals
from tcma.leads.routing.words import sentences
from tcma.leads.rules import LAPSED, Stage
from tcma.money import Money
from tests.builders import a_vendor, mira
from tests.domain.leads.conftest import rules_are
from tests.domain.leads.test_deals import deal
from tests.faults.posting import rung
from workers.runtime import Run

RULES = "[deals]\nmost_open = 2\ndays = 90\nwarn_days = 14\n"
AGAIN = "[deals]\ndays = 90\nwarn_days = 14\n"


@pytest.fixture
def manager(db, ground):
    with db() as work:
        return mira(work, ground.vendor_id)


def registered(db, ground, **more):
    with db(ground.sam) as work:
        return deals.register(work, deal(ground, **more)).ref


def row(db, ref):
    with db() as work:
        return work.session.execute(
            text(
                "SELECT state, loss_reason, warned_at, kept_until FROM opportunity WHERE ref = :ref"
            ),
            {"ref": ref},
        ).one()


def letters(db):
    with db() as work:
        return [
            row.subject
            for row in work.session.execute(
                text("SELECT subject FROM message_body ORDER BY message_id")
            )
        ]


def days_pass(db, days):
    db.clock.move(timedelta(days=days))
    rung(Run(services=db, stopping=lambda: False), Job.LEAD_IDLE)


def audited(db, verb):
    with db() as work:
        query = text(
            "SELECT count(*) FROM audit_entry WHERE verb = :verb AND subject = 'opportunity'"
        )
        return work.session.scalar(query, {"verb": verb})


@pytest.mark.parametrize(
    ("source", "deals_", "faults"),
    [
        ("", Deals(), 0),
        (RULES, Deals(2, 90, 14), 0),
        ("[deals]\nmost_open = 1\n", Deals(1, None, 14), 0),
        ("[deals]\ndays = 10\n", Deals(None, 10, 9), 0),
        ("[deals]\ndays = 10\nwarn_days = 10\n", None, 1),
        ("[deals]\nmost_open = 0\n", None, 1),
        ("[deals]\nmonths = 3\n", None, 1),
    ],
)
def test_the_rule_is_read(source, deals_, faults):
    found = read(source)
    assert len(found.faults) == faults
    assert deals_ is None or found.rules.deals == deals_


def test_the_rule_is_said_to_everybody_where_there_is_one():
    assert dict(sentences(read(RULES).rules))["Registered deals"] == (
        "A partner holds 2 deals at most that it registered and that are open. A registration lapses when nothing "
        "moves for 90 days; its people are warned 14 days before."
    )
    assert "Registered deals" not in dict(sentences(read("").rules))


def test_one_more_than_the_rule_allows_is_refused_until_one_is_closed(db, ground):
    rules_are(db, ground, RULES)
    first = registered(db, ground)
    registered(db, ground, company="Other")
    with db(ground.sam) as work, pytest.raises(LimitReached, match="2 is the limit"):
        deals.register(work, deal(ground, company="Third"))
    with db(ground.sam) as work:
        assert deals.room(work.session, ground.vendor_id, ground.first, work.now) == (2, 2)
        pipeline.close(work, first, won=True)
    registered(db, ground, company="Third")


def test_the_same_form_pressed_twice_registers_once_even_at_the_limit(db, ground):
    rules_are(db, ground, "[deals]\nmost_open = 1\n")
    pressed = uuid4()
    assert registered(db, ground, pressed=pressed) == registered(db, ground, pressed=pressed)
    assert audited(db, "registered") == 1


def test_other_verbs_pressed_twice_change_nothing_more(db, ground, manager):
    ref = registered(db, ground)
    for _ in range(2):
        with db(ground.sam) as work:
            pipeline.move(work, ref, stage=Stage.PROPOSAL)
            pipeline.amend(work, ref, name="Anew", worth=Money(5_00, "GBP"), closes_on=None)
        with db(manager) as work:
            lapsing.extend(work, ref, until=(work.now + timedelta(days=30)).date())
    for _ in range(2):
        with db(ground.sam) as work:
            pipeline.close(work, ref, won=False, reason="competitor")
    counts = {verb: audited(db, verb) for verb in ("moved", "amended", "gave more time to", "lost")}
    assert set(counts.values()) == {1}, counts
    with db(ground.sam) as work, pytest.raises(Conflict):
        pipeline.close(work, ref, won=True)


def test_it_is_warned_of_once_and_lapses_when_nothing_moves(db, ground):
    rules_are(db, ground, AGAIN)
    ref = registered(db, ground)
    with db(ground.sam) as work:
        ends = lapsing.ends_at(work.session, ground.sam, ref, work.now)
        assert ends == work.now + timedelta(days=90)
    days_pass(db, 75)
    assert row(db, ref).warned_at is None
    days_pass(db, 1.1)
    days_pass(db, 1)
    assert audited(db, "warned of the end of") == 1
    days_pass(db, 12)
    assert row(db, ref).state == "open"
    days_pass(db, 2)
    days_pass(db, 1)
    assert (row(db, ref).state, row(db, ref).loss_reason) == ("lost", LAPSED)
    assert audited(db, "let lapse") == 1
    said = letters(db)
    with db() as work:
        people = work.session.scalar(
            text("SELECT count(*) FROM membership WHERE partner_id = :id"), {"id": ground.first}
        )
    assert sum("registration ends" in each for each in said) == people
    assert sum("has lapsed" in each for each in said) == people


def test_progress_after_the_warning_keeps_it_for_as_long_again(db, ground):
    rules_are(db, ground, AGAIN)
    ref = registered(db, ground)
    days_pass(db, 80)
    with db(ground.sam) as work:
        pipeline.move(work, ref, stage=Stage.PROPOSAL)
    assert row(db, ref).warned_at is None
    days_pass(db, 75)
    assert (row(db, ref).state, row(db, ref).warned_at) == ("open", None)


def test_an_old_one_has_its_days_of_warning_when_the_rule_comes(db, ground):
    ref = registered(db, ground)
    days_pass(db, 400)
    rules_are(db, ground, AGAIN)
    days_pass(db, 0)
    assert row(db, ref).state == "open"
    days_pass(db, 13)
    assert row(db, ref).state == "open"
    days_pass(db, 2)
    assert row(db, ref).state == "lost"


def test_a_channel_manager_keeps_it_longer_and_brings_a_lapsed_one_back(db, ground, manager):
    rules_are(db, ground, AGAIN)
    ref = registered(db, ground)
    days_pass(db, 80)
    with db(manager) as work:
        until = (work.now + timedelta(days=60)).date()
        lapsing.extend(work, ref, until=until)
    days_pass(db, 40)
    assert row(db, ref).state == "open"
    days_pass(db, 10)
    days_pass(db, 15)
    assert row(db, ref).loss_reason == LAPSED
    with db(manager) as work:
        lapsing.extend(work, ref, until=(work.now + timedelta(days=30)).date())
    assert (row(db, ref).state, row(db, ref).loss_reason) == ("open", None)
    days_pass(db, 10)
    assert row(db, ref).state == "open"


def test_who_may_not_gives_no_time_and_no_day_is_past_or_far(db, ground, manager):
    ref = registered(db, ground)
    with db(ground.sam) as work, pytest.raises(Forbidden):
        lapsing.extend(work, ref, until=date(2030, 1, 1))
    with db() as work:
        other = mira(work, a_vendor(work, name="Beside"))
    with db(other) as work, pytest.raises(NotFound):
        lapsing.extend(work, ref, until=(work.now + timedelta(days=3)).date())
    for days in (-1, 366):
        with db(manager) as work, pytest.raises(Invalid):
            lapsing.extend(work, ref, until=(work.now + timedelta(days=days)).date())
    with db(ground.sam) as work:
        pipeline.close(work, ref, won=True)
    with db(manager) as work, pytest.raises(Conflict):
        lapsing.extend(work, ref, until=(work.now + timedelta(days=3)).date())


def test_a_deal_of_a_lead_never_lapses(db, ground, ask):
    rules_are(db, ground, AGAIN)
    lead_id = ask().lead_id
    with db() as work:
        offers.route(work, lead_id)
        actions.accept(work, work.session.scalar(text("SELECT id FROM lead_offer")), by="Sam")
    with db(ground.sam) as work:
        lead = actions.held_lead(work, work.session.get_one(Lead, lead_id).ref)
        ref = actions.convert(work, lead, name="", amount=Money(1_00, "GBP"), closes_on=None).ref
        assert lapsing.ends_at(work.session, ground.sam, ref, work.now) is None
    days_pass(db, 100)
    days_pass(db, 20)
    assert (row(db, ref).state, row(db, ref).warned_at) == ("open", None)
