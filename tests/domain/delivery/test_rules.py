"""What a relay's answer does to a message, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from tcma.delivery.rules import (
    ATTEMPTS,
    PREDICATES,
    RETRY_AFTER,
    MessageState,
    Reason,
    back_off,
    is_dead_address,
    said_of,
    settle,
    should_pause,
)
from tcma.ports import Result, SendResult

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("result", "code", "words", "at_recipient", "later", "state", "reason", "waits"),
    [
        (Result.SENT, 250, "ok", False, 0, MessageState.SENT, Reason.NONE, None),
        (Result.UNCERTAIN, 0, "cut", False, 0, MessageState.UNCERTAIN, Reason.NONE, None),
        (Result.UNSENT, 421, "busy", False, 0, MessageState.READY, Reason.NONE, 0),
        (Result.UNSENT, 421, "busy", False, 9, MessageState.READY, Reason.NONE, 0),
        (Result.LATER, 451, "grey", True, 0, MessageState.READY, Reason.NONE, 60),
        (Result.LATER, 451, "grey", True, 1, MessageState.READY, Reason.NONE, 300),
        (Result.LATER, 451, "grey", True, 2, MessageState.READY, Reason.NONE, 900),
        (Result.LATER, 451, "grey", True, 3, MessageState.READY, Reason.NONE, 3_600),
        (Result.LATER, 451, "grey", True, 4, MessageState.READY, Reason.NONE, 14_400),
        (Result.LATER, 451, "grey", True, 5, MessageState.READY, Reason.NONE, 14_400),
        (Result.LATER, 451, "grey", True, 6, MessageState.READY, Reason.NONE, 14_400),
        (Result.LATER, 451, "grey", True, 7, MessageState.READY, Reason.NONE, 14_400),
        (Result.LATER, 451, "grey", True, 8, MessageState.READY, Reason.NONE, 14_400),
        (Result.LATER, 451, "grey", True, 9, MessageState.FAILED, Reason.SOFT_BOUNCES, None),
        (Result.REFUSED, 550, "no", True, 0, MessageState.FAILED, Reason.HARD_BOUNCE, None),
        (Result.REFUSED, 550, "no", False, 0, MessageState.FAILED, Reason.REJECTED, None),
        (Result.REFUSED, 550, "5.1.1 no", False, 0, MessageState.FAILED, Reason.HARD_BOUNCE, None),
        (Result.REFUSED, 550, "5.7.1 spam", True, 0, MessageState.FAILED, Reason.REJECTED, None),
    ],
)
def test_an_answer_settles_a_message(
    result, code, words, at_recipient, later, state, reason, waits
):
    found = settle(SendResult(7, result, code, words, at_recipient), later=later, now=NOW)
    assert (found.state, found.reason) == (state, reason)
    assert found.due_at == (None if waits is None else NOW + timedelta(seconds=waits))
    assert found.suppress is (reason is Reason.HARD_BOUNCE)
    assert found.attempt_back is (result is Result.UNSENT)
    assert found.put_off is (waits is not None and result is Result.LATER)


def test_no_wait_of_the_plan_is_out_of_reach_and_the_last_try_is_within_a_day():
    waits, later = [], 0
    while (found := settle(SendResult(7, Result.LATER, 451), later=later, now=NOW)).due_at:
        waits.append(int((found.due_at - NOW).total_seconds()))
        later += 1
    assert tuple(waits) == RETRY_AFTER
    assert len(waits) > ATTEMPTS, "asking for patience is not what kills a worker"
    day = 24 * 3_600
    assert sum(waits) <= day < sum(waits) + waits[-1]


@pytest.mark.parametrize(
    ("code", "words", "dead"),
    [
        (550, "5.1.1 unknown user", True),
        (550, "5.1.10 null MX", True),
        (550, "5.1.8 bad sender", False),
        (550, "5.2.2 mailbox full", False),
        (553, "no such mailbox", True),
        (552, "too large", False),
        (550, "see 1.2.3.4 for why", True),
    ],
)
def test_a_dead_address_is_told_from_a_policy(code, words, dead):
    assert is_dead_address(code, words) is dead


def test_the_relay_is_left_alone_longer_each_time_up_to_five_minutes():
    waits = [back_off(n).total_seconds() for n in range(1, 9)]
    assert waits == [10, 20, 30, 60, 120, 300, 300, 300]


@pytest.mark.parametrize(
    ("refused", "seen", "pause"), [(20, 200, False), (21, 200, True), (100, 199, False)]
)
def test_more_than_a_tenth_refused_of_two_hundred_pauses(refused, seen, pause):
    assert should_pause(refused, seen) is pause


@pytest.mark.parametrize(
    ("reason", "count", "words"),
    [
        (Reason.HARD_BOUNCE, 1, "has a dead address"),
        (Reason.HARD_BOUNCE, 2, "have dead addresses"),
        (Reason.UNSUBSCRIBED, 61, "have unsubscribed"),
        (Reason.STOPPED, 1, "is on your stop list"),
        (Reason.REJECTED, 3, "were refused by the mail servers of their addresses"),
    ],
)
def test_what_stands_after_a_number_of_people_agrees_with_it(reason, count, words):
    assert said_of(reason, count) == words


def test_every_reason_can_follow_a_number():
    verbs = {
        "has",
        "have",
        "is",
        "are",
        "was",
        "were",
        "had",
        "got",
        "came",
        "marked",
        "answered",
        "gave",
        "reached",
    }
    assert set(PREDICATES) == set(Reason)
    said = [words for reason, both in PREDICATES.items() if reason for words in both]
    assert {words.split()[0] for words in said} <= verbs
