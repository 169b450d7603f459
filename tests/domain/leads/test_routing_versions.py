"""Rules are published by day, decide from then on, replay what they decided, and say what if."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.leads import offers, routing_versions
from tcma.leads.deciding import company_holder, rules_of
from tcma.leads.models import Lead, LeadOffer, RoutingVersion
from tcma.leads.routing.rules import STANDARD
from tcma.leads.routing.trying import replayed
from tests.builders import a_vendor, mira, vera
from tests.domain.leads.traces import decision_of

TO_RIDGELINE = '[sticky]\nsource = "never"\n[[rule]]\nname = "Ours"\npartners = ["ridgeline"]\n'


@pytest.fixture
def manager(db, ground):
    with db() as work:
        return mira(work, ground.vendor_id)


def published(db, who, source=TO_RIDGELINE, day=None, note="why"):
    with db(who) as work:
        return routing_versions.publish(work, source, valid_from=day or work.now.date(), note=note)


def routed(db, ask, number):
    lead = ask(number, address=f"ida{number}@brackwater{number}.example").lead_id
    with db() as work:
        offers.route(work, lead)
        return work.session.scalar(
            select(LeadOffer).where(LeadOffer.lead_id == lead, LeadOffer.epoch == 1)
        )


def test_published_rules_decide_and_the_offer_keeps_rule_version_and_facts(
    db, ground, ask, manager
):
    before = routed(db, ask, 1)
    assert (before.partner_id, before.trace["version"]) == (ground.first, 0)
    assert published(db, manager) == 1
    after = routed(db, ask, 2)
    assert (after.partner_id, after.trace["version"]) == (ground.second, 1)
    assert after.trace["rule_name"] == "Ours"
    assert after.reason == "it is your turn"


def test_rules_of_a_later_day_wait_for_it(db, ground, ask, manager):
    with db() as work:
        later = date.fromordinal(work.now.date().toordinal() + 7)
    published(db, manager, day=later)
    assert routed(db, ask, 1).partner_id == ground.first
    db.clock.move(timedelta(days=8))
    assert routed(db, ask, 2).partner_id == ground.second


def test_every_stored_decision_replays_to_the_letter(db, ground, ask, manager):
    kept = [routed(db, ask, n) for n in range(4)]
    published(db, manager)
    kept += [routed(db, ask, n) for n in range(4, 8)]
    with db() as work:
        sources = dict(work.session.execute(select(RoutingVersion.no, RoutingVersion.source)).all())
    for offer in kept:
        again = replayed(offer.trace, rules_of(sources.get(offer.trace["version"], STANDARD)))
        assert (again.partner_id, again.reason, again.trace) == (
            offer.partner_id,
            offer.reason,
            decision_of(offer.trace),
        )


def test_what_if_runs_over_the_last_quarter_and_writes_nothing(db, ground, ask, manager):
    for n in range(3):
        routed(db, ask, n)
    with db(manager) as work:
        counted = select(text("count(*)")).select_from(LeadOffer)
        before = work.session.scalar(counted)
        trial = routing_versions.try_out(work.session, work.principal, TO_RIDGELINE, now=work.now)
        assert work.session.scalar(counted) == before
    assert trial.outcome.shares == (("Ridgeline", 0, 3), ("Fenwright", 3, 0))
    assert {c.after for c in trial.outcome.changes} == {"Ridgeline"}


def test_a_partner_that_works_with_the_company_is_known_by_its_domain(db, ground, ask, manager):
    published(
        db, manager, '[sticky]\nsource = "never"\naccount = true\n' + TO_RIDGELINE.split("\n", 2)[2]
    )
    lead = ask(1, address="ida@leeds.brackwater.example").lead_id
    with db() as work:
        work.session.execute(
            text("UPDATE lead SET state = 'accepted', partner_id = :p, accepted_at = created_at"),
            {"p": ground.first},
        )
    for n, address in enumerate(("jo@brackwater.example", "jo@x.leeds.brackwater.example"), 2):
        lead = ask(n, address=address).lead_id
        with db() as work:
            assert offers.route(work, lead) == ground.first
    other = ask(9, address="jo@otherbrackwater.example").lead_id
    with db() as work:
        assert offers.route(work, other) == ground.second
        known, unknown = (work.session.get(Lead, each) for each in (lead, other))
        known.partner_id = ground.second
        assert company_holder(work.session, known) == "Fenwright"
        assert company_holder(work.session, unknown) == ""


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("[[rule]]\nname = ", "Line 2: This is no TOML"),
        ('[[rule]]\nname = "a"\npartners = ["nobody-here"]', "Line 3: There is no partner"),
        (TO_RIDGELINE + '[[test]]\nname = "Leeds"\nlead = {}\ngets = "fenwright"', "test “Leeds”"),
    ],
)
def test_rules_with_a_fault_or_a_failing_test_are_not_published(db, ground, manager, source, said):
    with pytest.raises(Invalid, match=said):
        published(db, manager, source)


def test_nobody_rewrites_yesterday_nor_a_published_version(db, ground, manager):
    with pytest.raises(Invalid, match="today or a later day"):
        published(db, manager, day=date(2020, 1, 1))
    published(db, manager)
    with pytest.raises(Conflict, match="contradicts"), db() as work:
        work.session.execute(text("UPDATE routing_version SET source = ''"))


def test_rules_are_kept_by_the_vendors_channel_managers_alone(db, ground, manager):
    with db() as work:
        marketer = vera(work, ground.vendor_id)
        stranger = mira(work, a_vendor(work, name="Quillon"))
    with pytest.raises(Forbidden):
        published(db, marketer)
    published(db, manager)
    with db(stranger) as work:
        assert routing_versions.versions(work.session, work.principal, work.now) == []
        with pytest.raises(NotFound):
            routing_versions.version(work.session, work.principal, 1, work.now)
    with pytest.raises(NotFound), db(ground.alice) as work:
        routing_versions.in_force(work.session, work.principal, work.now)
