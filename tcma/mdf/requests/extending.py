"""More time to claim: the partner asks with a reason, another person grants it until a day, by the rules."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.mdf import four_eyes, letters
from tcma.mdf.answer_days import answer_day_of
from tcma.mdf.deadlines import in_time
from tcma.mdf.funds import leave
from tcma.mdf.judging.claims import rules_of_plan
from tcma.mdf.models.deadlines import ClaimExtension
from tcma.mdf.models.funding import FundActivity, FundRequest
from tcma.mdf.moving import log, of_activity, one_at_a_time
from tcma.mdf.plan_line import ExtensionLine
from tcma.mdf.programme.document import Extension
from tcma.mdf.queries import activities_of, activity_at, names_of, own, vendor_of
from tcma.mdf.rules import ActivityState
from tcma.mdf.words import spoken_day
from tcma.permissions import Permission, Principal
from tcma.words import joined, say, say_as

WAITING, GRANTED, REFUSED = "waiting", "granted", "refused"


def ask(work: Work, request: FundRequest, no: int, *, wanted: date, words: str) -> ClaimExtension:
    """Ask for more time to claim activity `no`; what was the last day stays it until the answer.

    Raises Conflict where the rules give no more time, it is over, or a question waits already;
    Invalid with fields for a day the rules do not allow, or without a reason.
    """
    work.require(Permission.CLAIM_FILE)
    own(work.principal, request)
    row = activity_at(work.session, request, no)
    if row.state != ActivityState.APPROVED or row.claim_by is None:
        raise Conflict(say("This activity is over by now."), code="mdf.extension.over")
    rule = _rule(work.session, request, work.now)
    if rule is None:
        raise Conflict(say("The rules of this fund give no more time."), code="mdf.extension.none")
    if open_of(work.session, row.id):
        raise Conflict(say("You asked for more time already."), code="mdf.extension.open")
    fields = _faults(work, request, row, wanted, by=work.now)
    if not words.strip():
        fields["words"] = say("Say why you need more time.")
    if fields:
        raise Invalid(say("Some fields need another value."), code="mdf.extension", fields=fields)
    made = ClaimExtension(
        id=new_id(),
        request_id=request.id,
        activity_id=row.id,
        vendor_id=request.vendor_id,
        partner_id=request.partner_id,
        state=WAITING,
        words=words.strip(),
        before=row.claim_by,
        wanted=wanted,
        asked_by=found(work.principal.user_id),
        asked_at=work.now,
        answer_by=answer_day_of(work.session, request, work.now),
        role="",
        note="",
    )
    work.session.add(made)
    work.session.flush()  # the page that follows reads it
    log(work, request, "asked for more time", of_activity(no, made.words))
    may = Permission.REQUEST_DECIDE
    people = leave.people_with(work.session, request.vendor_id, may, rule.by) - {made.asked_by}
    letters.more_time_asked(work, request, made, people)
    return made


def grant(work: Work, request: FundRequest, no: int, *, until: date) -> None:
    """Give until a day, in the title that the rules have for this person's role.

    Raises Conflict for whoever asked or has no such role, Invalid with fields for a day the rules
    do not allow.
    """
    row, made = _deciding(work, request, no)
    rule = _rule(work.session, request, made.asked_at)
    roles = rule.by if rule else ()
    fields = _faults(work, request, row, until, by=made.asked_at, field="until")
    if fields:
        raise Invalid(say("Some fields need another value."), code="mdf.extension", fields=fields)
    role = leave.title_of(work.principal.role, roles) or work.principal.role.value
    made.decided_by, made.decided_at = work.principal.user_id, work.now
    made.state, made.until, made.role = GRANTED, until, role
    row.claim_by = until
    rows = activities_of(work.session, request.id)
    request.claim_by = max(each.claim_by for each in rows if each.claim_by)
    said = say("Activity {no} can be claimed until {day}.", no=no, day=spoken_day(until))
    _answer(work, request, made, said)


def refuse(work: Work, request: FundRequest, no: int, *, words: str) -> None:
    """Leave the last day as it was, and say why."""
    _, made = _deciding(work, request, no)
    if not words.strip():
        why = say("Say why it stays as it was.")
        raise Invalid(why, code="mdf.words", fields={"words": why})
    made.state = REFUSED
    stays = say(
        "Activity {no} is still to be claimed by {day}.", no=no, day=spoken_day(made.before)
    )
    said = joined(stays, words.strip())
    _answer(work, request, made, said)


def open_of(session: Session, activity_id: UUID) -> ClaimExtension | None:
    """Return the question of an activity that waits for an answer."""
    one = select(ClaimExtension).where(
        ClaimExtension.activity_id == activity_id, ClaimExtension.state == WAITING
    )
    return session.scalars(one).one_or_none()


def granted_until(session: Session, activity_id: UUID) -> date | None:
    """Return the last day to claim that somebody granted an activity, None when nobody did."""
    latest = select(func.max(ClaimExtension.until)).where(
        ClaimExtension.activity_id == activity_id, ClaimExtension.state == GRANTED
    )
    return session.scalar(latest)


def extensions(
    session: Session, principal: Principal, request: FundRequest
) -> tuple[ExtensionLine, ...]:
    """Return the questions for more time of a plan, oldest first."""
    rows = session.execute(
        select(ClaimExtension, FundActivity.no)
        .join(FundActivity, FundActivity.id == ClaimExtension.activity_id)
        .where(ClaimExtension.request_id == request.id)
        .order_by(ClaimExtension.id)
    ).all()
    names = names_of(session, *(made.asked_by for made, _ in rows))
    return tuple(
        ExtensionLine(
            no=no,
            state=made.state,
            words=made.words,
            before=made.before,
            wanted=made.wanted,
            until=made.until,
            asked_by=names[made.asked_by],
            answer_by=made.answer_by,
            note=made.note,
            blocked=_blocked(session, principal, request, made) if made.state == WAITING else "",
        )
        for made, no in rows
    )


def may_ask(session: Session, request: FundRequest, now: datetime) -> bool:
    """Say whether the rules of a plan give more time to claim at all."""
    return _rule(session, request, now) is not None


def _rule(session: Session, request: FundRequest, now: datetime) -> Extension | None:
    return rules_of_plan(session, request, now).claim.extension


def _faults(  # noqa: PLR0913 - the day, its field, and what it is held to
    work: Work,
    request: FundRequest,
    row: FundActivity,
    day: date,
    *,
    by: datetime,
    field: str = "wanted",
) -> dict[str, str]:
    session = work.session
    assert row.claim_by is not None
    if not in_time(work.now, day, vendor_of(session, request.vendor_id).zone):
        return {field: say("This day is over.")}
    if day <= row.claim_by:
        return {field: say("Choose a day after {day}.", day=spoken_day(row.claim_by))}
    rules, rule = rules_of_plan(session, request, by), _rule(session, request, by)
    if rule and rule.most:
        first = session.scalars(
            select(ClaimExtension.before)
            .where(ClaimExtension.activity_id == row.id, ClaimExtension.state == GRANTED)
            .order_by(ClaimExtension.id)
            .limit(1)
        ).first()
        last = rule.most.shift(first or row.claim_by, rules.calendar, 1)
        if day > last:
            return {field: say("At most until {day}.", day=spoken_day(last))}
    return {}


def _blocked(
    session: Session, principal: Principal, request: FundRequest, made: ClaimExtension
) -> str:
    if principal.partner_id or not principal.may(Permission.REQUEST_DECIDE):
        return ""
    return four_eyes.blocked(
        session,
        principal,
        Permission.REQUEST_DECIDE,
        pair=four_eyes.Pair(request.vendor_id, request.partner_id),
        involved={made.asked_by: "You asked for more time"},
    ) or _untitled(session, principal, request, made)


def _untitled(
    session: Session, principal: Principal, request: FundRequest, made: ClaimExtension
) -> str:
    """Return whose word the rules ask for when this person has not that role."""
    rule = _rule(session, request, made.asked_at)
    roles = rule.by if rule else ()
    return "" if leave.fits(principal.role, roles) else leave.asks_for(roles)


def _deciding(work: Work, request: FundRequest, no: int) -> tuple[FundActivity, ClaimExtension]:
    own(work.principal, request)
    one_at_a_time(work, request)
    row = activity_at(work.session, request, no)
    made = open_of(work.session, row.id)
    if made is None or row.state != ActivityState.APPROVED:
        raise Conflict(say("No question for more time waits."), code="mdf.extension.moved")
    four_eyes.require(
        work.session,
        work.principal,
        Permission.REQUEST_DECIDE,
        pair=four_eyes.Pair(request.vendor_id, request.partner_id),
        involved={made.asked_by: "You asked for more time"},
    )
    if words := _untitled(work.session, work.principal, request, made):
        raise Conflict(words, code="mdf.four_eyes", remedy=say("Ask a colleague to decide."))
    return row, made


def _answer(work: Work, request: FundRequest, made: ClaimExtension, said: str) -> None:
    made.note, made.decided_by, made.decided_at = said, work.principal.user_id, work.now
    verb = "granted more time" if made.state == GRANTED else "granted no more time"
    log(work, request, verb, said)
    more = say_as("outcome", "more time"), say_as("outcome", "no more time")
    outcome = more[0] if made.state == GRANTED else more[1]
    letters.request_answered(work, request, outcome=outcome, sentence=said)
