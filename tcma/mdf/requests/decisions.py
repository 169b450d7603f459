"""The vendor's answer to a request: approve, return to fix, refuse, close; by another person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tcma.db.sentences import packed, unpacked
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.jobs import Job
from tcma.mdf import ladders, letters
from tcma.mdf.answer_days import answer_day_of
from tcma.mdf.deadlines import local_day
from tcma.mdf.judging import deciding
from tcma.mdf.ledger import booking
from tcma.mdf.models.funding import Claim, FundActivity, FundRequest
from tcma.mdf.moving import log, move
from tcma.mdf.queries import activities_of, asked_of, left_of, own, vendor_of, waiting_claim
from tcma.mdf.reasons import CURABLE, Reason, why
from tcma.mdf.requests import drafted, levels, reserving
from tcma.mdf.requests.granted import granted_words
from tcma.mdf.rules import (
    REQUEST_WAITS,
    ActivityState,
    RequestState,
    positive,
)
from tcma.mdf.words import spoken, spoken_day, spoken_state
from tcma.money import Money
from tcma.permissions import Permission
from tcma.words import joined, say, say_as


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of one activity: `amount` is granted, None is all that was asked.

    With a `reason` it is cut for that reason, or, when `refused`, not paid at all.
    """

    amount: Money | None = None
    reason: Reason | None = None
    words: str = ""
    refused: bool = False


def approve(
    work: Work, request: FundRequest, *, amount: Money | None = None, words: str = ""
) -> None:
    """Approve a request as it is asked, or one activity up to `amount`; see `decide`.

    Raises Invalid for a part of a plan with several activities: that is decided line by line.
    """
    activities = activities_of(work.session, request.id)
    if amount is not None and amount != asked_of(request) and len(activities) > 1:
        said = "This plan has several activities. Say at the desk which of them you cut."
        raise Invalid(said, code="mdf.request.lines", fields={"amount": said})
    whole = amount is None or len(activities) > 1
    decide(work, request, [Answer(None if whole else amount) for _ in activities], words=words)


def decide(work: Work, request: FundRequest, answers: Sequence[Answer], *, words: str = "") -> None:
    """Answer every activity of a request, in its order, and set the granted money aside.

    The same answer twice is one; a plan without any granted activity is refused; with more levels
    to pass it goes on to the next person. Raises Invalid when one of several activities is cut
    without a word why, Conflict for whoever asked, said yes before or
    belongs to the partner, LimitReached when the partner's part holds less.
    """
    activities = activities_of(work.session, request.id)
    grants = _explained(request, activities, answers, words)
    if _decided_so(work, request, activities, grants):
        return
    as_whom = levels.require(work, request)
    _waits(request)
    total = total_of(request, grants)
    if not total:
        first = answers[0]
        refuse(work, request, reason=first.reason or Reason.INELIGIBLE, words=first.words or words)
        return
    stand = levels.standing(work.session, request)
    if stand.last:
        _enough(work, request, total)
    levels.pass_level(work, request, [as_data(answer) for answer in answers], as_whom)
    if stand.last:
        set_aside(work, request, answers, words=words)
    else:
        _next_level(work, request, stand, words)


def _waits(request: FundRequest) -> None:
    if request.state not in REQUEST_WAITS:
        raise Conflict(
            say(
                "{ref} is {spoken_state} by now.",
                ref=request.ref,
                spoken_state=spoken_state(request.state),
            ),
            code="mdf.request.moved",
            remedy=say("Reload to see who was faster."),
        )


def _next_level(work: Work, request: FundRequest, stand: ladders.Standing, words: str) -> None:
    """Let the next group know that it is their turn."""
    request.answer_by = answer_day_of(work.session, request, work.now)
    log(work, request, "passed", joined(ladders.passed_words(stand), words.strip()))
    letters.request_sent(work, request, levels.deciders(work.session, request, work.now))


def hold(work: Work, request: FundRequest, answers: Sequence[Answer], *, words: str = "") -> None:
    """Approve a request that the fund cannot pay yet; it is reserved in turn when money comes.

    Raises Conflict while the money is there, or a further level has to say yes.
    """
    activities = activities_of(work.session, request.id)
    as_whom = levels.require(work, request)
    _waits(request)
    grants = _explained(request, activities, answers, words)
    total = total_of(request, grants)
    if total <= reserving.available(work.session, request):
        raise Conflict(say("The money is there: approve the plan."), code="mdf.request.funded")
    stand = levels.standing(work.session, request)
    if not stand.last:
        raise Conflict(say("A further level decides first."), code="mdf.level")
    data = [as_data(answer) for answer in answers]
    levels.pass_level(work, request, data, as_whom)
    waits = say("{amount} is approved and waits for money in the fund.", amount=spoken(total))
    said = joined(waits, words.strip())
    move(
        work,
        request,
        RequestState.HELD,
        decided_by=work.principal.user_id,
        decided_at=work.now,
        answer_by=None,
        note=said,
        trace={**request.trace, "held": data, "words": words.strip()},
    )
    log(work, request, "held", said)
    letters.request_answered(
        work, request, outcome=say_as("outcome", "waiting for funds"), sentence=said
    )


