"""Launches as pages: the way into one, and one that has not begun."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery import actions as delivery
from tcma.launches import actions
from tcma.library.copies import copy_of as ensure_copy


@pytest.fixture
def drafted(stocked):
    """Alice's visitor and the reference of a launch that is planned for in two days."""
    with stocked.db() as work:
        fenwright = stocked.ids["fenwright"]
        sender = delivery.ensure_sender(
            work, partner_id=fenwright, from_name="Alice", from_address="alice@fenwright.example"
        )
    with stocked.world("Alice") as work:
        copy = ensure_copy(work, stocked.ids["campaign"])
        plan = actions.LaunchPlan(
            copy_id=copy.id,
            list_ids=(stocked.ids["list"],),
            sender_id=sender,
            send_at=work.now + timedelta(days=2),
            mails="first",
        )
        ref = actions.plan_launch(work, plan, idempotency_key="k").ref
    return stocked, ref


@pytest.fixture
def planned(drafted):
    """Alice's visitor and the address of a launch that leaves in two days."""
    stocked, ref = drafted
    with stocked.world("Alice") as work:
        actions.start_launch(work, ref)
    return stocked.as_("Alice"), f"/console/launches/{ref}"


def test_a_new_launch_begins_with_a_campaign(stocked):
    sent = stocked.as_("Alice").get("/console/launches/new")
    assert (sent.status, sent.location) == (302, "/console/library")


def test_a_launch_that_has_not_begun_counts_nobody(planned):
    alice, launch = planned
    page = alice.get(launch)
    assert "Who gets it is counted when it starts" in page.words
    assert "each accounted for" not in page.words


def test_cancelling_before_it_begins_promises_that_nobody_gets_a_mail(planned):
    alice, launch = planned
    assert "Nothing has left yet." in alice.get(f"{launch}/cancellation").words
    alice.post(f"{launch}/cancellation")
    page = alice.get(launch)
    assert "Cancelled. Nobody got a mail." in page.words
    assert "Plan it again" in page.words
    assert "not sent" in page.words


def test_a_draft_is_deleted_after_a_question(drafted):
    stocked, ref = drafted
    alice = stocked.as_("Alice")
    assert "Delete this draft" in alice.get(f"/console/launches/{ref}/check").words
    asked = alice.get(f"/console/launches/{ref}/deletion")
    assert "nobody was mailed" in asked.words
    gone = alice.post(f"/console/launches/{ref}/deletion")
    assert gone.location == "/console/launches"
    assert alice.get(f"/console/launches/{ref}").status == 404
    assert "You have not launched anything yet" in alice.get("/console/launches").words


def test_a_draft_takes_its_lists_series_and_ties_to_funds_along(desk):
    follows = "select conname from pg_constraint where confdeltype = 'c' and contype = 'f'"
    with desk.db() as work:
        assert set(work.session.scalars(text(follows))) >= {
            "launch_list_launch_id_fkey",
            "launch_mail_launch_id_fkey",
            "activity_launch_launch_id_fkey",
        }


def test_what_has_started_is_not_deleted(planned):
    alice, launch = planned
    assert alice.get(f"{launch}/deletion").location == launch
    assert alice.post(f"{launch}/deletion").location == launch
    page = alice.get(launch)
    assert page.status == 200
    assert "This launch has started, so it stays on record." in page.words
