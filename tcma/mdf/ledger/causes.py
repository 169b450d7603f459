"""What a transfer names beside its sum: who booked it, the activity it was for, by which rules."""

from typing import Any

from sqlalchemy import Select, String, cast, func
from sqlalchemy.orm import aliased

from tcma.accounts.models import UserAccount
from tcma.mdf.models.funding import FundActivity, FundRequest
from tcma.mdf.models.ledger import LedgerTransfer
from tcma.mdf.models.programmes import FundProgramme, ProgrammeVersion

_PLAN = aliased(FundRequest)
WHO = func.coalesce(UserAccount.name, "").label("actor")
WHAT = func.coalesce(_PLAN.ref + "/" + cast(FundActivity.no, String), "").label("activity")
BY_RULES = func.coalesce(
    FundProgramme.ref + " " + func.to_char(ProgrammeVersion.starts_on, "YYYY-MM-DD"), ""
).label("rules")
"""Who booked a transfer, the activity it was for, and the programme's version with its first day."""


def joined(rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Join what `WHO`, `WHAT` and `BY_RULES` read to a select of transfers."""
    return (
        rows.outerjoin(UserAccount, UserAccount.id == LedgerTransfer.actor_id)
        .outerjoin(FundActivity, FundActivity.id == LedgerTransfer.activity_id)
        .outerjoin(_PLAN, _PLAN.id == FundActivity.request_id)
        .outerjoin(ProgrammeVersion, ProgrammeVersion.id == LedgerTransfer.rules_id)
        .outerjoin(FundProgramme, FundProgramme.id == ProgrammeVersion.programme_id)
    )
