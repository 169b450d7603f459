"""Counts what about money waits for an act of this principal, in one query, for the menus."""

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session

from tcma.db.scope import seen_by
from tcma.mdf.models.amendments import Amendment
from tcma.mdf.models.changes import FundChange
from tcma.mdf.models.deadlines import ClaimExtension
from tcma.mdf.models.disputes import OPEN, ClaimDispute
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.rules import CLAIM_WAITS, REQUEST_WAITS, ClaimState, RequestState
from tcma.permissions import Permission, Principal

Waits = FundRequest | Claim | Amendment | ClaimDispute | ClaimExtension


@dataclass(frozen=True, slots=True)
class Waiting:
    """`to_decide` waits for the vendor, `to_pay` for finance, `to_fix` for the partner."""

    to_decide: int
    to_pay: int
    to_fix: int


def waiting(session: Session, principal: Principal) -> Waiting:
    """Return the three counts over the rows this principal may see."""
    return Waiting(*session.execute(_asked(principal)).one())


@lru_cache(maxsize=512)
def _asked(principal: Principal) -> Select[int, int, int]:
    """The question of one person, who asks it with every page: put together once."""

    def rows(table: type[Waits], *states: str) -> ColumnElement[int]:
        some = select(func.count()).select_from(table)
        return some.where(table.state.in_(states), seen_by(principal, table)).scalar_subquery()

    return select(
        rows(FundRequest, *REQUEST_WAITS)
        + rows(Claim, *CLAIM_WAITS)
        + rows(Amendment, "waiting")
        + rows(ClaimExtension, "waiting")
        + rows(ClaimDispute, OPEN)
        + _of_colleagues(principal),
        rows(Claim, ClaimState.APPROVED),
        rows(FundRequest, RequestState.INFO_REQUESTED) + rows(Claim, ClaimState.INFO_REQUESTED),
    )


def _of_colleagues(principal: Principal) -> ColumnElement[int]:
    """Return how many changes of funds wait for another person than who asked."""
    if not principal.may(Permission.BUDGET_MANAGE):
        return literal(0)
    some = select(func.count()).select_from(FundChange)
    return some.where(
        FundChange.state == "waits",
        FundChange.asked_by != principal.user_id,
        seen_by(principal, FundChange),
    ).scalar_subquery()
