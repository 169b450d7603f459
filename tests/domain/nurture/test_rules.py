"""The next step of a sequence, and when it may leave."""

from datetime import UTC, datetime

import pytest

from tcma.nurture.rules import (
    Outcome,
    Signals,
    enter,
    later,
    next_step,
    next_window,
)
from tcma.rendering.nurture_plan import Delay, NurturePlan, NurtureStep, StepKind, Unit

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
LONDON = "Europe/London"
AT_ONCE = Delay(0, Unit.MINUTES)


def plan():
    return NurturePlan(
        (
            NurtureStep(id="n1", kind=StepKind.SEND, after=AT_ONCE, mail="thanks", then="n2"),
            NurtureStep(
                id="n2", kind=StepKind.SEND, after=Delay(3, Unit.WORKING_DAYS), mail="list",
                then="b1",
            ),
            NurtureStep(
                id="b1", kind=StepKind.BRANCH, after=Delay(7, Unit.DAYS), signal="clicked",
                mail="list", link="sheet", yes="n3", no="end",
            ),
            NurtureStep(id="n3", kind=StepKind.SEND, after=AT_ONCE, mail="read"),
        ),
        frozenset({"reply"}),
    )  # fmt: skip


def test_the_first_mail_answers_at_once_even_at_night():
    assert enter(plan(), SUNDAY_NIGHT, LONDON) == ("n1", SUNDAY_NIGHT)
    move = next_step(plan(), "n1", Signals(), now=SUNDAY_NIGHT, zone=LONDON)
    assert (move.outcome, move.mail, move.node) == (Outcome.SENT, "thanks", "n2")


def test_a_later_mail_waits_for_working_hours_again_when_it_is_picked_up_late():
    move = next_step(plan(), "n2", Signals(), now=SUNDAY_NIGHT, zone=LONDON)
    assert (move.outcome, move.node) == (Outcome.WAITED, "n2")
    assert move.due_at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clicked", "to"),
    [
        ({("list", ""), ("list", "sheet")}, "n3"),
        ({("list", "")}, "end"),
        (set(), "end"),
        ({("thanks", "sheet")}, "end"),
    ],
)
def test_a_branch_asks_for_its_own_link_of_its_own_mail(clicked, to):
    signals = Signals(clicked=frozenset(clicked))
    assert next_step(plan(), "b1", signals, now=NOW, zone=LONDON).node == to


def test_the_last_mail_ends_the_run():
    move = next_step(plan(), "n3", Signals(), now=NOW, zone=LONDON)
    assert (move.node, move.due_at, move.mail) == ("end", None, "read")


@pytest.mark.parametrize(
    ("delay", "due"),
    [
        (Delay(3, Unit.WORKING_DAYS), "2026-11-27T10:00"),
        (Delay(4, Unit.WORKING_DAYS), "2026-11-30T10:00"),
        (Delay(2, Unit.DAYS), "2026-11-26T10:00"),
        (Delay(90, Unit.MINUTES), "2026-11-24T11:30"),
    ],
)
def test_delays_count_as_their_unit_says(delay, due):
    assert later(NOW, delay, LONDON) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "opens"),
    [
        ("2026-11-24T10:00", LONDON, "2026-11-24T10:00"),
        ("2026-11-24T19:00", LONDON, "2026-11-25T08:00"),
        ("2026-11-28T10:00", LONDON, "2026-11-30T08:00"),
        ("2026-11-24T10:00", "Asia/Tokyo", "2026-11-24T23:00"),
        ("2026-03-28T23:00", "Europe/Berlin", "2026-03-30T06:00"),
    ],
)
def test_the_window_is_eight_to_six_on_working_days_where_the_reader_lives(now, zone, opens):
    def at(text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert next_window(at(now), zone) == at(opens)
