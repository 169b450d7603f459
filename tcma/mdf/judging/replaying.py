"""Decides again what was decided: the kept case, by the version of then, compared to the last word."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.errors import Invalid, NotFound
from tcma.mdf.judging.deciding import judged_text
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.models.programmes import FundProgramme, Judgement, ProgrammeVersion
from tcma.mdf.programme.verdict import Decision

NOWHERE = None
"""What stands where the other answer has more."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A place in an answer (`trace.3.words`), what was kept there, and what comes out now."""

    at: str
    kept: Any
    now: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One kept decision, decided again: by which rules, and what differs, nothing when it is the same."""

    event: str
    at: datetime
    programme: str
    version: date
    decision: str
    amount: str
    currency: str
    differs: tuple[Difference, ...]


def replayed(session: Session, ref: str) -> list[Replayed]:
    """Decide again all that was decided of a plan or claim, oldest first; NotFound when nothing was."""
    ids = [session.scalar(select(kind.id).where(kind.ref == ref)) for kind in (FundRequest, Claim)]
    rows = session.execute(
        select(Judgement, ProgrammeVersion.starts_on, FundProgramme.ref)
        .join(ProgrammeVersion, ProgrammeVersion.id == Judgement.version_id)
        .join(FundProgramme, FundProgramme.id == ProgrammeVersion.programme_id)
        .where(Judgement.subject_id.in_([each for each in ids if each]))
        .order_by(Judgement.id)
    ).all()
    if not rows:
        raise NotFound(
            f"Nothing was decided of {ref}.",
            remedy="Name a plan or claim that was sent, as MDF-2026-0007.",
        )
    return [
        Replayed(
            event=kept.event,
            at=kept.at,
            programme=programme,
            version=starts_on,
            decision=kept.answer["decision"],
            amount=kept.answer["amount"],
            currency=kept.answer["currency"],
            differs=differences(session, kept),
        )
        for kept, starts_on, programme in rows
    ]


def differences(session: Session, kept: Judgement) -> tuple[Difference, ...]:
    """Return where a kept decision comes out otherwise; a case that cannot be read differs, too."""
    return again(session, kept)[1]


def again(session: Session, kept: Judgement) -> tuple[Decision | None, tuple[Difference, ...]]:
    """Return a kept decision as it is made now, None when its case cannot be read; and what differs.

    What is made now knows how its sentences were made, so it is told in any language; the row holds English.
    """
    version = session.get_one(ProgrammeVersion, kept.version_id)
    try:
        now = judged_text(version, kept.case_text).decision
    except Invalid as unreadable:
        return None, (Difference("", kept.answer, unreadable.message),)
    return now, tuple(_compared("", kept.answer, now.as_json()))


def _compared(at: str, kept: Any, now: Any) -> Iterator[Difference]:
    if isinstance(kept, dict) and isinstance(now, dict):
        for name in dict.fromkeys((*kept, *now)):
            yield from _compared(f"{at}.{name}".lstrip("."), kept.get(name), now.get(name))
    elif isinstance(kept, list) and isinstance(now, list):
        for no in range(max(len(kept), len(now))):
            pair = [each[no] if no < len(each) else NOWHERE for each in (kept, now)]
            yield from _compared(f"{at}.{no}", *pair)
    elif kept != now:
        yield Difference(at, kept, now)
