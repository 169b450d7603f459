"""Mails of pools with conditions of their own: who gets which, what the virtual clock says, what nobody gets."""

from dataclasses import replace

import pytest

from tcma.journeys.interpreter import next_of
from tcma.journeys.people import Facts
from tcma.journeys.reading import read
from tcma.journeys.trying import begin_of, play, tried
from tcma.journeys.words import settings
from tests.domain.journeys.test_interpreter import IDA
from tests.domain.journeys.test_reading import HEAD

POOL = """
[pool]
stories = [
  { mail = "bank", if = { segment = ["Warm"] } },
  "retail",
  { mail = "stadt", if = { language = ["de"] } },
]
"""
STEPS = """
[[step]]
id = "s1"
send = "pool:stories"

[[step]]
id = "s2"
send = "pool:stories"
after = "8 days"
"""
JOURNEY = read(HEAD + POOL + STEPS).journey
WARM = replace(IDA, segments=frozenset({"Warm"}))
GERMAN = replace(IDA, language="de")


@pytest.mark.parametrize(
    ("person", "had", "mail", "passed"),
    [
        (WARM, (), "bank", ""),
        (IDA, (), "retail", "not bank: segment is none of these"),
        (WARM, ("bank",), "retail", ""),
        (GERMAN, ("retail",), "stadt", "not bank: segment is none of these"),
        (WARM, ("bank", "retail"), "", "not stadt: language is not told"),
        (WARM, ("bank", "retail", "stadt"), "", ""),
    ],
)
def test_the_first_that_somebody_has_not_had_and_that_is_for_them(person, had, mail, passed):
    facts = Facts(sent=frozenset(had))
    assert next_of(JOURNEY, JOURNEY.step("s1"), person, facts) == (mail, passed)


def test_the_virtual_clock_says_which_were_passed_over():
    stops = play(JOURNEY, IDA, begins=begin_of("", IDA.zone)).stops
    assert [(stop.did, stop.mail, stop.why) for stop in stops] == [
        ("sent", "retail", "not bank: segment is none of these"),
        ("skipped", "", "not bank: segment is none of these, not stadt: language is not told"),
    ]
    text = (
        HEAD
        + POOL
        + STEPS
        + '[[tests]]\npath = ["s1", "s2", "end"]\ncontact = { segments = "Warm" }\n'
    )
    assert [why for _, why in tried(read(text).journey)] == [""]


def test_who_gets_each_is_said_and_looked_up():
    [words] = [said for head, said in settings(JOURNEY) if head == "Pool stories"]
    assert words == "bank (segment is Warm), then retail, then stadt (language is de)"
    assert JOURNEY.asks_who("segment")
    assert not JOURNEY.asks_who("tag")
    assert JOURNEY.mails == {"bank", "retail", "stadt"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('{ mail = "gone", if = { tag = ["vip"] } }', "“stories” cannot be “gone”: there is no such nurture mail."),
        ('{ if = { tag = ["vip"] } }', "The mail has no name."),
        ('{ mail = "a", if = {} }', "It asks nothing."),
        ('{ mail = "a", if = { country = ["Britain"] } }', "“Britain” is no country."),
        ('{ mail = "b", if = { tag = ["vip"] } }', "The pool “stories” names two mails or more, each once."),
        ("7", "The mail has no name."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_mail_of_a_pool_is_said(row, words):
    found = read(
        f'{HEAD}[pool]\nstories = ["b", {row}]\n[[step]]\nid = "n1"\nsend = "pool:stories"\n',
        mails=["a", "b"],
    )
    assert [fault.words for fault in found.faults] == [words]


def test_a_word_that_no_condition_is_is_said():
    found = read(
        f'{HEAD}[pool]\nstories = ["b", {{ mail = "a", when = 1 }}]\n[[step]]\nid = "n"\nsend = "b"\n'
    )
    assert [fault.words for fault in found.faults] == [
        "“when” means nothing in a mail of “stories”."
    ]


def journey_of(entry="", pool='[{ mail = "a", if = { country = ["DE"] } }, "b"]', steps=""):
    return read(f"{HEAD}{entry}[pool]\nstories = {pool}\n{steps or STEPS}")


ONLY_GB = '[entry]\nif = { country = ["GB", "IE"] }\n'
ASKS = """
[[step]]
id = "q"
if = { language = ["de"] }
yes = "s1"
no = "other"

[[step]]
id = "s1"
send = "pool:stories"
then = "end"

[[step]]
id = "other"
send = "pool:stories"
"""
FR_AND_ES = (
    '[{ mail = "a", if = { language = ["fr"] } }, { mail = "b", if = { language = ["es"] } }]'
)


def test_a_mail_that_nobody_who_enters_can_get_is_a_fault():
    [fault] = journey_of(ONLY_GB).faults
    assert (
        fault.words == "Nobody gets “a” of “stories”: country is GB or IE by then, DE is asked for."
    )
    assert journey_of(ONLY_GB.replace("IE", "DE")).faults == ()
    assert journey_of().faults == ()


def test_a_step_at_which_nobody_gets_a_mail_is_a_fault_by_the_question_before_it():
    [fault] = journey_of(pool=FR_AND_ES, steps=ASKS).faults
    assert fault.words == "Nobody who comes to “s1” gets a mail of “stories”."
    either_way = ASKS.replace('no = "other"', 'no = "s1"').split('[[step]]\nid = "other"')[0]
    assert journey_of(pool=FR_AND_ES, steps=either_way).faults == ()
    for_them = FR_AND_ES.replace('"es"', '"de"')
    assert journey_of(pool=for_them, steps=ASKS).faults == ()


def test_what_changes_on_the_way_is_not_taken_for_certain():
    entry = '[entry]\nif = { tag = ["new"], tier = ["gold"] }\n'
    pool = '[{ mail = "a", if = { tag = ["old"], tier = ["silver"] } }, "b"]'
    assert journey_of(entry, pool).faults == ()
