"""Shared pots, matched funds and points: who may take what, what is shown, and books that hold."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from tcma.errors import Conflict, Invalid, LimitReached, NotFound, TcmaError
from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import disputes, filing, own_shares
from tcma.mdf.claims import views as claim_views
from tcma.mdf.funds import ending, opening, points
from tcma.mdf.funds import views as fund_views
from tcma.mdf.funds.entries import ledger_lines
from tcma.mdf.judging import versions
from tcma.mdf.ledger import booking
from tcma.mdf.models.programmes import FundProgramme
from tcma.mdf.payments import holds
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import holding, planning, spending
from tcma.mdf.rules import AccountKind
from tests import builders

from .conftest import a_pdf, gbp


def opened(house, kind, *, total=1_000, **more):
    """A second fund of that kind; the partner's plans go to it from now on."""
    plan = opening.FundPlan(
        name=f"Quillon {kind}",
        total=gbp(total),
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        kind=kind,
        **more,
    )
    with house.db(house.finn) as work:
        house.fund_ref = opening.create_fund(work, plan).ref
    return house.fund_ref


def let_in(house, *partners):
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        opening.let_in(work, budget, partners)


def another(house, name):
    """Another partner of the vendor and its owner."""
    with house.db() as work:
        partner = builders.a_partner(work, house.vendor, name=name)
        return partner, builders.a_user(work, "owner", partner_id=partner)


def asked_by(house, who, net=100):
    with house.db(who) as work:
        part = queries.allocation_by_fund(work.session, who, house.fund_ref)
        request = planning.draft(work, part, house.plan(net))
        planning.submit(work, request)
        return request.ref


def approve(house, ref):
    with house.db(house.finn) as work:
        request_decisions.approve(work, queries.request_by_ref(work.session, house.finn, ref))


def summary(house):
    with house.db(house.finn) as work:
        return fund_views.fund_summary(work.session, house.finn, house.fund_ref, now=work.now)


def purse(house, who):
    with house.db(who) as work:
        return fund_views.wallet_fund(work.session, who, house.fund_ref, now=work.now)


def whole(house):
    with house.db() as work:
        return booking.verify(work.session) == []


def test_of_fifty_approvals_at_once_over_a_pot_with_room_for_ten_exactly_ten_succeed(house):
    opened(house, "pooled")
    firms = [another(house, f"Partner {n}") for n in range(4)]
    let_in(house, house.partner, *(partner for partner, _ in firms))
    people = [house.alice, *(owner for _, owner in firms)]
    refs = [asked_by(house, people[n % 5]) for n in range(50)]
    gate = threading.Barrier(50)

    def one(ref):
        gate.wait()
        try:
            approve(house, ref)
        except TcmaError as refused:
            return refused.code
        return ""

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(one, refs))
    assert answers.count("") == 10
    assert set(answers) <= {"", "constraint.ledger_account_never_negative", "mdf.fund.empty"}
    held = summary(house)
    assert (held.unallocated, held.available, held.reserved) == (gbp(0), gbp(0), gbp(1_000))
    assert whole(house)


def test_a_partner_sees_what_is_left_of_a_pot_and_nothing_of_what_others_took(house):
    opened(house, "pooled")
    other, owen = another(house, "Fernhill")
    let_in(house, house.partner, other)
    approve(house, asked_by(house, owen, 300))
    mine = purse(house, house.alice)
    assert (mine.pot, mine.allocated, mine.reserved) == (gbp(700), gbp(0), gbp(0))
    with house.db(house.alice) as work:
        lines = ledger_lines(work.session, house.alice, house.fund_ref)
    assert lines.rows == []
    theirs = purse(house, owen)
    assert (theirs.allocated, theirs.reserved) == (gbp(300), gbp(300))
    with house.db(owen) as work:
        lines = ledger_lines(work.session, owen, house.fund_ref).rows
    assert [(line.kind, line.debit, line.credit) for line in lines] == [
        ("reserve", "available", "reserved"),
        ("draw", "shared pot", "available"),
    ]


def test_what_is_left_of_a_hidden_pot_stands_on_no_page_check_or_kept_case(house):
    opened(house, "pooled", pot_shown=False)
    let_in(house, house.partner)
    assert purse(house, house.alice).pot is None
    ref = asked_by(house, house.alice, 4_000)
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, ref)
        assert not [check for check in planning.judge(work, request) if check.code == "available"]
    with pytest.raises(LimitReached) as refused:
        approve(house, ref)
    assert refused.value.message == "£1,000.00 is left in the shared pot."


def test_who_was_not_let_in_does_not_find_the_pot_and_nobody_is_given_a_part_of_it(house):
    opened(house, "pooled")
    with pytest.raises(NotFound):
        asked_by(house, house.alice)
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        with pytest.raises(Conflict) as refused:
            opening.allocate(work, budget, house.partner, gbp(10))
    assert refused.value.code == "mdf.fund.pooled"


