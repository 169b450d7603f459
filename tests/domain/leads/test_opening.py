"""A partner's own hours, days off and pauses: the clock follows them, the rules skip or wait, the trace says why."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from tcma.errors import Forbidden, Invalid, NotFound
from tcma.jobs import Job
from tcma.leads import by_hand, offers, opening, routing_versions, sharing
from tcma.leads.hours import Hours, answer_by
from tcma.leads.models import Lead, LeadOffer, RoutingMember
from tcma.leads.routing.sellers import Asked, Seller, Way, choose
from tcma.leads.rules import RestKind
from tcma.leads.story import history
from tcma.permissions import Role
from tests.builders import a_partner, a_user, mira
from tests.domain.leads.conftest import rules_are
from tests.faults.posting import rung
from workers.runtime import Run

SKIPS = """\
[sticky]
source = "never"

[answer]
hours = 4
closed = "skip"

[[rule]]
name = "Territory"
need = { territory = true }
"""
WAITS = SKIPS.replace('"skip"', '"wait"')


@pytest.fixture
def owner(db, ground):
    return ground.alice


def offered(db, ask, number):
    lead = ask(number, address=f"ida{number}@brackwater{number}.example").lead_id
    with db() as work:
        offers.route(work, lead)
        return work.session.scalars(
            select(LeadOffer).where(LeadOffer.lead_id == lead)
        ).one_or_none()


def rests(db, owner, kind, *, days=3, **more):
    with db(owner) as work:
        first = work.now.date()
        last = None if days is None else first + timedelta(days=days)
        facts = {"reason": "holiday", "starts_on": first, "ends_on": last} | more
        opening.state_rest(work, kind, **facts)
        return last


def test_the_clock_runs_in_the_hours_the_partner_states_on_saturday_too():
    friday = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
    works = Hours("UTC", "GB", opens=time(10), closes=time(16), days=frozenset({5, 6}))
    assert answer_by(friday, works, needed=2) == datetime(2026, 3, 7, 11, 0, tzinfo=UTC)
    away = Hours("UTC", "GB", days=frozenset({5, 6}), away=((date(2026, 3, 7), date(2026, 3, 12)),))
    late = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)
    assert answer_by(late, away, needed=2) == datetime(2026, 3, 13, 10, 0, tzinfo=UTC)


def test_a_holiday_of_its_country_is_none_of_its_days():
    christmas_eve = datetime(2026, 12, 24, 16, 0, tzinfo=UTC)
    works = Hours("UTC", "GB", days=frozenset(range(1, 8)))
    assert answer_by(christmas_eve, works, needed=2) == datetime(2026, 12, 27, 10, 0, tzinfo=UTC)


def test_an_offer_has_the_time_of_the_hours_that_are_stated(db, ground, ask, owner):
    rules_are(db, ground, WAITS)
    with db() as work:
        work.session.execute(text("UPDATE enrolment SET weight = 0 WHERE partner_id <> :id"),
                             {"id": ground.first})  # fmt: skip
    usual = offered(db, ask, 1).answer_by
    with db(owner) as work:
        opening.save_hours(work, days=range(1, 8), opens=time(0), closes=time(23, 59))
    early = offered(db, ask, 2)
    assert early.answer_by <= usual
    assert early.answer_by == early.offered_at + timedelta(hours=4)
    last = rests(db, owner, RestKind.CLOSED)
    waits = offered(db, ask, 3)
    with db() as work:
        zone = ZoneInfo(opening.opening_of(work.session, ground.first).zone)
    after = datetime.combine(last + timedelta(days=1), time(4), tzinfo=zone)
    assert waits.answer_by == after


def test_who_is_closed_is_passed_over_where_the_rules_say_so(db, ground, ask, owner):
    rules_are(db, ground, SKIPS)
    last = rests(db, owner, RestKind.CLOSED, reason="holiday")
    for number in (1, 2):
        offer = offered(db, ask, number)
        assert offer.partner_id == ground.second
    row = next(r for r in offer.trace["candidates"] if r["id"] == str(ground.first))
    assert row["why"] == f"is closed until {last:%-d %B %Y}: holiday"


def test_who_is_paused_gets_nothing_and_everybody_reads_why(db, ground, ask, owner):
    rules_are(db, ground, WAITS)
    rests(db, owner, RestKind.PAUSED, days=None, reason="capacity", note="Two engineers ill")
    for number in (1, 2):
        offer = offered(db, ask, number)
        assert offer.partner_id == ground.second
    row = next(r for r in offer.trace["candidates"] if r["id"] == str(ground.first))
    assert row["why"] == "is paused: no capacity (Two engineers ill)"
    with db(owner) as work:
        [rest] = opening.rests_of(work.session, ground.first, work.now)
        assert (rest.kind, rest.is_now, rest.ends_on) == (RestKind.PAUSED, True, None)
        opening.end_rest(work, rest.id)
    assert offered(db, ask, 3).partner_id == ground.first


def test_a_pause_that_has_passed_or_is_to_come_keeps_nobody(db, ground, ask, owner):
    rules_are(db, ground, WAITS)
    rests(db, owner, RestKind.PAUSED, days=1)
    with db(owner) as work:
        later = work.now.date() + timedelta(days=30)
        opening.state_rest(work, RestKind.PAUSED, reason="holiday", starts_on=later, ends_on=None)
    db.clock.move(timedelta(days=2))
    got = {offered(db, ask, number).partner_id for number in (1, 2)}
    assert got == {ground.first, ground.second}


def test_all_paused_leaves_it_to_a_person(db, ground, ask, owner):
    with db() as work:
        other = a_user(work, Role.OWNER, partner_id=ground.second)
    for who in (owner, other):
        rests(db, who, RestKind.PAUSED)
    assert offered(db, ask, 1) is None
    with db() as work:
        assert work.session.scalars(select(Lead.state)).one() == "unassigned"


def test_tests_beside_the_rules_do_not_mind_who_rests_today(db, ground, owner):
    rests(db, owner, RestKind.PAUSED)
    rule = '[[rule]]\nname = "Ours"\npartners = ["fenwright"]\n'
    source = f'{rule}[[test]]\nname = "t"\nlead = {{ country = "GB" }}\ngets = "fenwright"\n'
    with db() as work:
        who = mira(work, ground.vendor_id)
    with db(who) as work:
        assert routing_versions.tested(work.session, work.principal, source, now=work.now).ready


def looked(db):
    rung(Run(services=db, stopping=lambda: False), Job.LEAD_EXPIRE)


def test_a_pause_lets_open_offers_go_on_at_no_turn_and_the_next_trace_says_why(
    db, ground, ask, owner
):
    open_one = offered(db, ask, 1)
    assert open_one.partner_id == ground.first
    db.clock.move(timedelta(minutes=1))
    rests(db, owner, RestKind.PAUSED, reason="capacity")
    assert db.queue.of(Job.LEAD_EXPIRE)
    looked(db)
    with db() as work:
        assert work.session.get_one(LeadOffer, open_one.id).state == "recalled"
        assert not any(work.session.scalars(select(RoutingMember.credit)))
        assert work.session.scalars(select(Lead.state)).one() == "new"
        assert offers.route_waiting(work, ground.vendor_id) == 1
    with db() as work:
        following = work.session.scalars(select(LeadOffer).where(LeadOffer.epoch == 2)).one()
        lead = work.session.get_one(Lead, open_one.lead_id)
        told = [verb for _, verb, _ in history(work.session, lead.id, work.principal)]
    assert following.partner_id == ground.second
    row = next(r for r in following.trace["candidates"] if r["id"] == str(ground.first))
    assert row["why"].startswith("is paused until")
    assert "went on in a pause" in told


def test_partners_that_pause_one_after_the_other_use_up_no_turn_of_a_lead(db, ground, ask):
    with db() as work:
        more = [a_partner(work, ground.vendor_id, territories=("GB-N",)) for _ in range(3)]
        owners = {
            each: a_user(work, Role.OWNER, partner_id=each)
            for each in (ground.first, ground.second, *more)
        }
    lead_id = offered(db, ask, 1).lead_id
    asked = []
    for _ in range(4):
        with db() as work:
            asked.append(work.session.get_one(Lead, lead_id).partner_id)
        db.clock.move(timedelta(minutes=1))
        rests(db, owners[asked[-1]], RestKind.PAUSED)
        looked(db)
        with db() as work:
            offers.route_waiting(work, ground.vendor_id)
    with db() as work:
        lead = work.session.get_one(Lead, lead_id)
    assert (lead.state, lead.epoch) == ("offered", 5)
    assert len({*asked, lead.partner_id}) == 5


def test_a_pause_to_come_takes_offers_back_on_its_first_day_where_the_partner_is(
    db, ground, ask, owner
):
    rules_are(db, ground, SKIPS.replace("hours = 4", "hours = 40"))
    open_one = offered(db, ask, 1)
    with db(owner) as work:
        zone = ZoneInfo(opening.opening_of(work.session, ground.first).zone)
        first = work.now.astimezone(zone).date() + timedelta(days=2)
        opening.state_rest(work, RestKind.PAUSED, reason="holiday", starts_on=first, ends_on=None)
    begins = datetime.combine(first, time(), tzinfo=zone)
    for at, state in ((begins - timedelta(minutes=1), "offered"), (begins, "recalled")):
        db.clock.move(at - db.clock.now())
        looked(db)
        with db() as work:
            assert work.session.get_one(LeadOffer, open_one.id).state == state


def test_closed_days_and_what_a_person_offers_in_a_pause_take_nothing_back(db, ground, ask, owner):
    closed = offered(db, ask, 1)
    db.clock.move(timedelta(minutes=1))
    rests(db, owner, RestKind.CLOSED)
    looked(db)
    with db() as work:
        assert work.session.get_one(LeadOffer, closed.id).state == "offered"
    rests(db, owner, RestKind.PAUSED)
    looked(db)
    db.clock.move(timedelta(minutes=1))
    with db() as work:
        manager = mira(work, ground.vendor_id)
    with db(manager) as work:
        by_hand.assign(work, work.session.scalars(select(Lead)).one(), ground.first)
    looked(db)
    with db() as work:
        states = work.session.scalars(select(LeadOffer.state).order_by(LeadOffer.id)).all()
    assert states == ["recalled", "offered"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"reason": "tired"}, "reason"),
        ({"reason": "other"}, "note"),
        ({"days": None}, "ends_on"),
        ({"days": -1}, "ends_on"),
    ],
)
def test_a_rest_that_cannot_be_names_its_field(db, owner, facts, field):
    with pytest.raises(Invalid) as refused:
        rests(db, owner, RestKind.CLOSED, **facts)
    assert field in refused.value.fields


def test_only_the_owner_states_and_only_of_its_own(db, ground, owner):
    with db(ground.sam) as work, pytest.raises(Forbidden):
        opening.save_hours(work, days=[1], opens=time(9), closes=time(17))
    with db(owner) as work:
        with pytest.raises(Invalid) as refused:
            opening.save_hours(work, days=[], opens=time(9), closes=time(17))
        assert "days" in refused.value.fields
        with pytest.raises(Invalid) as refused:
            opening.save_hours(work, days=[1], opens=time(9), closes=time(9))
        assert "closes" in refused.value.fields
    rests(db, owner, RestKind.PAUSED)
    with db() as work:
        other = a_user(work, Role.OWNER, partner_id=ground.second)
        [rest] = opening.rests_of(work.session, ground.first, work.now)
    with db(other) as work, pytest.raises(NotFound):
        opening.end_rest(work, rest.id)


def test_one_person_gets_every_lead_and_while_away_the_others_in_turn(db, ground, owner):
    asked = Asked(company="Brackwater", country="GB", postcode="LS1")
    people = [Seller(id=n, name=f"S{n}", gets_all=n == 2) for n in (1, 2, 3)]
    handed = choose(asked, people, way=Way.PERSON, keeps=False)
    assert (handed.person.id, handed.reason, handed.in_turn) == (2, "gets every lead", False)
    people[1] = Seller(id=2, name="S2", gets_all=True, is_away=True)
    handed = choose(asked, people, way=Way.PERSON, keeps=False)
    assert (handed.person.id, handed.in_turn) == (1, True)
    with db(owner) as work:
        with pytest.raises(Invalid) as refused:
            sharing.save_rule(work, way=Way.PERSON, keeps=False, areas={})
        assert "person_id" in refused.value.fields
        sam = ground.sam.user_id
        sharing.save_rule(work, way=Way.PERSON, keeps=False, areas={}, person_id=sam)
        assert sharing.rule_of(work).person_id == sam
