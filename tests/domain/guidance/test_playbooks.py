"""A launch's playbook: read from its rows, ticked and taken back, reminded of once, seen by its own."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tcma.delivery import actions as delivery
from tcma.errors import Forbidden, Invalid, NotFound
from tcma.guidance import playbooks, ticking
from tcma.launches import actions as launches
from tests.builders import a_campaign, a_copy, a_list, a_partner, a_vendor, alice, mira, sam

MAILS = "SELECT address, subject, plain FROM message JOIN message_body ON message_id = message.id"
AUDIT = "SELECT verb FROM audit_entry WHERE subject = 'launch' ORDER BY id"


@dataclass
class Planned:
    """A launch of Cloud migration, planned on Monday 2 March at 9 for Tuesday 10 March."""

    vendor: UUID
    partner: UUID
    alice: Any
    sam: Any
    mira: Any
    ref: str


@pytest.fixture
def planned(db, turns):
    return turns.kept("planned", db, lambda: _planned(db))


def _planned(db):
    with db() as work:
        vendor = a_vendor(work)
        partner = a_partner(work, vendor, name="Fenwright")
        imported = a_campaign(work, vendor)
        copy = a_copy(work, partner, imported)
        sender = delivery.ensure_sender(
            work, partner_id=partner, from_name="Alice", from_address="alice@fenwright.example"
        )
        plan = launches.LaunchPlan(
            copy_id=copy.id,
            list_ids=(a_list(work, partner),),
            sender_id=sender,
            send_at=work.now + timedelta(days=8),
        )
        people = alice(work, partner), sam(work, partner), mira(work, vendor)
    with db(people[0]) as work:
        ref = launches.plan_launch(work, plan, idempotency_key="k").ref
    return Planned(vendor, partner, *people, ref)


def book(db, it, who=None):
    with db(who or it.sam) as work:
        return playbooks.playbook_of(work.session, who or it.sam, it.ref, now=work.now)


def state(db, it, key):
    return book(db, it).step(key).state


def nudge(db, it):
    with db() as work:
        if it.ref not in ticking.launches_to_nudge(work):
            return ()
        return ticking.nudge(work, it.ref)


def test_days_are_counted_from_the_first_mail_and_move_with_it(db, planned):
    days = {each.step.key: str(each.due_on) for each in book(db, planned).stands}
    assert (days["tell-sellers"], days["launch"], days["claim"]) == (
        "2026-03-05", "2026-03-10", "2026-03-31",
    )  # fmt: skip
    with db() as work:
        work.session.execute(text("UPDATE launch_mail SET due_at = due_at + interval '7 days'"))
    days = {each.step.key: str(each.due_on) for each in book(db, planned).stands}
    assert (days["tell-sellers"], days["launch"]) == ("2026-03-12", "2026-03-17")


def test_a_tick_has_a_name_counts_once_and_can_be_taken_back(db, planned):
    for _ in range(2):
        with db(planned.sam) as work:
            ticking.tick(work, planned.ref, "keep-two-dates")
    stand = book(db, planned).step("keep-two-dates")
    assert (stand.state, stand.tick.by) == ("done", "Sam")
    assert book(db, planned).done == 1
    assert len(book(db, planned).needed) == 8, "no fund asks for a claim"
    for _ in range(2):
        with db(planned.alice) as work:
            ticking.take_back(work, planned.ref, "keep-two-dates")
    assert state(db, planned, "keep-two-dates") == "open"
    with db() as work:
        said = [verb for verb in work.session.scalars(text(AUDIT)) if "Keep two" in verb]
    assert said == [
        "ticked “Keep two half days of an engineer free”",
        "took back “Keep two half days of an engineer free”",
    ]


def test_what_the_product_sees_ticks_itself_and_nobody_else_does(db, planned):
    with pytest.raises(Invalid), db(planned.alice) as work:
        ticking.tick(work, planned.ref, "launch")
    with db(planned.alice) as work:
        launches.start_launch(work, planned.ref)
    assert state(db, planned, "launch") == "done"
    post = """INSERT INTO social_post (id, vendor_id, partner_id, copy_id, campaign_id, network,
      words, link, picture_key, address, posted_by, posted_at)
      SELECT gen_random_uuid(), vendor_id, partner_id, copy_id, campaign_id,
      CAST(:network AS varchar), '', '', '',
      'https://x.example/' || CAST(:network AS varchar), 'Alice', :at FROM launch"""
    with db() as work:
        for network in ("linkedin", "x"):
            at = work.now + timedelta(days=9)
            work.session.execute(text(post), {"network": network, "at": at})
    assert state(db, planned, "first-post") == "done"
    assert state(db, planned, "second-post") == "open", "two networks on one day are one post"


def test_a_foreign_launch_has_no_playbook_and_a_vendor_only_reads(db, planned):
    with db() as work:
        other = sam(work, a_partner(work, planned.vendor, name="Ridgeline"))
        stranger = mira(work, a_vendor(work, name="Quillon"))
    assert book(db, planned, other) is None
    assert book(db, planned, stranger) is None
    assert book(db, planned, planned.mira).ref == planned.ref
    with pytest.raises(NotFound), db(other) as work:
        ticking.tick(work, planned.ref, "tell-sellers")
    with pytest.raises(NotFound), db(planned.sam) as work:
        ticking.tick(work, planned.ref, "nothing")
    with pytest.raises(Forbidden), db(planned.mira) as work:
        ticking.tick(work, planned.ref, "tell-sellers")


def test_a_due_step_is_mailed_once_to_those_whose_it_is(db, planned):
    assert nudge(db, planned) == ()
    db.clock.move(timedelta(days=3))
    assert nudge(db, planned) == ("tell-sellers",)
    assert nudge(db, planned) == ()
    with db() as work:
        ((address, subject, plain),) = work.session.execute(text(MAILS)).all()
    assert address.startswith("alice")
    assert subject == "Tell your sellers what is coming: “One steady arch at a time”"
    assert f"https://tcma.test/console/launches/{planned.ref}/playbook#step-tell-sellers" in plain
    db.clock.move(timedelta(days=4))  # Monday 9 March
    assert nudge(db, planned) == ("keep-two-dates",)
    with db() as work:
        told = {row.address.split("@")[0].partition(".")[0] for row in
                work.session.execute(text(MAILS)) if row.subject.startswith("Keep two")}  # fmt: skip
    assert told == {"alice", "sam"}


def test_a_step_may_be_for_a_tier_or_a_first_launch_only(db, planned):
    only = """UPDATE campaign_version SET facts =
      jsonb_set(jsonb_set(facts, '{playbook,0,tiers}', '["platinum"]'),
                '{playbook,1,first_launch}', 'true')"""
    with db() as work:
        work.session.execute(text(only))
    assert [each.step.key for each in book(db, planned).stands][:2] == ["keep-two-dates", "launch"]
    with db(planned.sam) as work:
        who = playbooks.who_plans(work.session, planned.sam, "corbelane")
    assert who == ("gold", True)
    earlier = """INSERT INTO launch (id, ref, vendor_id, partner_id, campaign_id, version_id, copy_id,
        brand_id, sender_id, name, language, state, due_at, idempotency_key, created_at, started_at)
      SELECT gen_random_uuid(), 'LCH-1', vendor_id, partner_id, campaign_id, version_id, copy_id,
        brand_id, sender_id, name, language, 'finished', due_at, 'earlier',
        created_at - interval '90 days', created_at - interval '90 days' FROM launch"""
    with db() as work:
        work.session.execute(text(earlier))
        work.session.execute(text("UPDATE enrolment SET tier = 'platinum'"))
    assert [each.step.key for each in book(db, planned).stands][:2] == ["tell-sellers", "launch"]
    with db(planned.sam) as work:
        who = playbooks.who_plans(work.session, planned.sam, "corbelane")
    assert who == ("platinum", False)


def test_a_cancelled_launch_asks_for_nothing_more(db, planned):
    db.clock.move(timedelta(days=3))
    with db(planned.alice) as work:
        launches.cancel_launch(work, planned.ref)
    assert nudge(db, planned) == ()
    with db(planned.sam) as work:
        assert playbooks.playbooks(work.session, planned.sam, now=work.now) == []
