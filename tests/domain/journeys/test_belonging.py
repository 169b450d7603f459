"""Conditions on what somebody belongs to, pools of mails, and when somebody may enter again."""

from dataclasses import replace

import pytest

from tcma.journeys.document import Again, Conditions
from tcma.journeys.interpreter import Outcome, next_of
from tcma.journeys.people import Facts, kept_out, misses
from tcma.journeys.reading import read
from tcma.journeys.trying import begin_of, person_of, play, tried
from tcma.journeys.words import condition_words, settings, title
from tests.domain.journeys.test_interpreter import IDA
from tests.domain.journeys.test_reading import HEAD

MIA = replace(
    IDA, tags=frozenset({"Expo 26", "vip"}), segments=frozenset({"Warm"}), holder="leeds-it", owner="mia@leeds.example"
)  # fmt: skip
POOLED = (
    HEAD
    + """
[pool]
stories = ["retail", "bank", "city"]

[[step]]
id = "s1"
send = "pool:stories"
{0}
[[step]]
id = "w1"
wait = "8 days"

[[step]]
id = "s2"
send = "pool:stories"
{0}
[[step]]
id = "call"
task = "Call them"
"""
)


@pytest.mark.parametrize(
    ("asked", "person", "why"),
    [
        ({"tag": ("expo 26",)}, MIA, ""),
        ({"tag": ("cold", "VIP")}, MIA, ""),
        ({"tag": ("cold",)}, MIA, "tag is Expo 26, vip"),
        ({"tag": ("cold",)}, IDA, "tag is none"),
        ({"segment": ("warm", "Hot")}, MIA, ""),
        ({"segment": ("Hot",)}, IDA, "segment is none of these"),
        ({"holder": ("leeds-it",)}, MIA, ""),
        ({"holder": ("york-it",)}, MIA, "holder is leeds-it"),
        ({"holder": ("nobody",)}, IDA, ""),
        ({"holder": ("nobody",)}, MIA, "holder is leeds-it"),
        ({"owner": ("somebody",)}, MIA, ""),
        ({"owner": ("somebody",)}, IDA, "owner is nobody"),
        ({"owner": ("nobody", "tom@leeds.example")}, IDA, ""),
        ({"owner": ("Mia@leeds.example",)}, MIA, ""),
        ({"owner": ("tom@leeds.example",)}, MIA, "owner is mia@leeds.example"),
    ],
)
def test_tags_segments_and_owners_are_asked_for(asked, person, why):
    assert misses(Conditions(**asked), person) == why


def test_conditions_are_read_said_and_walked_on_the_virtual_clock():
    text = HEAD + (
        '[entry]\nif = { tag = "expo", segment = ["Warm", "Hot"] }\n'
        '[[step]]\nid = "a"\nif = { holder = ["leeds-it"], owner = "nobody" }\nyes = "b"\nno = "end"\n'
        '[[step]]\nid = "b"\ntask = "Give it to somebody"\n'
        '[[tests]]\nname = "nobody works on it"\n'
        'contact = { tags = ["expo"], segments = "Warm, Other", holder = "leeds-it" }\npath = ["a", "b", "end"]\n'
        '[[tests]]\nname = "Mia works on it"\n'
        'contact = { tags = "expo", segments = "Hot", holder = "leeds-it", owner = "mia@leeds.example" }\n'
        'path = ["a", "end"]\n'
    )
    journey = read(text).journey
    assert [wrong for _, wrong in tried(journey)] == ["", ""]
    assert title(journey.step("a")) == "Lead is with leeds-it, owner is nobody?"
    assert condition_words(journey.entry) == "tag is expo, segment is Warm or Hot"
    cold = play(journey, person_of({"tags": "expo"}), begins=begin_of("", "UTC"))
    assert (cold.ended, cold.why) == ("not let in", "segment is none of these")
    assert journey.asks_who("segment")
    assert not journey.asks_who("company")


def test_an_owner_is_a_mail_address_or_a_word():
    [fault] = read(
        HEAD + '[[step]]\nid = "a"\nif = { owner = ["Mia"] }\nyes = "end"\nno = "end"\n'
    ).faults
    assert fault.words == "“Mia” is no person."