def test_money_of_a_part_is_not_carried_over_into_a_pot(house):
    given = house.fund_ref
    opened(house, "pooled")
    leave = ending.Leave(reason="The fair moved.")
    with house.db(house.finn) as work:
        part = queries.part_by_partner(work.session, house.finn, given, "brightwater-it")
        into = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        with pytest.raises(Conflict) as refused:
            ending.carry_over(work, part, into, gbp(10), leave=leave)
    assert refused.value.code == "mdf.fund.pooled"


def test_what_a_closed_plan_gives_back_goes_to_the_plan_of_another_partner_that_waits(house):
    opened(house, "pooled")
    other, owen = another(house, "Fernhill")
    let_in(house, house.partner, other)
    first, second = asked_by(house, house.alice, 700), asked_by(house, owen, 600)
    approve(house, first)
    with house.db(house.finn) as work:
        request = queries.request_by_ref(work.session, house.finn, second)
        request_decisions.hold(work, request, [request_decisions.Answer()])
    with house.db(house.alice) as work:
        request_decisions.close(work, queries.request_by_ref(work.session, house.alice, first))
    with house.db() as work:
        assert holding.release(work) == [second]
    held = summary(house)
    assert (held.unallocated, held.reserved) == (gbp(400), gbp(600))
    assert purse(house, house.alice).allocated == gbp(0)
    assert whole(house)


def matched_claim(house, *, net=800):
    opened(house, "matched", share_bps=5_000)
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        opening.allocate(work, budget, house.partner, gbp(1_000))
    ref = house.proven(house.approved(net))
    return house.claimed(ref, ("A-1", net), submit=False)


def paid(major=100, **other):
    facts = {"amount": gbp(major), "paid_on": date(2026, 3, 2), "paid_to": "Pennant Studio"}
    return own_shares.OwnPayment(**facts | other)


def pay_own(house, ref, payment, mark="receipt"):
    with house.db(house.alice) as work:
        claim = queries.claim_by_ref(work.session, house.alice, ref)
        own_shares.add(work, claim, payment, file_name="paid.pdf", content=a_pdf(mark))
        return claim.amount_minor


def file(house, ref):
    with house.db(house.alice) as work:
        filing.submit(work, queries.claim_by_ref(work.session, house.alice, ref))


