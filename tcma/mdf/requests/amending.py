"""A change of an approved activity: judged like a new plan, answered level by level, then the difference moves."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.ids import new_id
from tcma.mdf import four_eyes, ladders, letters
from tcma.mdf.answer_days import answer_day_of
from tcma.mdf.deadlines import local_day
from tcma.mdf.judging import changes, deciding
from tcma.mdf.judging.claims import rules_of_plan
from tcma.mdf.ledger import booking
from tcma.mdf.models.amendments import Amendment
from tcma.mdf.models.funding import FundActivity, FundRequest
from tcma.mdf.moving import log, of_activity, one_at_a_time
from tcma.mdf.plan_line import AmendmentLine
from tcma.mdf.queries import (
    activities_of,
    activity_at,
    budget_of,
    left_of,
    names_of,
    own,
    vendor_of,
)
from tcma.mdf.requests import decisions, extending, reserving, rewriting, spending
from tcma.mdf.requests.planning import PlanLine, cost_of
from tcma.mdf.rules import ActivityState, Check, failed, positive
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.permissions import Permission, Principal
from tcma.words import joined, say, say_as

WAITING, APPROVED, REFUSED, WITHDRAWN = "waiting", "approved", "refused", "withdrawn"


@dataclass(frozen=True, slots=True)
class Change:
    """What an activity is to become, and why."""

    starts_on: date
    ends_on: date
    lines: Sequence[PlanLine]
    words: str


def ask(work: Work, request: FundRequest, no: int, change: Change) -> Amendment:
    """Ask for a change of activity `no`; what was approved counts until it is answered.

    Raises Conflict while another change waits, Invalid with fields, LimitReached with the first
    rule of the programme that the plan would break.
    """
    work.require(Permission.REQUEST_FILE)
    own(work.principal, request)
    row = activity_at(work.session, request, no)
    if row.state != ActivityState.APPROVED:
        raise Conflict(say("Only an approved activity can be changed."), code="mdf.amendment")
    if open_of(work.session, row.id):
        raise Conflict(say("A change of this activity waits already."), code="mdf.amendment.open")
    fund = budget_of(work.session, request)
    fields: dict[str, str] = {}
    if change.ends_on < change.starts_on:
        fields["ends_on"] = say("The last day comes after the first.")
    elif over := _over(work, row, change):
        fields[over] = say("This day is over.")
    elif change.starts_on < fund.starts_on or change.ends_on > fund.ends_on:
        fields["ends_on"] = say(
            "The fund pays from {first} to {last}.",
            first=spoken_day(fund.starts_on),
            last=spoken_day(fund.ends_on),
        )
    if not change.words.strip():
        fields["words"] = say("Say what changes and why.")
    if fields:
        raise Invalid(say("Some fields need another value."), code="mdf.amendment", fields=fields)
    cost = cost_of(change.lines, request.currency, "lines")
    asked = positive(cost.share(row.share_bps), request.currency, "lines")
    others = (request.approved_minor or 0) - (row.approved_minor or 0)
    whole = Money(others, request.currency) + asked
    spending.check(work, whole)
    data = rewriting.as_data(change.starts_on, change.ends_on, change.lines)
    checks = _judged(work, request, row, data, at=work.now)
    _in_the_way(row, change, checks)
    made = Amendment(
        id=new_id(),
        request_id=request.id,
        activity_id=row.id,
        vendor_id=request.vendor_id,
        partner_id=request.partner_id,
        state=WAITING,
        words=change.words.strip(),
        before=rewriting.as_it_is(work.session, row),
        plan=data,
        requested_minor=asked.minor,
        asked_by=found(work.principal.user_id),
        asked_at=work.now,
        answer_by=answer_day_of(work.session, request, work.now),
        note="",
        trace={"checks": [asdict(check) for check in checks]},
    )
    work.session.add(made)
    work.session.flush()  # who decides is read from the row
    log(work, request, "asked for a change", of_activity(no, made.words))
    letters.change_asked(work, request, _deciders(work, request, row, made), made)
    return made


def _over(work: Work, row: FundActivity, change: Change) -> str:
    """Return which day of a change is over already and was not so before; empty when none."""
    today = local_day(work.now, vendor_of(work.session, row.vendor_id).zone)
    days = (("starts_on", row.starts_on), ("ends_on", row.ends_on))
    moved = (name for name, was in days if today > getattr(change, name) != was)
    return next(moved, "")


def _judged(
    work: Work, request: FundRequest, row: FundActivity, data: dict[str, Any], *, at: datetime
) -> tuple[Check, ...]:
    found_so = changes.change_judged(work.session, request, row, data, at=at)
    return changes.checks_of_change(work.session, request, row, found_so)


def _in_the_way(row: FundActivity, change: Change, checks: Sequence[Check]) -> None:
    """Refuse a change as a new plan would be, with the first rule that does not hold.

    Its first day kept its notice when it was approved; only another day has to keep it again. The
    desk reads the check either way.
    """
    same_start = change.starts_on == row.starts_on
    stops = [check for check in failed(checks) if not (same_start and check.code == changes.NOTICE)]
    if stops:
        code = f"mdf.request.{stops[0].code}"
        raise LimitReached(stops[0].words, code=code, remedy=stops[0].remedy)


def approve(work: Work, request: FundRequest, no: int) -> bool:
    """Say yes to a change; with the last level's it counts, and the difference is reserved or freed.

    Returns whether it counts now. Raises LimitReached when the partner's part holds less than the
    difference, Conflict when claims took more than the new sum, for whoever asked or said yes
    before, and for who does not decide this level.
    """
    row, made = _deciding(work, request, no)
    ladder = _ladder(work.session, request, row, made)
    stand = ladders.standing(work.session, ladder)
    new, old = _money(request, made.requested_minor), _money(request, row.approved_minor or 0)
    _room(work, request, row, (old, new))
    ladders.climb(work, ladder, stand, new)
    if not stand.last:
        made.answer_by = answer_day_of(work.session, request, work.now)
        log(work, request, "passed the change", of_activity(no, ladders.passed_words(stand)))
        letters.change_asked(work, request, _deciders(work, request, row, made), made)
        return False
    found_so = changes.change_judged(work.session, request, row, made.plan, at=made.asked_at)
    deciding.keep(work, request, "changed", found_so)
    _count(work, request, row, made)
    cause = booking.Cause(row.campaign_id, row.id, f"{request.ref}, changed")
    if new > old:
        reserving.reserve(work, request, new - old, cause=cause, step=0)
    elif old > new:
        decisions.give_back(work, request, row, old - new)
    assert row.claim_by is not None
    said = say(
        "Activity {no}: {old} becomes {new}. Claim it by {day}.",
        no=no,
        old=spoken(old),
        new=spoken(new),
        day=spoken_day(row.claim_by),
    )
    _answer(work, request, made, APPROVED, said)
    return True


def _room(work: Work, request: FundRequest, row: FundActivity, sums: tuple[Money, Money]) -> None:
    """Refuse what claims took already, and what the fund does not hold."""
    old, new = sums
    taken = old - left_of(work.session, row)
    if new < taken:
        said = f"Claims took {spoken(taken)} of this activity already."
        raise Conflict(said, code="mdf.amendment.claimed")
    if new - old > reserving.available(work.session, request):
        said, more = reserving.left_words(work.session, request)
        raise LimitReached(
            said, code="mdf.fund.empty", remedy=say("{more} first.", more=more.capitalize())
        )


def _count(work: Work, request: FundRequest, row: FundActivity, made: Amendment) -> None:
    """Rewrite the activity, the sums of its plan and its last day to claim."""
    rewriting.rewrite(work, row, made.plan)
    row.requested_minor = row.approved_minor = made.requested_minor
    rows = activities_of(work.session, request.id)
    request.requested_minor = sum(each.requested_minor for each in rows)
    request.approved_minor = sum(each.approved_minor or 0 for each in rows)
    work.session.flush()  # the last day follows from the rows as they are now
    at = request.decided_at or work.now
    version = deciding.version_on(work.session, budget_of(work.session, request), at)
    case = deciding.request_case(work.session, request, at)
    by_rules = deciding.claim_by(deciding.judged(version, case), rows.index(row))
    row.claim_by = max(by_rules, extending.granted_until(work.session, row.id) or by_rules)
    request.claim_by = max(each.claim_by for each in rows if each.claim_by)


def _ladder(
    session: Session, request: FundRequest, row: FundActivity, made: Amendment
) -> ladders.Ladder:
    """Return the levels of the plan's new sum, by the rules it stands under."""
    rules = rules_of_plan(session, request, made.asked_at)
    others = (request.approved_minor or 0) - (row.approved_minor or 0)
    whole = _money(request, others + made.requested_minor).major
    return ladders.Ladder(
        ladders.CHANGE, made.id, request.vendor_id, made.asked_at, rules.approval.needed(whole)
    )