def set_aside(
    work: Work, request: FundRequest, answers: Sequence[Answer], *, words: str = ""
) -> None:
    """Approve for good: the activities get their sums, the ledger reserves them, the partner reads.

    Who decided is this principal, or for a held plan whoever held it.
    """
    activities = activities_of(work.session, request.id)
    grants = _grants(request, activities, answers)
    total = total_of(request, grants)
    judged = deciding.request_judged(work.session, request, now=work.now)
    for at, (row, answer, grant) in enumerate(zip(activities, answers, grants, strict=True)):
        row.reason, row.note = answer.reason or "", answer.words.strip()
        row.approved_minor = grant.minor if grant else None
        row.claim_by = deciding.claim_by(judged, at) if grant else None
        row.state = ActivityState.APPROVED if grant else ActivityState.REFUSED
    claim_by = max(row.claim_by for row in activities if row.claim_by)
    said = granted_words(activities, request.currency)
    held = request.state == RequestState.HELD
    move(
        work,
        request,
        RequestState.APPROVED,
        approved_minor=total.minor,
        decided_by=request.decided_by if held else work.principal.user_id,
        decided_at=work.now,
        claim_by=claim_by,
        note=joined(words.strip(), said),
        trace=request.trace | {"checks": deciding.kept_checks(judged)},
    )
    whole = total == asked_of(request)
    outcome = say_as("outcome", "approved") if whole else say_as("outcome", "approved in part")
    sentence = say(
        "{amount} is reserved for you. Claim it by {day}.",
        amount=spoken(total),
        day=spoken_day(claim_by),
    )
    letters.request_answered(
        work, request, outcome=outcome, sentence=joined(sentence, said), note=words
    )
    for row in activities:
        if row.approved_minor:
            cause = booking.Cause(row.campaign_id, row.id, request.ref)
            granted = Money(row.approved_minor, request.currency)
            reserving.reserve(work, request, granted, cause=cause, step=row.no)
    drafted.tie(work, request)
    deciding.keep(work, request, "approved", judged)
    by = say("{amount}, claim by {day}.", amount=spoken(total), day=spoken_day(claim_by))
    log(work, request, "approved", joined(by, words.strip()))


def as_data(answer: Answer) -> dict[str, Any]:
    """Return an answer as it is kept with an approval."""
    return {
        "minor": answer.amount.minor if answer.amount else None,
        "reason": answer.reason,
        "words": packed(answer.words),
        "refused": answer.refused,
    }


def as_answer(data: Mapping[str, Any], currency: str) -> Answer:
    """Return a kept answer."""
    return Answer(
        amount=None if data["minor"] is None else Money(data["minor"], currency),
        reason=Reason(data["reason"]) if data["reason"] else None,
        words=unpacked(data["words"]),
        refused=data["refused"],
    )


def total_of(request: FundRequest, grants: Sequence[Money | None]) -> Money:
    """Return what of a request is granted altogether."""
    return sum((grant for grant in grants if grant), Money.zero(request.currency))


def _explained(
    request: FundRequest, activities: Sequence[FundActivity], answers: Sequence[Answer], words: str
) -> list[Money | None]:
    """Return what is granted; one of several activities is cut only with a word why."""
    grants = _grants(request, activities, answers)
    said = "Choose why it is less, or say it to the partner below."
    unsaid = {
        f"lines-{at}-reason": said
        for at, (row, answer, grant) in enumerate(zip(activities, answers, grants, strict=True))
        if grant and grant.minor < row.requested_minor and not (answer.reason or answer.words)
    }
    if unsaid and len(activities) > 1 and not words.strip():
        raise Invalid(said, code="mdf.reason", fields=unsaid)
    return grants


def _grants(
    request: FundRequest, activities: Sequence[FundActivity], answers: Sequence[Answer]
) -> list[Money | None]:
    return [
        _grant(request, row, answer, f"lines-{at}-amount")
        for at, (row, answer) in enumerate(zip(activities, answers, strict=True))
    ]


def _grant(request: FundRequest, row: FundActivity, answer: Answer, field: str) -> Money | None:
    """Return what is granted of an activity, None when it is refused."""
    asked = Money(row.requested_minor, request.currency)
    if answer.refused:
        if answer.reason is None:
            said = "Choose why this activity is not paid."
            raise Invalid(said, code="mdf.reason", fields={field: said})
        return None
    granted = positive(asked if answer.amount is None else answer.amount, request.currency, field)
    if granted > asked:
        said = f"The plan asks for {spoken(asked)}."
        raise Invalid(said, code="mdf.request.above", fields={field: said})
    return granted


