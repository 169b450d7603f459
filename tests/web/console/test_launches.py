"""Launches as pages: the way into one, and one that has not begun."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.contacts import actions as contacts
from tcma.delivery import actions as delivery
from tcma.delivery.reactions import note
from tcma.delivery.rules import Reason
from tcma.launches import actions
from tcma.launches.expansion import claim_due, compile_due, freeze_due, settle
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


def test_a_launch_that_stopped_says_why_and_can_be_tried_again_or_cancelled(planned, db):
    alice, launch = planned
    becomes(db, "failed", failure="The file store was away.")
    page = alice.get(launch)
    assert "Nobody got a mail." in page.words
    assert "The file store was away." in page.words
    assert "Try again" in page.words
    assert alice.get(f"{launch}/cancellation").status == 200
    alice.post(f"{launch}/resumption")
    assert "Try again" not in alice.get(launch).words


def test_a_launch_whose_mails_are_being_made_is_paused(planned, db):
    alice, launch = planned
    becomes(db, "expanding")
    alice.post(f"{launch}/pause")
    assert "It is paused" in alice.get(launch).words


def test_what_moved_on_meanwhile_is_said_in_words(planned, db):
    alice, launch = planned
    becomes(db, "finished")
    assert alice.post(f"{launch}/pause").location == launch
    assert "This launch has moved on meanwhile." in alice.get(launch).words


def becomes(db, state, failure=None):
    with db() as work:
        work.session.execute(
            text("update launch set state = :s, failure = :f"), {"s": state, "f": failure}
        )


@pytest.fixture
def begun(planned, db, clock):
    """Alice's visitor, a launch that sends, and what was claimed of it."""
    alice, launch = planned
    clock.move(timedelta(days=2))
    with db() as work:
        due = claim_due(work)
        freeze_due(work, due, compile_due(work, due))
    return alice, launch, due


def test_only_what_still_goes_on_is_said_to_go_on_without_you(begun):
    alice, launch, _ = begun
    goes_on = "it goes on without you"
    assert goes_on in alice.get(launch).words
    assert alice.get(launch).all("#live") == ["Sending: 0% of 3"]
    alice.post(f"{launch}/pause")
    assert goes_on not in alice.get(launch).words
    part = alice.get(launch, headers={"HX-Request": "true"})
    assert part.all('#live[hx-swap-oob="innerMorph"]') == ["Paused: 0% of 3"]
    alice.post(f"{launch}/cancellation")
    page = alice.get(launch)
    assert goes_on not in page.words
    assert "”: 0 sent." in page.words


def test_replies_and_what_came_back_stand_on_the_launch_and_open_their_people(begun, db):
    alice, launch, _ = begun
    with db() as work:
        work.session.execute(text("update message set state = 2, lease = 9"))
        work.session.execute(text("update message set state = 3, sent_at = now()"))
        mails = work.session.execute(text("select id, mailing_id from message order by id"))
        for row, name in zip(mails.all(), ("replied", "bounced", "replied"), strict=True):
            note(work, row.id, row.mailing_id, name)
    page = alice.get(launch)
    lines = page.tree.css("dl.rows > div")
    card = {each.css_first("dt").text(): each.css_first("dd") for each in lines}
    for words, many in (("People who replied", 2), ("Came back", 1), ("Unsubscribed", 0)):
        assert card[words].text(strip=True) == str(many), words
        if many:
            opened = alice.get(card[words].css_first("a").attributes["href"])
            assert len(opened.tree.css("tbody tr")) == many
    report = alice.get(f"{launch}/report")
    back = [each for each in report.links("dl.rows a") if "state=bounced" in each]
    assert len(alice.get(back[0]).tree.css("tbody tr")) == 1


@pytest.fixture
def over(begun, db):
    """Alice's visitor and a launch that is over: one in doubt, one refused for now, one dead."""
    alice, launch, due = begun
    ends = [(6, 0), (4, int(Reason.REJECTED)), (4, int(Reason.HARD_BOUNCE))]
    with db() as work:
        work.session.execute(text("update message set state = 2, lease = 9"))
        numbers = work.session.scalars(text("select id from message order by id")).all()
        for number, (state, reason) in zip(numbers, ends, strict=True):
            work.session.execute(
                text("update message set state = :s, reason = :r where id = :i"),
                {"s": state, "r": reason, "i": number},
            )
    with db() as work:
        settle(work, due.launch_id)
    return alice, launch


