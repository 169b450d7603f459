"""Days and costs of an activity as data: as they are, as they are to become, and rewritten so."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.mdf.models.funding import FundActivity, FundCostLine
from tcma.mdf.programme.conditions import slug
from tcma.mdf.requests.planning import PlanLine


def as_data(starts_on: date, ends_on: date, lines: Sequence[PlanLine]) -> dict[str, Any]:
    """Return days and costs as a change keeps them."""
    return {
        "starts_on": starts_on.isoformat(),
        "ends_on": ends_on.isoformat(),
        "lines": [
            {
                "label": line.label.strip() or line.kind.replace("_", " ").capitalize(),
                "minor": line.amount.minor,
                "kind": slug(line.kind),
            }
            for line in lines
        ],
    }


def as_it_is(session: Session, row: FundActivity) -> dict[str, Any]:
    """Return an activity as it was approved, as a change keeps it."""
    some = select(FundCostLine).where(FundCostLine.activity_id == row.id)
    return {
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "minor": row.approved_minor,
        "lines": [
            {"label": line.label, "minor": line.amount_minor, "kind": line.kind}
            for line in session.scalars(some.order_by(FundCostLine.no))
        ],
    }


def rewrite(work: Work, row: FundActivity, plan: dict[str, Any]) -> None:
    """Let an activity become what a change says."""
    row.starts_on = date.fromisoformat(plan["starts_on"])
    row.ends_on = date.fromisoformat(plan["ends_on"])
    work.session.execute(delete(FundCostLine).where(FundCostLine.activity_id == row.id))
    work.session.add_all(
        FundCostLine(
            activity_id=row.id,
            no=no,
            label=line["label"],
            amount_minor=line["minor"],
            kind=line.get("kind", ""),
        )
        for no, line in enumerate(plan["lines"], 1)
    )
