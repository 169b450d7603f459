"""Gathers what the preflight judges, for a launch that is about to start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, literal, select
from sqlalchemy.orm import Session

from tcma.contacts.models import Contact
from tcma.db.pages import Page, page_of
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery.budgets import why_held
from tcma.delivery.freezing import judged, keep_in_memory
from tcma.delivery.frequency import rule_of
from tcma.delivery.models import Sender
from tcma.delivery.rules import MailingKind, Reason, said_of
from tcma.delivery.sender_queries import standing_of
from tcma.delivery.shared_limit import limit_for
from tcma.launches import approvals, clashes, hold_out, hours, lasting, law, trial, trials
from tcma.launches.audience import audience_size, of_launch
from tcma.launches.choices import Choices, TrialChoice
from tcma.launches.clocks import schedule_of, waves_of
from tcma.launches.drawing import held_out, in_arm
from tcma.launches.hours import Wave
from tcma.launches.models import Launch, LaunchMail
from tcma.launches.rules import Area, Facts, Finding, Fix, Severity, blocking, heaviest_first
from tcma.launches.rules import preflight as judge
from tcma.launches.suspension import why_barred
from tcma.launches.trial import Arm
from tcma.launches.trial_senders import pair_of
from tcma.library.compiling import problems_of_copy
from tcma.library.models import Campaign, CampaignVersion, PartnerCopy
from tcma.library.rules import CampaignState, VersionState
from tcma.library.seeing import unmet
from tcma.library.stops import why_stopped
from tcma.partners.models import BrandProfile, Vendor
from tcma.partners.rules import missing_from_profile
from tcma.rendering.tokens import fill_text
from tcma.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many of some lists can be mailed, and why the others not."""

    people: int
    sendable: int
    held: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """The verdict before a launch."""

    ref: str
    name: str
    send_at: datetime
    sender: str
    lists_n: int
    mails_n: int
    reach: Reach
    findings: tuple[Finding, ...]
    ends_on: date | None
    choices: Choices
    tested: str
    last_at: datetime
    zones_n: int
    follows: bool
    asks: bool

    @property
    def hours_words(self) -> str:
        """Within which hours it leaves."""
        return hours.HOURS_WORDS[self.choices.hours]

    @property
    def ready(self) -> bool:
        """Say whether nothing stops it."""
        return not blocking(self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return the verdict for machines, in English; instants as ISO 8601 in UTC."""
        return {
            "launch": self.ref,
            "name": self.name,
            "ready": self.ready,
            "asks_for_approval": self.asks,
            "send_at": self.send_at.astimezone(UTC).isoformat(),
            "last_at": self.last_at.astimezone(UTC).isoformat(),
            "sender": self.sender,
            "lists": self.lists_n,
            "mails": self.mails_n,
            "people": self.reach.people,
            "sendable": self.reach.sendable,
            "left_out": {str(why): n for why, n in self.reach.held.items()},
            "findings": [
                {
                    "area": each.area.value,
                    "severity": each.severity.value,
                    "message": str(each.message),
                    "remedy": str(each.remedy),
                    "fix": each.fix.value,
                }
                for each in self.findings
            ],
        }


def preflight(work: Work, ref: str) -> Preflight:
    """Return the findings on a planned launch; NotFound for a foreign reference."""
    session = work.session
    launch = _launch(work, ref)
    version = found(session.get(CampaignVersion, launch.version_id))
    campaign = found(session.get(Campaign, launch.campaign_id))
    judged = _judged_of(session, launch, campaign, now=work.now)
    counts = _counted(session, judged)
    reach = _reach(counts)
    facts = _facts(work, launch, campaign, version, reach)
    tested = trials.choice_of(session, launch.id)
    spread, waves = _spread(session, launch, judged, ends_on=version.ends_on, now=work.now)
    held = hold_out.findings(
        launch.hold_out, held=counts.get(Reason.HELD_OUT, 0), sendable=reach.sendable
    )
    beside = clashes.clashes_of(session, launch, judged, now=work.now)
    ground = law.findings(
        law.ground_of(session, launch, now=work.now), barred=bool(facts.barred_why)
    )
    needed = approvals.needs_of(session, work.principal, launch, reach.sendable)
    chosen = [*law.of_terms(session, launch), *ground, *spread, *clashes.findings(beside), *held]
    chosen += approvals.findings(session, launch, needed)
    chosen += lasting.findings(session, launch, reach.sendable, now=work.now)
    chosen += _tested(session, launch, judged, tested, now=work.now)
    return Preflight(
        ref=ref,
        name=launch.name,
        send_at=launch.due_at,
        sender=facts.sender or "",
        lists_n=facts.lists_n,
        mails_n=facts.mails_n,
        reach=reach,
        findings=tuple(heaviest_first(judge(facts) + chosen)),
        ends_on=version.ends_on,
        choices=Choices.of(launch, tested),
        tested=_told(session, launch, tested),
        last_at=max((wave.leaves_at for wave in waves), default=launch.due_at),
        zones_n=len(waves),
        follows=launch.follows_id is not None,
        asks=bool(needed),
    )


def _facts(
    work: Work, launch: Launch, campaign: Campaign, version: CampaignVersion, reach: Reach
) -> Facts:
    session = work.session
    vendor = found(session.get(Vendor, launch.vendor_id))
    brand = found(session.get(BrandProfile, launch.brand_id))
    sender = session.get(Sender, launch.sender_id)
    standing = standing_of(session, launch.sender_id, vendor_id=launch.vendor_id)
    mails_n = session.scalar(select(func.count()).where(LaunchMail.launch_id == launch.id)) or 0
    return Facts(
        now=work.now,
        send_at=launch.due_at,
        lists_n=audience_size(session, launch.id),
        people_n=reach.people,
        sendable_n=reach.sendable,
        held=reach.held,
        sender=sender.from_address if sender else None,
        sender_is_fallback=bool(sender and sender.is_fallback),
        sender_state=standing.state,
        sender_is_held=standing.is_held,
        came_back=why_held(session, launch.sender_id, now=work.now),
        vendor_name=vendor.name,
        profile_missing=missing_from_profile(brand.fields),
        has_logo=brand.logo_key is not None,
        copy_problems=_copy_problems(work, launch),
        campaign_live=_is_live(campaign, version),
        hidden_by=_hidden_by(work, launch),
        stopped_why=why_stopped(session, campaign.id),
        barred_why=why_barred(session, launch),
        ends_on=version.ends_on,
        mails_after_end=_after(session, launch.id, version.ends_on),
        page_ready=launch.page_id is not None,
        mails_n=mails_n,
        follows=launch.follows_id is not None,
    )


def _copy_problems(work: Work, launch: Launch) -> list[str]:
    """Return what keeps the copy from leaving; one that follows sends what was made for the first."""
    if launch.follows_id is not None:
        return []
    return list(problems_of_copy(work, found(work.session.get(PartnerCopy, launch.copy_id))))


def _launch(work: Work, ref: str) -> Launch:
    wanted = visible(select(Launch), work.principal, Launch).where(Launch.ref == ref)
    launch: Launch = found(work.session.scalar(wanted))
    return launch


def _spread(
    session: Session, launch: Launch, judged: Any, *, ends_on: date | None, now: datetime
) -> tuple[list[Finding], list[Wave]]:
    """When it leaves for whom, and what is to be said of that."""
    schedule = schedule_of(session, launch, max(launch.due_at, now))
    waves = waves_of(session, schedule, judged, now=now)
    return hours.findings(schedule, waves, ends_on=ends_on), waves


def _tested(
    session: Session, launch: Launch, judged: Any, choice: TrialChoice | None, *, now: datetime
) -> list[Finding]:
    """What is to be said of the test: whether its people are enough to tell."""
    if choice is None:
        return []
    counts = (
        select(
            func.count().filter(~in_arm(launch.campaign_id, choice.share, Arm.REST)),
            func.count().filter(in_arm(launch.campaign_id, choice.share, Arm.REST)),
        )
        .select_from(Contact)
        .join(judged, judged.c.id == Contact.id)
        .where(judged.c.stop == 0)
    )
    in_test, rest = session.execute(counts).one()
    first = select(LaunchMail.mail, LaunchMail.subject).where(
        LaunchMail.launch_id == launch.id, LaunchMail.no == 1
    )
    mail, subject = session.execute(first).one()
    mark = trials.mark_of(session, launch, mail, choice)
    pool = trials.pool_of(session, mark)
    found = trial.findings(
        in_test=in_test, rest=rest, pooled=pool.a.did + pool.b.did, hours=choice.hours
    )
    same = trial.same_subject(fill_text(subject, {}), choice.subject)
    return [*same, *_second_sender(session, launch, choice, now=now), *found]


def _second_sender(
    session: Session, launch: Launch, choice: TrialChoice, *, now: datetime
) -> list[Finding]:
    """Say so when the second address of a test would keep its mail waiting."""
    if choice.sender_id is None:
        return []
    standing = standing_of(session, choice.sender_id, vendor_id=launch.vendor_id)
    if not standing.is_held and not why_held(session, choice.sender_id, now=now):
        return []
    words = say("B would wait: no mail leaves from its address at the moment.")
    remedy = say("Choose another second sender, or see Senders for the reason.")
    return [Finding(Area.SENDER, Severity.STOP, words, Fix.DATE, remedy)]


def _told(session: Session, launch: Launch, choice: TrialChoice | None) -> str:
    """What A and B of a test are, in words; empty without a test."""
    if choice is None:
        return ""
    if choice.is_of_sender:
        pair = pair_of(session, launch, choice)
        a, b = pair.shown
        if pair.is_common:
            return say("A from “{a}”, B from “{b}”", a=a, b=b)
        return say("A from “{a}”, B from “{b}”; counted over your launches alone", a=a, b=b)
    if choice.subject:
        return say("B “{subject}”", subject=choice.subject)
    return say("B is the vendor’s second variant")


def _is_live(campaign: Campaign, version: CampaignVersion) -> bool:
    stands = version.state in (VersionState.PUBLISHED, VersionState.SUPERSEDED)
    return campaign.state != CampaignState.RETIRED and stands


def _hidden_by(work: Work, launch: Launch) -> list[str]:
    role = "" if work.principal.is_system else work.principal.role.value
    return unmet(
        work.session, launch.partner_id, launch.campaign_id, today=work.now.date(), role=role
    )


def _after(session: Session, launch_id: UUID, ends_on: date | None) -> int:
    if ends_on is None:
        return 0
    late = select(func.count()).where(
        LaunchMail.launch_id == launch_id, func.date(LaunchMail.due_at) > ends_on
    )
    return session.scalar(late) or 0


def _judged_of(session: Session, launch: Launch, campaign: Campaign, *, now: datetime) -> Any:
    judged = _judged(
        session,
        of_launch(session, launch, now=now),
        vendor_id=launch.vendor_id,
        partner_id=launch.partner_id,
        now=now,
        topic=campaign.slug,
    )
    spared = held_out(campaign.id, launch.hold_out)
    if spared is None:
        return judged.subquery("judged")
    each = judged.add_columns(spared.label("spared")).offset(0).subquery("each")
    stop = case((and_(each.c.stop == 0, each.c.spared), int(Reason.HELD_OUT)), else_=each.c.stop)
    return select(each.c.id, stop.label("stop")).subquery("judged")


def reach_of(  # noqa: PLR0913 - lists, sides, time
    session: Session,
    audience: Any,
    *,
    vendor_id: UUID,
    partner_id: UUID,
    now: datetime,
    topic: str | None = None,
) -> Reach:
    """Count who of an audience can be mailed now, with the reasons against the others."""
    judged = _judged(
        session, audience, vendor_id=vendor_id, partner_id=partner_id, now=now, topic=topic
    ).subquery("judged")
    return _reach(_counted(session, judged))


def _counted(session: Session, judged: Any) -> dict[Reason, int]:
    rows = session.execute(
        select(judged.c.stop, func.count()).group_by(judged.c.stop).order_by(func.count().desc())
    ).all()
    return {Reason(stop): n for stop, n in rows}


def _reach(counts: Mapping[Reason, int]) -> Reach:
    return Reach(
        people=sum(counts.values()),
        sendable=counts.get(Reason.NONE, 0),
        held={said_of(reason, n): n for reason, n in counts.items() if reason},
    )


def _judged(  # noqa: PLR0913 - lists, sides, time
    session: Session,
    audience: Any,
    *,
    vendor_id: UUID,
    partner_id: UUID,
    now: datetime,
    topic: str | None,
) -> Select[*tuple[Any, ...]]:
    """Select the people of an audience with `stop`: the reason against mailing each, 0 for none."""
    scope: Any = SimpleNamespace(
        vendor_id=vendor_id,
        partner_id=partner_id,
        topic=topic,
        kind=literal(int(MailingKind.LAUNCH)),
        often=rule_of(session, vendor_id),
        shared=limit_for(session, vendor_id),
    )
    if scope.often is not None or scope.shared is not None:
        keep_in_memory(session)
    # Not by the partner's index: of a partner that has just brought its first people the planner
    # expects one, and would go through the whole audience again for each of them.
    own = Contact.partner_id.is_not_distinct_from(partner_id)
    return judged(audience, scope, now=now).where(own)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Somebody a launch will not reach, and why."""

    contact_id: int
    name: str
    address: str
    reason: Reason


def left_out(
    work: Work, ref: str, *, reason: Reason | None = None, after: str | None = None
) -> Page[LeftOut]:
    """Return who of a planned launch's people would be left out now, and why."""
    launch = _launch(work, ref)
    campaign = work.session.get_one(Campaign, launch.campaign_id)
    judged = _judged_of(work.session, launch, campaign, now=work.now)
    wanted = (
        select(Contact.address, Contact.first_name, Contact.last_name, judged.c.stop)
        .join(judged, judged.c.id == Contact.id)
        .where(judged.c.stop == int(reason) if reason else judged.c.stop > 0)
    )
    page = page_of(work.session, wanted, [Contact.id], after=after)
    rows = [
        LeftOut(
            contact_id=row.k0, address=row.address, reason=Reason(row.stop),
            name=" ".join(filter(None, (row.first_name, row.last_name))),
        )
        for row in page.rows
    ]  # fmt: skip
    return Page(rows, page.next)
