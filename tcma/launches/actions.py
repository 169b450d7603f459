"""What a person does with a launch: plan, start, pause, resume, cancel, settle doubts, test."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tcma.contacts.list_queries import refuse_taken_back
from tcma.contacts.models import ContactList, Segment
from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery import actions as delivery
from tcma.delivery.models import Mailing
from tcma.delivery.rules import MailingState
from tcma.delivery.sender_queries import senders
from tcma.errors import Conflict, Invalid, NotFound
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.journeys.document import Delay, Unit
from tcma.journeys.timing import later
from tcma.launches import approving, trials
from tcma.launches.beginning import begin
from tcma.launches.choices import NONE, Choices
from tcma.launches.content import brand_of, series
from tcma.launches.models import Launch, LaunchList, LaunchMail, LaunchSegment
from tcma.launches.moving import held, move, record
from tcma.launches.preflight import preflight
from tcma.launches.queries import mailings_of
from tcma.launches.rules import Fix, LaunchState, blocking
from tcma.launches.suspension import refuse_barred
from tcma.library.copies import slots_of
from tcma.library.models import Campaign, PartnerCopy
from tcma.partners.models import Partner
from tcma.permissions import Permission
from tcma.words import joined, say


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchPlan:
    """The three decisions: to whom, when, from whom; everything else has an answer.

    `list_ids` are those of lists and of segments; `run_id` is what many partners launch together by.
    """

    copy_id: UUID
    list_ids: tuple[UUID, ...]
    sender_id: UUID
    send_at: datetime
    mails: Literal["all", "first"] = "all"
    name: str = ""
    choices: Choices = NONE
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Launched:
    """A launch by name, and where it stands."""

    id: UUID
    ref: str
    state: LaunchState


def plan_launch(work: Work, plan: LaunchPlan, *, idempotency_key: str) -> Launched:
    """Write a launch as a draft; the same key of the same partner gives the same launch.

    Raises NotFound for a copy, list or sender of somebody else, Invalid for a plan without list.
    """
    work.require(Permission.LAUNCH_PLAN)
    copy = found(
        work.session.scalar(
            visible(select(PartnerCopy), work.principal, PartnerCopy).where(
                PartnerCopy.id == plan.copy_id
            )
        )
    )
    _check_plan(work, plan, copy)
    campaign = found(work.session.get(Campaign, copy.campaign_id))
    launch_id, brand_id = new_id(), brand_of(work.session, copy.partner_id)
    fresh = work.session.execute(
        upsert(Launch)
        .values(
            id=launch_id,
            ref=f"new-{launch_id}",
            vendor_id=copy.vendor_id,
            partner_id=copy.partner_id,
            campaign_id=copy.campaign_id,
            version_id=copy.version_id,
            copy_id=copy.id,
            brand_id=brand_id,
            sender_id=plan.sender_id,
            name=plan.name.strip() or campaign.name,
            language=copy.language,
            due_at=plan.send_at,
            idempotency_key=idempotency_key,
            run_id=plan.run_id,
            created_by=work.principal.user_id,
            created_at=work.now,
            **plan.choices.columns(),
        )
        .on_conflict_do_nothing(constraint="launch_idempotency_key")
        .returning(Launch.id)
    ).scalar_one_or_none()
    if fresh is None:
        known = select(Launch.ref).where(
            Launch.partner_id == copy.partner_id, Launch.idempotency_key == idempotency_key
        )
        return _seen(work, found(work.session.scalar(known)))
    ref = next_reference(work, "LCH")
    work.session.execute(update(Launch).where(Launch.id == launch_id).values(ref=ref))
    _write_lists_and_series(work, launch_id, copy, plan)
    work.audit(
        "planned", "launch", ref, vendor_id=copy.vendor_id, partner_id=copy.partner_id,
        lists=len(plan.list_ids), mails=plan.mails,
    )  # fmt: skip
    return Launched(launch_id, ref, LaunchState.DRAFT)


def change_plan(work: Work, ref: str, plan: LaunchPlan) -> Launched:
    """Answer the three questions anew; only while the launch is a draft."""
    work.require(Permission.LAUNCH_PLAN)
    launch = held(work, ref)
    if launch.state != LaunchState.DRAFT:
        raise Conflict(say("This launch has started; cancel it and plan a new one."))
    if launch.follows_id is not None:
        raise Conflict(
            say("It goes as the first one went, to those who joined since."), code="launch.follows"
        )
    copy = found(work.session.get(PartnerCopy, launch.copy_id))
    _check_plan(work, plan, copy)
    for chosen in (LaunchList, LaunchSegment):
        work.session.execute(delete(chosen).where(chosen.launch_id == launch.id))
    work.session.execute(delete(LaunchMail).where(LaunchMail.launch_id == launch.id))
    launch.sender_id = plan.sender_id
    launch.due_at = plan.send_at
    launch.name = plan.name.strip() or launch.name
    plan.choices.put_on(launch)
    launch.version_id = copy.version_id
    launch.language = copy.language
    launch.brand_id = brand_of(work.session, copy.partner_id)
    _write_lists_and_series(work, launch.id, copy, plan)
    return Launched(launch.id, ref, LaunchState.DRAFT)


def delete_draft(work: Work, ref: str) -> str:
    """Take a plan away that never started, and with it which funds pay for it; return its name.

    Conflict for one that has started: its mails and its sum stay.
    """
    work.require(Permission.LAUNCH_PLAN)
    launch = held(work, ref)
    if launch.state != LaunchState.DRAFT:
        raise Conflict(
            say("This launch has started, so it stays on record."),
            code="launch.started",
            remedy=say("Cancel what has not left."),
        )
    record(work, launch, "deleted")
    work.session.delete(launch)
    return launch.name


def start_launch(work: Work, ref: str) -> Launched:
    """Check once more and schedule, or ask for the yes that the vendor's policy wants; pressing
    twice is the same as once.

    Publishes the partner's page. Raises Invalid with the findings that stop it.
    """
    work.require(Permission.LAUNCH_PLAN)
    launch = held(work, ref)
    if launch.state != LaunchState.DRAFT:
        return Launched(launch.id, ref, LaunchState(launch.state))
    stops = blocking(preflight(work, ref).findings)
    if stops:
        raise Invalid(
            joined(*(each.message for each in stops)),
            code="launch.preflight",
            remedy=stops[0].remedy,
            fields={each.fix or Fix.LIST: each.message for each in stops},
        )
    if launch.follows_id is None:
        pin(work, launch)
        launch.brand_id = brand_of(work.session, launch.partner_id)
    if not approving.asks(work, launch):
        begin(work, launch)
    return Launched(launch.id, ref, LaunchState(launch.state))


def pause_launch(work: Work, ref: str, *, reason: str = "") -> Launched:
    """Pause; at most one micro-batch per line still leaves. Pausing twice is the same as once."""
    work.require(Permission.LAUNCH_STEER)
    launch = held(work, ref)
    if launch.state == LaunchState.PAUSED:
        return Launched(launch.id, ref, LaunchState.PAUSED)
    words = reason or say("{name} paused it", name=work.principal.name)
    for mailing_id in _in_state(work, launch.id, MailingState.RUNNING):
        delivery.pause_mailing(work, mailing_id, reason=words)
    _give_back(work, launch)
    move(launch, LaunchState.PAUSED)
    launch.paused_reason = words
    record(work, launch, "paused", reason=words)
    return Launched(launch.id, ref, LaunchState.PAUSED)


def resume_launch(work: Work, ref: str) -> Launched:
    """Go on where it stopped. Resuming what runs is the same as nothing.

    Conflict while the vendor has suspended the partner.
    """
    work.require(Permission.LAUNCH_STEER)
    launch = held(work, ref)
    if launch.state in (LaunchState.SENDING, LaunchState.SCHEDULED, LaunchState.EXPANDING):
        return Launched(launch.id, ref, LaunchState(launch.state))
    if launch.state not in (LaunchState.PAUSED, LaunchState.FAILED):
        raise Conflict(
            say("Only what was paused or has failed goes on."),
            code="launch.state",
            remedy=say("Open the launch: it says what it waits for."),
        )
    refuse_barred(work, launch)
    waits = _in_state(work, launch.id, MailingState.PREPARING)  # for the winner of a test
    paused = _in_state(work, launch.id, MailingState.PAUSED)
    for mailing_id in paused:
        delivery.resume_mailing(work, mailing_id)
    _give_back(work, launch)
    move(launch, LaunchState.SENDING if paused or waits else LaunchState.SCHEDULED)
    launch.paused_reason = launch.failure = None
    record(work, launch, "resumed")
    work.wake(Job.LAUNCH_START, launch_id=launch.id)
    work.wake(Job.LAUNCH_SETTLE, launch_id=launch.id)
    return Launched(launch.id, ref, LaunchState(launch.state))


def _give_back(work: Work, launch: Launch) -> None:
    """Make a mail due again that somebody was making: the claim of whoever did ends here."""
    if launch.state in (LaunchState.EXPANDING, LaunchState.FAILED):
        launch.due_at = work.now


def cancel_launch(work: Work, ref: str) -> int:
    """Cancel the rest, later mails too; return how many people that spares. Twice is once."""
    work.require(Permission.LAUNCH_STEER)
    launch = held(work, ref)
    if launch.state == LaunchState.CANCELLED:
        return 0
    move(launch, LaunchState.CANCELLED)
    spared = 0
    open_states = (MailingState.PREPARING, MailingState.RUNNING, MailingState.PAUSED)
    for mailing_id in _in_state(work, launch.id, *open_states):
        spared += delivery.cancel_mailing(work, mailing_id)
    launch.finished_at = work.now
    record(work, launch, "cancelled", spared=spared)
    work.wake(Job.PROOF_COLLECT, launch_id=launch.id)
    return spared


def _check_plan(work: Work, plan: LaunchPlan, copy: PartnerCopy) -> None:
    if not plan.list_ids:
        raise Invalid(
            say("Choose a list."), code="launch.no_list", fields={"list": say("Choose a list.")}
        )
    if plan.send_at.tzinfo is None:
        raise TypeError("an instant without a zone")
    owned = work.session.scalars(
        select(ContactList.id).where(
            ContactList.id.in_(plan.list_ids),
            ContactList.partner_id == copy.partner_id,
            ContactList.deleted_at.is_(None),
        )
    ).all()
    if {*owned, *_segments_of(work, plan, copy.partner_id)} != set(plan.list_ids):
        raise NotFound
    refuse_taken_back(work.session, plan.list_ids)
    choices = senders(
        work.session, work.principal, partner_id=copy.partner_id, vendor_id=copy.vendor_id
    )
    if plan.sender_id not in {each.id for each in choices}:
        raise NotFound


def _segments_of(work: Work, plan: LaunchPlan, partner_id: UUID) -> list[UUID]:
    wanted = select(Segment.id).where(
        Segment.id.in_(plan.list_ids),
        Segment.partner_id == partner_id,
        Segment.deleted_at.is_(None),
    )
    return list(work.session.scalars(wanted))


def pin(work: Work, launch: Launch) -> None:
    """Keep what was checked: a later change of the copy changes nothing of this launch."""
    copy = found(work.session.get(PartnerCopy, launch.copy_id))
    if (launch.version_id, launch.language) != (copy.version_id, copy.language):
        mails = select(func.count()).where(LaunchMail.launch_id == launch.id)
        only_first = work.session.scalar(mails) == 1
        work.session.execute(delete(LaunchMail).where(LaunchMail.launch_id == launch.id))
        launch.version_id, launch.language = copy.version_id, copy.language
        _write_series(work, launch.id, copy, launch.due_at, only_first=only_first)
    launch.slots = slots_of(copy)


def _write_lists_and_series(
    work: Work, launch_id: UUID, copy: PartnerCopy, plan: LaunchPlan
) -> None:
    segments = _segments_of(work, plan, copy.partner_id)
    for each in dict.fromkeys(plan.list_ids):
        row = {"segment_id": each} if each in segments else {"list_id": each}
        table = LaunchSegment if each in segments else LaunchList
        work.session.execute(insert(table).values(launch_id=launch_id, **row))
    _write_series(work, launch_id, copy, plan.send_at, only_first=plan.mails == "first")
    trials.plan(work, launch_id, plan.choices.trial, copy, plan.sender_id)


def _write_series(
    work: Work, launch_id: UUID, copy: PartnerCopy, send_at: datetime, *, only_first: bool
) -> None:
    mails = series(work, copy.version_id, language=copy.language)
    zone = work.session.get_one(Partner, copy.partner_id).zone
    chosen = mails[:1] if only_first else mails
    work.session.execute(
        insert(LaunchMail),
        [
            {
                "launch_id": launch_id,
                "no": no,
                "mail": mail.key,
                "audience": mail.audience,
                "subject": mail.subject,
                "due_at": later(send_at, Delay(mail.day - chosen[0].day, Unit.DAYS), zone),
            }
            for no, mail in enumerate(chosen, 1)
        ],
    )


def _seen(work: Work, ref: str) -> Launched:
    launch = held(work, ref)
    return Launched(launch.id, ref, LaunchState(launch.state))


def _in_state(work: Work, launch_id: UUID, *states: MailingState) -> list[int]:
    rows = work.session.scalars(
        select(Mailing.id)
        .where(Mailing.id.in_(mailings_of(work.session, launch_id)), Mailing.state.in_(states))
        .with_for_update()
    )
    return list(rows)
