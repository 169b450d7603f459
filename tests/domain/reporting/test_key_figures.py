"""Key figures: each share counts what its definition says, and opens exactly those rows."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing
from tcma.mdf.funds import opening
from tcma.mdf.payments import batches
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import planning
from tcma.money import Money
from tcma.reporting.key_report import key_report
from tcma.reporting.measures import Measure
from tcma.reporting.rows import rows_behind
from tests import builders
from tests.domain.mdf.conftest import gbp, house  # noqa: F401 - the fixture
from tests.domain.mdf.test_stages import AT_ONCE, plan, ruled
from tests.domain.mdf.test_withdrawals import act


def figures(house, key):  # noqa: F811 - the value of the fixture
    with house.db(house.mira) as work:
        report = key_report(work.session, house.mira)
    (line,) = [line for line in report.lines if line.key == key]
    comes = line.figure("comes_to")
    value = comes.rate_bps if comes.value is None else comes.value
    return line.figure("counted").value, line.figure("part").value, value


def opened(house, measure, facet=""):  # noqa: F811 - the value of the fixture
    filters = {"measure": str(measure)} | ({"facet": facet} if facet else {})
    with house.db(house.mira) as work:
        page = rows_behind(work.session, house.mira, "measures", filters)
    return sorted(row.ref for row in page.rows)


@pytest.fixture
def year(house):  # noqa: F811 - the fixture
    """Two plans by the programme, one drawn and cut, one refused; a claim paid and asked back."""
    ruled(house, AT_ONCE.format(0.01))
    at_once = [house.sent(500), house.sent(400)]
    ruled(house, "", into={"sampled = 0.01": "sampled = 100"})
    drawn = house.sent(300)
    plan(house, house.mira, drawn, request_decisions.approve, amount=gbp(200))
    refused = house.sent(2_000)
    plan(house, house.mira, refused, request_decisions.refuse, reason=Reason.INELIGIBLE, words="No")
    first = house.claimed(house.proven(at_once[0]), ("1", 500))
    wrong = {"reason": Reason.POP_MISSING, "words": "Page two."}
    act(house, house.mira, first, claim_decisions.return_to_fix, **wrong)
    act(house, house.alice, first, filing.submit)
    second = house.claimed(house.proven(at_once[1]), ("2", 400))
    for ref in (first, second):
        house.decided(ref)
    with house.db(house.finn) as work:
        batch = batches.make_batch(work, [queries.claim_by_ref(work.session, house.finn, second)])
        batches.export_batch(work, batch, payouts=PayoutsPain())
        batches.settle(work, batch, bank_reference="B")
    act(
        house,
        house.mira,
        second,
        claim_decisions.claw_back,
        reason=Reason.DUPLICATE,
        words="Twice.",
    )
    house.refs = {"at_once": at_once, "drawn": drawn, "refused": refused, "claims": [first, second]}
    return house


def test_each_share_counts_what_it_says_and_opens_its_rows(year):
    refs = year.refs
    plans = sorted([*refs["at_once"], refs["drawn"], refs["refused"]])
    claims = sorted(refs["claims"])
    expected = {
        Measure.PLANS: (plans, sorted([*refs["at_once"], refs["drawn"]])),
        Measure.POLICY: (plans, sorted(refs["at_once"])),
        Measure.DRAWN: ([refs["drawn"]], [refs["drawn"]]),
        Measure.RUN_HERE: (sorted([*refs["at_once"], refs["drawn"]]), []),
        Measure.CLAIMS: (claims, claims),
        Measure.COMPLETE: (claims, [claims[1]]),
        Measure.ASKED_BACK: ([claims[1]], [claims[1]]),
    }
    for measure, (rows, part) in expected.items():
        rate = 10_000 * len(part) // len(rows)
        assert figures(year, measure) == (len(rows), len(part), rate), measure
        assert opened(year, measure) == rows, measure
        assert opened(year, measure, "part") == part, measure


def test_partners_own_money_counts_for_each_one_that_was_granted(house):  # noqa: F811
    assert figures(house, "leverage") == (0, None, None)
    house.approved(800)
    house.approved(1_000, amount=gbp(400))
    assert figures(house, "leverage") == (2, None, Decimal("0.5"))
    assert figures(house, "accepted_cost") == (0, None, None)


def test_another_vendor_reads_none_of_it(house):  # noqa: F811
    house.approved(800)
    with house.db() as work:
        stranger = builders.mira(work, builders.a_vendor(work, name="Larkspur"))
    house.mira = stranger
    assert figures(house, Measure.PLANS) == (0, 0, None)
    assert opened(house, Measure.PLANS) == []


def test_money_of_two_currencies_is_two_lines(house):  # noqa: F811
    house.approved(800)
    with house.db(house.finn) as work:
        euros = opening.FundPlan(
            name="Euros", total=Money(500_000, "EUR"), starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31),
        )  # fmt: skip
        fund = opening.create_fund(work, euros)
        opening.allocate(work, fund, house.partner, Money(100_000, "EUR"))
        house.fund_ref = fund.ref
    activity = replace(house.activity(), lines=[planning.PlanLine("Hall", Money(20_000, "EUR"))])
    with house.db(house.alice) as work:
        part = queries.allocation_by_fund(work.session, house.alice, house.fund_ref)
        ref = planning.draft(work, part, planning.RequestPlan([activity])).ref
        planning.submit(work, queries.request_by_ref(work.session, house.alice, ref))
    plan(house, house.finn, ref, request_decisions.approve)
    with house.db(house.mira) as work:
        lines = key_report(work.session, house.mira).lines
    names = [line.name.rpartition(", ")[2] for line in lines if line.key == "leverage"]
    assert names == ["EUR", "GBP"]
