"""What other rules would have said to last year's requests and claims, differences first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tcma.errors import Invalid
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.models.programmes import FundProgramme, Judgement, ProgrammeVersion
from tcma.mdf.programme.case_reading import load
from tcma.mdf.programme.document import Programme
from tcma.mdf.programme.judge import judge
from tcma.money import Money
from tcma.partners.models import Partner

YEAR = timedelta(days=365)
EVENTS = ("sent", "filed")
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Trial:
    """One request or claim under both rules; `words` is the first reason under the new ones."""

    kind: str
    ref: str
    partner: str
    was: str
    was_amount: Money
    would: str
    would_amount: Money
    words: str

    @property
    def differs(self) -> bool:
        """Say whether the new rules come to something else."""
        return (self.was, self.was_amount) != (self.would, self.would_amount)


def trials(
    session: Session, programme: FundProgramme, rules: Programme, *, now: datetime
) -> list[Trial]:
    """Return last year's cases of a programme under new rules: what differs first, then by sum."""
    found = list(_trials(session, programme, rules, now - YEAR))
    return sorted(found, key=lambda one: (not one.differs, -one.was_amount.minor, one.ref))


def _trials(
    session: Session, programme: FundProgramme, rules: Programme, since: datetime
) -> Iterator[Trial]:
    newest = (
        select(Judgement, Partner.name)
        .join(ProgrammeVersion, ProgrammeVersion.id == Judgement.version_id)
        .join(Partner, Partner.id == Judgement.partner_id)
        .where(
            ProgrammeVersion.programme_id == programme.id,
            Judgement.at >= since,
            Judgement.event.in_(EVENTS),
        )
        .ext(distinct_on(Judgement.subject, Judgement.subject_id))
        .order_by(Judgement.subject, Judgement.subject_id, Judgement.id.desc())
        .limit(LONGEST)
    )
    rows = session.execute(newest).all()
    refs = _refs(session, [row.Judgement for row in rows])
    for row in rows:
        kept: Judgement = row.Judgement
        was = Money.parse(kept.answer["amount"], kept.answer["currency"])
        decision, amount, words = _under(kept, rules, was)
        yield Trial(
            kind=kept.subject,
            ref=refs.get(str(kept.subject_id), ""),
            partner=row.name,
            was=kept.answer["decision"],
            was_amount=was,
            would=decision,
            would_amount=amount,
            words=words,
        )


def _under(kept: Judgement, rules: Programme, was: Money) -> tuple[str, Money, str]:
    try:
        case = load(kept.case_text, currency=rules.currency, zone=rules.calendar.zone)
    except Invalid as refused:
        return "cannot be judged", Money.zero(was.currency), refused.message
    found = judge(rules, case)
    return found.decision.value, found.amount, found.reasons[0].words if found.reasons else ""


def _refs(session: Session, kept: list[Judgement]) -> dict[str, str]:
    ids = [each.subject_id for each in kept]
    found: dict[str, str] = {}
    for table in (FundRequest, Claim):
        rows = session.execute(select(table.id, table.ref).where(table.id.in_(ids)))
        found |= {str(row.id): row.ref for row in rows}
    return found
