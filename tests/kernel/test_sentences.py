"""A sentence that waits in a row is told in its reader's language, and stays English for whoever looks."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tcma.db.sentences import Sentence
from tcma.words import (
    PSEUDO,
    amount_words,
    day_words,
    in_language,
    inside,
    joined,
    listed,
    month_words,
    opening,
    say,
    say_n,
)

KEPT = Sentence()
SAID = [
    say("Paused"),
    say("{name} paused it", name="Ola “{x}”"),
    say("We paused: {why}. {remedy}", why=say("{n:,} came back", n=1_200), remedy=say("Look.")),
    say_n("{n} mail", "{n} mails", 3, on=date(2026, 3, 2)),
    say("At {at:%a %d %b, %H:%M} UTC", at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC)),
    joined(say("One."), "", say("Two.")),
    say("in {month}", month=month_words(date(2026, 12, 8))),
    listed([say("one"), say("two")]),
    opening(say("one")),
    inside(say("One")),
    say("{share:,}%", share=Decimal("33.5")),
    say(
        "{sum} by {day}",
        sum=amount_words(Decimal("1350.50"), "GBP"),
        day=day_words(date(2026, 12, 8)),
    ),
]


def kept(value):
    return KEPT.process_bind_param(value, None)


def back(value):
    return KEPT.process_result_value(value, None)


@pytest.mark.parametrize("said", SAID, ids=str)
def test_it_comes_back_as_it_was_made_in_every_language(said):
    again = back(kept(said))
    assert again == said
    for language in ("de", "fr", "es", "ja", PSEUDO):
        assert in_language(again, language) == in_language(said, language)
    assert str(said) in kept(said) or '"' in said


@pytest.mark.parametrize("written", [None, "", "Out of office", '{"english": ', '{"english": "x"}'])
def test_what_a_person_wrote_stays_as_it_was_written(written):
    assert back(kept(written)) == written


def test_a_day_has_no_leading_zero_in_any_language():
    said = say("At {at:%a %d %b, %H:%M} UTC", at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    assert said == "At Mon 2 Mar, 09:00 UTC"
    assert said.message == "At {at:%a %d %b, %H:%M} UTC"
    assert "02" not in in_language(said, "de")