def test_everybody_gets_the_first_of_a_pool_that_they_have_not_had():
    journey = read(POOLED.format("")).journey
    step = journey.step("s1")
    had = [set(), {"retail"}, {"bank"}, {"retail", "bank"}, {"retail", "bank", "city"}]
    drawn = [next_of(journey, step, IDA, Facts(sent=frozenset(each))) for each in had]
    assert drawn == [("retail", ""), ("bank", ""), ("retail", ""), ("city", ""), ("", "")]
    assert next_of(journey, step, IDA, Facts(had=frozenset({"retail"}))) == ("bank", "")
    assert journey.mails == {"retail", "bank", "city"}
    assert title(step) == "Send the next of stories"
    assert ("Pool stories", "retail, then bank, then city") in settings(journey)
    stops = play(journey, IDA, begins=begin_of("", IDA.zone)).stops
    assert [stop.mail for stop in stops if stop.did == "sent"] == ["retail", "bank"]


@pytest.mark.parametrize(
    ("line", "path", "why"),
    [
        ("", ("s1", "w1", "s2", "end"), "nothing new left in “one”"),
        ('when_empty = "go on"', ("s1", "w1", "s2", "call", "end"), "nothing left to send"),
    ],
)
def test_who_had_all_of_a_pool_is_exhausted_or_goes_on(line, path, why):
    text = (
        POOLED.format(line)
        .replace("stories", "one")
        .replace('["retail", "bank", "city"]', '["retail", "bank"]')
    )
    journey = read(
        text.replace('id = "w1"\nwait = "8 days"', 'id = "w1"\nsend = "bank"\nafter = "8 days"')
    ).journey
    played = play(journey, IDA, begins=begin_of("", IDA.zone))
    assert (played.path, played.ended, played.why) == (path, "exhausted", why)
    assert played.stops[-1 if not line else -2].did == Outcome.SKIPPED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('send = "pool:nothing"', "There is no pool “nothing”."),
        ('send = "thanks"\nwhen_empty = "end"', "Only a pool can be empty."),
        ('send = "thanks"\n[pool]\none = ["a"]', "The pool “one” names two mails or more, each once."),
        ('send = "thanks"\n[pool]\none = ["a", "a"]', "The pool “one” names two mails or more, each once."),
        ('send = "thanks"\n[pool]\none = ["thanks", "gone"]', "“one” cannot be “gone”: there is no such nurture mail."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_pool_is_said(text, words):
    found = read(f'{HEAD}[[step]]\nid = "n1"\n{text}\n', mails=["thanks", "a", "b"])
    assert [fault.words for fault in found.faults] == [words]


@pytest.mark.parametrize(
    ("written", "again", "rest", "words"),
    [
        ("never", Again.NEVER, 0, "once only"),
        ("after the end", Again.AFTER_THE_END, 0, "again, once they have left"),
        ("90 days after the end", Again.AFTER_THE_END, 90, "again, 90 days after they left"),
        ("1 day after the end", Again.AFTER_THE_END, 1, "again, 1 day after they left"),
    ],
)
def test_when_somebody_may_enter_again_is_read_and_said(written, again, rest, words):
    journey = read(
        f'{HEAD}[entry]\nagain = "{written}"\n[[step]]\nid = "a"\nwait = "1 day"\n'
    ).journey
    assert (journey.again, journey.rest) == (again, rest)
    assert ("How often", words) in settings(journey)


@pytest.mark.parametrize(
    ("written", "left", "kept"),
    [
        ("never", None, ""),
        ("never", 400, "they have been in it already"),
        ("after the end", 0, ""),
        ("90 days after the end", 89, "they left it 89 days ago, 90 are asked for"),
        ("90 days after the end", 90, ""),
    ],
)
def test_who_left_a_journey_stays_out_for_as_long_as_it_says(written, left, kept):
    journey = read(
        f'{HEAD}[entry]\nagain = "{written}"\n[[step]]\nid = "a"\nwait = "1 day"\n'
    ).journey
    assert kept_out(journey, left) == kept
    person = person_of({"left_days": left} if left is not None else {})
    played = play(journey, person, begins=begin_of("", "UTC"))
    assert (played.ended, played.why) == (
        ("not let in", kept) if kept else ("exhausted", "nothing left to send")
    )


def test_an_unknown_way_to_enter_again_is_a_fault():
    [fault] = read(f'{HEAD}[entry]\nagain = "soon"\n[[step]]\nid = "a"\nwait = "1 day"\n').faults
    assert "“again” cannot be “soon”" in fault.words
