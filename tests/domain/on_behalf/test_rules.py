"""Days of a rhythm, whose lists are healthy, what a pilot says: plain values in, a decision out."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tcma.delivery.rules import Tally
from tcma.launches.rules import Area, Finding, Fix, LaunchState, Severity
from tcma.on_behalf.rules import (
    Gate,
    Health,
    Missing,
    Pilot,
    Rhythm,
    healthiest,
    judge_pilot,
    missing,
    morning,
    next_day,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "rhythm", "found"),
    [
        (date(2026, 1, 15), Rhythm.QUARTER, date(2026, 4, 15)),
        (date(2026, 11, 30), Rhythm.QUARTER, date(2027, 3, 1)),
        (date(2026, 1, 31), Rhythm.MONTH, date(2026, 3, 2)),
        (date(2026, 12, 10), Rhythm.TWO_MONTHS, date(2027, 2, 10)),
    ],
)
def test_the_next_day_of_a_rhythm_exists_and_is_worked(last, rhythm, found):
    assert next_day(last, rhythm) == found
    assert found.weekday() < 5


def test_a_morning_is_nine_where_the_partner_is():
    assert morning(date(2026, 3, 2), "Asia/Tokyo") == datetime(2026, 3, 2, tzinfo=UTC)
    assert morning(date(2026, 7, 1), "Europe/Berlin").hour == 7


def test_the_healthiest_lists_go_first():
    rows = [
        Health("big", 1_000, 600, ready=True), Health("clean", 50, 50, ready=True),
        Health("cleaner", 90, 90, ready=True), Health("unready", 10, 10, ready=False),
        Health("empty", 0, 0, ready=True),
    ]  # fmt: skip
    assert healthiest(rows, 2) == ["cleaner", "clean"]
    assert healthiest(rows, 9) == ["cleaner", "clean", "big"]


def test_only_what_stops_is_missing_and_it_says_whose_it_is():
    found = [
        Finding(Area.SENDER, Severity.LOOK, "late"),
        Finding(Area.AUDIENCE, Severity.STOP, "No list.", Fix.LIST, "Choose one."),
        Finding(Area.CALENDAR, Severity.STOP, "It ended.", Fix.DATE, "Sooner."),
    ]
    assert missing(found) == [
        Missing("No list.", "Choose one.", partner=True),
        Missing("It ended.", "Sooner.", partner=False),
    ]


def pilot(name="Fenwright", state=LaunchState.FINISHED, *, waiting=0, **counts):
    tally = Tally(**({"sent": 400} | counts))
    return Pilot(name, state, "", tally.sent + waiting, waiting, tally)


PLANNED = Pilot("Ridgeline", None, "", 0, 0, Tally())


@pytest.mark.parametrize(
    ("pilots", "hours", "breach", "gate", "words"),
    [
        ([pilot()], -1, "", Gate.WAIT, "its day"),
        ([pilot()], 1, "", Gate.OPEN, "400 sent"),
        ([pilot(), PLANNED], 1, "", Gate.OPEN, "400 sent"),
        ([pilot(waiting=3)], 1, "", Gate.WAIT, "Still sending: Fenwright"),
        ([PLANNED], 1, "", Gate.WAIT, "No pilot has sent yet"),
        ([PLANNED], 73, "", Gate.HOLD, "nothing to judge by"),
        ([pilot(state=LaunchState.PAUSED)], -1, "", Gate.HOLD, "Fenwright:"),
        ([pilot(state=LaunchState.FAILED)], 1, "", Gate.HOLD, "Fenwright:"),
        ([pilot(complained=1), pilot(complained=2)], -1, "", Gate.HOLD, "marked it as spam"),
        ([pilot(bounced=60)], -1, "", Gate.HOLD, "addresses are dead"),
        ([pilot(bounced=9)], 1, "", Gate.OPEN, "400 sent"),
        ([pilot()], 1, "in seven days too much came back", Gate.HOLD, "In seven days"),
    ],
)
def test_what_a_pilot_says_about_the_rest(pilots, hours, breach, gate, words):
    said = judge_pilot(pilots, rest_at=NOW, now=NOW + timedelta(hours=hours), breach=breach)
    assert said.gate is gate
    assert words in said.words
