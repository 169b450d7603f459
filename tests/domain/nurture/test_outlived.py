"""Journeys end with their campaign, with a stop that stays, with a partner that leaves; each once."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.jobs import Job
from tcma.library.actions import retire
from tcma.nurture.rules import Exit, LeadFacts, Outlived, leaves
from tests.domain.nurture.crowd import EXITS, PLAIN, TUESDAY
from tests.faults.posting import rung

SAYS = PLAIN.replace(EXITS, 'exits = ["unsubscribe", "expired", "stopped", "renewed"]\n')
LATER = TUESDAY + timedelta(days=30)


def ended(people):
    return people.rows("SELECT left_because FROM nurture_run WHERE state = 2 ORDER BY id")


@pytest.fixture
def campaign(people):
    """The campaign of the crowd, in force again afterwards."""
    yield people
    people.rows("UPDATE campaign SET state = 'published' RETURNING 1")
    people.rows(
        "UPDATE campaign_version SET state = 'published' WHERE state = 'retired' RETURNING 1"
    )
    people.rows("UPDATE enrolment SET state = 'active' RETURNING 1")
    with people.db() as work:
        work.session.execute(text("DELETE FROM campaign_stop"))


def retired(people):
    with people.db() as work:
        retire(work, campaign_id=people.campaign_id)


def test_who_waits_leaves_when_the_campaign_ends_whatever_their_step_is(campaign):
    campaign.publish(SAYS)
    campaign.people(3, due=LATER)
    campaign.people(2, at="w", due=LATER, waits="clicked")
    retired(campaign)
    told = "SELECT count(*) FROM audit_entry WHERE verb = 'left the sequence'"
    before = campaign.value(told)
    for _ in range(2):
        rung(campaign.run, Job.NURTURE_STOP)
    assert ended(campaign) == [(Exit.CAMPAIGN_ENDED,)] * 5
    assert campaign.value(told) - before == 5


def test_a_step_that_is_due_after_the_end_sends_nothing(campaign):
    campaign.publish(SAYS)
    campaign.people(2)
    retired(campaign)
    campaign.advance()
    assert campaign.value("SELECT count(*) FROM message") == 0
    assert ended(campaign) == [(Exit.CAMPAIGN_ENDED,)] * 2


def test_a_journey_that_does_not_name_it_goes_on_after_the_end(campaign):
    campaign.people(2)
    retired(campaign)
    rung(campaign.run, Job.NURTURE_STOP)
    campaign.advance()
    assert ended(campaign) == []
    assert campaign.value("SELECT count(*) FROM message") == 2


def stopped(people):
    with people.db() as work:
        work.session.execute(
            text(
                "INSERT INTO campaign_stop (id, vendor_id, campaign_id, reason, recalls_pages,"
                " stopped_by, stopped_at) VALUES (gen_random_uuid(), :v, :c, 'A price', true, 'V', :at)"
            ),
            {"v": people.vendor_id, "c": people.campaign_id, "at": work.now},
        )


def test_a_stop_ends_journeys_only_when_it_has_stayed_for_a_week(campaign):
    campaign.publish(SAYS)
    campaign.people(2, due=LATER)
    stopped(campaign)
    rung(campaign.run, Job.NURTURE_STOP)
    assert ended(campaign) == []
    campaign.db.clock.move(timedelta(days=7, minutes=1))
    for _ in range(2):
        rung(campaign.run, Job.NURTURE_STOP)
    assert ended(campaign) == [(Exit.STOPPED,)] * 2


def test_a_stop_that_has_stayed_ends_a_journey_that_names_it_also_after_the_end(campaign):
    campaign.publish(SAYS.replace('"expired", ', ""))
    campaign.people(2, due=LATER)
    stopped(campaign)
    retired(campaign)
    campaign.db.clock.move(timedelta(days=7, minutes=1))
    rung(campaign.run, Job.NURTURE_STOP)
    assert ended(campaign) == [(Exit.STOPPED,)] * 2


def test_a_partner_that_leaves_the_programme_mails_nobody_any_more(campaign):
    campaign.people(2, due=LATER)
    (other,) = campaign.people(1, partner=1, due=LATER)
    campaign.rows(
        "UPDATE enrolment SET state = 'ended' WHERE partner_id = :p RETURNING 1",
        p=campaign.partners[0],
    )
    for _ in range(2):
        rung(campaign.run, Job.NURTURE_STOP)
    assert ended(campaign) == [(Exit.STOPPED,)] * 2
    assert campaign.value("SELECT state FROM nurture_run WHERE id = :r", r=other) == 0


def test_a_lead_that_is_won_ends_a_journey_that_is_over_when_they_renew(campaign):
    campaign.publish(SAYS)
    campaign.people(1, due=LATER)
    campaign.rows("UPDATE lead SET state = 'won' RETURNING 1")
    rung(campaign.run, Job.NURTURE_STOP)
    assert ended(campaign) == [(Exit.RENEWED,)]


def test_a_lead_that_is_closed_as_none_ends_a_journey_whatever_it_says_and_reaches_no_goal(
    campaign,
):
    campaign.publish('goals = ["opportunity"]\n' + SAYS)
    campaign.people(1, due=LATER)
    campaign.people(1)
    campaign.rows("UPDATE lead SET state = 'lost', loss_reason = 'spam' RETURNING 1")
    rung(campaign.run, Job.NURTURE_STOP)
    campaign.advance()
    assert ended(campaign) == [(Exit.CLOSED,)] * 2
    assert campaign.value("SELECT count(*) FROM message") == 0


@pytest.mark.parametrize(
    ("exits", "outlived", "why"),
    [
        (("expired",), Outlived(ended=True), Exit.CAMPAIGN_ENDED),
        (("stopped",), Outlived(ended=True), None),
        (("stopped",), Outlived(stopped=True), Exit.STOPPED),
        ((), Outlived(stopped=True), None),
        ((), Outlived(partner_left=True), Exit.STOPPED),
        (("expired",), Outlived(), None),
    ],
)
def test_what_is_over_ends_a_journey_that_names_it(exits, outlived, why):
    assert leaves(exits, LeadFacts(), None, outlived) is why
