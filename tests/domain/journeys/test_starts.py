"""When a journey begins by itself: before and after dates, each year, leap days, zones, calendars."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tcma.errors import Invalid
from tcma.journeys import column, editing, graph, whole
from tcma.journeys.document import LAST, Start
from tcma.journeys.reading import read
from tcma.journeys.start_reading import start_told
from tcma.journeys.starts import (
    anniversary,
    asked_days,
    begins_at,
    begins_on,
    calendar_days,
    is_time,
    occurrences,
    window,
)
from tcma.journeys.trying import begin_of, person_of, play, tried
from tcma.journeys.words import settings

HEAD = 'exits = ["reply", "unsubscribe"]\n'
STEPS = '[[step]]\nid = "a"\nsend = "thanks"\nthen = "end"\n[[step]]\nid = "d"\nsend = "list"\n'
CONTRACT = Start(fields=("contract end",), days=-90)
BIRTHDAY = Start(fields=("birthday",), yearly=True)


def document(start, *, more=""):
    return f"{HEAD}{more}\n[start]\n{start}\n{STEPS}"


@pytest.mark.parametrize(
    ("value", "first", "last", "found"),
    [
        ("2027-03-01", "2026-12-01", "2026-12-01", ["2027-03-01"]),
        ("2027-03-01", "2026-12-02", "2026-12-31", []),
        ("2027-03-02", "2026-12-01", "2026-12-03", ["2027-03-02"]),
    ],
)
def test_once_it_begins_so_many_days_before_the_date(value, first, last, found):
    days = occurrences(CONTRACT, *map(date.fromisoformat, (value, first, last)))
    assert days == [date.fromisoformat(each) for each in found]
    assert [begins_on(CONTRACT, each) for each in days] == [
        date.fromisoformat(value) - timedelta(days=90) for _ in found
    ]


@pytest.mark.parametrize(
    ("born", "first", "found"),
    [
        ("1980-05-04", "2026-05-04", ["2026-05-04"]),
        ("1980-02-29", "2026-02-28", ["2026-02-28"]),
        ("1980-02-29", "2026-03-01", []),
        ("1980-02-29", "2028-02-28", []),
        ("1980-02-29", "2028-02-29", ["2028-02-29"]),
        ("2026-05-04", "2026-05-04", []),
        ("2026-05-04", "2027-05-04", ["2027-05-04"]),
    ],
)
def test_each_year_it_begins_on_the_day_and_on_the_28th_for_a_leap_day(born, first, found):
    day = date.fromisoformat(first)
    assert occurrences(BIRTHDAY, date.fromisoformat(born), day, day) == [
        date.fromisoformat(each) for each in found
    ]


def test_what_is_looked_up_names_every_date_that_begins_and_no_other():
    """Each day of four years against each date: the marks find whoever the rule lets begin."""
    for start in (CONTRACT, BIRTHDAY, Start(fields=("x",), yearly=True, days=14)):
        for n in range(0, 4 * 366, 3):
            first = date(2026, 1, 1) + timedelta(days=n)
            last = first + timedelta(days=2)
            marks = set(asked_days(start, first, last))
            for k in range(-3, 4):
                value = first - timedelta(days=start.days) + timedelta(days=k)
                value = anniversary(value, value.year - 4) if start.yearly else value
                has = {f"{value:%Y-%m-%d}", f"{value:%m-%d}"} & marks
                begins = occurrences(start, value, first, last)
                assert not begins or has
                assert not has or begins or (value.month, value.day) == (2, 29)


def test_a_year_that_turns_between_the_days_is_asked_on_both_sides():
    first, last = date(2026, 12, 31), date(2027, 1, 1)
    assert asked_days(BIRTHDAY, first, last) == ["12-31", "01-01"]
    assert occurrences(BIRTHDAY, date(1990, 1, 1), first, last) == [date(2027, 1, 1)]


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (Start(weekday=0, nth=1), ["2026-11-02", "2026-12-07"]),
        (Start(weekday=4, nth=LAST), ["2026-11-27", "2026-12-25"]),
        (Start(weekday=6, nth=0), [f"2026-{d}" for d in ("11-01", "11-08", "11-15", "11-22",
                                   "11-29", "12-06", "12-13", "12-20", "12-27")]),
        (Start(dates=(date(2026, 12, 24), date(2026, 11, 3), date(2027, 1, 1))), ["2026-11-03", "2026-12-24"]),
    ],
)  # fmt: skip
def test_a_calendar_names_its_days(start, found):
    days = calendar_days(start, date(2026, 11, 1), date(2026, 12, 31))
    assert [f"{day}" for day in days] == found


@pytest.mark.parametrize("zone", ["Europe/London", "Pacific/Auckland", "America/Los_Angeles"])
def test_it_is_time_from_the_hour_there_until_the_days_of_grace_are_over(zone):
    start = Start(fields=("x",), at=time(9), late=2)
    day = date(2026, 6, 10)
    begins = begins_at(start, day, zone)
    assert not is_time(start, day, zone, begins - timedelta(minutes=1))
    assert is_time(start, day, zone, begins)
    over = begins_at(Start(fields=("x",), at=time(0)), date(2026, 6, 13), zone)
    assert is_time(start, day, zone, over - timedelta(minutes=1))
    assert not is_time(start, day, zone, over)


def test_the_window_holds_every_day_that_is_time_anywhere():
    start = Start(fields=("x",), late=3)
    for hour in range(0, 24 * 10, 5):
        now = datetime(2026, 3, 25, tzinfo=UTC) + timedelta(hours=hour)
        first, last = window(start, now)
        for zone in ("Pacific/Kiritimati", "Etc/GMT+12", "Europe/London"):
            for n in range(-8, 4):
                day = now.date() + timedelta(days=n)
                assert not is_time(start, day, zone, now) or first <= day <= last


def test_a_document_says_by_which_date_it_begins():
    found = read(document('date = ["contract end", "Vertragsende"]\ndays = "90 days before"\n'
                          'at = "08:30"\nlate = 14\nstep = "d"'))  # fmt: skip
    assert found.faults == ()
    assert found.journey.start == Start(
        fields=("contract end", "Vertragsende"), days=-90, at=time(8, 30), late=14, step="d"
    )
    assert dict(settings(found.journey))["Begins by itself"] == (
        "90 days before “contract end” or “Vertragsende”, at 08:30, at d, at most 14 days late"
    )


def test_a_document_says_on_which_days_of_a_calendar_it_begins():
    entry = '[entry]\nif = { segment = ["Customers"] }\n'
    found = read(document('calendar = "first monday"', more=entry))
    assert found.journey is None  # nobody comes to d
    found = read(document('calendar = "last friday"\nstep = "d"', more=entry))
    assert found.faults == ()
    assert found.journey.start == Start(weekday=4, nth=LAST, step="d")
    dates = read(document('calendar = [2027-01-15, "2027-04-15"]\nstep = "d"', more=entry))
    assert dates.journey.start.dates == (date(2027, 1, 15), date(2027, 4, 15))


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ('step = "d"', "It is not said by which date it begins."),
        ('date = "x"\ncalendar = "first monday"\nstep = "d"', "It begins by a date or a calendar, not both."),
        ('date = "x"\ndays = "soon"\nstep = "d"', "“soon” is no distance from the date."),
        ('date = "x"\nevery = "week"\nstep = "d"', "“every” cannot be “week”."),
        ('date = "x"\nlate = 99\nstep = "d"', "late is a whole number from 0 to 60."),
        ('date = "x"\nstep = "z"', "There is no step “z”."),
        ('date = "x"\nat = "25:00"\nstep = "d"', "“25:00” is no time of day."),
        ('calendar = "fifth monday"\nstep = "d"', "“fifth monday” is no day of a calendar."),
        ('calendar = ["2027-02-30"]\nstep = "d"', "“2027-02-30” is no day of a calendar."),
        ('calendar = "first monday"\nstep = "d"', "A calendar begins for everybody: it is not said for whom."),
        ('calendar = "first monday"\ndays = "1 day after"\nstep = "d"', "“days” means nothing"),
        ('date = ""\nstep = "d"', "The date has no name."),
    ],
)  # fmt: skip
def test_each_mistake_is_named(start, words):
    found = read(document(start))
    assert any(fault.words.startswith(words) for fault in found.faults), found.faults


def test_on_the_virtual_clock_it_begins_by_the_date_of_who_walks():
    journey = read(document('date = "contract end"\ndays = "90 days before"\nstep = "d"')).journey
    person = person_of({"country": "GB", "date": "2027-03-01"})
    played = play(journey, person, begins=begin_of("", person.zone))
    assert f"{played.begins:%Y-%m-%d %H:%M}" == "2026-12-01 09:00"
    assert played.path == ("d", "end")
    by_form = play(journey, person_of({"country": "GB"}), begins=begin_of("", "Europe/London"))
    assert by_form.path == ("a", "end")


def test_a_test_beside_the_journey_may_name_a_date():
    text = document('date = "contract end"\nstep = "d"') + (
        '[[tests]]\nname = "by date"\ncontact = { country = "GB", date = "2027-03-01" }\npath = ["d", "end"]\n'
    )
    assert [words for _, words in tried(read(text).journey)] == [""]


@pytest.mark.parametrize("start", [
    'date = "contract end"\ndays = "90 days before"\nlate = 14\nstep = "d"',
    'date = ["a", "b"]\nevery = "year"\nat = "07:15"\nstep = "d"',
    'calendar = "every monday"\nstep = "d"', 'calendar = ["2027-01-15"]\nlate = 0\nstep = "d"',
])  # fmt: skip
def test_a_form_writes_what_was_read_and_changes_no_letter_of_what_says_the_same(start):
    text = document(start, more='[entry]\nif = { country = ["GB"] }\n')
    told = start_told(read(text).journey.start)
    assert whole.started(text, told) == text
    bare = whole.started(text.replace('id = "a"', 'id = "a" # here'), {})
    assert "[start]" not in bare
    assert "# here" in bare
    assert read(whole.started(bare, told)).journey.start == read(text).journey.start


def test_who_begins_by_a_date_follows_the_step_when_it_is_renamed_moved_or_taken_out():
    text = document('date = "x"\nstep = "d"') + '[[step]]\nid = "e"\nsend = "more"\n'
    renamed = editing.changed(text, "d", {"id": "dated", "send": "list", "then": "e"})
    assert read(renamed).journey.start.step == "dated"
    assert read(editing.removed(text, "d")).journey.start.step == "e"
    assert read(editing.moved(text, "d", up=False)).journey.start.step == "e"
    with pytest.raises(Invalid, match="begins here"):
        editing.removed(document('date = "x"\nstep = "d"'), "d")


def test_the_drawing_shows_both_ways_in_each_above_its_step():
    journey = read(document('date = "x"\nstep = "d"')).journey
    for sheet in (graph.wide(journey), column.narrow(journey)):
        assert {"a", "d"} <= {node.id for node in sheet.nodes}
    sheet = graph.wide(journey)
    boxes = {node.id: node for node in sheet.nodes if node.id}
    form, dated = (node for node in sheet.nodes if not node.id)
    assert [form.title, dated.title] == [graph.START_WORDS, graph.BY_DATE]
    for opening, step in ((form, "a"), (dated, "d")):
        assert opening.x + opening.w / 2 == pytest.approx(boxes[step].x + boxes[step].w / 2)
        assert opening.y < boxes[step].y
    assert [edge.place for edge in sheet.edges if not edge.source] == ["/", ""]
    together = read(document('date = "x"') + 'then = "end"\n').sketch
    assert graph.wide(together).nodes[0].title == graph.OR_DATE


def test_above_a_step_that_others_lead_to_the_box_stands_free_at_the_left():
    text = document('date = "x"\nstep = "d"').replace('then = "end"\n', "")
    sheet = graph.wide(read(text).journey)
    [dated] = [node for node in sheet.nodes if node.title == graph.BY_DATE]
    for other in sheet.nodes:
        apart = (
            other.x >= dated.x + dated.w
            or other.y >= dated.y + dated.h
            or other.y + other.h <= dated.y
        )
        assert other is dated or apart, other
