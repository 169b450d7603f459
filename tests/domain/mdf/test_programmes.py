"""Programmes in the product: versions by day, every decision kept and replayed, other rules tried on it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tcma.errors import Conflict, Invalid, NotFound
from tcma.mdf import queries
from tcma.mdf.judging import replaying, versions, what_if
from tcma.mdf.judging.kept import why_of
from tcma.mdf.models.programmes import Judgement
from tests.domain.mdf.conftest import gbp


def in_programme(house, act, who=None):
    """Run `act(work, programme)` for the fund's programme."""
    who = who or house.finn
    with house.db(who) as work:
        programme = versions.programme_by_ref(work.session, who, house.fund_ref)
        return act(work, programme)


def source(house):
    return in_programme(house, lambda work, it: versions.versions_of(work.session, it)[0].source)


def publish(house, text, day):
    return in_programme(house, lambda work, it: versions.publish(work, it, text, day).starts_on)


def half(house):
    return source(house).replace("percent = 100", "percent = 50")


def kept(house):
    with house.db() as work:
        rows = work.session.scalars(select(Judgement).order_by(Judgement.id)).all()
        return [
            (each.event, not replaying.differences(work.session, each), each.answer)
            for each in rows
        ]


def test_a_funds_form_becomes_the_first_version_of_its_programme(house):
    text = source(house)
    assert 'deadline = "10 working days before activity start"' in text
    assert 'deadline = "45 days after activity end"' in text
    assert "percent = 100" in text


def test_every_decision_is_kept_and_comes_out_the_same_again(house):
    house.decided(house.claimed(house.proven(house.approved()), ("1", 500)))
    found = kept(house)
    assert [event for event, *_ in found] == ["sent", "approved", "filed", "approved"]
    assert all(same for _, same, _ in found)
    assert found[2][2]["amount"] == "500.00"
    assert {"rule", "version", "outcome", "inputs"} <= set(found[0][2]["trace"][0])


def test_a_kept_decision_and_a_published_version_never_change(house):
    house.sent()
    for change in (
        "UPDATE judgement SET event = 'other'",
        "DELETE FROM judgement",
        "UPDATE programme_version SET source = 'other'",
    ):
        with (
            house.db() as work,
            pytest.raises(DBAPIError, match="append-only"),
            work.session.begin_nested(),
        ):
            work.session.execute(text(change))


def test_the_next_version_counts_from_its_day_for_new_plans_only(house):
    before = house.approved(400)
    publish(house, half(house), date(2026, 3, 10))
    house.db.clock.at = datetime(2026, 3, 9, 23, 59, 59, tzinfo=UTC)
    last = house.sent(400)
    house.db.clock.at = datetime(2026, 3, 10, 0, 0, tzinfo=UTC)
    after = house.drafted(400)
    with house.db(house.alice) as work:
        asked = [
            queries.request_by_ref(work.session, house.alice, ref).requested_minor
            for ref in (before, last, after)
        ]
    assert asked == [40_000, 40_000, 20_000]
    claim = house.claimed(house.proven(before), ("1", 400))
    with house.db() as work:
        kind, subject = "claim", queries.claim_by_ref(work.session, work.principal, claim)
        why = why_of(work.session, kind, subject.id)
    assert (why.version, why.amount) == (date(2026, 1, 1), gbp(400))


@pytest.mark.parametrize(
    ("change", "day", "field", "words"),
    [
        (lambda text: text, date(2026, 3, 2), "starts_on", "from tomorrow"),
        (lambda text: text.replace("percent = 100", "percent = 200"), date(2026, 3, 9), "source", "100"),
        (lambda text: text + "\n[[change]]\nfrom = 2026-09-01\n", date(2026, 3, 9), "source", "One version"),
    ],
)  # fmt: skip
def test_rules_with_errors_or_for_a_day_that_began_are_not_published(
    house, change, day, field, words
):
    with pytest.raises(Invalid) as refused:
        publish(house, change(source(house)), day)
    assert words in refused.value.fields[field]


def test_a_version_that_is_not_in_force_can_be_taken_back_and_no_other(house):
    publish(house, half(house), date(2026, 4, 1))
    with pytest.raises(Invalid, match="Take it back first"):
        publish(house, half(house), date(2026, 3, 20))

    def newest(work, it):
        versions.take_back(work, it, versions.versions_of(work.session, it)[0])

    in_programme(house, newest)
    with pytest.raises(Conflict, match="in force"):
        in_programme(house, newest)


def test_the_partner_finds_no_programme_of_the_vendor(house):
    with pytest.raises(NotFound):
        in_programme(house, lambda *_: None, house.alice)


def test_other_rules_are_tried_on_last_years_cases_differences_first(house):
    house.claimed(house.proven(house.approved(800)), ("1", 500))
    house.sent(200)
    text = half(house).replace("[request]\n", '[request]\nminimum = "150.00"\n')
    with house.db(house.finn) as work:
        programme = versions.programme_by_ref(work.session, house.finn, house.fund_ref)
        rules = versions.read_one(text)
        found = what_if.trials(work.session, programme, rules, now=work.now)
        same = what_if.trials(
            work.session, programme, versions.read_one(source(house)), now=work.now
        )
        later = what_if.trials(work.session, programme, rules, now=work.now + timedelta(days=366))
    assert [(each.kind, each.was, each.would, each.would_amount) for each in found] == [
        ("request", "approve", "approve", gbp(400)),
        ("claim", "approve", "approve", gbp(250)),
        ("request", "approve", "return", gbp(0)),
    ]
    assert any(each.would == "return" and "smallest sum" in each.words for each in found)
    assert not any(each.differs for each in same)
    assert later == []
