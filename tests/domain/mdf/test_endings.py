"""When money ends or comes from sales: expired, extended, carried over, asked back, accrued, undone."""

from datetime import UTC, date, datetime

import pytest

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.errors import Conflict, Forbidden, Invalid, LimitReached, NotFound
from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.funds import ending, opening, sales
from tcma.mdf.funds import views as fund_views
from tcma.mdf.funds.lots import Lot, expired
from tcma.mdf.funds.sales_reading import read_sales
from tcma.mdf.ledger import booking
from tcma.mdf.payments import batches
from tcma.mdf.reasons import Reason
from tcma.mdf.rules import ClaimState
from tests import builders
from tests.domain.mdf.conftest import gbp

AFTER = datetime(2027, 1, 1, 0, 0, tzinfo=UTC)
LEAVE = ending.Leave(reason="The fair was moved.")
FIRST, LAST = date(2026, 1, 31), date(2026, 3, 31)


@pytest.mark.parametrize(
    ("lots", "left", "gone"),
    [
        ([(100, FIRST)], 100, 100),
        ([(100, FIRST), (50, LAST)], 150, 100),
        ([(100, FIRST), (50, LAST)], 60, 10),
        ([(100, FIRST), (50, LAST)], 50, 0),
        ([(100, LAST)], 100, 0),
        ([], 0, 0),
    ],
)
def test_the_oldest_money_is_spent_first_and_expires_first(lots, left, gone):
    made = [Lot(minor, last) for minor, last in lots]
    assert expired(made, left, lambda day: day > date(2026, 2, 15)) == gone


def wallet(house):
    with house.db(house.alice) as work:
        assert booking.verify(work.session) == []
        return fund_views.wallet_fund(work.session, house.alice, house.fund_ref, now=work.now)


def part(house, work, who=None):
    return queries.part_by_partner(
        work.session, who or house.finn, house.fund_ref, "brightwater-it"
    )


def test_what_no_plan_reserved_expires_after_the_last_second_and_comes_back_with_more_time(house):
    house.approved(1_000)
    house.db.clock.at = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    with house.db() as work:
        assert ending.expire_due(work) == 0
    house.db.clock.at = AFTER
    with house.db() as work:
        assert (ending.expire_due(work), ending.expire_due(work)) == (1, 0)
    held = wallet(house)
    assert (held.available, held.reserved, held.expired) == (gbp(0), gbp(1_000), gbp(9_000))
    with house.db(house.finn) as work:
        ending.extend(work, part(house, work), until=date(2027, 3, 31), leave=LEAVE)
    with house.db() as work:
        assert ending.expire_due(work) == 0
    held = wallet(house)
    assert (held.available, held.expired, held.usable_until) == (
        gbp(9_000),
        gbp(0),
        date(2027, 3, 31),
    )


def test_time_is_given_by_the_vendor_with_a_reason_to_a_day_to_come(house):
    with house.db() as work:
        stranger = builders.finn(work, builders.a_vendor(work, name="Larkspur"))
    with house.db(house.finn) as work:
        mine = part(house, work)
        with pytest.raises(Invalid) as refused:
            ending.extend(work, mine, until=date(2026, 3, 1), leave=LEAVE)
        assert refused.value.fields["until"] == "This day is over."
        nothing = ending.Leave(reason=" ")
        with pytest.raises(Invalid) as refused:
            ending.extend(work, mine, until=date(2027, 3, 1), leave=nothing)
        assert set(refused.value.fields) == {"reason"}
    for who, error in ((stranger, NotFound), (house.alice, Forbidden)):
        with house.db(who) as work, pytest.raises(error):
            ending.extend(work, mine, until=date(2027, 3, 1), leave=LEAVE)


def test_unspent_money_goes_into_the_next_fund_and_no_more_than_that(house):
    with house.db(house.finn) as work:
        plan = opening.FundPlan(
            name="Quillon growth 2027",
            total=gbp(5_000),
            starts_on=date(2027, 1, 1),
            ends_on=date(2027, 12, 31),
        )
        into = opening.create_fund(work, plan)
        with pytest.raises(LimitReached, match=r"£10,000\.00 is left"):
            ending.carry_over(work, part(house, work), into, gbp(10_001), leave=LEAVE)
        ending.carry_over(work, part(house, work), into, gbp(4_000), leave=LEAVE)
    assert wallet(house).available == gbp(6_000)
    with house.db(house.alice) as work:
        new = fund_views.wallet_fund(work.session, house.alice, into.ref, now=work.now)
        assert new.available == gbp(4_000)
    with house.db(house.finn) as work:
        own, mine = queries.fund_by_ref(work.session, house.finn, house.fund_ref), part(house, work)
        with pytest.raises(Conflict, match="another fund"):
            ending.carry_over(work, mine, own, gbp(1), leave=LEAVE)


