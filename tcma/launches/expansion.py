"""Turns a due launch into messages: compile outside any transaction, freeze in one, then send."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update

from tcma.contacts.rules import address_hash, normal_address
from tcma.contacts.undoing import hold_undoing
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery import actions as delivery
from tcma.delivery.actions import NewMailing
from tcma.delivery.budgets import hold_if_spent
from tcma.delivery.freezing import Spread, freeze
from tcma.delivery.models import Mailing, Message
from tcma.delivery.rules import MailingKind, MailingState, MessageState
from tcma.delivery.sender_queries import senders
from tcma.errors import Invalid, LimitReached
from tcma.jobs import Job
from tcma.launches import approving, clocks, drawing, seeding, trials
from tcma.launches.audience import of_launch, of_series
from tcma.launches.choices import TrialChoice
from tcma.launches.content import pinned
from tcma.launches.late import move_late
from tcma.launches.models import Launch, LaunchMail, LaunchTrial
from tcma.launches.rules import Audience, LaunchState
from tcma.launches.suspension import may_begin
from tcma.launches.telling import tell_paused, tell_stopped
from tcma.launches.trial import Arm
from tcma.launches.trial_senders import sender_of
from tcma.library.compiling import CompiledMail, compile_mail, page_url_of
from tcma.library.models import Campaign, PartnerCopy
from tcma.library.stops import is_stopped
from tcma.permissions import Permission
from tcma.rendering.mime import Artefact
from tcma.words import say

CLAIM = timedelta(seconds=60)
"""How long one worker has for compiling before another may try."""
TEST_PRIORITY = 5
MOST_TESTS = 10
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A launch whose next mail is to be made: claimed, not yet compiled."""

    launch_id: UUID
    copy_id: UUID
    brand_id: UUID
    language: str
    no: int
    mail: str
    to_compile: tuple[str, ...]
    trial: TrialChoice | None = None