def _deciders(work: Work, request: FundRequest, row: FundActivity, made: Amendment) -> set[UUID]:
    stand = ladders.standing(work.session, _ladder(work.session, request, row, made))
    may = Permission.REQUEST_DECIDE
    people = ladders.people(work.session, request.vendor_id, stand, may, work.now)
    return people - {each for each in _involved(request, made, stand) if each}


def refuse(work: Work, request: FundRequest, no: int, *, words: str) -> None:
    """Leave the activity as it was approved, and say why."""
    _, made = _deciding(work, request, no)
    if not words.strip():
        said = "Say why it stays as it was."
        raise Invalid(said, code="mdf.words", fields={"words": said})
    said = joined(say("Activity {no} stays as approved.", no=no), words.strip())
    _answer(work, request, made, REFUSED, said)


def withdraw(work: Work, request: FundRequest, no: int) -> None:
    """Take a change back before it is answered."""
    work.require(Permission.REQUEST_FILE)
    own(work.principal, request)
    one_at_a_time(work, request)
    made = _waiting(work.session, activity_at(work.session, request, no))
    made.state = WITHDRAWN
    log(work, request, "took the change back", say("activity {no}", no=no))


def open_of(session: Session, activity_id: UUID) -> Amendment | None:
    """Return the change of an activity that waits for an answer."""
    one = select(Amendment).where(Amendment.activity_id == activity_id, Amendment.state == WAITING)
    return session.scalars(one).one_or_none()


