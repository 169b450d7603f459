"""Reads of launches: list, live page with the finish equation, people, and why it waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, text, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tcma.contacts.models import ContactList, Segment
from tcma.db.pages import Page, page_of
from tcma.db.scope import found, visible
from tcma.delivery import queries as delivery
from tcma.delivery.models import Mailing
from tcma.delivery.queries import Equation, ReasonCount, Recipient, Stream
from tcma.delivery.reaction_sums import REACTIONS
from tcma.delivery.rules import MailingState, MessageState
from tcma.delivery.sender_queries import sender_address
from tcma.delivery.small_cells import told_mailings
from tcma.errors import NotFound
from tcma.launches import trials
from tcma.launches.choices import Choices
from tcma.launches.clocks import frozen_waves
from tcma.launches.hours import Hours, Schedule, Wave
from tcma.launches.lasting import last_day_of
from tcma.launches.models import Launch, LaunchList, LaunchMail, LaunchSegment
from tcma.launches.rules import RUNNING, LaunchState
from tcma.launches.series import SeriesMail, series
from tcma.launches.trials import TrialView
from tcma.launches.waiting import why_waiting
from tcma.library.models import Campaign
from tcma.library.stops import is_stopped
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Principal

M = MessageState
PACE_WINDOW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchLine:
    """A launch in a list."""

    id: UUID
    ref: str
    name: str
    state: LaunchState
    vendor_id: UUID
    vendor_name: str
    vendor_slug: str
    partner_id: UUID
    partner_name: str
    campaign_id: UUID
    campaign_name: str
    campaign_slug: str
    is_stopped: bool
    follows_id: UUID | None
    due_at: datetime
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    equation: Equation
    reactions: dict[str, int]
    is_few: bool
    """Whether any of its mails went to too few people to be told of; the sums are without those."""

    @property
    def shown_state(self) -> str:
        """The state as pages show it: a stop by the vendor stands before what would run."""
        return "held_back" if self.is_stopped and self.state in RUNNING else self.state.value


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchDetail:
    """Everything the live page shows."""

    line: LaunchLine
    version_id: UUID
    copy_id: UUID
    brand_id: UUID
    page_id: UUID | None
    sender_id: UUID
    sender: str
    language: str
    lists: tuple[str, ...]
    list_ids: tuple[UUID, ...]
    paused_reason: str | None
    failure: str | None
    content_hash: str | None
    created_by: UUID | None
    mails: tuple[SeriesMail, ...]
    equation: Equation
    reasons: tuple[ReasonCount, ...]
    reactions: dict[str, int]
    why_waiting: str
    per_minute: int
    minutes_left: int | None
    last_day: date | None
    """When the last mails leave, where a limit of the sender's domain keeps them; else None."""
    choices: Choices
    trial: TrialView | None
    waves: tuple[Wave, ...]

    @property
    def current(self) -> SeriesMail:
        """The mail that runs or ran last; the first before any has."""
        frozen = [mail for mail in self.mails if mail.mailing_id is not None]
        return frozen[-1] if frozen else self.mails[0]


def launches(  # noqa: PLR0913 - the filters of the list
    session: Session,
    principal: Principal,
    *,
    states: Sequence[LaunchState] = (),
    search: str = "",
    campaign_id: UUID | None = None,
    after: str | None = None,
) -> Page[LaunchLine]:
    """Return a page of launches, newest first, each with its sum over all mails."""
    chosen = visible(_lines(), principal, Launch)
    if states:
        chosen = chosen.where(Launch.state.in_(states))
    if campaign_id:
        chosen = chosen.where(Launch.campaign_id == campaign_id)
    if search:
        like = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        chosen = chosen.where(
            Launch.name.ilike(like) | Launch.ref.ilike(like) | Partner.name.ilike(like)
        )
    page = page_of(session, chosen, [Launch.id.expression], after=after)
    return Page(_with_sums(session, principal, page.rows), page.next)


def latest_of_campaigns(
    session: Session, principal: Principal, campaign_ids: Sequence[UUID]
) -> dict[UUID, LaunchLine]:
    """Return the newest launch of each campaign that this principal may see."""
    chosen = visible(_lines(), principal, Launch).where(Launch.campaign_id.in_(campaign_ids))
    newest = chosen.ext(distinct_on(Launch.campaign_id)).order_by(
        Launch.campaign_id, Launch.id.desc()
    )
    lines = _with_sums(session, principal, session.execute(newest).all())
    return {line.campaign_id: line for line in lines}


