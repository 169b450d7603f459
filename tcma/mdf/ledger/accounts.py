"""The accounts of a fund: one of each kind, opened when the first money reaches it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from tcma.db.work import Work
from tcma.mdf.models.funding import FundAllocation, FundBudget
from tcma.mdf.models.ledger import LedgerAccount
from tcma.mdf.rules import AccountKind


def pot(
    work: Work,
    allocation: FundAllocation,
    kind: AccountKind,
    *,
    request_id: UUID | None = None,
    claim_id: UUID | None = None,
) -> int:
    """Return the account of an allocation, request or claim; opened when it is first needed."""
    return _account(
        work,
        {
            "chain_id": allocation.budget_id,
            "vendor_id": allocation.vendor_id,
            "partner_id": allocation.partner_id,
            "currency": allocation.currency,
            "kind": kind,
            "allocation_id": allocation.id,
            "request_id": request_id,
            "claim_id": claim_id,
        },
    )


def whole(work: Work, budget: FundBudget, kind: AccountKind) -> int:
    """Return an account of the fund as a whole."""
    return _account(
        work,
        {
            "chain_id": budget.id,
            "vendor_id": budget.vendor_id,
            "currency": budget.currency,
            "kind": kind,
            "allocation_id": None,
            "request_id": None,
            "claim_id": None,
        },
    )


def _account(work: Work, values: dict[str, UUID | str | None]) -> int:
    one = select(LedgerAccount.id).where(
        *(
            getattr(LedgerAccount, name).is_not_distinct_from(values[name])
            for name in ("chain_id", "kind", "allocation_id", "request_id", "claim_id")
        )
    )
    stood = work.session.scalar(one)
    if stood is None:
        work.session.execute(
            insert(LedgerAccount)
            .values(values)
            .on_conflict_do_nothing(constraint="ledger_account_one")
        )
        stood = work.session.scalar(one)
    assert stood is not None
    return stood