def test_a_matched_claim_waits_for_the_proof_of_the_partners_part_and_then_matches_it(house):
    ref = matched_claim(house)
    with pytest.raises(Conflict) as refused:
        file(house, ref)
    assert "proof that you paid your part" in refused.value.message
    assert pay_own(house, ref, paid(250)) == 25_000
    assert pay_own(house, ref, paid(150), "second") == 40_000
    file(house, ref)
    house.decided(ref)
    with house.db(house.mira) as work:
        detail = claim_views.claim_detail(work.session, house.mira, ref, now=work.now)
    assert [share.amount for share in detail.own_shares] == [gbp(250), gbp(150)]
    assert detail.row.approved == gbp(400)
    assert whole(house)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": gbp(0)}, "paid"),
        ({"paid_on": date(2026, 3, 3)}, "paid_on"),
        ({"paid_to": " "}, "paid_to"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_at_its_field(house, wrong, field):
    ref = matched_claim(house)
    with pytest.raises(Invalid) as refused:
        pay_own(house, ref, paid(**wrong))
    assert field in refused.value.fields


def test_one_file_shows_one_payment_and_taken_out_it_counts_no_more(house):
    ref = matched_claim(house)
    pay_own(house, ref, paid(400))
    with pytest.raises(Invalid) as refused:
        pay_own(house, ref, paid(400))
    assert "file" in refused.value.fields
    with house.db(house.alice) as work:
        claim = queries.claim_by_ref(work.session, house.alice, ref)
        share = claim_views.claim_detail(work.session, house.alice, ref, now=work.now).own_shares[0]
        own_shares.remove(work, claim, share.id)
    with pytest.raises(Conflict):
        file(house, ref)


def test_other_funds_ask_for_no_payment_of_the_partner(house):
    ref = house.claimed(house.proven(house.approved()), ("A-1", 800), submit=False)
    with pytest.raises(Conflict) as refused:
        pay_own(house, ref, paid(100))
    assert refused.value.code == "mdf.own_share.kind"


def published(house, point, day):
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        programme = work.session.get_one(FundProgramme, budget.programme_id)
        source = versions.versions_of(work.session, programme)[0].source
        changed = source.replace('point = "0.10"', f'point = "{point}"')
        versions.publish(work, programme, changed, day)


def test_points_keep_their_number_when_their_worth_changes_and_plans_keep_their_money(house):
    opened(house, "points", point=Decimal("0.10"))
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        opening.allocate(work, budget, house.partner, gbp(600))
    house.approved(100)
    before = purse(house, house.alice)
    assert (before.points(before.available), before.points(before.reserved)) == (5_000, 1_000)
    published(house, "0.12", date(2026, 3, 3))
    with house.db() as work:
        assert points.revalue_due(work) == []
        tomorrow = replace(work, now=datetime(2026, 3, 3, 9, tzinfo=UTC))
        assert points.revalue_due(tomorrow) == [house.fund_ref]
        assert points.revalue_due(tomorrow) == []
    after = purse(house, house.alice)
    assert (after.available, after.reserved) == (gbp(600), gbp(100))
    assert after.points(after.available) == 5_000
    held = summary(house)
    assert (held.unallocated, held.points(held.unallocated)) == (gbp(480), 4_000)
    assert held.total == gbp(1_180)
    assert whole(house)


def test_a_point_worth_less_gives_money_back_to_the_vendor(house):
    opened(house, "points", point=Decimal("0.10"))
    published(house, "0.03", date(2026, 3, 3))
    with house.db() as work:
        points.revalue_due(replace(work, now=datetime(2026, 3, 3, 9, tzinfo=UTC)))
        left = queries.balance(work.session, AccountKind.UNALLOCATED, currency="GBP")
    assert left == gbp(30_000 + 300)
    assert summary(house).points(gbp(300)) == 10_000


@pytest.mark.parametrize(
    ("kind", "more", "field"),
    [
        ("points", {}, "point"),
        ("points", {"point": Decimal(0)}, "point"),
        ("points", {"point": Decimal("0.123456789")}, "point"),
        ("discretionary", {"point": Decimal(1)}, "point"),
        ("matched", {}, "share"),
        ("fixed", {}, "per_partner"),
        ("discretionary", {"per_partner": gbp(1)}, "per_partner"),
    ],
)
def test_a_kind_that_lacks_its_number_is_refused_at_its_field(house, kind, more, field):
    with pytest.raises(Invalid) as refused:
        opened(house, kind, **more)
    assert field in refused.value.fields


def test_a_fund_stays_the_pot_it_was_opened_as(house):
    opened(house, "pooled")
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        programme = work.session.scalars(
            select(FundProgramme).where(FundProgramme.id == budget.programme_id)
        ).one()
        source = versions.versions_of(work.session, programme)[0].source
        changed = source.replace('"pooled"', '"discretionary"')
        with pytest.raises(Invalid) as refused:
            versions.publish(work, programme, changed, date(2026, 4, 1))
    assert refused.value.code == "mdf.programme.kind"


def test_above_a_persons_limit_an_owner_sends_the_plan(house):
    with house.db() as work:
        bob = builders.a_user(work, "partner_marketer", name="Bob", partner_id=house.partner)
        charlie = builders.charlie(work, house.vendor)
    with house.db(house.alice) as work:
        spending.set_limit(work, bob.user_id, gbp(200))
        assert spending.limits_of(work.session, house.alice) == [("Bob", gbp(200))]
        with pytest.raises(NotFound):
            spending.set_limit(work, charlie.user_id, gbp(200))
    assert asked_by(house, bob, 200)
    with pytest.raises(LimitReached, match="one plan; this one asks for £201"):
        asked_by(house, bob, 201)
    assert asked_by(house, house.alice, 201)
    with house.db(house.alice) as work:
        spending.set_limit(work, bob.user_id, None)
    assert asked_by(house, bob, 201)


def test_overdue_bills_freeze_the_funds_whose_rules_say_so_and_no_others(house):
    with house.db(house.finn) as work:
        holds.place(work, house.partner, reason="Invoice 7.", overdue=True)
    assert house.sent(100)
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        programme = work.session.get_one(FundProgramme, budget.programme_id)
        source = versions.versions_of(work.session, programme)[0].source
        frozen = source.replace("[partner]\n", "[partner]\nfrozen_when_overdue = true\n")
        versions.publish(work, programme, frozen, date(2026, 3, 3))
    house.db.clock.at = datetime(2026, 3, 3, 9, tzinfo=UTC)
    with pytest.raises(LimitReached, match="overdue bills"):
        house.sent(100)


def test_a_dispute_over_a_pot_sets_aside_from_the_pot_and_gives_back_to_it(house):
    opened(house, "pooled")
    let_in(house, house.partner)
    ref = house.claimed(house.proven(house.approved(800)), ("A-1", 800))
    house.decided(ref, amount=gbp(500))
    assert summary(house).unallocated == gbp(500)
    with house.db(house.alice) as work:
        claim = queries.claim_by_ref(work.session, house.alice, ref)
        disputes.open_dispute(work, claim, amount=gbp(300), words="All of it was printed.")
    assert summary(house).unallocated == gbp(200)
    with house.db(house.alice) as work:
        claim = queries.claim_by_ref(work.session, house.alice, ref)
        disputes.withdraw_dispute(work, claim)
    assert summary(house).unallocated == gbp(500)
    assert whole(house)


def test_a_claim_taken_back_after_its_plan_closed_fills_the_pot_again(house):
    opened(house, "pooled")
    let_in(house, house.partner)
    ref = house.claimed(house.proven(house.approved(800)), ("A-1", 800))
    house.decided(ref)
    with house.db(house.mira) as work:
        claim = queries.claim_by_ref(work.session, house.mira, ref)
        claim_decisions.take_back(work, claim, reason=Reason.DUPLICATE, words="Seen before.")
    assert summary(house).unallocated == gbp(1_000)
    assert whole(house)
