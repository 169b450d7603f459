"""Why a request or claim came to its answer: the newest kept judgement as pages and files show it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.mdf.models.programmes import FundProgramme, Judgement, ProgrammeVersion
from tcma.money import Money


@dataclass(frozen=True, slots=True)
class WhyStep:
    """One rule that was tried: what it found, and the sum after it where it counts."""

    rule: str
    outcome: str
    words: str
    remedy: str
    after: Money | None


@dataclass(frozen=True, slots=True)
class Why:
    """A kept decision: by which rules, when, and every step on the way; by when it is to be paid."""

    programme: str
    programme_ref: str
    version: date
    at: datetime
    decision: str
    amount: Money
    steps: tuple[WhyStep, ...]
    pay_by: date | None = None


def why_of(session: Session, subject: str, subject_id: UUID) -> Why | None:
    """Return the newest judgement of a request or claim, None while there is none."""
    row = session.execute(
        select(
            Judgement.answer,
            Judgement.at,
            ProgrammeVersion.starts_on,
            FundProgramme.name,
            FundProgramme.ref,
        )
        .join(ProgrammeVersion, ProgrammeVersion.id == Judgement.version_id)
        .join(FundProgramme, FundProgramme.id == ProgrammeVersion.programme_id)
        .where(Judgement.subject == subject, Judgement.subject_id == subject_id)
        .order_by(Judgement.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    answer = row.answer
    currency = answer["currency"]
    return Why(
        programme=row.name,
        programme_ref=row.ref,
        version=row.starts_on,
        at=row.at,
        decision=answer["decision"],
        amount=Money.parse(answer["amount"], currency),
        steps=tuple(_step(step, currency) for step in answer["trace"]),
        pay_by=date.fromisoformat(answer["pay_by"]) if "pay_by" in answer else None,
    )


def _step(step: dict[str, Any], currency: str) -> WhyStep:
    after = step.get("after")
    return WhyStep(
        rule=step["rule"],
        outcome=step["outcome"],
        words=step["words"],
        remedy=step.get("remedy", ""),
        after=None if after is None else Money.parse(after, currency),
    )
