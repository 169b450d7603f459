"""What the demo's people did about money: accounts, plans, claims and payments."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlalchemy import select

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.demo.paper import invoice_pdf
from tcma.demo.past import Past, Side, the
from tcma.library.models import Campaign
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing
from tcma.mdf.models.funding import FundAllocation, FundBudget
from tcma.mdf.papers.invoice_lines import InvoiceEntry
from tcma.mdf.payments import bank_accounts, batches
from tcma.mdf.payments.bank_rules import Account
from tcma.mdf.queries import claim_by_ref, request_by_ref
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import planning
from tcma.mdf.requests.planning import ActivityPlan, PlanLine, RequestPlan
from tcma.mdf.rules import ActivityKind
from tcma.money import Money

LABELS = ("Copy, list clean-up, set-up", "Search adverts, four weeks")
FORTNIGHT = timedelta(days=14)


def own_account(past: Past, account: Account) -> None:
    """The vendor says where its money comes from."""
    with past.by("finn") as work:
        bank_accounts.state_account(work, account, vendor_id=found(work.principal.vendor_id))


def account_of(past: Past, side: Side, account: Account) -> None:
    """A partner says where its money goes, and somebody at the vendor checks it."""
    vendor_id = found(past.people["finn"].vendor_id)
    with past.by(side.owner) as work:
        number = bank_accounts.state_account(
            work, account, vendor_id=vendor_id, partner_id=found(work.principal.partner_id)
        )
    with past.by("nora") as work:
        row = bank_accounts.account_by_id(work.session, work.principal, number)
        bank_accounts.check_account(work, row, how="Called the number on the contract.")


def plan(past: Past, side: Side, slug: str, sums: Iterable[int], *, in_days: int = 7) -> str:
    """Draft and send a plan of some cost lines, in major units; return its reference."""
    costs = dict(zip(LABELS, sums, strict=False))
    return plan_of(past, side, slug, {ActivityKind.MULTI_TOUCH: costs}, in_days=in_days)


def plan_of(  # noqa: PLR0913 - a plan is that much
    past: Past,
    side: Side,
    slug: str,
    activities: Mapping[ActivityKind, Mapping[str, int]],
    *,
    in_days: int,
    title: str = "",
    fund: str = "",
) -> str:
    """Draft and send a plan of several activities, each with its cost lines in major units.

    It asks the fund whose name begins with `fund`, else the first one.
    """
    with past.by(side.owner) as work:
        allocation = allocation_of(work, fund)
        last = work.session.get_one(FundBudget, allocation.budget_id).ends_on
        starts = min(past.now.date() + timedelta(days=in_days), last)
        ends = min(starts + FORTNIGHT, last)
        campaign_id = the(work, select(Campaign.id).where(Campaign.slug == slug))
        rows = [
            ActivityPlan(
                campaign_id,
                starts,
                ends,
                [
                    PlanLine(label, Money(amount * 100, side.currency))
                    for label, amount in costs.items()
                ],
                kind=kind,
            )
            for kind, costs in activities.items()
        ]
        request = planning.draft(work, allocation, RequestPlan(rows, title=title))
        planning.submit(work, request)
        return request.ref


def allocation_of(work: Work, fund: str) -> FundAllocation:
    """Return the part of whoever acts of the first fund whose name begins with `fund`."""
    own = (
        select(FundAllocation)
        .join(FundBudget, FundBudget.id == FundAllocation.budget_id)
        .where(FundAllocation.partner_id == work.principal.partner_id)
        .where(FundBudget.name.startswith(fund))
    )
    return work.session.scalars(own.order_by(FundBudget.ref).limit(1)).one()


def approved_plan(past: Past, side: Side, slug: str, sums: Iterable[int]) -> str:
    """Send a plan and approve it a day later; return its reference."""
    return approved(past, plan(past, side, slug, sums))


def approved(past: Past, ref: str) -> str:
    """Approve a plan that was sent, a day later; return its reference."""
    past.later(days=1)
    with past.by("mira") as work:
        row = request_by_ref(work.session, work.principal, ref)
        request_decisions.approve(work, row, words="A good plan. Go ahead.")
    return ref


def claim(past: Past, side: Side, plan_ref: str, number: str, net_major: int) -> str:
    """File a claim with one invoice; return its reference."""
    net = Money(net_major * 100, side.currency)
    tax = Money(net_major * side.tax_percent, side.currency)
    issued = (past.now - timedelta(days=3)).date()
    entry = InvoiceEntry(
        issuer=side.supplier,
        number=number,
        issued_on=issued,
        made_out_to=side.legal_name,
        net=net,
        tax=tax,
    )
    with past.by(side.owner) as work:
        filed = filing.draft(work, request_by_ref(work.session, work.principal, plan_ref))
        content = invoice_pdf(entry, tax_percent=side.tax_percent)
        filing.add_invoice(work, filed, entry, file_name=f"{number}.pdf", content=content)
        filing.submit(work, filed)
        return filed.ref


def approve_claim(past: Past, ref: str) -> None:
    """Finance agrees to pay a claim."""
    with past.by("finn") as work:
        row = claim_by_ref(work.session, work.principal, ref)
        claim_decisions.approve(work, row, words="We pay your plan in full.")


def pay(past: Past, ref: str, bank_reference: str) -> None:
    """Another person of finance sends the money, and the bank says it is there."""
    with past.by("nora") as work:
        batch = batches.make_batch(work, [claim_by_ref(work.session, work.principal, ref)])
        batches.export_batch(work, batch, payouts=PayoutsPain())
    with past.by("nora") as work:
        batches.settle(work, work.session.merge(batch), bank_reference=bank_reference)
