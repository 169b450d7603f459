"""A launch that needs somebody's yes: asked, answered once, bound to what was shown."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.errors import Conflict, Forbidden, Invalid
from tcma.jobs import Job
from tcma.launches import actions, approvals, approving
from tcma.launches.approval_links import Standing, behind
from tcma.launches.approval_rules import Approver, Policy
from tcma.launches.approving import Seen
from tcma.launches.preflight import preflight
from tcma.launches.rules import LaunchState
from tcma.permissions import Role
from tests.builders import a_user, ada, alice, mira
from tests.faults.posting import people, posting
from tests.faults.stage import Stage


class House(Stage):
    """A stage whose vendor asks; Tom markets for Alice's partner, Mira is the channel manager."""

    def __init__(self, db, **policy):
        super().__init__(db)
        with db() as work:
            self.mira = mira(work, self.vendor_id)
            self.tom = a_user(work, Role.PARTNER_MARKETER, name="Tom", partner_id=self.partner_id)
        with db(self.mira) as work:
            approving.set_policy(work, Policy(**policy))

    def asked(self, *, by=None, **facts):
        ref = self.planned(**facts)
        with self.db(by or self.tom) as work:
            actions.start_launch(work, ref)
        return ref

    def seen(self, ref):
        with self.db(self.mira) as work:
            now = approving.subject_now(work, approving.held(work, ref))
        return Seen(mark=now.mark, people=now.people)

    def answer(self, ref, *, by=None, seen=None):
        with self.db(by or self.mira) as work:
            approving.approve(work, ref, seen=seen or self.seen(ref))

    def letters(self, subject):
        with self.db() as work:
            return work.session.execute(
                text(
                    "select m.address, b.plain from message_body b join message m on m.id ="
                    " b.message_id where b.subject like :s order by m.id"
                ),
                {"s": f"%{subject}%"},
            ).all()

    def state(self, ref):
        return self.detail(ref).line.state


@pytest.mark.parametrize(
    ("policy", "waits"),
    [
        ({}, False),
        ({"asks_first": True}, True),
        ({"asks_above": 3}, True),
        ({"asks_above": 4}, False),
        ({"asks_edited": True}, False),
    ],
)
def test_a_launch_waits_for_a_yes_when_the_policy_says_so(db, policy, waits):
    house = House(db, **policy)
    ref = house.asked()
    assert house.state(ref) is (LaunchState.AWAITING if waits else LaunchState.SCHEDULED)
    assert len(house.letters("leave?")) == waits


def test_what_waits_is_not_sent_and_says_why(db, tmp_path, smtp_sink):
    house = House(db, asks_first=True)
    ref = house.asked()
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
    detail = house.detail(ref)
    assert detail.equation.expected == 0
    assert detail.line.state is LaunchState.AWAITING
    assert detail.why_waiting.startswith("It waits for the vendor’s yes. It is the partner’s first")
    with db(house.tom) as work, pytest.raises(Conflict):
        actions.pause_launch(work, ref)


def test_a_yes_lets_it_leave_and_whoever_asked_hears_of_it(db, tmp_path, smtp_sink):
    house = House(db, asks_first=True)
    ref = house.asked(mails="first")
    house.answer(ref)
    assert house.state(ref) is LaunchState.SCHEDULED
    assert len(house.letters("is approved")) == 1
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        ring(Job.LAUNCH_SETTLE)
    assert house.detail(ref).equation.sent == 4
    again = house.asked(key="second")
    assert house.state(again) is LaunchState.SCHEDULED  # the first one has begun


def test_a_yes_is_given_once_and_not_by_whoever_asked(db):
    house = House(db, asks_first=True)
    ref = house.asked()
    seen = house.seen(ref)
    with db(house.tom) as work, pytest.raises(Forbidden):
        approving.approve(work, ref, seen=seen)
    house.answer(ref, seen=seen)
    with pytest.raises(Conflict, match="any more"):
        house.answer(ref, seen=seen)


def test_a_yes_to_something_else_than_was_shown_is_refused_with_what_changed(db):
    house = House(db, asks_first=True)
    ref = house.asked()
    seen = house.seen(ref)
    with db() as work:
        work.session.execute(
            text("insert into list_member select :l, id from contact where id in (select id from"
                 " contact order by id) on conflict do nothing"), {"l": house.list_id},
        )  # fmt: skip
        extra = people(work, house.partner_id, 2, domain="late.example")
        work.session.execute(
            text(
                "insert into list_member select :l, contact_id from list_member where list_id = :e"
            ),
            {"l": house.list_id, "e": extra},
        )
    with pytest.raises(Conflict, match="6 people instead of 4"):
        house.answer(ref, seen=seen)
    assert house.state(ref) is LaunchState.AWAITING
    house.answer(ref)
    assert house.state(ref) is LaunchState.SCHEDULED