def claim_due(work: Work) -> Due | None:
    """Take the launch that has waited longest for its next mail; None when none is due.

    The claim lasts `CLAIM`: a worker that dies while compiling is followed by another.
    """
    launch = work.session.scalar(
        select(Launch)
        .where(
            Launch.due_at <= work.now,
            Launch.state.in_((LaunchState.SCHEDULED, LaunchState.EXPANDING)),
            ~is_stopped(Launch.campaign_id),
            may_begin(Launch),
        )
        .order_by(Launch.due_at, Launch.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if launch is None:
        return None
    mails = work.session.scalars(
        select(LaunchMail)
        .where(LaunchMail.launch_id == launch.id, LaunchMail.mailing_id.is_(None))
        .order_by(LaunchMail.no)
    ).all()
    if not mails:
        launch.state = LaunchState.FINISHED
        launch.finished_at = work.now
        return None
    launch.state = LaunchState.EXPANDING
    launch.due_at = work.now + CLAIM
    return Due(
        launch_id=launch.id,
        copy_id=launch.copy_id,
        brand_id=launch.brand_id,
        language=launch.language,
        no=mails[0].no,
        mail=mails[0].mail,
        to_compile=tuple(mail.mail for mail in mails if mail.artefact_key is None),
        trial=trials.choice_of(work.session, launch.id) if mails[0].no == 1 else None,
    )


def compile_due(work: Work, due: Due) -> dict[str, CompiledMail]:
    """Compile what a claimed launch still lacks: the whole series with its first mail, so that a
    later change of copy or campaign changes nothing that has been launched. Takes no lock.
    """
    launch = found(work.session.get(Launch, due.launch_id))
    copy = pinned(launch, found(work.session.get(PartnerCopy, due.copy_id)))
    page_url = page_url_of(work, copy)
    made = {
        mail: compile_mail(
            work, copy, mail, language=due.language, page_url=page_url, brand_id=due.brand_id
        )
        for mail in due.to_compile
    }
    if due.trial:
        made[trials.OTHER] = trials.compile_other(
            work, copy, due.trial, due.mail, page_url=page_url, brand_id=due.brand_id
        )
    return made


def freeze_due(work: Work, due: Due, compiled: Mapping[str, CompiledMail]) -> int | None:
    """Write the mailing and one row per person, and let it run; None when another was faster, or
    while an import of the partner is being undone: the launch is due again when its claim ends.
    """
    launch = work.session.scalar(select(Launch).where(Launch.id == due.launch_id).with_for_update())
    mail = found(work.session.get(LaunchMail, (due.launch_id, due.no, Arm.REST)))
    if launch is None or launch.state != LaunchState.EXPANDING or mail.mailing_id is not None:
        return None
    asked = mail.no == 1 and approving.asks_again(work, launch, at=mail.due_at)
    if asked or not hold_undoing(work, launch.partner_id):
        return None
    _keep(work, launch, compiled)
    people = _audience(work, launch, mail)
    moments = clocks.moments(work.session, launch, people, at=mail.due_at, now=work.now)
    held_out = drawing.held_out(launch.campaign_id, launch.hold_out) if mail.no == 1 else None
    spread = Spread(due=moments, held_out=held_out)
    trial = trials.begin(work, launch, mail, compiled.get(trials.OTHER))
    if trial is None:
        _frozen(work, launch, mail, people, spread)
        seeding.send(work, launch, mail)
        delivery.start_mailing(work, found(mail.mailing_id))
    else:
        _freeze_arms(work, launch, mail, people, spread, trial=trial)
    launch.state = LaunchState.SENDING
    launch.due_at = mail.due_at
    launch.started_at = launch.started_at or work.now
    work.audit(
        "sending", "launch", launch.ref, vendor_id=launch.vendor_id, partner_id=launch.partner_id,
        mail=mail.no,
    )  # fmt: skip
    work.wake(Job.LAUNCH_SETTLE, launch_id=launch.id)
    if mail.no == 1:
        work.wake(Job.PROOF_COLLECT, launch_id=launch.id)
    return mail.mailing_id


def _frozen(work: Work, launch: Launch, mail: LaunchMail, people: Any, spread: Spread) -> None:
    """Open the mailing of a mail and write its people; it does not run yet."""
    sender_id, from_name = sender_of(work.session, launch, mail)
    hold_if_spent(work, sender_id)
    mail.mailing_id = delivery.open_mailing(
        work,
        NewMailing(
            kind=MailingKind.LAUNCH,
            artefact=Artefact.from_bytes(work.files.get(found(mail.artefact_key))),
            sender_id=sender_id,
            from_name=from_name,
            vendor_id=launch.vendor_id,
            partner_id=launch.partner_id,
            campaign_id=launch.campaign_id,
            topic=topic_of(work, launch.campaign_id),
            links=dict(enumerate(mail.links, 1)),
        ),
    )
    freeze(work, mail.mailing_id, people, spread=spread)


def _freeze_arms(  # noqa: PLR0913 - what is frozen, and the test
    work: Work,
    launch: Launch,
    mail: LaunchMail,
    people: Any,
    spread: Spread,
    *,
    trial: LaunchTrial,
) -> None:
    """Freeze everybody in three mailings: the two variants run, the rest waits for the winner."""
    rows = {Arm.REST: mail} | trials.arms_of(work, launch, mail)
    for arm, row in rows.items():
        only = drawing.in_arm(launch.campaign_id, trial.share, arm)
        _frozen(work, launch, row, people, replace(spread, only=only))
    running = [found(rows[arm].mailing_id) for arm in (Arm.A, Arm.B)]
    trial.ends_at = trials.ends_at(work.session, running, now=work.now, hours=trial.hours)
    for arm in (Arm.A, Arm.B):
        seeding.send(work, launch, rows[arm])
    for mailing_id in running:
        delivery.start_mailing(work, mailing_id)


def topic_of(work: Work, campaign_id: UUID) -> str:
    """Return what «this topic only» means in the mails of a campaign: the campaign itself."""
    return work.session.scalars(select(Campaign.slug).where(Campaign.id == campaign_id)).one()


def _keep(work: Work, launch: Launch, compiled: Mapping[str, CompiledMail]) -> None:
    """Store compiled mails with their rows; `content_hash` is over the whole series."""
    if not compiled:
        return
    for mail, made in compiled.items():
        if mail == trials.OTHER:
            continue
        key = delivery.keep_artefact(work, made.artefact)
        work.session.execute(
            update(LaunchMail)
            .where(
                LaunchMail.launch_id == launch.id,
                LaunchMail.mail == mail,
                LaunchMail.artefact_key.is_(None),
            )
            .values(artefact_key=key, subject=made.subject, links=list(made.links))
        )
    whole = "".join(made.artefact.sha256 for made in compiled.values())
    launch.content_hash = launch.content_hash or hashlib.sha256(whole.encode()).hexdigest()


def give_up(work: Work, due: Due, reason: str) -> None:
    """Stop a launch whose mail cannot be made, with the sentence that says why."""
    launch = work.session.scalar(
        select(Launch)
        .where(Launch.id == due.launch_id, Launch.state == LaunchState.EXPANDING)
        .with_for_update()
    )
    if launch is not None:
        launch.state, launch.failure = LaunchState.FAILED, reason
        tell_stopped(work, launch, reason)


def settle(work: Work, launch_id: UUID) -> LaunchState | None:
    """Bring a launch to where its mailing is: paused by itself, on to the next mail, finished."""
    launch = work.session.scalar(
        select(Launch).where(Launch.id == launch_id).with_for_update(skip_locked=True)
    )
    if launch is None or launch.state != LaunchState.SENDING:
        return None
    if not _current(work, launch_id):
        return None
    paused = [each for each in _current(work, launch_id) if each.state == MailingState.PAUSED]
    if paused:
        _pause_with(work, launch, paused[0].paused_reason or say("It paused by itself"))
        return LaunchState(launch.state)
    trials.decide(work, launch)
    move_late(work, launch)
    over = [
        each.state == MailingState.FINISHED or delivery.finish_mailing(work, each.id)
        for each in _current(work, launch_id)
    ]
    if all(over):
        _next_or_end(work, launch)
    return LaunchState(launch.state)


def _current(work: Work, launch_id: UUID) -> Sequence[Any]:
    """Return the mailings of the mail that runs: one, or those of a test and of who waits for it;
    and of earlier mails those that have some to try again.
    """
    latest = select(func.max(LaunchMail.no)).where(
        LaunchMail.launch_id == launch_id, LaunchMail.mailing_id.is_not(None)
    )
    again = Mailing.state.in_((MailingState.RUNNING, MailingState.PAUSED))
    return work.session.execute(
        select(Mailing.id, Mailing.state, Mailing.paused_reason)
        .join(LaunchMail, LaunchMail.mailing_id == Mailing.id)
        .where(
            LaunchMail.launch_id == launch_id,
            or_(LaunchMail.no == latest.scalar_subquery(), again),
        )
        .order_by(Mailing.id)
    ).all()


def _pause_with(work: Work, launch: Launch, reason: str) -> None:
    """Pause a launch one of whose mailings has paused by itself, and the others beside it."""
    for each in _current(work, launch.id):
        if each.state == MailingState.RUNNING:
            delivery.pause_mailing(work, each.id, reason=reason)
    launch.state = LaunchState.PAUSED
    launch.paused_reason = reason
    tell_paused(work, launch, reason)


def _next_or_end(work: Work, launch: Launch) -> None:
    mail = work.session.scalar(
        select(LaunchMail)
        .where(LaunchMail.launch_id == launch.id, LaunchMail.mailing_id.is_(None))
        .order_by(LaunchMail.no)
        .limit(1)
    )
    if mail is None:
        launch.state = LaunchState.FINISHED
        launch.finished_at = work.now
    else:
        launch.state = LaunchState.SCHEDULED
        people = _audience(work, launch, mail) if launch.local_time else None
        launch.due_at = clocks.begins_at(
            work.session, launch, mail.due_at, people=people, now=work.now
        )
        work.wake(Job.LAUNCH_START, launch_id=launch.id)
    work.wake(Job.PROOF_COLLECT, launch_id=launch.id)


def unsettled(work: Work) -> list[UUID]:
    """Return the launches that are sending, oldest first: what the sweep looks at."""
    wanted = select(Launch.id).where(Launch.state == LaunchState.SENDING).order_by(Launch.id)
    return list(work.session.scalars(wanted))


def send_test(work: Work, copy_id: UUID, mail: str, *, to: str, sender_id: UUID) -> int:
    """Send one mail of a copy to one address, ahead of bulk; return the message's number.

    Raises Invalid for an address, LimitReached after ten tests an hour of one partner.
    """
    work.require(Permission.LAUNCH_PLAN)
    copy = found(
        work.session.scalar(
            visible(select(PartnerCopy), work.principal, PartnerCopy).where(
                PartnerCopy.id == copy_id
            )
        )
    )
    choices = senders(
        work.session, work.principal, partner_id=copy.partner_id, vendor_id=copy.vendor_id
    )
    if sender_id not in {each.id for each in choices}:
        raise Invalid(
            say("Choose a sender."), code="launch.sender", fields={"sender": say("Choose one.")}
        )
    _limit_tests(work, copy.partner_id)
    address = normal_address(to)
    made = compile_mail(work, copy, mail, language=copy.language, page_url=page_url_of(work, copy))
    mailing_id = delivery.open_mailing(
        work,
        NewMailing(
            kind=MailingKind.TEST,
            artefact=made.artefact,
            sender_id=sender_id,
            vendor_id=copy.vendor_id,
            partner_id=copy.partner_id,
            campaign_id=copy.campaign_id,
            links=dict(enumerate(made.links, 1)),
            priority=TEST_PRIORITY,
        ),
    )
    number = work.session.execute(
        insert(Message)
        .values(
            mailing_id=mailing_id,
            due_at=work.now,
            state=MessageState.READY,
            address=address.text,
            address_hash=address_hash(work.site.secret, address),
        )
        .returning(Message.id)
    ).scalar_one()
    delivery.start_mailing(work, mailing_id)
    return number


def _limit_tests(work: Work, partner_id: UUID) -> None:
    recent = work.session.scalars(
        select(Mailing.id)
        .where(
            Mailing.partner_id == partner_id,
            Mailing.kind == MailingKind.TEST,
            Mailing.created_at > work.now - AN_HOUR,
        )
        .limit(MOST_TESTS)
    ).all()
    if len(recent) >= MOST_TESTS:
        raise LimitReached(
            say("Ten tests an hour are enough. Try again later."), code="launch.tests"
        )


def _audience(work: Work, launch: Launch, mail: LaunchMail) -> Any:
    if mail.no == 1:
        return of_launch(work.session, launch, now=work.now)
    earlier = work.session.execute(
        select(LaunchMail.no, LaunchMail.mailing_id).where(
            LaunchMail.launch_id == launch.id,
            LaunchMail.no < mail.no,
            LaunchMail.mailing_id.is_not(None),
        )
    ).all()
    first = [each.mailing_id for each in earlier if each.no == 1]
    return of_series(first, [each.mailing_id for each in earlier], Audience(mail.audience))