def test_who_is_in_doubt_once_more_is_not_offered_a_third_mail(over, db):
    alice, launch = over
    assert "Send it to them again" in alice.get(launch).words
    alice.post(f"{launch}/second-try", what="uncertain")
    with db() as work:
        again = "resent_at is not null"
        work.session.execute(text(f"update message set state = 1, lease = 9 where {again}"))
        work.session.execute(text(f"update message set state = 2 where {again}"))
        work.session.execute(text(f"update message set state = 6 where {again}"))
    page = alice.get(launch)
    assert "1 person may or may not have it" in page.words
    assert "Send it to them again" not in page.words
    assert alice.get(f"{launch}/second-try?what=uncertain").location == launch


def test_those_in_doubt_and_those_who_failed_can_be_sent_to_again_after_a_question(over):
    alice, launch = over
    page = alice.get(launch)
    assert "1 person may or may not have it" in page.words
    assert "Try 1 of them again" in page.words
    asked = alice.get(f"{launch}/second-try?what=uncertain")
    assert "Whoever has it gets it twice" in asked.words
    assert alice.post(f"{launch}/second-try", what="uncertain").location == launch
    page = alice.get(launch)
    assert "1 mail goes again, with the same message number." in page.words
    assert "may or may not have it" not in page.words
    alice.post(f"{launch}/second-try", what="failed")
    page = alice.get(launch)
    assert "1 person could not be reached" in page.words
    assert "Try 1 of them again" not in page.words
    assert alice.get(f"{launch}/second-try?what=failed").location == launch
    assert alice.get(f"{launch}/second-try?what=sent").status == 404


def test_everybody_of_a_launch_is_downloaded_with_state_and_reason(over):
    alice, launch = over
    assert f"{launch}/people.csv" in alice.get(f"{launch}/people").links()
    lines = alice.get(f"{launch}/people.csv").data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("mail,address,")
    assert sorted(line.split(",")[5] for line in lines[1:]) == ["failed", "failed", "uncertain"]
    assert any("their mail server refused" in line for line in lines)


def test_the_check_is_given_to_machines_with_the_pages_that_mend(drafted):
    stocked, ref = drafted
    facts = json.loads(stocked.as_("Alice").get(f"/console/launches/{ref}/check.json").data)
    assert facts["launch"] == ref
    by_area = {each["area"]: each for each in facts["findings"]}
    assert by_area["funds"]["message"] == "No funds are spent on it."
    profile = next(each for each in facts["findings"] if each["fix"] == "profile")
    assert profile["fix_url"].startswith("https://tcma.test/console/brand")
    assert stocked.as_("Charlie").get(f"/console/launches/{ref}/check.json").status == 404


def test_a_finished_launch_goes_to_those_who_joined_since_after_a_check(over, db, stocked_ids):
    alice, launch = over
    assert "Send to newcomers" in alice.get(launch).words
    assert alice.post(f"{launch}/newcomers").location == launch
    assert "Nobody has joined the lists of this launch since." in alice.get(launch).words
    with db() as work:
        person = contacts.capture_contact(
            work, partner_id=stocked_ids["fenwright"], address="new@readers.example",
            first_name="N", last_name="N", company="N",
        )  # fmt: skip
        contacts.add_to_list(work, stocked_ids["list"], [person])
    check = alice.post(f"{launch}/newcomers").location
    page = alice.get(check)
    assert "To those who joined since. They get what" in page.words
    assert "1 person will get it." in page.words
    assert "Launch to 1 person now" in page.words
    follower = check.removesuffix("/check")
    assert alice.get(f"{follower}/plan").location == check
    alice.post(f"{follower}/start")
    assert alice.get(follower).status == 200
    assert "The same to others" in alice.get(launch).words


@pytest.fixture
def stocked_ids(stocked):
    return stocked.ids
