"""Stages of money over random small worlds, against a journal that the test keeps itself."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing
from tcma.mdf.payments import batches
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import planning
from tcma.reporting.mdf_report import funds_report
from tcma.reporting.rows import rows_behind
from tcma.reporting.stages import Stage, paces
from tests import builders
from tests.domain.mdf.conftest import house  # noqa: F401 - the fixture

PLANS = 9


@dataclass
class Journal:
    """What happened, counted in Python: stage → (ref, when it ended, seconds, at the first go)."""

    house: object
    rng: random.Random
    passed: dict = field(default_factory=lambda: {stage: [] for stage in Stage})
    paid: int = 0

    @property
    def now(self):
        return self.house.db.clock.now()

    def wait(self):
        self.house.db.clock.move(timedelta(minutes=self.rng.randint(1, 60 * 60)))

    def over(self, stage, ref, began, *, first=False):
        self.passed[stage].append((ref, self.now, (self.now - began).total_seconds(), first))

    def request(self, work, ref):
        return queries.request_by_ref(work.session, work.principal, ref)

    def claim(self, work, ref):
        return queries.claim_by_ref(work.session, work.principal, ref)

    def a_plan(self):
        """One plan as far as chance lets it go."""
        house, sent = self.house, self.now  # noqa: F811 - the value of the fixture
        starts = (sent + timedelta(days=25)).date()
        ref = house.sent(self.rng.randint(100, 900), starts=starts)
        first = True
        self.wait()
        if self.rng.random() < 0.3:
            first = False
            with house.db(house.finn) as work:
                row = self.request(work, ref)
                request_decisions.return_to_fix(work, row, reason=Reason.POP_MISSING, words="One.")
            self.wait()
            sent = self.now
            with house.db(house.alice) as work:
                planning.submit(work, self.request(work, ref))
            self.wait()
        fate = self.rng.random()
        if fate < 0.2:
            return
        with house.db(house.finn) as work:
            row = self.request(work, ref)
            if fate < 0.4:
                request_decisions.refuse(work, row, reason=Reason.INELIGIBLE, words="No.")
            else:
                request_decisions.approve(work, row)
        self.over(Stage.PLAN, ref, sent, first=first and fate >= 0.4)
        if fate >= 0.4:
            self.a_claim(house.proven(ref), self.now)

    def a_claim(self, plan, answered):
        house = self.house  # noqa: F811 - the value of the fixture
        self.wait()
        if self.rng.random() < 0.2:
            return
        ref = house.claimed(plan, (plan, 90))
        filed, first = self.now, True
        self.wait()
        if self.rng.random() < 0.3:
            first = False
            with house.db(house.mira) as work:
                row = self.claim(work, ref)
                claim_decisions.return_to_fix(work, row, reason=Reason.POP_MISSING, words="One.")
            self.wait()
            filed = self.now
            with house.db(house.alice) as work:
                filing.submit(work, self.claim(work, ref))
        self.passed[Stage.SPEND].append((ref, filed, (filed - answered).total_seconds(), False))
        self.wait()
        fate = self.rng.random()
        if fate < 0.2:
            return
        with house.db(house.mira) as work:
            row = self.claim(work, ref)
            if fate < 0.4:
                claim_decisions.refuse(work, row, reason=Reason.DUPLICATE, words="Twice.")
            else:
                claim_decisions.approve(work, row)
        self.over(Stage.CLAIM, ref, filed, first=first and fate >= 0.4)
        if fate >= 0.5:
            self.a_payment(ref, filed, self.now)

    def a_payment(self, ref, filed, decided):
        house = self.house  # noqa: F811 - the value of the fixture
        self.wait()
        with house.db(house.finn) as work:
            row = self.claim(work, ref)
            batch = batches.make_batch(work, [row])
            batches.export_batch(work, batch, payouts=PayoutsPain())
        self.wait()
        with house.db(house.finn) as work:
            row = queries.batch_by_ref(work.session, house.finn, batch.ref)
            batches.settle(work, row, bank_reference="B")
            self.paid += self.claim(work, ref).approved_minor
        self.over(Stage.PAY, ref, decided)
        self.over(Stage.CASH, ref, filed)


def tenth(seconds):
    return (Decimal(str(seconds)) / 86_400).quantize(Decimal("0.1"), ROUND_HALF_UP)


def within(seconds, part):
    """The value below which that part lies, between the two nearest as SQL's percentile_cont."""
    ordered = sorted(seconds)
    at = Decimal(str(part)) * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    below, above = Decimal(str(ordered[low])), Decimal(str(ordered[high]))
    return tenth(below + (above - below) * (at - low))


@pytest.mark.parametrize("seed", [1, 2])
def test_every_stage_counts_what_happened_and_opens_its_rows(house, seed):  # noqa: F811 - fixture
    journal = Journal(house, random.Random(seed))
    for _ in range(PLANS):
        journal.a_plan()
    middle = sorted(at for rows in journal.passed.values() for _, at, *_ in rows)
    for since in (None, middle[len(middle) // 2]):
        for who in (house.mira, house.alice):
            with house.db(who) as work:
                told = {pace.stage: pace for pace in paces(work.session, who, since=since)}
                for stage, pace in told.items():
                    rows = [
                        row for row in journal.passed[stage] if since is None or row[1] >= since
                    ]
                    agrees(work, who, pace, rows, since)
    with house.db(house.mira) as work:
        (fund,) = funds_report(work.session, house.mira, now=work.now).lines
    assert fund.figure("utilisation").rate_bps == round(journal.paid * 10_000 / 1_000_000)
    assert fund.figure("breakage").rate_bps == 0


def agrees(work, who, pace, rows, since):
    seconds = [took for _, _, took, _ in rows]
    assert pace.count == len(rows)
    assert pace.median == (within(seconds, 0.5) if rows else None)
    assert pace.slow == (within(seconds, 0.9) if rows else None)
    firsts = {ref for ref, _, _, first in rows if first}
    if pace.first is not None:
        assert pace.first == len(firsts)
    for facet, refs in (("", {ref for ref, *_ in rows}), ("first", firsts)):
        about = {"stage": str(pace.stage), "facet": facet}
        page = rows_behind(work.session, who, "stages", about, since=since)
        assert {row.ref for row in page.rows} == refs


def test_a_stranger_counts_nothing(house):  # noqa: F811 - the fixture
    journal = Journal(house, random.Random(1))
    for _ in range(3):
        journal.a_plan()
    with house.db() as work:
        others = [builders.charlie(work, house.vendor),
                  builders.mira(work, builders.a_vendor(work, name="Larkspur"))]  # fmt: skip
    for who in others:
        with house.db(who) as work:
            assert {pace.count for pace in paces(work.session, who)} == {0}
            for stage in Stage:
                page = rows_behind(work.session, who, "stages", {"stage": str(stage)})
                assert page.rows == []
