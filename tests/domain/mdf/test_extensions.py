"""More time to claim: asked for with a reason, granted by the rules, and counted by them."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tcma.delivery.models import Message, MessageBody
from tcma.errors import Conflict, Invalid
from tcma.mdf import overdue
from tcma.mdf.claims import views as claim_views
from tcma.mdf.requests import amending, extending
from tcma.mdf.rules import ActivityState
from tests import builders

from .test_ledger_faults import together
from .test_stages import changed, plan, ruled

GIVEN = {'extension.most = "45 days"': 'extension.by = ["director"]\nextension.most = "30 days"'}
LAST = date(2026, 5, 24)


def asked(house, ref, wanted=LAST + timedelta(20), words="The venue bills late."):
    return plan(house, house.alice, ref, extending.ask, no=1, wanted=wanted, words=words)


def ada(house):
    """The administrator, who has the titles that are no role of the house."""
    with house.db() as work:
        return builders.ada(work, house.vendor)


def test_more_time_is_granted_by_another_person_in_a_role_of_the_rules(house):
    ruled(house, "", into=GIVEN)
    director = ada(house)
    ref = house.proven(house.approved(800))
    assert asked(house, ref).activities[0].claim_by == LAST
    with pytest.raises(Conflict, match="already"):
        asked(house, ref)
    with house.db() as work:
        sent = select(Message.address).join(MessageBody, MessageBody.message_id == Message.id)
        about = MessageBody.subject.contains("asks for more time")
        assert [to.split(".")[0] for to in work.session.scalars(sent.where(about))] == ["ada"]
    until = LAST + timedelta(20)
    with pytest.raises(Conflict, match="asks for the word of the director"):
        plan(house, house.mira, ref, extending.grant, no=1, until=until)
    (line,) = plan(house, house.mira, ref).extensions
    assert line.blocked == "The programme asks for the word of the director."
    it = plan(house, director, ref, extending.grant, no=1, until=until)
    assert (it.activities[0].claim_by, it.row.claim_by) == (until, until)
    house.db.clock.at += timedelta((until - house.db.clock.at.date()).days)
    with house.db() as work:
        overdue.settle(work)
    claim = house.claimed(ref, ("1", 800))
    with house.db(house.mira) as work:
        seen = claim_views.claim_detail(work.session, house.mira, claim, now=work.now)
    assert {check.code: check.ok for check in seen.checks}["in_time"]
    assert any("extended by Ada" in step.words for step in seen.why.steps)


@pytest.mark.parametrize(("days", "later"), [(8, 0), (30, 27)])
def test_a_change_that_is_approved_takes_no_granted_time_away(house, days, later):
    ruled(house, "", into=GIVEN)
    ref = house.approved(800)
    asked(house, ref, LAST + timedelta(20))
    plan(house, ada(house), ref, extending.grant, no=1, until=LAST + timedelta(20))
    changed(house, ref, 700, days=days)
    it = plan(house, house.mira, ref, amending.approve, no=1)
    late = LAST + timedelta(max(20, later))
    assert (it.activities[0].claim_by, it.row.claim_by) == (late, late)


def test_a_day_beyond_the_rules_or_without_a_reason_is_refused(house):
    ruled(house, "", into=GIVEN)
    ref = house.approved(800)
    for wanted, words, field in (
        (date(2026, 3, 2), "Late bills.", "wanted"),
        (LAST + timedelta(31), "Late bills.", "wanted"),
        (LAST, "Late bills.", "wanted"),
        (LAST + timedelta(9), " ", "words"),
    ):
        with pytest.raises(Invalid) as refused:
            asked(house, ref, wanted, words)
        assert field in refused.value.fields


def test_where_the_rules_give_no_more_time_nobody_can_ask(house):
    ruled(house, "", into={'extension.most = "45 days"': ""})
    ref = house.approved(800)
    assert not plan(house, house.alice, ref).extendable
    with pytest.raises(Conflict, match="give no more time"):
        asked(house, ref)


def test_while_a_question_waits_nothing_is_taken_and_a_no_lets_time_decide(house):
    ruled(house, "", into=GIVEN)
    ref = house.approved(800)
    asked(house, ref)
    house.db.clock.at += timedelta(85)
    with house.db() as work:
        overdue.settle(work)
    assert plan(house, house.mira, ref).activities[0].state == ActivityState.APPROVED
    plan(house, ada(house), ref, extending.refuse, no=1, words="Bills were due in April.")
    with house.db() as work:
        overdue.settle(work)
    assert plan(house, house.mira, ref).activities[0].state == ActivityState.CLOSED


def test_a_day_that_is_over_is_not_given(house):
    ruled(house, "", into=GIVEN)
    ref = house.approved(800)
    asked(house, ref)
    house.db.clock.at += timedelta(110)
    with pytest.raises(Invalid, match="Some fields") as refused:
        plan(house, ada(house), ref, extending.grant, no=1, until=LAST + timedelta(20))
    assert refused.value.fields == {"until": "This day is over."}


def test_of_two_answers_at_once_one_counts(house):
    ruled(house, "", into=GIVEN)
    ref, who = house.approved(800), ada(house)
    asked(house, ref)

    def answer(number):
        if number % 2:
            plan(house, who, ref, extending.grant, no=1, until=LAST + timedelta(20))
        else:
            plan(house, who, ref, extending.refuse, no=1, words="Bills were due in April.")

    answers = together(6, answer)
    assert sorted(getattr(each, "code", "") for each in answers) == [
        "", *["mdf.extension.moved"] * 5
    ]  # fmt: skip
    it = plan(house, who, ref)
    said = [one for one in it.timeline if one.verb in ("granted more time", "granted no more time")]
    assert len(said) == 1
    late = LAST + timedelta(20)
    assert it.row.claim_by == (late if it.extensions[0].state == "granted" else LAST)


def test_by_the_standard_whoever_decides_plans_gives_it_up_to_45_days(house):
    ref = house.approved(800)
    assert plan(house, house.alice, ref).extendable
    with pytest.raises(Invalid) as refused:
        asked(house, ref, wanted=LAST + timedelta(46))
    assert "At most until" in refused.value.fields["wanted"]
    asked(house, ref, wanted=LAST + timedelta(44))
    it = plan(house, house.mira, ref, extending.grant, no=1, until=LAST + timedelta(44))
    assert it.activities[0].claim_by == LAST + timedelta(44)
