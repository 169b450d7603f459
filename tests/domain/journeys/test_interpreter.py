"""What a due step does, by the facts; and the virtual clock, which walks by the same function."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tcma.journeys.document import Signal
from tcma.journeys.interpreter import Outcome, enter, held_back, next_move
from tcma.journeys.people import Facts, Person, Seen, Stand, is_held_out
from tcma.journeys.reading import read
from tcma.journeys.trying import TryRefused, begin_of, person_of, play, tried
from tests.domain.journeys.test_reading import ALL, HEAD
from tests.services import ROOT

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
IDA = Person(key="7", zone="Europe/London", country="GB", score=50)
SHIPPED = (ROOT / "campaign_templates/cloud-migration/nurture.toml").read_text()


def shipped():
    return read(SHIPPED).journey


def moved(step, *, facts=None, now=NOW, due=None, journey=None, person=IDA, answers=False):
    stand = Stand(step, now - timedelta(days=3), due or now, answers)
    return next_move(journey or shipped(), stand, person, facts or Facts(), now=now)


def test_the_first_mail_answers_at_once_even_at_night():
    stand, _ = enter(shipped(), IDA, SUNDAY_NIGHT, answers=True)
    assert (stand.step, stand.due_at) == ("n1", SUNDAY_NIGHT)
    move = moved("n1", now=SUNDAY_NIGHT, answers=True)
    assert (move.outcome, move.mail, move.step) == (Outcome.SENT, "thanks", "n2")


def test_the_first_mail_to_who_did_not_ask_just_now_waits_for_working_hours_when_picked_up_late():
    opens = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    stand, _ = enter(shipped(), IDA, SUNDAY_NIGHT, answers=False)
    assert (stand.step, stand.due_at) == ("n1", opens)
    move = moved("n1", now=SUNDAY_NIGHT)
    assert (move.outcome, move.step, move.due_at, move.stays) == (Outcome.WAITED, "n1", opens, True)


def test_a_later_mail_waits_for_working_hours_again_when_it_is_picked_up_late():
    move = moved("n2", now=SUNDAY_NIGHT)
    assert (move.outcome, move.step, move.stays) == (Outcome.WAITED, "n2", True)
    assert move.due_at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clicked", "to"),
    [
        ([("list-in-ten-minutes", ""), ("list-in-ten-minutes", "sheet")], "n3a"),
        ([("list-in-ten-minutes", "")], "n3b"),
        ([], "n3b"),
        ([("thanks", "sheet")], "n3b"),
    ],
)
def test_a_branch_asks_for_its_own_link_of_its_own_mail(clicked, to):
    facts = Facts(frozenset(Seen(Signal.CLICKED, mail, link) for mail, link in clicked))
    assert moved("b1", facts=facts).step == to


def test_the_last_mail_leads_to_the_end():
    move = moved("n4")
    assert (move.step, move.due_at, move.mail) == ("end", None, "another-month")


@pytest.mark.parametrize(
    ("facts", "due", "why"),
    [
        (Facts(sent=frozenset({"list-in-ten-minutes"})), NOW, "has had this mail"),
        (Facts(), NOW - timedelta(days=8), "8 days late"),
    ],
)
def test_a_mail_is_left_out_when_it_was_had_or_is_too_old(facts, due, why):
    move = moved("n2", facts=facts, due=due)
    assert (move.outcome, move.mail, move.why, move.step) == (Outcome.SKIPPED, "", why, "b1")


def test_a_mail_held_back_by_a_cap_waits_for_the_next_period_but_not_for_ever():
    stand = Stand("n2", NOW - timedelta(days=3), NOW)
    monday = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
    move = held_back(shipped(), stand, IDA, opens=monday, now=NOW)
    assert (move.stays, move.due_at) == (True, datetime(2026, 11, 30, 8, 0, tzinfo=UTC))
    long_ago = replace(stand, since=NOW - timedelta(days=12))
    move = held_back(shipped(), long_ago, IDA, opens=monday, now=NOW)
    assert (move.outcome, move.step) == (Outcome.SKIPPED, "b1")


def test_a_split_gives_the_same_answer_for_ever_and_keeps_its_shares():
    journey = read(ALL).journey
    people = [Person(key=str(n)) for n in range(2_000)]
    ways = [moved("halves", journey=journey, person=p).step for p in people]
    assert ways == [moved("halves", journey=journey, person=p).step for p in people]
    assert 0.26 < ways.count("a") / len(ways) < 0.34
    held = sum(is_held_out(p.key, 5) for p in people)
    assert 60 < held < 140


def test_somebody_who_has_clicked_already_is_not_made_to_wait():
    journey = read(ALL).journey
    facts = Facts(frozenset({Seen(Signal.CLICKED, "thanks", "sheet")}))
    assert moved("morning", journey=journey, facts=facts).waits_for is None
    assert moved("morning", journey=journey).waits_for.signal is Signal.CLICKED


def test_a_question_about_the_person_says_what_was_missing():
    journey = read(ALL).journey
    assert moved("warm", journey=journey).why == "tier is not told"
    gold = replace(IDA, tier="gold", answers={"when": "this month"})
    assert moved("warm", journey=journey, person=gold).step == "call"


@pytest.mark.parametrize(
    ("events", "path", "ended"),
    [
        ([], ["n1", "n2", "b1", "n3b", "n4", "end"], ("exhausted", "nothing left to send")),
        (["day4:click:list-in-ten-minutes.sheet"], ["n1", "n2", "b1", "n3a", "n4", "end"],
         ("exhausted", "nothing left to send")),
        (["day 4 16:00: reply"], ["n1", "n2"], ("left", "reply")),
        (["day1:accept"], ["n1"], ("left", "accepted")),
        (["day1:bounce"], ["n1"], ("left", "bounce")),
        (["day0:unsubscribe"], [], ("left", "unsubscribe")),
    ],
)  # fmt: skip
def test_a_journey_runs_to_its_end_on_the_virtual_clock(events, path, ended):
    begun = time.perf_counter()
    played = play(shipped(), IDA, events, begins=begin_of("", IDA.zone))
    assert list(played.path) == path
    assert (played.ended, played.why) == ended
    assert time.perf_counter() - begun < 1


def test_click_and_timeout_at_the_same_instant_take_one_branch():
    text = HEAD + (
        '[[step]]\nid = "n1"\nsend = "a"\n[[step]]\nid = "w"\nwait_for = "clicked:a"\nat_most = "2 days"\n'
        'yes = "y"\nno = "n"\n[[step]]\nid = "y"\nexit = "yes"\n[[step]]\nid = "n"\nexit = "no"\n'
    )
    journey = read(text).journey
    for event, way in (("day2:click", "y"), ("day1:click", "y"), ("day3:click", "n")):
        played = play(journey, IDA, [event], begins=begin_of("", IDA.zone))
        assert played.path[-1] == way
        assert len(played.path) == 3


def test_the_tests_beside_a_journey_pass_or_say_where_it_went():
    beside = SHIPPED + (
        '\n[[tests]]\nname = "who clicks"\ncontact = { country = "GB" }\n'
        'events = ["day4:click:list-in-ten-minutes.sheet"]\n'
        'path = ["n1", "n2", "b1", "n3a", "n4", "end"]\n'
        '\n[[tests]]\nname = "who replies"\nevents = ["day1:reply"]\npath = ["n1", "end"]\n'
        '\n[[tests]]\nname = "what"\nevents = ["day1:dances"]\npath = ["n1"]\n'
    )
    results = {trial.name: wrong for trial, wrong in tried(read(beside).journey)}
    assert results["who clicks"] == ""
    assert results["who replies"] == "went n1"
    assert "day3:click" in results["what"]


def test_the_clock_keeps_windows_caps_and_hold_out():
    played = play(shipped(), IDA, begins=begin_of("2026-03-27 17:59", IDA.zone))
    for stop in played.stops:
        local = stop.at.astimezone(begin_of("", "Europe/London").tzinfo)
        assert stop.did != "sent" or local.weekday() < 5
    tight = read(SHIPPED + '\n[cap]\npartner = "1 a week"\n').journey
    stops = play(tight, IDA, begins=begin_of("", IDA.zone)).stops
    weeks = [s.at.isocalendar()[:2] for s in stops if s.did == "sent" and s.step != "n1"]
    assert len(weeks) == len(set(weeks))
    assert play(read("hold_out = 50\n" + SHIPPED).journey, replace(IDA, key="a7"),
                begins=NOW).ended in {"held out", "exhausted"}  # fmt: skip


@pytest.mark.parametrize("raw", [{"planet": "Mars"}, {"zone": "Nowhere/Here"}, {"score": "high"}])
def test_a_sample_contact_that_says_nothing_is_refused_in_words(raw):
    with pytest.raises(TryRefused):
        person_of(raw)
