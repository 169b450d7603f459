"""When a step of a playbook is due and what is through: a table of launches, without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tcma.guidance.playbook import LET_GO_DAYS, PlayStep, Seen, Tick, stands_of
from tcma.rendering.playbook import Doer, StepKind

BEGINS = date(2026, 3, 10)
TICK = Tick(by="Sam", at=datetime(2026, 3, 12, 9, tzinfo=UTC))


def step(key, kind, day):
    return PlayStep(
        key=key, kind=StepKind(kind), who=Doer.SALES, day=day, minutes=5, title=key, why="",
        has_script=False,
    )  # fmt: skip


STEPS = (
    step("tell", "do", -5),
    step("launch", "launch", 0),
    step("post", "post", 1),
    step("call", "call", 3),
    step("answer", "follow_up", 7),
    step("again", "post", 9),
    step("claim", "claim", 21),
)


def stands(on, *, planned=-10, ticks=None, **seen):
    return stands_of(
        STEPS,
        begins_on=BEGINS,
        planned_on=BEGINS + timedelta(days=planned),
        today=BEGINS + timedelta(days=on),
        seen=Seen(**{"has_started": False} | seen),
        ticks=ticks or {},
    )


@pytest.mark.parametrize(
    ("on", "facts", "expected"),
    [
        (-9, {}, "open open open open open open spared"),
        (-5, {}, "due open open open open open spared"),
        (-4, {}, "late open open open open open spared"),
        (-4, {"ticks": {"tell": TICK}}, "done open open open open open spared"),
        # planned two days before: what should have been done earlier is due on that day
        (-2, {"planned": -2}, "due open open open open open spared"),
        # what the product sees needs no tick, and none can pretend
        (0, {"has_started": True}, "late done open open open open spared"),
        (4, {"has_started": True, "posted_days": 1}, "late done done late open open spared"),
        (10, {"has_started": True, "posted_days": 1}, "late done done late done late spared"),
        (10, {"has_started": True, "posted_days": 2}, "late done done late done done spared"),
        (4, {"ticks": {"post": TICK, "call": TICK}}, "late late late done open open spared"),
        # leads: none waits is enough once its day has come, not before
        (6, {"leads": 2}, "late late late late open open spared"),
        (7, {"leads": 2, "leads_open": 1}, "late late late late due open spared"),
        (7, {"leads": 2}, "late late late late done open spared"),
        # the claim is asked of a launch that money pays for
        (22, {"is_funded": True}, "late late late late done late late"),
        (22, {"is_funded": True, "is_claimed": True}, "late late late late done late done"),
    ],
)
def test_a_launch_stands(on, facts, expected):
    assert " ".join(each.state for each in stands(on, **facts)) == expected


def test_a_step_is_asked_for_three_weeks_and_then_let_go():
    today = BEGINS + timedelta(days=-5 + LET_GO_DAYS)
    tell = stands(-5 + LET_GO_DAYS)[0]
    assert tell.is_asked(today)
    assert not tell.is_asked(today + timedelta(days=1))
    assert not stands(-6)[0].is_asked(BEGINS - timedelta(days=6))
    assert stands(-6)[0].is_soon(BEGINS - timedelta(days=6))
    assert not stands(-9)[0].is_soon(BEGINS - timedelta(days=9))