def test_sent_back_it_is_a_draft_with_the_reason_and_asks_again(db):
    house = House(db, asks_first=True)
    ref = house.asked()
    with db(house.mira) as work, pytest.raises(Invalid, match="in a sentence"):
        approving.send_back(work, ref, words=" ")
    with db(house.mira) as work:
        approving.send_back(work, ref, words="Name the fair in the second mail.")
    assert house.state(ref) is LaunchState.DRAFT
    ((_, plain),) = house.letters("was sent back")
    assert "Name the fair in the second mail." in plain
    with db(house.tom) as work:
        launch_id = house.detail(ref).line.id
        assert approvals.question_of(work.session, launch_id).words.startswith("Name the fair")
        actions.start_launch(work, ref)
    assert house.state(ref) is LaunchState.AWAITING


def test_lists_that_grow_past_what_was_approved_are_asked_about_at_the_freeze(
    db, tmp_path, smtp_sink
):
    house = House(db, asks_above=3)
    ref = house.asked(mails="first")
    house.answer(ref)
    with db() as work:
        extra = people(work, house.partner_id, 5, domain="late.example")
        work.session.execute(
            text(
                "insert into list_member select :l, contact_id from list_member where list_id = :e"
            ),
            {"l": house.list_id, "e": extra},
        )
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
    assert house.state(ref) is LaunchState.AWAITING
    house.answer(ref)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
    assert house.detail(ref).equation.expected == 9


def test_other_texts_than_were_approved_are_asked_about_at_the_freeze(db, tmp_path, smtp_sink):
    house = House(db, asks_first=True)
    ref = house.asked(mails="first")
    house.answer(ref)
    with db() as work:  # as when the partner confirms a new version of the campaign
        changed = text('update launch set slots = \'{"first": {"subject": "Free money"}}\'')
        work.session.execute(changed)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
    assert house.state(ref) is LaunchState.AWAITING
    assert house.detail(ref).equation.expected == 0
    house.answer(ref)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
    assert house.detail(ref).equation.expected == 4


@pytest.mark.parametrize("waits", [True, False])
def test_what_was_not_paused_is_not_resumed(db, waits):
    """Neither a question that is open nor a check that was not made is gone round."""
    house = House(db, asks_first=waits)
    ref = house.asked() if waits else house.planned()
    before = house.state(ref)
    with db(house.tom) as work, pytest.raises(Conflict, match="paused or has failed"):
        actions.resume_launch(work, ref)
    assert house.state(ref) is before


def test_an_owner_who_approves_needs_nobody(db):
    house = House(db, asks_first=True, approver=Approver.PARTNER)
    assert house.state(house.asked(by=house.alice)) is LaunchState.SCHEDULED
    other = house.asked(key="toms")
    assert house.state(other) is LaunchState.AWAITING
    with db(house.mira) as work, pytest.raises(Forbidden):
        approving.approve(work, other, seen=house.seen(other))
    house.answer(other, by=house.alice)
    assert house.state(other) is LaunchState.SCHEDULED


def test_the_check_says_beforehand_who_has_to_say_yes(db):
    house = House(db, asks_first=True)
    ref = house.planned()
    with db(house.tom) as work:
        verdict = preflight(work, ref)
    assert verdict.asks
    assert verdict.ready
    assert any("has to approve it first" in each.message for each in verdict.findings)


def test_taken_back_it_can_be_changed_and_the_old_link_answers_the_new_question(db):
    house = House(db, asks_first=True)
    ref = house.asked()
    old = house.letters("leave?")[0].plain.partition("/l/launch/")[2].split()[0]
    with db(house.tom) as work:
        approving.take_back(work, ref)
        approving.take_back(work, ref)
    with db() as work:
        assert behind(work.session, work.site.signer, old, now=work.now).standing is Standing.USED
    with db(house.tom) as work:
        actions.change_plan(work, ref, house.plan(send_at=db.clock.now() + timedelta(days=3)))
        actions.start_launch(work, ref)
    with db() as work:
        made = behind(work.session, work.site.signer, old, now=work.now)
        assert made.standing is Standing.OPEN
        now = approvals.subject_of(work.session, made.launch, 4)
        assert approving.changes(made.asked, now) == ["It leaves at another time."]


def test_cancelled_while_it_waits_there_is_nothing_to_approve(db):
    house = House(db, asks_first=True)
    ref = house.asked()
    seen = house.seen(ref)
    with db(house.alice) as work:
        actions.cancel_launch(work, ref)
    with pytest.raises(Conflict):
        house.answer(ref, seen=seen)


def test_only_who_approves_states_the_policy_and_the_history_keeps_it(db):
    house = House(db, asks_above=100)
    with db(house.tom) as work, pytest.raises(Forbidden):
        approving.set_policy(work, Policy())
    with db() as work:
        admin = ada(work, house.vendor_id)
        alice(work, house.partner_id)
    with db(admin) as work:
        approving.set_policy(work, Policy(asks_above=50))
        said = work.session.scalar(
            text(
                "select detail from audit_entry where subject = 'launch_policy' order by id desc limit 1"
            )
        )
    assert said["after"] == {"asks_above": 50}