def amendments(
    session: Session, principal: Principal, request: FundRequest, now: datetime
) -> tuple[AmendmentLine, ...]:
    """Return the changes of a request, oldest first."""
    rows = session.execute(
        select(Amendment, FundActivity)
        .join(FundActivity, FundActivity.id == Amendment.activity_id)
        .where(Amendment.request_id == request.id)
        .order_by(Amendment.id)
    ).all()
    names = names_of(session, *(made.asked_by for made, _ in rows))
    lines = []
    for made, row in rows:
        line = AmendmentLine(
            no=row.no,
            state=made.state,
            words=made.words,
            before=made.before,
            plan=made.plan,
            old=_money(request, made.before["minor"]),
            new=_money(request, made.requested_minor),
            difference=_money(request, made.requested_minor - made.before["minor"]),
            asked_by=names[made.asked_by],
            answer_by=made.answer_by,
            blocked="",
            note=made.note,
        )
        waits = made.state == WAITING and row.state == ActivityState.APPROVED
        lines.append(
            _standing(session, principal, (request, row, made, now), line) if waits else line
        )
    return tuple(lines)


def checks_now(session: Session, made: Amendment) -> tuple[Check, ...]:
    """Return what the rules say to a change that waits, by now."""
    request = session.get_one(FundRequest, made.request_id)
    row = session.get_one(FundActivity, made.activity_id)
    found_so = changes.change_judged(session, request, row, made.plan, at=made.asked_at)
    return changes.checks_of_change(session, request, row, found_so)


def _standing(
    session: Session,
    principal: Principal,
    of: tuple[FundRequest, FundActivity, Amendment, datetime],
    line: AmendmentLine,
) -> AmendmentLine:
    """Return a waiting change with what the rules say to it now, and whose turn it is."""
    request, row, made, now = of
    stand = ladders.standing(session, _ladder(session, request, row, made))
    return replace(
        line,
        checks=checks_now(session, made),
        level=stand.number,
        levels=len(stand.levels),
        yeses=ladders.level_words(session, stand),
        blocked=_blocked(session, principal, (request, made, now), stand),
    )


def _blocked(
    session: Session,
    principal: Principal,
    of: tuple[FundRequest, Amendment, datetime],
    stand: ladders.Standing,
) -> str:
    request, made, now = of
    if principal.partner_id or not principal.may(Permission.REQUEST_DECIDE):
        return ""
    return four_eyes.blocked(
        session,
        principal,
        Permission.REQUEST_DECIDE,
        pair=four_eyes.Pair(request.vendor_id, request.partner_id),
        involved=_involved(request, made, stand),
    ) or ladders.blocked(session, principal, request.vendor_id, stand, now)


def _involved(
    request: FundRequest, made: Amendment, stand: ladders.Standing
) -> dict[UUID | None, str]:
    asked: dict[UUID | None, str] = {made.asked_by: "You asked for this change"}
    return {**four_eyes.of_request(request), **asked, **ladders.said_yes(stand)}


def _deciding(work: Work, request: FundRequest, no: int) -> tuple[FundActivity, Amendment]:
    own(work.principal, request)
    one_at_a_time(work, request)
    row = activity_at(work.session, request, no)
    made = _waiting(work.session, row)
    if row.state != ActivityState.APPROVED:
        raise Conflict(say("This activity is over by now."), code="mdf.amendment.over")
    stand = ladders.standing(work.session, _ladder(work.session, request, row, made))
    four_eyes.require(
        work.session,
        work.principal,
        Permission.REQUEST_DECIDE,
        pair=four_eyes.Pair(request.vendor_id, request.partner_id),
        involved=_involved(request, made, stand),
    )
    ladders.require(work, request.vendor_id, stand)
    return row, made


def _waiting(session: Session, row: FundActivity) -> Amendment:
    made = open_of(session, row.id)
    if made is None:
        raise Conflict(say("No change of this activity waits."), code="mdf.amendment.moved")
    return made


def _money(request: FundRequest, minor: int) -> Money:
    return Money(minor, request.currency)


def _answer(work: Work, request: FundRequest, made: Amendment, state: str, said: str) -> None:
    made.state, made.note = state, said
    made.decided_by, made.decided_at = work.principal.user_id, work.now
    log(work, request, f"{state} the change", said)
    both = say_as("outcome", "change approved"), say_as("outcome", "change refused")
    outcome = both[0] if state == APPROVED else both[1]
    letters.request_answered(work, request, outcome=outcome, sentence=said)
