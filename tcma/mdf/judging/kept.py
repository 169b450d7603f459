"""The newest kept judgement of a request or claim, and whether it still comes out the same."""

from datetime import date
from itertools import zip_longest
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.mdf.judging.replaying import again
from tcma.mdf.models.programmes import FundProgramme, Judgement, ProgrammeVersion
from tcma.mdf.programme.verdict import Step
from tcma.mdf.why import Why, WhyStep
from tcma.money import Money


def why_of(session: Session, subject: str, subject_id: UUID) -> Why | None:
    """Return the newest judgement of a request or claim, None while there is none."""
    row = session.execute(
        select(
            Judgement,
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
    kept, answer = row.Judgement, row.Judgement.answer
    currency = answer["currency"]
    now, differs = again(session, kept)
    steps = zip_longest(answer["trace"], now.trace if now else ())
    return Why(
        programme=row.name,
        programme_ref=row.ref,
        version=row.starts_on,
        at=kept.at,
        decision=answer["decision"],
        amount=Money.parse(answer["amount"], currency),
        steps=tuple(_step(step, made, currency) for step, made in steps if step),
        pay_by=date.fromisoformat(answer["pay_by"]) if "pay_by" in answer else None,
        same=not differs,
    )


def _step(step: dict[str, Any], made: Step | None, currency: str) -> WhyStep:
    """Return a kept step; where it comes out to the same words, as it is made now, for any language."""
    after, remedy = step.get("after"), step.get("remedy", "")
    return WhyStep(
        rule=step["rule"],
        outcome=step["outcome"],
        words=made.words if made and made.words == step["words"] else step["words"],
        remedy=made.remedy if made and made.remedy == remedy else remedy,
        after=None if after is None else Money.parse(after, currency),
    )
