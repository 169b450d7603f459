"""Levels raised by rule, with a letter and a line of history; lowered only by a person, who says why."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.accounts.queries import members_of
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery.notices import Reader, tell_each
from tcma.errors import Conflict, Invalid
from tcma.guidance.levels import held
from tcma.guidance.models import PartnerLevel
from tcma.guidance.programme import LEVELS, How, Level, as_counts
from tcma.guidance.programmes import PairStanding, programme_of, standings
from tcma.partners.models import Enrolment, Partner
from tcma.permissions import SYSTEM, Permission
from tcma.words import say

LONGEST_WHY = 200
NAMES = {
    Level.NEW: say("New"),
    Level.STARTED: say("Started"),
    Level.ACTIVE: say("Active"),
    Level.PROVEN: say("Proven"),
}


def partners_on_board(session: Session) -> list[UUID]:
    """Return the partners whose levels are looked at."""
    return list(session.scalars(select(Enrolment.partner_id).distinct()))


def raise_levels(work: Work, partner_id: UUID) -> list[Level]:
    """Write down the levels a partner has reached and does not hold yet, and mail its people; return them.

    The pair is locked: two clocks that ring at once raise once. Who was on board before levels were held
    gets its first one without a letter.
    """
    raised = []
    for pair in standings(work.session, SYSTEM, now=work.now, partner_ids=[partner_id]):
        lock = select(Enrolment.partner_id).where(
            Enrolment.vendor_id == pair.vendor_id, Enrolment.partner_id == partner_id
        )
        if not work.session.scalar(lock.with_for_update(key_share=True, skip_locked=True)):
            continue
        now = held(work.session, [partner_id]).get((pair.vendor_id, partner_id))
        level = pair.standing.level
        if LEVELS.index(level) <= LEVELS.index(now.level if now else Level.NEW):
            continue
        _write(work, pair, level, How.RULE)
        work.audit(
            f"reached the level {NAMES[level]}", "partner", partner_id, vendor_id=pair.vendor_id,
            partner_id=partner_id,
        )  # fmt: skip
        if now is None or now.how is not How.START:
            _tell(work, pair, level)
        raised.append(level)
    return raised


def lower(work: Work, partner_id: UUID, level: Level, *, why: str) -> None:
    """Put a partner at a lower level; what it did until now counts for no level any more.

    The same again changes nothing. Invalid without a reason, Conflict for a level that is not lower.
    """
    work.require(Permission.PARTNERS_MANAGE)
    vendor_id = found(work.principal.vendor_id)
    found(work.session.get(Enrolment, (vendor_id, partner_id), with_for_update={"key_share": True}))
    said = " ".join(why.split())
    if not 0 < len(said) <= LONGEST_WHY:
        message = f"Write why, in at most {LONGEST_WHY} characters. The partner reads it."
        raise Invalid(message, code="level.why", fields={"why": message})
    now = held(work.session, [partner_id]).get((vendor_id, partner_id))
    if now is not None and (now.level, now.how, now.why) == (level, How.PERSON, said):
        return
    pair = found(
        next(
            iter(standings(work.session, work.principal, now=work.now, partner_ids=[partner_id])),
            None,
        )
    )
    if LEVELS.index(level) >= LEVELS.index(pair.standing.level):
        message = "Choose a level below the one it has. Levels rise by themselves."
        raise Conflict(message, code="level.lower")
    _write(work, pair, level, How.PERSON, why=said)
    work.audit(
        f"lowered the level to {NAMES[level]}", "partner", partner_id, vendor_id=vendor_id,
        partner_id=partner_id, why=said,
    )  # fmt: skip


def _write(work: Work, pair: PairStanding, level: Level, how: How, *, why: str = "") -> None:
    work.session.add(
        PartnerLevel(
            vendor_id=pair.vendor_id, partner_id=pair.partner_id, level=level, how=how,
            has=as_counts(pair.standing.has), why=why,
            by_name=work.principal.name if how is How.PERSON else "", at=work.now,
        )
    )  # fmt: skip
    work.session.flush()  # the next look at what is held reads it


def _tell(work: Work, pair: PairStanding, level: Level) -> None:
    gives = programme_of(work.session, pair.vendor_id).programme.gives_at(level)
    values = {
        "partner": work.session.get_one(Partner, pair.partner_id).name,
        "level": NAMES[level],
        "gives": "\n".join(gives) or say("Thank you for the work behind it."),
    }
    url = f"{work.site.public_url}/console"
    people = members_of(work.session, partner_id=pair.partner_id, able_to=Permission.BRAND_EDIT)
    letters = [(Reader.of(person), url, values) for person in people]
    tell_each(work, "level_reached", letters, vendor_id=pair.vendor_id)