def _decided_so(
    work: Work,
    request: FundRequest,
    activities: Sequence[FundActivity],
    grants: Sequence[Money | None],
) -> bool:
    stood = [row.approved_minor for row in activities]
    return (
        request.state == RequestState.APPROVED
        and stood == [grant.minor if grant else None for grant in grants]
        and request.decided_by == work.principal.user_id
    )


def _enough(work: Work, request: FundRequest, granted: Money) -> None:
    # Read without a lock, for the sentence; the account's own constraint is what holds.
    left = reserving.available(work.session, request)
    if granted > left:
        said, more = reserving.left_words(work.session, request)
        raise LimitReached(
            said,
            code="mdf.fund.empty",
            remedy=say(
                "Approve {spoken} or less, {more}, or hold it until money comes.",
                spoken=spoken(left),
                more=more,
            )
            if left
            else say("{more}, or hold it until money comes.", more=more.capitalize()),
        )


def return_to_fix(work: Work, request: FundRequest, *, reason: Reason, words: str) -> None:
    """Send a request back with the one thing to change, and by when.

    Raises Invalid for a reason the partner cannot repair.
    """
    levels.require(work, request)
    if reason not in CURABLE:
        raise Invalid(
            say("The partner cannot repair this."),
            code="mdf.request.not_curable",
            fields={"reason": say("Refuse the plan instead, or choose what can be fixed.")},
        )
    rules = deciding.rules_of_request(work.session, request, request.submitted_at or work.now)
    today = local_day(work.now, vendor_of(work.session, request.vendor_id).zone)
    fix_by = rules.claim.fix_within.shift(today, rules.calendar, 1)
    said = joined(why(reason, words), say("Send it again by {day}.", day=spoken_day(fix_by)))
    trace = {**request.trace, "reason": reason, "fix_by": fix_by.isoformat()}
    move(work, request, RequestState.INFO_REQUESTED, note=said, trace=trace)
    log(work, request, "returned", said)
    letters.request_answered(
        work, request, outcome=say_as("outcome", "returned to fix"), sentence=said
    )


def refuse(work: Work, request: FundRequest, *, reason: Reason, words: str) -> None:
    """Refuse a request, with the reason; the partner may appeal once."""
    levels.require(work, request)
    said = why(reason, words)
    for row in activities_of(work.session, request.id):
        row.state = ActivityState.REFUSED
        row.reason = row.reason or reason
    move(
        work,
        request,
        RequestState.REJECTED,
        note=said,
        decided_by=work.principal.user_id,
        decided_at=work.now,
        trace={**request.trace, "reason": reason},
    )
    log(work, request, "refused", said)
    letters.request_answered(work, request, outcome=say_as("outcome", "refused"), sentence=said)


def close(work: Work, request: FundRequest, *, words: str = "") -> Money:
    """End an approved request and give what is left back to the partner's part; returns it.

    Raises Conflict while a claim waits for its answer, also to an appeal or a dispute.
    """
    if not (
        work.principal.may(Permission.REQUEST_FILE) or work.principal.may(Permission.REQUEST_DECIDE)
    ):
        work.require(Permission.REQUEST_DECIDE)
    own(work.principal, request)
    if ref := waiting_claim(work.session, Claim.request_id == request.id):
        raise Conflict(say("Claim {ref} waits for an answer.", ref=ref), code="mdf.request.claimed")
    move(work, request, RequestState.CLOSED)
    back = release_rest(work, request)
    log(work, request, "closed", _went_back(back, words))
    return back


def release_rest(work: Work, request: FundRequest) -> Money:
    """Close every activity and book back what is still set aside; returns it, perhaps nothing."""
    back = Money.zero(request.currency)
    for row in activities_of(work.session, request.id):
        if row.state == ActivityState.APPROVED:
            back += close_activity(work, request, row)
    return back


def finish(work: Work, request: FundRequest, row: FundActivity, *, words: str = "") -> None:
    """End one activity, and with the last one the request; what is left goes back."""
    back = close_activity(work, request, row)
    said = _went_back(back, words)
    rows = activities_of(work.session, request.id)
    if any(each.state == ActivityState.APPROVED for each in rows):
        log(work, request, "finished", joined(say("activity {no}.", no=row.no), said))
        return
    move(work, request, RequestState.CLOSED)
    log(work, request, "closed", said)


def _went_back(back: Money, words: str) -> str:
    return joined(say("{amount} went back into the fund.", amount=spoken(back)), words.strip())


def close_activity(work: Work, request: FundRequest, row: FundActivity) -> Money:
    """End one activity and book back what is left of it; returns it, perhaps nothing."""
    left = left_of(work.session, row)
    row.state, row.closed_at = ActivityState.CLOSED, work.now
    give_back(work, request, row, left)
    return left


def give_back(work: Work, request: FundRequest, row: FundActivity, amount: Money) -> None:
    """Book money of an activity back into the partner's part of the fund."""
    if amount:
        cause = booking.Cause(row.campaign_id, row.id, request.ref)
        reserving.release(work, request, amount, cause=cause)
        work.wake(Job.FUNDS_RELEASE)
