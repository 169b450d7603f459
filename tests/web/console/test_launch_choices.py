"""The choices inside a launch as a partner makes and meets them: clock, hours, test, hold-out."""

import pytest
from sqlalchemy import text

from tcma.delivery import actions as delivery
from tcma.launches.hours import Hours
from tcma.library.copies import copy_of

ADDRESS = "/console/launches/new?campaign=corbelane/cloud-migration"
SUBJECT = "Which servers may retire?"
CHOSEN = {"clock": "local", "hours": "working", "trial": "own", "subject_b": SUBJECT, "share": "50",
          "wait": "4", "hold_out": "20"}  # fmt: skip


@pytest.fixture
def ready(stocked):
    """Alice's visitor and what she answers to the three questions."""
    with stocked.db() as work:
        sender = delivery.ensure_sender(
            work, partner_id=stocked.ids["fenwright"], from_name="Alice",
            from_address="alice@fenwright.example",
        )  # fmt: skip
    with stocked.world("Alice") as work:
        copy_of(work, stocked.ids["campaign"])
        day = work.now.date().isoformat()
    answers = {"lists": str(stocked.ids["list"]), "day": day, "at": "09:30", "mails": "first",
               "sender": str(sender), "key": "k"}  # fmt: skip
    return stocked, stocked.as_("Alice"), answers


def choices_of(stocked):
    with stocked.db() as work:
        row = work.session.execute(text("select local_time, hours, hold_out from launch")).one()
        test = work.session.execute(text("select subject, share, hours from launch_trial")).first()
        return tuple(row), tuple(test) if test else None


def test_who_leaves_them_alone_has_chosen_nothing(ready):
    stocked, alice, answers = ready
    page = alice.get(ADDRESS)
    assert "More choices" in page.words
    assert alice.post(ADDRESS, **answers).status == 303
    assert choices_of(stocked) == ((False, Hours.ANY, 0), None)


def test_what_is_chosen_is_checked_shown_and_may_be_changed(ready):
    stocked, alice, answers = ready
    checked = alice.post(ADDRESS, **answers, **CHOSEN, follow=True)
    assert choices_of(stocked) == ((True, Hours.WORKING, 20), (SUBJECT, 50, 4))
    for words in (
        "where each recipient is, on working days, 08:00 to 18:00",
        "50 of 100, up to 4 hours. B “Which servers may retire?”",
        "Mails leave at 09:30 where each recipient is",
        "no country is known: they get it by your clock",
        "The last leaves",
    ):
        assert words in checked.words, words
    again = alice.get(checked.path.replace("/check", "/plan"))
    assert f'value="{SUBJECT}"' in again.text
    alice.post(checked.path.replace("/check", "/plan"), **answers)
    assert choices_of(stocked) == ((False, Hours.ANY, 0), None)


def test_a_second_subject_that_was_typed_is_tested_and_one_that_is_missing_asked_for(ready):
    stocked, alice, answers = ready
    asked = alice.post(ADDRESS, **answers, trial="own", subject_b=" ")
    assert asked.status == 422
    assert "Write a subject of 3 to 78 characters." in asked.words
    alice.post(ADDRESS, **answers, subject_b=SUBJECT)
    assert choices_of(stocked)[1] == (SUBJECT, 30, 24)


def test_a_second_sender_that_was_chosen_is_tested_and_one_that_is_missing_asked_for(ready):
    _, alice, answers = ready
    asked = alice.post(ADDRESS, **answers, trial="sender")
    assert asked.status == 422
    assert "Choose who B comes from." in asked.words
    same = alice.post(ADDRESS, **answers, sender_b="name:Alice")
    assert "This is who A comes from already" in same.words
    checked = alice.post(ADDRESS, **answers, sender_b="name:Fenwright", follow=True)
    assert "A from “Alice”, B from “Fenwright”" in checked.words
    again = alice.get(checked.path.replace("/check", "/plan"))
    assert again.all("#sender_b option[selected]") == ["Fenwright"]
    assert alice.post(ADDRESS, **answers, sender_b="from:nobody").status == 422


def test_the_live_page_and_the_report_show_zones_test_and_hold_out(ready):
    stocked, alice, answers = ready
    with stocked.db() as work:
        work.session.execute(text("update contact set country = 'US'"))
        work.session.execute(
            text(
                "insert into contact (partner_id, address, address_hash, fields, created_at)"
                " select :p, 'n' || n || '@crowd.example', sha256(('n' || n)::bytea), '{}', now()"
                " from generate_series(1, 60) n"
            ),
            {"p": stocked.ids["fenwright"]},
        )
        work.session.execute(
            text(
                "insert into list_member (list_id, contact_id) select :l, id from contact"
                " where address like '%@crowd.example'"
            ),
            {"l": stocked.ids["list"]},
        )
    ref = alice.post(ADDRESS, **answers, **CHOSEN).location.split("/")[-2]
    assert alice.post(f"/console/launches/{ref}/start").status == 303
    stocked.db.clock.move(stocked_until(stocked))
    stocked.drain()
    live = alice.get(f"/console/launches/{ref}")
    for words in (
        "Test of two variants", f"B “{SUBJECT}”", "for the winner", "By time zone", "London",
        "Clicks and replies of people decide, never opens",
    ):  # fmt: skip
        assert words in live.words, words
    report = alice.get(f"/console/launches/{ref}/report")
    for words in ("What the mail itself did", "Held out", "too few people to tell"):
        assert words in report.words, words


def stocked_until(stocked):
    """How long it is until the launch is due."""
    with stocked.db() as work:
        return work.session.scalar(text("select due_at from launch")) - work.now
