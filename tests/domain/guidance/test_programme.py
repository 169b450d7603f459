"""A vendor's programme: levels that facts reach, first steps by tier, and who may change it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery.actions import ensure_sender
from tcma.errors import Forbidden, Invalid
from tcma.guidance import programmes, queries
from tcma.guidance.programme import (
    DEFAULT,
    Counts,
    Level,
    Programme,
    as_document,
    from_document,
    standing_of,
)
from tcma.guidance.rules import Step
from tcma.partners.rules import Tier
from tcma.rendering.playbook import TIERS
from tests.builders import a_campaign, a_copy, a_partner, a_vendor, alice, mira, waiting_leads


@pytest.mark.parametrize(
    ("has", "ever", "level", "above", "missing"),
    [
        (Counts(), False, "new", "started", Counts(1, 0, 0)),
        (Counts(0, 9, 2), False, "new", "started", Counts(1, 0, 0)),
        (Counts(0, 0, 0), True, "started", "active", Counts(2, 3, 0)),
        (Counts(2, 2, 0), True, "started", "active", Counts(0, 1, 0)),
        (Counts(2, 3, 0), True, "active", "proven", Counts(2, 7, 1)),
        (Counts(9, 9, 9), True, "active", "proven", Counts(0, 1, 0)),
        (Counts(4, 10, 1), True, "proven", None, Counts()),
        # a launch two years ago is still a first launch, and nothing of the year counts
        (Counts(1, 0, 0), True, "started", "active", Counts(1, 3, 0)),
    ],
)
def test_a_level_follows_from_what_is_there(has, ever, level, above, missing):
    standing = standing_of(has, ever_launched=ever, programme=DEFAULT)
    assert (standing.level, standing.next, standing.missing) == (level, above, missing)


def test_a_programme_is_kept_as_it_was_written():
    own = Programme(
        {Tier.SILVER: {Step.PROFILE: 2}, Tier.GOLD: {}, Tier.PLATINUM: {Step.CLAIM: 90}},
        {Level.ACTIVE: Counts(1, 1, 0), Level.PROVEN: Counts(3, 5, 2)},
    )
    assert from_document(as_document(own)) == own
    assert from_document({}) == DEFAULT
    assert tuple(Tier) == TIERS


@pytest.fixture
def firm(db):
    """Corbelane's gold partner Fenwright, which joined on Monday 2 March."""
    with db() as work:
        vendor = a_vendor(work)
        partner = a_partner(work, vendor, name="Fenwright")
        return {
            "vendor": vendor,
            "partner": partner,
            "alice": alice(work, partner),
            "mira": mira(work, vendor),
        }


def steps(db, firm):
    with db(firm["alice"]) as work:
        (one,) = queries.first_steps(work.session, firm["alice"], now=work.now)
    return {each.step.value: str(each.due_on) for each in one.progress.steps}


def standing(db, firm):
    with db(firm["alice"]) as work:
        (one,) = programmes.standings(work.session, firm["alice"], now=work.now)
    return one.standing


def test_a_tier_is_asked_for_its_own_steps(db, firm):
    own = Programme(
        DEFAULT.days | {Tier.GOLD: {Step.PROFILE: 1, Step.LAUNCH: 10}}, dict(DEFAULT.needs)
    )
    assert list(steps(db, firm)) == ["profile", "logo", "list", "sender", "launch"]
    with db(firm["mira"]) as work:
        programmes.save_programme(work, own)
    assert steps(db, firm) == {"profile": "2026-03-03", "launch": "2026-03-12"}
    with db() as work:
        work.session.execute(text("UPDATE enrolment SET tier = 'silver'"))
    assert len(steps(db, firm)) == 5
    with db(firm["mira"]) as work:
        programmes.save_programme(work, own)
        kept = programmes.programme_of(work.session, firm["vendor"])
        said = "SELECT count(*) FROM audit_entry WHERE verb = 'changed the programme'"
        assert (kept.programme, kept.changed_by) == (own, "Mira")
        assert work.session.scalar(text(said)) == 1, "the same again changes nothing"


def test_a_programme_is_the_vendors_own_and_makes_sense(db, firm):
    with pytest.raises(Forbidden), db(firm["alice"]) as work:
        programmes.save_programme(work, DEFAULT)
    odd = Programme(
        {**DEFAULT.days, Tier.GOLD: {Step.LOGO: 500}},
        {Level.ACTIVE: Counts(5, 0, 0), Level.PROVEN: Counts(2, 0, 0)},
    )
    with pytest.raises(Invalid) as refused, db(firm["mira"]) as work:
        programmes.save_programme(work, odd)
    assert set(refused.value.fields) == {"gold_logo", "proven_launches"}
    with db() as work:
        other = a_vendor(work, name="Quillon")
        assert programmes.programme_of(work.session, other).programme == DEFAULT


def test_launches_and_leads_of_a_year_make_a_level(db, firm):
    assert standing(db, firm).level is Level.NEW
    with db() as work:
        imported = a_campaign(work, firm["vendor"])
        waiting_leads(
            work, firm["vendor"], imported.campaign_id, 3,
            partner_id=firm["partner"], state="accepted", accepted_at=work.now,
        )  # fmt: skip
        a_copy(work, firm["partner"], imported)
        ensure_sender(
            work, partner_id=firm["partner"], from_name="Alice", from_address="alice@f.example"
        )
        for key in "ab":
            begun(work, firm, imported, key)
    assert standing(db, firm).has == Counts(2, 3, 0)
    assert standing(db, firm).level is Level.ACTIVE
    db.clock.move(timedelta(days=366))
    assert standing(db, firm).earned is Level.STARTED


def begun(work, firm, imported, key):
    """A launch that started now, as its row."""
    row = """INSERT INTO launch (id, ref, vendor_id, partner_id, campaign_id, version_id, copy_id,
        brand_id, sender_id, name, language, state, due_at, idempotency_key, created_at, started_at)
      SELECT gen_random_uuid(), 'LCH-' || CAST(:key AS varchar), :vendor, :partner, :campaign,
        :version, :copy, :brand, :sender, 'x', 'en', 'finished', :now, :key, :now, :now"""
    known = {name: work.session.scalar(text(sql), {"partner": firm["partner"]}) for name, sql in {
        "brand": "SELECT id FROM brand_profile WHERE partner_id = :partner",
        "copy": "SELECT id FROM partner_copy WHERE partner_id = :partner",
        "sender": "SELECT id FROM sender WHERE partner_id = :partner",
    }.items()}  # fmt: skip
    values = {"key": key, "vendor": firm["vendor"], "partner": firm["partner"], "now": work.now,
              "campaign": imported.campaign_id, "version": imported.version_id}  # fmt: skip
    work.session.execute(text(row), values | known)