def test_m6_paid_money_is_asked_back_once_by_somebody_who_did_not_pay_it(house):
    ref = house.decided(house.claimed(house.proven(house.approved(900)), ("1", 900)))
    with house.db(house.finn) as work:
        batch = batches.make_batch(work, [queries.claim_by_ref(work.session, house.finn, ref)])
        batches.export_batch(work, batch, payouts=PayoutsPain())
        batches.settle(work, batch, bank_reference="BACS 1")
        claim = queries.claim_by_ref(work.session, house.finn, ref)
        with pytest.raises(Conflict, match="another person decides"):
            claim_decisions.claw_back(work, claim, reason=Reason.DUPLICATE, words="Paid before.")
    with house.db(house.mira) as work:
        claim = queries.claim_by_ref(work.session, house.mira, ref)
        with pytest.raises(Invalid, match="was paid"):
            claim_decisions.claw_back(
                work, claim, reason=Reason.DUPLICATE, words="x", amount=gbp(901)
            )
        claim_decisions.claw_back(
            work, claim, reason=Reason.DUPLICATE, words="Half was paid before.", amount=gbp(450)
        )
        assert claim.state == ClaimState.REVERSED
        with pytest.raises(Conflict):
            claim_decisions.claw_back(work, claim, reason=Reason.DUPLICATE, words="Again.")
        fund = fund_views.fund_summary(work.session, house.mira, house.fund_ref, now=work.now)
    assert (fund.unallocated, fund.paid) == (gbp(30_450), gbp(450))
    assert wallet(house).paid == gbp(450)


CSV = b"""Partner;Date;Net amount;Reference
Brightwater IT;2026-02-01;1,000.00;INV-1
Brightwater IT Ltd;2026-02-02;500.00;INV-2
brightwater-it;2026-02-03;-100.00;INV-3
Nobody;2026-02-03;10.00;INV-4
Brightwater IT;03/02/2026;10.00;INV-5
Brightwater IT;2026-02-03;ten;INV-6
Brightwater IT;2026-12-03;10.00;INV-7
Brightwater IT;2026-02-01;1,000.00;INV-1
"""


def test_sales_accrue_once_say_why_a_row_does_not_count_and_are_undone_as_a_whole(house):
    with house.db(house.finn) as work:
        plan = opening.FundPlan(
            name="Quillon co-op",
            total=gbp(0),
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31),
            kind="accrued",
            accrual_bps=250,
        )
        fund = opening.create_fund(work, plan)
        made = sales.import_sales(work, fund, file_name="q1.csv", content=CSV)
        faults = {
            row.reference: row.fault for row in sales.rows_of(work.session, made) if row.fault
        }
    assert faults == {
        "INV-4": "No enrolled partner is called “Nobody”.",
        "INV-5": "“03/02/2026” is no day. Write it like 2026-03-31.",
        "INV-6": "“ten” is not an amount.",
        "INV-7": "This day has not come yet.",
        "INV-1": "Counted before.",
    }
    house.fund_ref = fund.ref
    assert wallet(house).available == gbp(35)
    with house.db(house.finn) as work:
        again = sales.import_sales(work, fund, file_name="q1.csv", content=CSV)
        assert not any(row.counts for row in sales.rows_of(work.session, again))
    assert wallet(house).available == gbp(35)
    with house.db(house.finn) as work:
        sales.undo_import(work, sales.import_by_ref(work.session, house.finn, made.ref))
        sales.undo_import(work, sales.import_by_ref(work.session, house.finn, made.ref))
    assert wallet(house).available == gbp(0)
    with house.db(house.finn) as work:
        sales.import_sales(work, fund, file_name="q1.csv", content=CSV)
    assert wallet(house).available == gbp(35)


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"partner,amount\nA,1\n", b"%PDF-1.4\n"])
def test_a_file_that_is_no_list_of_sales_is_refused_with_the_columns(content):
    with pytest.raises(Invalid, match="columns partner, date, amount and reference"):
        read_sales(content, "GBP")


def test_a_fund_that_accrues_nothing_takes_no_sales(house):
    with house.db(house.finn) as work:
        fund = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        with pytest.raises(Conflict, match="accrue nothing"):
            sales.import_sales(work, fund, file_name="q1.csv", content=CSV)
