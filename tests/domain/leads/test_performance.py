"""Weights by performance: exact, between floor and cap, with why; counted once a day, replayed to the letter."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from tcma.leads import offers, routing_versions, shares
from tcma.leads.deciding import rules_of
from tcma.leads.models import LeadOffer
from tcma.leads.models_routing import RoutingRecord
from tcma.leads.performance import records_of
from tcma.leads.routing.performance import Record, weighed
from tcma.leads.routing.rules import Measure, Performance
from tcma.leads.routing.trying import replayed
from tcma.leads.rules import LeadState, OfferState
from tests.builders import a_partner, mira, sam, waiting_leads
from tests.domain.leads.conftest import rules_are
from tests.domain.leads.traces import decision_of

BY_WORK = """\
[sticky]
source = "never"

[performance]
days = 30
least = 80
most = 120

[[rule]]
name = "By work"
need = { territory = true }
weight = "performance"
"""


@st.composite
def records(draw):
    asked, closed = draw(st.integers(0, 60)), draw(st.integers(0, 30))
    return Record(
        asked,
        draw(st.integers(0, asked)),
        draw(st.integers(0, 5_000)),
        closed,
        draw(st.integers(0, closed)),
    )


BOUNDS = st.builds(
    Performance,
    by=st.sets(st.sampled_from(list(Measure)), min_size=1).map(tuple),
    least=st.integers(0, 100),
    most=st.integers(100, 1_000),
)


@given(st.lists(st.none() | records(), min_size=1, max_size=12).map(tuple), BOUNDS)
def test_nobody_is_below_the_floor_or_above_the_cap_and_all_is_given(pool, by):
    weights = [one.weight for one in weighed(pool, by)]
    assert sum(weights) == 100 * len(pool)
    assert all(by.least <= weight <= by.most for weight in weights)
    assert [one.weight for one in weighed.__wrapped__(pool, by)] == weights


@given(st.lists(records(), min_size=2, max_size=8), BOUNDS)
def test_who_accepts_the_next_one_never_gets_less_than_who_declines_it(pool, by):
    """Not: never less than before. What all do together rises with it, and a rate is a share of that."""
    by = Performance(by=(Measure.ACCEPTS,), least=by.least, most=by.most)
    first = pool[0]
    accepts, declines = (Record(first.asked + 1, first.accepted + did) for did in (1, 0))
    declined = weighed((declines, *pool[1:]), by)[0].weight
    assert (
        weighed((accepts, *pool[1:]), by)[0].weight >= declined - 1
    )  # the odd hundredth is rounded


def test_who_has_no_history_gets_an_even_share_and_few_leads_say_little():
    even = Performance(by=(Measure.ACCEPTS,))
    new, one_of_one, many = Record(), Record(1, 1), Record(40, 40)
    lazy = Record(40, 10)
    weights = [one.weight for one in weighed((new, one_of_one, many, lazy), even)]
    assert weights[3] < weights[0] <= weights[1] < weights[2]
    assert [one.weight for one in weighed((None, None), even)] == [100, 100]


def test_the_words_say_what_counted_and_which_bound_holds():
    pool = (Record(20, 18, 30, 8, 4), Record(20, 8, 300, 8, 1))
    first, second = weighed(pool, Performance(least=90, most=110))
    assert first.why == (
        "weight 110 of 100: accepted 18 of 20, all together 26 of 40; half of them within 30 minutes, "
        "the middle one 30; won 4 of 8, all together 5 of 16; 110 at most"
    )
    assert second.why.endswith("90 at least")


def answered(db, ground, partner_id, *, accepted, declined, days_ago=3, minutes=30):
    """Put answered offers of a partner into the past."""
    with db() as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign"))
        ids = waiting_leads(work, ground.vendor_id, campaign, accepted + declined,
                            state=LeadState.WON)  # fmt: skip
        at = work.now - timedelta(days=days_ago)
        for n, lead_id in enumerate(ids):
            state = OfferState.ACCEPTED if n < accepted else OfferState.DECLINED
            work.session.add(
                LeadOffer(
                    lead_id=lead_id, epoch=1, vendor_id=ground.vendor_id, partner_id=partner_id,
                    state=state, reason="", trace={}, offered_at=at, told_at=at, answer_by=at,
                    answered_at=at + timedelta(minutes=minutes), answered_by="",
                )
            )  # fmt: skip


def routed(db, ground, count):
    with db() as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign"))
        ids = waiting_leads(work, ground.vendor_id, campaign, count)
    with db() as work:
        while offers.route_waiting(work, ground.vendor_id):
            pass
        rows = work.session.scalars(select(LeadOffer).where(LeadOffer.lead_id.in_(ids)))
        return list(rows)


@pytest.fixture
def worked(db, ground):
    """Fenwright accepts nearly all, Ridgeline few; the rules weigh by it."""
    answered(db, ground, ground.first, accepted=30, declined=2)
    answered(db, ground, ground.second, accepted=5, declined=27, minutes=600)
    rules_are(db, ground, BY_WORK)
    return ground


def test_shares_follow_the_weights_and_stay_under_the_cap(db, worked):
    got = Counter(offer.partner_id for offer in routed(db, worked, 100))
    assert got == {worked.first: 60, worked.second: 40}  # 120 and 80 of two even shares


def test_the_trace_says_why_and_replays_after_the_numbers_have_changed(db, worked):
    [offer] = routed(db, worked, 1)
    row = next(r for r in offer.trace["candidates"] if r["id"] == str(worked.first))
    assert row["record"] == [32, 30, 30, 0, 0]
    assert "weight 120 of 100: accepted 30 of 32, all together 35 of 64" in row["why"]
    assert row["why"].endswith("120 at most")
    answered(db, worked, worked.second, accepted=90, declined=0)
    with db() as work:
        work.session.execute(text("DELETE FROM routing_record"))
    again = replayed(offer.trace, rules_of(BY_WORK))
    assert again.trace == decision_of(offer.trace)
    assert again.partner_id == offer.partner_id


def test_the_numbers_of_a_day_are_read_once_and_anew_on_the_next(db, worked):
    routed(db, worked, 1)
    answered(db, worked, worked.second, accepted=90, declined=0)
    with db() as work:
        by = rules_of(BY_WORK).performance
        assert records_of(work.session, worked.vendor_id, by, work.now)[worked.second].asked == 32
        assert len(work.session.scalars(select(RoutingRecord)).all()) == 1
    db.clock.move(timedelta(days=1))
    with db() as work:
        assert records_of(work.session, worked.vendor_id, by, work.now)[worked.second].asked == 122


def test_what_was_before_the_days_or_is_of_today_does_not_count(db, ground):
    answered(db, ground, ground.first, accepted=3, declined=0, days_ago=40)
    answered(db, ground, ground.first, accepted=4, declined=0, days_ago=0)
    with db() as work:
        by = Performance(days=30)
        assert records_of(work.session, ground.vendor_id, by, work.now) == {}


def test_one_whose_weight_is_nothing_still_gets_nothing(db, worked):
    with db() as work:
        third = a_partner(work, worked.vendor_id, territories=("GB-N",))
        work.session.execute(
            text("UPDATE enrolment SET weight = 0 WHERE partner_id = :id"), {"id": third}
        )
    got = Counter(offer.partner_id for offer in routed(db, worked, 20))
    assert got == {worked.first: 12, worked.second: 8}


def test_what_if_and_the_desk_show_the_weights(db, worked):
    with db() as work:
        who = mira(work, worked.vendor_id)
    routed(db, worked, 10)
    with db(who) as work:
        even = BY_WORK.replace('"performance"\n', "{ }\n")
        trial = routing_versions.try_out(work.session, work.principal, even, now=work.now)
        shared = {name: (before, after) for name, before, after in trial.outcome.shares}
        assert shared["Fenwright"][1] < shared["Fenwright"][0]
        weights = shares.weights_of(work.session, worked.vendor_id, rules_of(BY_WORK), work.now)
        assert [(each.partner, each.weight) for each in weights] == [
            ("Fenwright", 120),
            ("Ridgeline", 80),
        ]


def test_a_partner_reads_its_own_numbers_and_of_few_others_nothing(db, worked):
    routed(db, worked, 10)
    with db() as work:
        who = sam(work, worked.first)
    with db(who) as work:
        [share] = shares.shares(work)
        assert (share.weight, share.got, share.record.accepted) == (120, 36, 30)
        assert (share.accepts_all, share.wins_all, share.minutes_all) == (None, None, None)
    with db() as work:
        a_partner(work, worked.vendor_id, territories=("GB-N",))
    with db(who) as work:
        assert shares.shares(work)[0].accepts_all == 55
