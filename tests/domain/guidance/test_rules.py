"""First steps: what is asked by which day, and when a partner is reminded."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tcma.guidance.rules import (
    DUE_DAYS,
    Step,
    StepState,
    is_hour_for_mail,
    nudges_due,
    progress_of,
)
from tcma.guidance.words import WORDS

JOINED = date(2026, 3, 2)
ALL = frozenset(Step)
NO_FUND = ALL - {Step.CLAIM}


def after(days, *, done=(Step.PROFILE,), asked=ALL, waived=()):
    today = JOINED + timedelta(days=days)
    progress = progress_of(
        joined_on=JOINED, today=today, done=set(done), asked=asked, waived=set(waived)
    )
    return progress, today


def state_of(progress, step):
    return next(each for each in progress.steps if each.step is step)


def test_every_step_has_a_day_and_words_in_the_same_order():
    assert list(DUE_DAYS) == list(WORDS) == list(Step)
    assert list(DUE_DAYS.values()) == sorted(DUE_DAYS.values())


@pytest.mark.parametrize(
    ("days", "state", "late"),
    [(0, StepState.OPEN, 0), (7, StepState.OPEN, 0), (8, StepState.LATE, 1), (20, "late", 13)],
)
def test_a_step_is_late_from_the_day_after_its_day(days, state, late):
    progress, _ = after(days)
    logo = state_of(progress, Step.LOGO)
    assert (logo.state, logo.days_late) == (state, late)


def test_a_claim_is_asked_of_whom_money_was_given_and_shown_to_who_filed_one():
    assert Step.CLAIM not in {each.step for each in after(1, asked=NO_FUND)[0].steps}
    assert state_of(after(1, done=ALL, asked=NO_FUND)[0], Step.CLAIM).state is StepState.DONE


def test_what_is_waived_counts_as_through_and_what_is_done_is_done_all_the_same():
    progress, _ = after(40, done=(Step.PROFILE, Step.LOGO), waived=(Step.LOGO, Step.SENDER))
    assert state_of(progress, Step.LOGO).state is StepState.DONE
    assert state_of(progress, Step.SENDER).state is StepState.WAIVED
    assert (progress.done, progress.late) == (3, 2)
    assert progress.next.step is Step.LIST


def test_the_programme_ends_when_all_is_through_or_its_days_are_over():
    assert after(10, done=Step)[0].is_done
    assert not after(10, done=Step)[0].runs
    assert after(120)[0].runs
    assert after(121)[0].has_ended


NOTHING: dict[Step, int] = {}


@pytest.mark.parametrize(
    ("days", "told", "rested", "about"),
    [
        (4, NOTHING, None, NOTHING),  # the logo is due on day 7: two days before is day 5
        (5, NOTHING, None, {Step.LOGO: 1}),
        (6, {Step.LOGO: 1}, 1, NOTHING),
        (10, {Step.LOGO: 1}, 5, {Step.LOGO: 2}),  # three days late
        (12, {Step.LOGO: 2}, 2, NOTHING),  # the list is due soon, but a mail went two days ago
        (13, {Step.LOGO: 2}, 3, {Step.LIST: 1}),
        (21, {Step.LOGO: 2, Step.LIST: 2}, 4, {Step.LOGO: 3, Step.SENDER: 1}),
        (60, {Step.LOGO: 3, Step.LIST: 3, Step.SENDER: 3, Step.LAUNCH: 3}, 9, NOTHING),
        (30, NOTHING, None, {Step.LOGO: 3, Step.LIST: 3, Step.SENDER: 2, Step.LAUNCH: 1}),
        (121, NOTHING, None, NOTHING),
    ],
)
def test_one_mail_reminds_of_all_that_is_due_and_of_nothing_twice(days, told, rested, about):
    progress, today = after(days)
    last_on = None if rested is None else today - timedelta(days=rested)
    assert nudges_due(progress, told=told, last_on=last_on, today=today) == about


@pytest.mark.parametrize("through", [{"done": ALL}, {"waived": ALL}])
def test_nobody_is_reminded_of_what_is_through(through):
    progress, today = after(30, **through)
    assert nudges_due(progress, told={}, last_on=None, today=today) == {}


@pytest.mark.parametrize(
    ("at", "zone", "good"),
    [
        (datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "Europe/London", True),
        (datetime(2026, 3, 2, 7, 59, tzinfo=UTC), "Europe/London", False),
        (datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "Asia/Tokyo", False),  # 18:00 there
        (datetime(2026, 3, 7, 12, 0, tzinfo=UTC), "Europe/London", False),  # a Saturday
    ],
)
def test_a_mail_goes_when_the_partner_works(at, zone, good):
    assert is_hour_for_mail(at, zone) is good
