"""What holds for a whole journey, written by forms: only what changed moves, comments stay."""

import difflib

import pytest

from tcma.errors import Invalid
from tcma.journeys import whole
from tcma.journeys.document import Again, Cap, Conditions, Period
from tcma.journeys.reading import read
from tcma.web.forms.journey import conditions, conditions_of
from tests.domain.journeys.test_editing import SHIPPED
from tests.domain.journeys.test_reading import ALL, HEAD
from tests.services import ROOT

BARE = HEAD + '[[step]]\nid = "a"\nsend = "thanks" # first\n'


def lines(before, after):
    """What a change took out and put in."""
    return [
        line
        for line in difflib.ndiff(before.split("\n"), after.split("\n"))
        if line[0] in "+-" and line[2:].strip()
    ]


def reads(text):
    found = read(text)
    assert found.faults == ()
    return found.journey


def as_form(journey):
    return {
        name: [(each.mail, conditions(conditions_of(each.when))) for each in pool]
        for name, pool in journey.pools
    }


def same(text):
    """Every part written with what it says already."""
    journey = reads(text)
    window = journey.window
    text = whole.entered(
        text, when={"a": 1}, had={"a": 1}, again=whole.again_text(journey.again, journey.rest), hold_out=journey.hold_out
    )  # fmt: skip
    text = whole.windowed(
        text, days=window.days, starts=f"{window.starts:%H:%M}", ends=f"{window.ends:%H:%M}", zone=journey.zone.value
    )  # fmt: skip
    text = whole.capped(text, partner=str(journey.partner_cap), vendor=str(journey.vendor_cap))
    text = whole.ended_by(text, sorted(journey.exits))
    text = whole.aimed_at(text, [str(goal) for goal in journey.goals])
    pools = as_form(journey)
    return whole.pooled(text, pools, had=pools)


def test_what_says_the_same_changes_no_letter_of_what_ships():
    for path in sorted(ROOT.glob("campaign_templates/*/nurture.toml")):
        text = path.read_text()
        assert same(text) == text
    assert same(ALL) == ALL


def test_a_window_is_written_where_there_was_none_and_only_its_line_changes_later():
    text = whole.windowed(BARE, days={0, 5}, starts="09:30", ends="18:00", zone="partner")
    assert lines(BARE, text) == [
        "+ [window]",
        '+ from = "09:30"',
        '+ zone = "partner"',
        '+ days = ["monday", "saturday"]',
    ]
    journey = reads(text)
    assert (journey.window.days, journey.zone.value) == ({0, 5}, "partner")
    later = whole.windowed(text, days={0, 5}, starts="09:30", ends="17:00", zone="partner")
    assert lines(text, later) == ['+ until = "17:00"']


def test_caps_are_written_apart():
    text = whole.capped(ALL, partner="1 a day", vendor="2 a day")
    assert lines(ALL, text) == ['- vendor = "4 a week"', '+ vendor = "2 a day"']
    assert reads(text).vendor_cap == Cap(2, Period.DAY)


def test_ends_goals_and_hold_out_stand_above_the_steps():
    text = whole.ended_by(BARE, ["accepted", "reply"])
    text = whole.aimed_at(text, ["clicked:thanks.sheet", "meeting"])
    text = whole.entered(text, when={}, had={}, again="never", hold_out=10)
    journey = reads(text)
    assert journey.exits == {"accepted", "reply"}
    assert [str(goal) for goal in journey.goals] == ["clicked:thanks.sheet", "meeting"]
    assert journey.hold_out == 10
    assert text.index("hold_out") < text.index("[[step]]")
    assert "# first" in text
    back = whole.entered(whole.aimed_at(text, []), when={}, had={}, again="never", hold_out=0)
    assert lines(back, whole.ended_by(BARE, ["accepted", "reply"])) == []


def test_who_enters_and_how_often_is_written_and_taken_out_again():
    when = {"country": ["GB"], "segment": ["Warm"], "answer": {"When": ["Now"]}}
    text = whole.entered(BARE, when=when, had={}, again="90 days after the end", hold_out=0)
    journey = reads(text)
    assert journey.entry == Conditions(
        country=("GB",), segment=("Warm",), answers=(("When", ("Now",)),)
    )
    assert (journey.again, journey.rest) == (Again.AFTER_THE_END, 90)
    bare = whole.entered(text, when={}, had=when, again="never", hold_out=0)
    assert reads(bare).entry == Conditions()


def test_pools_come_and_go():
    everybody = {"stories": [("thanks", {}), ("list", {})], "other": [("list", {}), ("thanks", {})]}
    text = whole.pooled(BARE, everybody, had={})
    assert 'stories = ["thanks", "list"]' in text
    assert as_form(reads(text)) == everybody
    assert lines(BARE, whole.pooled(text, {}, had=everybody)) == []


def test_who_gets_a_mail_of_a_pool_is_written_and_other_pools_keep_their_lines():
    text = BARE + '[pool]\none = [\n  "thanks", # first\n  "list",\n]\ntwo = ["list", "thanks"]\n'
    had = as_form(reads(text))
    asked = {**had, "two": [("list", {"country": ["GB"]}), ("thanks", {})]}
    made = whole.pooled(text, asked, had=had)
    assert lines(text, made) == [
        '- two = ["list", "thanks"]',
        '+ two = [{ mail = "list", if = { country = ["GB"] } }, "thanks"]',
    ]
    assert as_form(reads(made)) == asked
    assert lines(text, whole.pooled(made, had, had=asked)) == []


def test_comments_beside_what_changes_stay():
    text = SHIPPED.replace("exits = ", "# why they end\nexits = ", 1)
    made = whole.ended_by(text, ["reply"])
    assert "# why they end\n" in made
    assert reads(made).exits == {"reply"}
    for comment in (line for line in text.split("\n") if line.startswith("#")):
        assert comment in made


def test_a_text_that_cannot_be_read_is_changed_by_no_form():
    with pytest.raises(Invalid):
        whole.ended_by("exits = [", ["reply"])
