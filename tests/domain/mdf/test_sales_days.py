"""Sales count in their fund's days, earn what the rules of their own day say, and may be tried."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from tcma.mdf.funds import opening, sales
from tcma.mdf.funds.entries import ledger_lines
from tcma.mdf.judging import versions
from tcma.mdf.ledger import booking
from tcma.mdf.models.ledger import LedgerTransfer
from tcma.mdf.models.sales import SaleRow
from tests.domain.mdf.conftest import gbp
from tests.domain.mdf.test_endings import wallet

CSV = b"""Partner,Date,Net amount,Reference
Brightwater IT,2026-01-31,1000.00,INV-0
Brightwater IT,2026-02-01,1000.00,INV-1
Brightwater IT,2026-03-02,1000.00,INV-2
Brightwater IT,2026-03-03,1000.00,INV-3
"""


@pytest.fixture
def co_op(house):
    """A fund from February on that accrues 2 %, from 3 March on 5 %."""
    with house.db(house.finn) as work:
        plan = opening.FundPlan(
            name="Quillon co-op",
            total=gbp(0),
            starts_on=date(2026, 2, 1),
            ends_on=date(2026, 12, 31),
            kind="accrued",
            accrual_bps=200,
        )
        fund = opening.create_fund(work, plan)
        programme = versions.programme_by_ref(work.session, house.finn, fund.ref)
        source = versions.versions_of(work.session, programme)[0].source
        source = source.replace("percent = 2\n", "percent = 5\n")
        versions.publish(work, programme, source, date(2026, 3, 3))
        house.fund_ref = fund.ref
    house.db.clock.at = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
    return fund.id


def test_each_sale_earns_by_the_rules_of_its_day_and_counts_in_the_funds_days(house, co_op):
    with house.db(house.finn) as work:
        fund = work.session.get_one(opening.FundBudget, co_op)
        made = sales.import_sales(work, fund, file_name="q1.csv", content=CSV)
        faults = {r.reference: r.fault for r in sales.rows_of(work.session, made) if r.fault}
        assert faults == {"INV-0": "The fund runs from Sun 1 Feb 2026 to Thu 31 Dec 2026."}
        lines = ledger_lines(work.session, house.finn, house.fund_ref).rows
        assert {(line.amount, line.rules[-10:]) for line in lines} == {
            (gbp(40), "2026-02-01"),
            (gbp(50), "2026-03-03"),
        }
    assert wallet(house).available == gbp(90)
    with house.db(house.finn) as work:
        sales.undo_import(work, sales.import_by_ref(work.session, house.finn, made.ref))
    assert wallet(house).available == gbp(0)


def test_a_file_is_tried_without_leaving_anything(house, co_op):
    with house.db(house.finn) as work:
        fund = work.session.get_one(opening.FundBudget, co_op)
        trial = sales.try_sales(work, fund, content=CSV)
        assert (trial.earned, [row.counts for row in trial.rows]) == (
            gbp(90),
            [False, True, True, True],
        )
    with house.db() as work:
        for table in (SaleRow, LedgerTransfer):
            some = select(func.count()).select_from(table)
            if table is LedgerTransfer:
                some = some.where(LedgerTransfer.chain_id == co_op)
            assert work.session.scalar(some) == 0
        assert booking.verify(work.session) == []
