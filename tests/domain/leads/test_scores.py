"""A vendor's own closed leads become a score when there are enough, and a table anybody can read."""

import json
import random
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from tcma.leads import chances, scores
from tcma.leads.models import Lead, LeadChance, ScoreModel
from tests.builders import a_vendor, mira

SIZES = ("1 to 50", "50 to 200", "over 500")


def closed(db, ground, number, *, signal=True):
    """Leads of the last year, most of them closed; size decides when there is a signal."""
    draw = random.Random(5)
    rows = []
    with db() as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign LIMIT 1"))
        for n in range(number):
            size = draw.choice(SIZES)
            chance = {"1 to 50": 0.1, "50 to 200": 0.3, "over 500": 0.8}[size] if signal else 0.3
            won = draw.random() < chance
            is_open = n % 20 == 0
            rows.append({
                "ref": f"LEAD-T-{n}",
                "vendor_id": ground.vendor_id,
                "source_partner_id": ground.first,
                "campaign_id": campaign,
                "state": "new" if is_open else "won" if won else "lost",
                "address": f"p{n}@firm{n}.example",
                "address_hash": str(n).encode(),
                "first_name": "",
                "last_name": "",
                "company": draw.choice(["Brackwater", ""]),
                "phone": "",
                "country": "GB",
                "postcode": draw.choice(["LS1", "FW2"]),
                "answers": {"Company size": size, "Asks for": draw.choice(["backup", "mail"])},
                "score": 40,
                "created_at": work.now - timedelta(days=305) + timedelta(hours=n * 8),
                "closed_at": None if is_open else work.now,
            })  # fmt: skip
        work.session.execute(insert(Lead), rows)


def learnt(db, ground):
    with db() as work:
        scores.learn(work, ground.vendor_id)
        return work.session.scalar(select(ScoreModel).order_by(ScoreModel.no.desc()))


@pytest.fixture
def manager(db, ground):
    with db() as work:
        return mira(work, ground.vendor_id)


def test_with_too_few_closed_leads_nothing_is_learnt_and_the_page_says_how_many(
    db, ground, manager
):
    closed(db, ground, 60)
    assert learnt(db, ground) is None
    with db(manager) as work:
        found = scores.standing(work.session, work.principal, now=work.now)
    assert (found.closed, found.model) == (57, None)


def test_a_score_that_beats_the_points_is_shown_with_reasons_in_words(db, ground, manager):
    closed(db, ground, 900)
    model = learnt(db, ground)
    assert model.shown
    assert model.card["auc"] > 0.7 > model.card["auc_points"]
    assert model.card["lift_10"] > 1.5
    assert model.card["brier"] < model.card["brier_of_rate"]
    json.dumps(model.table)
    with db() as work:
        large, small = (
            work.session.scalar(
                select(Lead.id)
                .where(Lead.state == "new", Lead.answers["Company size"].astext == size)
                .limit(1)
            )
            for size in ("over 500", "1 to 50")
        )
        best, worst = (chances.chance_of(work.session, lead) for lead in (large, small))
    assert best.percent > worst.percent + 30
    assert best.reasons[0] == "Company size “over 500” speaks for it"
    assert worst.reasons[0] == "Company size “1 to 50” speaks against it"
    with db(manager) as work:
        drift = dict(scores.standing(work.session, work.principal, now=work.now).drift)
    assert drift["Company size"] < 0.1


def test_where_leads_tell_nothing_the_points_stay_and_no_chance_is_shown(db, ground):
    closed(db, ground, 500, signal=False)
    model = learnt(db, ground)
    assert not model.shown
    assert "points" in model.card["why"]
    with db() as work:
        assert work.session.scalars(select(LeadChance)).all() == []


def test_two_workers_learn_once_at_the_same_time_and_once_one_after_the_other(db, ground):
    closed(db, ground, 300)
    with db() as first:
        assert scores.learn_once(first, ground.vendor_id) == 1
        with db() as second:
            assert scores.learn_once(second, ground.vendor_id) is None
    with db() as work:
        assert scores.learn_once(work, ground.vendor_id) is None
        assert work.session.scalars(select(ScoreModel.no)).all() == [1]


def test_it_learns_once_a_night_and_strangers_see_nothing_of_it(db, ground, manager):
    closed(db, ground, 300)
    with db() as work:
        assert list(scores.vendors_due(work.session, now=work.now)) == [ground.vendor_id]
        stranger = mira(work, a_vendor(work, name="Quillon"))
    learnt(db, ground)
    with db() as work:
        assert list(scores.vendors_due(work.session, now=work.now)) == []
    with db(stranger) as work:
        found = scores.standing(work.session, work.principal, now=work.now)
        assert (found.closed, found.model) == (0, None)
