"""What comes back for a mail changes its row: bounce, complaint, opt-out, receipt, answer; each once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from tcma.contacts.consent import ConsentAct
from tcma.contacts.consent_ledger import NewLine, withdraw
from tcma.contacts.models import Contact, Suppression
from tcma.contacts.rules import (
    Scope,
    StopWish,
    SuppressionReason,
    address_hash,
    normal_address,
    softly_dead,
    suppression_for,
)
from tcma.db.work import Work
from tcma.delivery.feedback_parse import Feedback, classify
from tcma.delivery.feedback_reasons import Action
from tcma.delivery.links import Purpose, read_link
from tcma.delivery.models import FeedbackReport, Message
from tcma.delivery.queries import MessageFacts, message_facts, message_of_link
from tcma.delivery.reactions import Name, note, prove_sent
from tcma.delivery.rules import MessageState
from tcma.delivery.stopping import STORED
from tcma.errors import Invalid, NotFound
from tcma.ids import Signer
from tcma.jobs import Job

LOOK_BACK = timedelta(days=30)
_REACTIONS: dict[Action, tuple[Name, ...]] = {
    Action.HARD: ("bounced",),
    Action.COMPLAINT: ("complained",),
    Action.UNSUBSCRIBE: ("unsubscribed",),
    Action.DELIVERED: ("delivered",),
}
_STOPS = {
    Action.HARD: SuppressionReason.HARD_BOUNCE,
    Action.COMPLAINT: SuppressionReason.COMPLAINT,
    Action.UNSUBSCRIBE: SuppressionReason.UNSUBSCRIBED,
}


_TAKES_BACK = {SuppressionReason.COMPLAINT, SuppressionReason.UNSUBSCRIBED}


def hook_token(signer: Signer) -> str:
    """Return what the address ends in that a provider's notices are sent to."""
    return signer.sign("feedback.hook", "")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One verdict and the message it was about, if one was found."""

    feedback: Feedback
    message_id: int | None
    fresh: bool


def record(
    work: Work,
    source: str,
    external_id: str,
    items: Sequence[Feedback],
    *,
    named_only: bool = False,
) -> list[Recorded]:
    """Write down verdicts of one report; the same report again changes nothing.

    Whatever anybody can send us is `named_only`: it is believed about a mail whose signed name it
    knows, as only who got it does, and about nobody else.

    A hard bounce stops the address everywhere, a complaint the vendor's mail, an opt-out this
    partner's mail for this vendor. A report of any kind moves a message in doubt to sent.
    """
    return [
        _record(
            work,
            (source, feedback.event_id or f"{external_id}#{n}"),
            feedback,
            named_only=named_only,
        )
        for n, feedback in enumerate(items)
    ]


def record_raw(work: Work, source: str, raw: bytes, *, named_only: bool = False) -> list[Recorded]:
    """Write down what a mail or a provider's notice says, as it came; the same bytes again change
    nothing.
    """
    digest = hashlib.sha256(raw).hexdigest()
    return record(work, source, digest, classify(raw), named_only=named_only)


def _record(work: Work, name: tuple[str, str], feedback: Feedback, *, named_only: bool) -> Recorded:
    facts = _named(work, feedback)
    if facts is None and not named_only:
        facts = _addressed(work, feedback)
    source, external_id = name
    fresh = work.session.execute(
        insert(FeedbackReport)
        .values(
            source=source,
            external_id=external_id,
            message_id=facts.id if facts else None,
            action=feedback.action,
            status=feedback.status,
            recipient=feedback.recipient,
            detail=_detail(feedback),
            at=work.now,
        )
        .on_conflict_do_nothing(constraint="feedback_report_once")
        .returning(FeedbackReport.id)
    ).scalar_one_or_none()
    if fresh is None:
        return Recorded(feedback, facts.id if facts else None, fresh=False)
    if facts is None:
        if not named_only:
            _stop_stranger(work, feedback)
        return Recorded(feedback, None, fresh=True)
    if feedback.action is Action.REPLY:
        replied(work, facts.id)
        work.wake(Job.LEAD_REPLIED)
        return Recorded(feedback, facts.id, fresh=True)
    prove_sent(work, facts.id)
    note(work, facts.id, facts.mailing_id, *_REACTIONS.get(feedback.action, ()))
    if feedback.action in (Action.HARD, Action.COMPLAINT):
        work.wake(Job.MESSAGE_SWEEP)
    if feedback.action in _STOPS:
        suppress(work, facts, _STOPS[feedback.action])
    if feedback.action is Action.SOFT and _keeps_refusing(work, facts):
        suppress(work, facts, SuppressionReason.SOFT_BOUNCES)
    return Recorded(feedback, facts.id, fresh=True)


def _detail(feedback: Feedback) -> dict[str, str]:
    """Return what is kept of a report; of an answer what it says, until a lead or contact shows it."""
    kept = {"reason": feedback.reason, "message_id": feedback.message_id}
    if feedback.action is Action.REPLY:
        kept |= {"name": feedback.name, "subject": feedback.subject, "words": feedback.words}
    return kept


def suppress(
    work: Work,
    facts: MessageFacts,
    reason: SuppressionReason,
    *,
    wish: StopWish = StopWish.BRAND,
) -> None:
    """Put the address of a message on the stop list, in the scope the rules give the reason."""
    mail = Scope(vendor_id=facts.vendor_id, partner_id=facts.partner_id, topic=facts.topic)
    stop = suppression_for(reason, mail, wish=wish, now=work.now)
    if reason in _TAKES_BACK and facts.partner_id and wish is not StopWish.TOPIC:
        line = NewLine(
            partner_id=facts.partner_id, vendor_id=facts.vendor_id,
            contact_id=facts.contact_id or None, address_hash=facts.address_hash,
            act=ConsentAct.WITHDRAWN, source=STORED[reason], evidence={"message": facts.id},
        )  # fmt: skip
        withdraw(work, line)
    _stop(work, facts.address_hash, stop.scope, reason, message_id=facts.id)
    work.wake(Job.NURTURE_STOP, message_id=facts.id)


def unsubscribe(work: Work, token: str, *, wish: StopWish = StopWish.BRAND) -> MessageFacts:
    """Stop mail to whoever holds this link; twice is the same as once.

    For POST requests only. Works as long as the message row exists, whatever became of launch or
    campaign. Raises NotFound for a forged token.
    """
    facts = _of_either_link(work, token)
    stop(work, facts, wish=wish)
    return facts


def stop(work: Work, facts: MessageFacts, *, wish: StopWish = StopWish.BRAND) -> None:
    """Stop mail to whoever got this message, as they asked; twice is the same as once."""
    suppress(work, facts, SuppressionReason.UNSUBSCRIBED, wish=wish)
    prove_sent(work, facts.id)
    note(work, facts.id, facts.mailing_id, "unsubscribed")
    work.audit(
        "unsubscribed", "message", facts.id, vendor_id=facts.vendor_id,
        partner_id=facts.partner_id, wish=wish.value,
    )  # fmt: skip


def replied(work: Work, message_id: int) -> None:
    """Note that a person answered a mail; whoever waits for that hears of it."""
    facts = message_facts(work.session, message_id)
    prove_sent(work, facts.id)
    note(work, facts.id, facts.mailing_id, "replied")
    work.wake(Job.NURTURE_STOP, message_id=facts.id)


def answered_by(work: Work, items: Sequence[Feedback]) -> None:
    """Note which mails were answered by one that is shown to the partner in another way."""
    for feedback in items:
        facts = _named(work, feedback) if feedback.action is Action.REPLY else None
        if facts is not None:
            replied(work, facts.id)


def _of_either_link(work: Work, token: str) -> MessageFacts:
    for purpose in (Purpose.UNSUBSCRIBE, Purpose.PREFERENCES):
        try:
            return message_of_link(work.session, work.site.signer, purpose, token)
        except NotFound:
            continue
    raise NotFound


def _named(work: Work, feedback: Feedback) -> MessageFacts | None:
    """Return the message whose signed name stands in a report."""
    for clue in (feedback.message_id, feedback.envelope):
        token = clue.strip("<> ").partition("@")[0]
        try:
            return message_facts(
                work.session, read_link(work.site.signer, Purpose.MESSAGE_ID, token)[0]
            )
        except NotFound:
            continue
    return None


def _addressed(work: Work, feedback: Feedback) -> MessageFacts | None:
    """Return the newest message to the address that a report is about."""
    if feedback.action is Action.REPLY:
        return None  # whoever writes to us answers the mail they name, or none
    try:
        hashed = address_hash(work.site.secret, normal_address(feedback.recipient))
    except Invalid:
        return None
    number = work.session.scalar(
        select(Message.id)
        .join(Contact, Contact.id == Message.contact_id)
        .where(
            Contact.address_hash == hashed,
            Message.state.in_((MessageState.SENT, MessageState.UNCERTAIN)),
            Message.due_at > work.now - LOOK_BACK,
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    return message_facts(work.session, number) if number else None


def _stop_stranger(work: Work, feedback: Feedback) -> None:
    """A dead address is dead whoever wrote to it; a wish without a message has no scope."""
    if feedback.action is not Action.HARD:
        return
    try:
        hashed = address_hash(work.site.secret, normal_address(feedback.recipient))
    except Invalid:
        return
    _stop(work, hashed, Scope(), SuppressionReason.HARD_BOUNCE, message_id=None)


def _keeps_refusing(work: Work, facts: MessageFacts) -> bool:
    rows = work.session.execute(
        select(Message.mailing_id, FeedbackReport.at)
        .join(Message, Message.id == FeedbackReport.message_id)
        .where(
            Message.contact_id == facts.contact_id,
            Message.contact_id > 0,
            FeedbackReport.action == Action.SOFT,
            FeedbackReport.at > work.now - LOOK_BACK,
        )
    )
    return softly_dead([(UUID(int=mailing_id), at) for mailing_id, at in rows], now=work.now)


def _stop(
    work: Work,
    hashed: bytes,
    scope: Scope,
    reason: SuppressionReason,
    *,
    message_id: int | None,
) -> None:
    fresh = insert(Suppression).values(
        address_hash=hashed,
        vendor_id=scope.vendor_id,
        partner_id=scope.partner_id,
        topic=scope.topic,
        reason=STORED[reason],
        message_id=message_id,
        at=work.now,
    )
    if reason is SuppressionReason.SOFT_BOUNCES:
        fresh = fresh.on_conflict_do_update(constraint="suppression_once", set_={"at": work.now})
    else:
        fresh = fresh.on_conflict_do_nothing(constraint="suppression_once")
    work.session.execute(fresh)
