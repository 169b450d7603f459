"""A fund with money, a partner that asks, and the people of both sides."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from tcma.ids import new_id
from tcma.library.models import Campaign
from tcma.library.rules import CampaignState
from tcma.mdf import queries
from tcma.mdf.case_files import previews, proofs
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing
from tcma.mdf.funds import opening
from tcma.mdf.papers.invoice_lines import InvoiceEntry
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import planning
from tcma.mdf.rules import ActivityKind, ProofKind
from tcma.money import Money
from tcma.permissions import Principal
from tests import builders

PDF = b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"


def gbp(major):
    """A sum in pounds."""
    return Money(round(major * 100), "GBP")


def a_pdf(mark="a"):
    """A small PDF that differs by its mark."""
    return PDF + f"% {mark}\n%%EOF\n".encode()


@dataclass
class House:
    """One vendor with a fund, one partner with a part of it; acts are one transaction each."""

    db: object
    vendor: UUID
    partner: UUID
    campaign: UUID
    mira: Principal
    finn: Principal
    alice: Principal
    fund_ref: str = ""
    people: dict = field(default_factory=dict)

    def activity(self, net=800, *, kind=ActivityKind.PRINT, starts=date(2026, 3, 30), days=10):
        ends = date.fromordinal(starts.toordinal() + days)
        lines = [planning.PlanLine("Adverts", gbp(net))]
        return planning.ActivityPlan(self.campaign, starts, ends, lines, kind=kind)

    def plan(self, *nets, **how):
        """A plan of one activity for each sum."""
        return planning.RequestPlan([self.activity(net, **how) for net in nets or (800,)])

    def drafted(self, *nets, **how):
        with self.db(self.alice) as work:
            part = queries.allocation_by_fund(work.session, self.alice, self.fund_ref)
            return planning.draft(work, part, self.plan(*nets, **how)).ref

    def sent(self, *nets, **how):
        ref = self.drafted(*nets, **how)
        with self.db(self.alice) as work:
            request = queries.request_by_ref(work.session, self.alice, ref)
            planning.submit(work, request)
        return ref

    def approved(self, *nets, amount=None, **how):
        ref = self.sent(*nets, **how)
        with self.db(self.finn) as work:
            request = queries.request_by_ref(work.session, self.finn, ref)
            request_decisions.approve(work, request, amount=amount)
        return ref

    def looked(self):
        """What came of each proof whose small copy was due."""
        with self.db() as work:
            due = previews.due(work)
        return [previews.make(self.db, each) for each in due]

    def proven(self, ref, no=1):
        with self.db(self.alice) as work:
            request = queries.request_by_ref(work.session, self.alice, ref)
            proofs.upload(
                work,
                request,
                kind=ProofKind.OTHER,
                file_name="fair.pdf",
                content=a_pdf("proof"),
                no=no,
            )
        return ref

    def claimed(self, ref, *invoices, submit=True, no=0):
        """The reference of a claim for (number, net) invoices."""
        with self.db(self.alice) as work:
            request = queries.request_by_ref(work.session, self.alice, ref)
            claim = filing.draft(work, request, no=no)
            for number, net in invoices:
                filing.add_invoice(
                    work,
                    claim,
                    self.invoice(number, net),
                    file_name=f"{number}.pdf",
                    content=a_pdf(number),
                )
            if submit:
                filing.submit(work, claim)
            return claim.ref

    def invoice(self, number, net, **other):
        made_out_to = self.people["partner"]
        facts = {
            "issuer": "Pennant Studio",
            "number": number,
            "issued_on": date(2026, 3, 2),
            "made_out_to": made_out_to,
            "net": gbp(net),
            "tax": gbp(net * 0.2),
        } | other
        return InvoiceEntry(**facts)

    def decided(self, ref, *, amount=None, close=True):
        with self.db(self.mira) as work:
            claim = queries.claim_by_ref(work.session, self.mira, ref)
            claim_decisions.approve(work, claim, amount=amount, close=close)
        return ref


BEGINS = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def house(db, turns):
    db.clock.at = BEGINS
    return replace(turns.kept("house", db, lambda: furnished(db)), db=db)


@pytest.fixture
def house_after(db, turns):
    """`house, told = house_after(act)`: the house as `act(house)` left it, and what that returned.

    A story that many tests of a file begin with is told once per process; its rows are put back after that.
    """

    def after(act):
        def made():
            house = replace(furnished(db), db=db)
            told = act(house)
            house.db = None
            return house, told

        db.clock.at = BEGINS
        house, told = turns.kept(f"{act.__module__}.{act.__name__}", db, made)
        house.db = db
        return house, told

    return after


def furnished(db):
    """The house, without its door."""
    with db() as work:
        vendor = builders.a_vendor(work, name="Quillon")
        partner = builders.a_partner(work, vendor, name="Brightwater IT")
        campaign = Campaign(
            id=new_id(),
            vendor_id=vendor,
            slug="ten-day-check",
            name="Ten-day security check",
            state=CampaignState.ACTIVE,
            created_at=work.now,
        )
        work.session.add(campaign)
        made = House(
            db=None,
            vendor=vendor,
            partner=partner,
            campaign=campaign.id,
            mira=builders.mira(work, vendor),
            finn=builders.finn(work, vendor),
            alice=builders.alice(work, partner),
            people={"partner": "Brightwater IT Ltd"},
        )
    with db(made.finn) as work:
        budget = opening.create_fund(
            work,
            opening.FundPlan(
                name="Quillon growth 2026",
                total=gbp(40_000),
                starts_on=date(2026, 1, 1),
                ends_on=date(2026, 12, 31),
                notice_days=10,
                claim_days=45,
            ),
        )
        opening.allocate(work, budget, partner, gbp(10_000))
        made.fund_ref = budget.ref
    return made