def lines_of(
    session: Session, principal: Principal, launch_ids: Sequence[UUID]
) -> dict[UUID, LaunchLine]:
    """Return some launches that this principal may see, each with its sum over all mails."""
    chosen = visible(_lines(), principal, Launch).where(Launch.id.in_(launch_ids))
    rows = session.execute(chosen).all()
    return {line.id: line for line in _with_sums(session, principal, rows)}


def launch_id_of(session: Session, principal: Principal, ref: str) -> UUID:
    """Return the id behind a reference; NotFound when it is not this principal's."""
    chosen = visible(select(Launch.id), principal, Launch).where(Launch.ref == ref)
    launch_id: UUID = found(session.scalar(chosen))
    return launch_id


def launch_detail(
    session: Session, principal: Principal, ref: str, *, now: datetime
) -> LaunchDetail:
    """Return one launch with every mail's finish equation; NotFound for a foreign reference.

    A vendor is told of no mail that goes to fewer than five people (`delivery.small_cells`).
    """
    extra = _lines().add_columns(
        Launch.version_id, Launch.copy_id, Launch.brand_id, Launch.page_id, Launch.sender_id,
        Launch.language, Launch.paused_reason, Launch.failure, Launch.content_hash,
        Launch.created_by, Launch.local_time, Launch.hours, Launch.hold_out, Partner.zone,
    )  # fmt: skip
    row = found(
        session.execute(visible(extra, principal, Launch).where(Launch.ref == ref)).one_or_none()
    )
    mails = series(session, principal, row.id)
    few = any(mail.is_few for mail in mails)
    frozen = mailings_of(session, row.id)
    streams = delivery.streams(session, frozen)
    total = sum((mail.equation for mail in mails if mail.equation), Equation())
    reactions = {name: sum(mail.reactions[name] for mail in mails) for name in REACTIONS}
    lists = _lists(session, row.id)
    latest = _latest(session, row.id)
    current = _moving(streams, latest)
    schedule = Schedule(row.due_at, row.zone, row.local_time, Hours(row.hours))
    in_a_row = (
        row.state == LaunchState.SENDING
        and schedule.is_plain
        and not trials.waiting_for_winner(session, row.id)[0]
    )
    last_day = last_day_of(session, latest, now=now) if in_a_row and not few else None
    pace = sum(delivery.sent_since(session, each, now - PACE_WINDOW) for each in latest)
    return LaunchDetail(
        line=_line(row, total, reactions, is_few=few),
        version_id=row.version_id,
        copy_id=row.copy_id,
        brand_id=row.brand_id,
        page_id=row.page_id,
        sender_id=row.sender_id,
        sender=sender_address(session, row.sender_id),
        language=row.language,
        lists=tuple(each.name for each in lists),
        list_ids=tuple(each.id for each in lists),
        paused_reason=row.paused_reason,
        failure=row.failure,
        content_hash=row.content_hash,
        created_by=row.created_by,
        mails=mails,
        equation=total,
        reasons=() if few else tuple(delivery.reasons(session, frozen)),
        reactions=reactions,
        why_waiting="" if few else why_waiting(session, row, current, total, now=now),
        per_minute=0 if few else pace,
        minutes_left=-(-total.waiting // pace) if pace and in_a_row and not last_day else None,
        last_day=last_day,
        choices=Choices.of(row, trials.choice_of(session, row.id)),
        trial=None if few else trials.view(session, row.id),
        waves=tuple(frozen_waves(session, schedule, latest)),
    )


def _lists(session: Session, launch_id: UUID) -> Sequence[Any]:
    """Return the lists and segments a launch goes to, by name."""
    return session.execute(
        union_all(
            select(ContactList.id, ContactList.name)
            .join(LaunchList, LaunchList.list_id == ContactList.id)
            .where(LaunchList.launch_id == launch_id),
            select(Segment.id, Segment.name)
            .join(LaunchSegment, LaunchSegment.segment_id == Segment.id)
            .where(LaunchSegment.launch_id == launch_id),
        ).order_by(text("name"))
    ).all()


def launch_people(  # noqa: PLR0913 - the filters of the list
    session: Session,
    principal: Principal,
    ref: str,
    *,
    states: Sequence[MessageState] = (),
    mail_no: int | None = None,
    search: str = "",
    after: str | None = None,
) -> Page[Recipient]:
    """Return the people of a launch and what became of their mail, a page at a time.

    Only the partner sees people; a vendor sees counts (NotFound).
    """
    if principal.vendor_id and not principal.partner_id:
        raise NotFound
    launch_id = launch_id_of(session, principal, ref)
    mailings = select(LaunchMail.mailing_id).where(
        LaunchMail.launch_id == launch_id, LaunchMail.mailing_id.is_not(None)
    )
    if mail_no is not None:
        mailings = mailings.where(LaunchMail.no == mail_no)
    numbers = [each for each in session.scalars(mailings) if each is not None]
    return delivery.recipients(session, numbers, states=states, search=search, after=after)


def mailings_of(session: Session, launch_id: UUID) -> list[int]:
    """Return the frozen mailings of a launch in the order of the series."""
    rows = session.scalars(
        select(LaunchMail.mailing_id)
        .where(LaunchMail.launch_id == launch_id, LaunchMail.mailing_id.is_not(None))
        .order_by(LaunchMail.no, LaunchMail.arm)
    )
    return [each for each in rows if each is not None]


def _latest(session: Session, launch_id: UUID) -> list[int]:
    """Return the mailings of the mail that was frozen last, several when it is tested; and of
    earlier mails those that have some to try again.
    """
    frozen = (LaunchMail.launch_id == launch_id, LaunchMail.mailing_id.is_not(None))
    last = select(func.max(LaunchMail.no)).where(*frozen).scalar_subquery()
    again = Mailing.state.in_((MailingState.RUNNING, MailingState.PAUSED))
    rows = session.scalars(
        select(LaunchMail.mailing_id)
        .join(Mailing, Mailing.id == LaunchMail.mailing_id)
        .where(*frozen, or_(LaunchMail.no == last, again))
        .order_by(LaunchMail.no.desc(), LaunchMail.arm)
    )
    return [each for each in rows if each is not None]


def _moving(streams: Mapping[int, Stream], latest: Sequence[int]) -> Stream | None:
    """Return the mailing that speaks for a mail: one that runs before one that waits or is over."""
    known = [each for each in latest if each in streams]  # one that was frozen just now is not
    running = [each for each in known if streams[each].state == MailingState.RUNNING]
    chosen = running or known
    return streams[chosen[0]] if chosen else None


def launch_of_mailing(session: Session, mailing_id: int) -> UUID | None:
    """Return the launch that a mailing belongs to."""
    return session.scalar(select(LaunchMail.launch_id).where(LaunchMail.mailing_id == mailing_id))


def _lines() -> Any:
    return (
        select(
            Launch.id, Launch.ref, Launch.name, Launch.state, Launch.vendor_id,
            Vendor.name.label("vendor_name"),
            Vendor.slug.label("vendor_slug"), Launch.partner_id,
            Partner.name.label("partner_name"), Launch.campaign_id,
            Campaign.name.label("campaign_name"), Campaign.slug.label("campaign_slug"),
            is_stopped(Launch.campaign_id).label("is_stopped"), Launch.follows_id,
            Launch.due_at, Launch.created_at, Launch.started_at, Launch.finished_at,
        )
        .join(Vendor, Vendor.id == Launch.vendor_id)
        .join(Partner, Partner.id == Launch.partner_id)
        .join(Campaign, Campaign.id == Launch.campaign_id)
    )  # fmt: skip


_SUMS = {"equation", "reactions", "state", "is_few"}
_PLAIN = [n for n in LaunchLine.__dataclass_fields__ if n not in _SUMS]


def _line(row: Any, equation: Equation, reactions: dict[str, int], *, is_few: bool) -> LaunchLine:
    return LaunchLine(
        **{name: getattr(row, name) for name in _PLAIN},
        state=LaunchState(row.state),
        equation=equation,
        reactions=reactions,
        is_few=is_few,
    )


def _with_sums(session: Session, principal: Principal, rows: Sequence[Any]) -> list[LaunchLine]:
    mails = session.execute(
        select(LaunchMail.launch_id, LaunchMail.no, LaunchMail.mailing_id).where(
            LaunchMail.launch_id.in_([row.id for row in rows]), LaunchMail.mailing_id.is_not(None)
        )
    ).all()
    sums = delivery.equations(session, [mail.mailing_id for mail in mails])
    answers = delivery.reactions_by_mailing(session, [mail.mailing_id for mail in mails])
    lines = []
    for row in rows:
        own = [(mail.no, mail.mailing_id) for mail in mails if mail.launch_id == row.id]
        told = told_mailings(principal, own, sums)
        total = sum((sums[each] for each in told), Equation())
        reactions = {name: sum(answers[each][name] for each in told) for name in REACTIONS}
        lines.append(_line(row, total, reactions, is_few=len(told) < len(own)))
    return lines


def ref_by_key(session: Session, partner_id: UUID, idempotency_key: str) -> str | None:
    """Return the reference of a partner's launch with this key, None when there is none."""
    return session.scalar(
        select(Launch.ref).where(
            Launch.partner_id == partner_id, Launch.idempotency_key == idempotency_key
        )
    )
