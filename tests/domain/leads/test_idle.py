"""Accepted leads that nobody touches: off by default; by rule warned about first, then routed again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tcma.delivery.models import MessageBody
from tcma.leads import actions, idle, offers, queries, replies
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.routing.reading import read
from tcma.leads.routing.words import engagement, sentences
from tcma.leads.rules import LeadState, OfferState, Touch
from tests.domain.leads.conftest import rules_are

RULES = "[idle]\nwarn_days = 5\ntake_back_days = 8\n[[rule]]\nname = 'Ours'\nneed = { territory = true }\n"
WARNING = "Brackwater Joinery waits: nothing was noted for 5 days"


@pytest.fixture
def taken(db, ground, ask):
    lead_id = ask().lead_id
    with db() as work:
        offers.route(work, lead_id)
    with db() as work:
        actions.accept(work, work.session.scalar(select(LeadOffer.id)), by="Sam",
                       person_id=ground.sam.user_id)  # fmt: skip
    return lead_id


def looked(db):
    """One look of the clock: how many were taken back, and warned about."""
    with db() as work:
        vendors = idle.vendors_with_a_rule(work.session, work.now)
    found = [0, 0]
    for vendor_id, rule in vendors:
        for n, act in enumerate((idle.pull_back, idle.warn)):
            with db() as work:
                found[n] += act(work, vendor_id, rule)
    return tuple(found)


def after(db, **time):
    db.clock.move(timedelta(**time))
    return looked(db)


def subjects(db):
    with db() as work:
        return list(work.session.scalars(select(MessageBody.subject)).all())


def test_nothing_happens_where_no_rule_says_so(db, ground, taken):
    assert after(db, days=300) == (0, 0)
    for said in (sentences(read("[[rule]]\nname = 'x'").rules),):
        assert dict(said)["Idle leads"] == (
            "A lead that a partner has accepted stays with it, touched or not."
        )


def test_its_person_is_warned_then_it_goes_to_the_next_partner(db, ground, taken):
    rules_are(db, ground, RULES)
    assert after(db, days=4) == (0, 0)
    assert after(db, days=1, hours=1) == (0, 1)
    assert looked(db) == (0, 0)
    assert subjects(db) == [WARNING], "one letter, to the person whose lead it is"
    assert after(db, days=3) == (1, 0)
    with db() as work:
        lead = work.session.get_one(Lead, taken)
        assert (lead.state, lead.partner_id, lead.accepted_at) == (LeadState.NEW, None, None)
        assert offers.route(work, taken) == ground.second
        turns = queries.turns(work.session, taken)
        letters = work.session.scalars(select(MessageBody.html)).all()
    assert [t.state for t in turns] == [OfferState.RECALLED, OfferState.OFFERED]
    assert any("Nobody noted anything for 8 days." in each for each in letters)


def test_a_note_begins_the_days_anew(db, ground, taken):
    rules_are(db, ground, RULES)
    assert after(db, days=6) == (0, 1)
    with db(ground.sam) as work:
        lead = actions.held_lead(work, work.session.get_one(Lead, taken).ref)
        actions.record_touch(work, lead, kind=Touch.CALL, note="They think about it.")
    assert after(db, days=4) == (0, 0)
    assert after(db, days=2) == (0, 1)


def test_who_answers_by_mail_is_not_idle(db, ground, taken):
    rules_are(db, ground, RULES)
    assert after(db, days=6) == (0, 1)
    with db() as work:
        lead = work.session.get_one(Lead, taken)
        replies.answered(work, lead, replies.Wrote("Ida", "Re: the list", "Thursday?"))
    assert after(db, days=4) == (0, 0)
    assert after(db, days=2) == (0, 1), "warned anew, counted from the answer"


def test_a_rule_that_comes_late_warns_first_however_old_the_lead_is(db, ground, taken):
    db.clock.move(timedelta(days=100))
    rules_are(db, ground, RULES)
    assert looked(db) == (0, 1)
    assert after(db, days=2, hours=23) == (0, 0)
    assert after(db, hours=2) == (1, 0)


def test_everybody_reads_when_a_lead_goes_on():
    rules = read(RULES).rules
    for said in (sentences(rules), engagement(rules)):
        assert "for 5 days, its people are warned" in dict(said)["Idle leads"]


@pytest.mark.parametrize(
    "days",
    ["warn_days = 8\ntake_back_days = 5", "warn_days = 3", "warn_days = 0\ntake_back_days = 2"],
)
def test_days_that_cannot_be_are_named(days):
    [fault] = read(f"[idle]\n{days}\n[[rule]]\nname = 'x'\n").faults
    assert "the warning first" in fault.words
