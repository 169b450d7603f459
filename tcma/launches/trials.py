"""A test of two variants inside a launch: planned, opened with the freeze, decided exactly once."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.delivery import actions as delivery
from tcma.delivery.models import Mailing, MailingLink, Message, MessageReaction
from tcma.delivery.rules import MailingState, MessageState
from tcma.errors import Invalid
from tcma.launches import trial_senders
from tcma.launches.choices import TrialChoice
from tcma.launches.clocks import moments, move_to
from tcma.launches.hold_out import Group
from tcma.launches.models import Launch, LaunchMail, LaunchTrial
from tcma.launches.trial import Arm, Pool, Verdict, judge
from tcma.library.compiling import CompiledMail, compile_mail
from tcma.library.models import PartnerCopy
from tcma.library.sources import source_of
from tcma.rendering.kits import is_rtl
from tcma.rendering.mime import build
from tcma.rendering.tokens import fill_text, inert
from tcma.words import say

OTHER = "\0b"
"""Under which name the second variant stands among compiled mails."""
LONGEST_SUBJECT = 78
"""RFC 5322 would have no line longer, and no mail program shows more."""
M = MessageState


@dataclass(frozen=True, slots=True)
class Variant:
    """A second variant of the first mail that the campaign's author wrote."""

    key: str
    subject: str


def variants_of(work: Work, version_id: UUID, *, language: str) -> list[Variant]:
    """Return the author's variants of the first mail of the series."""
    source = source_of(work, version_id)
    spoken = source.language_for(language)
    own = sorted((m for m in source.mails if m.kind == "campaign"), key=lambda mail: mail.day)
    return [
        Variant(mail.key, mail.subject[spoken])
        for mail in source.mails
        if mail.kind == "variant" and mail.of == own[0].key
    ]


def plan(
    work: Work, launch_id: UUID, choice: TrialChoice | None, copy: PartnerCopy, sender_id: UUID
) -> None:
    """Write the test of a launch anew, or take it away. Invalid for a second mail that cannot be."""
    work.session.execute(delete(LaunchTrial).where(LaunchTrial.launch_id == launch_id))
    if choice is None:
        return
    subject = " ".join(choice.subject.split())
    if choice.variant:
        known = {each.key for each in variants_of(work, copy.version_id, language=copy.language)}
        if choice.variant not in known:
            message = say("This variant is no longer in the campaign.")
            raise Invalid(message, code="launch.variant", fields={"trial": message})
    elif choice.is_of_sender:
        trial_senders.plan(work, choice, copy, sender_id)
        subject = ""
    elif not 3 <= len(subject) <= LONGEST_SUBJECT:
        message = say(
            "Write a subject of 3 to {longest_subject} characters.", longest_subject=LONGEST_SUBJECT
        )
        raise Invalid(message, code="launch.subject", fields={"subject_b": message})
    work.session.execute(
        insert(LaunchTrial).values(
            launch_id=launch_id, variant=choice.variant, share=choice.share, hours=choice.hours,
            subject="" if choice.variant else subject, sender_id=choice.sender_id,
            from_name=choice.from_name,
        )
    )  # fmt: skip


def choice_of(session: Session, launch_id: UUID) -> TrialChoice | None:
    """Return what a launch tests, None for nothing."""
    row = session.get(LaunchTrial, launch_id)
    return _choice(row) if row else None


def _choice(row: LaunchTrial) -> TrialChoice:
    return TrialChoice(
        variant=row.variant, subject=row.subject, share=row.share, hours=row.hours,
        sender_id=row.sender_id, from_name=row.from_name,
    )  # fmt: skip


def compile_other(  # noqa: PLR0913 - what a mail is made of
    work: Work, copy: PartnerCopy, choice: TrialChoice, mail: str, *, page_url: str, brand_id: UUID
) -> CompiledMail:
    """Compile the second variant: the author's own mail, or the same with another subject or none
    (then the sender is what differs).
    """
    made = compile_mail(
        work, copy, choice.variant or mail, language=copy.language, page_url=page_url,
        brand_id=brand_id,
    )  # fmt: skip
    if choice.variant or choice.is_of_sender:
        return made
    subject = inert(choice.subject)
    artefact = build(
        subject=subject, preview=made.preview, html=made.html, text=made.text,
        rtl=is_rtl(made.language),
    )  # fmt: skip
    return replace(made, artefact=artefact, subject=subject)


def mark_of(session: Session, launch: Launch, mail: str, choice: TrialChoice) -> str:
    """Return the name that the same test has in every partner's launch."""
    same = [
        str(launch.version_id),
        launch.language,
        mail,
        choice.variant,
        choice.subject.casefold(),
    ]
    if choice.is_of_sender:
        pair = trial_senders.pair_of(session, launch, choice)
        same += trial_senders.parts_of_mark(launch, pair)
    return sha256(json.dumps(same).encode()).hexdigest()


def pool_of(session: Session, mark: str, *, launch_id: UUID | None = None) -> Pool:
    """Return what the variants of a test brought, all partners together or one launch's own.

    An answer is a click or a reply by a human. Somebody who answered twice, in several launches or
    to several partners, is in the same variant each time and counts once.
    """
    answered = or_(
        MessageReaction.human_clicked_at.is_not(None), MessageReaction.replied_at.is_not(None)
    )
    wanted = (
        select(
            LaunchMail.arm,
            func.count(Message.address_hash.distinct()).label("people"),
            func.count(Message.address_hash.distinct()).filter(answered).label("did"),
            func.count(Launch.partner_id.distinct()).label("partners"),
        )
        .join(LaunchTrial, LaunchTrial.launch_id == LaunchMail.launch_id)
        .join(Launch, Launch.id == LaunchMail.launch_id)
        .join(Message, Message.mailing_id == LaunchMail.mailing_id)
        .outerjoin(MessageReaction, MessageReaction.message_id == Message.id)
        .where(
            LaunchTrial.mark == mark,
            LaunchMail.arm != Arm.REST,
            Message.state.in_((M.SENT, M.UNCERTAIN)),
        )
        .group_by(LaunchMail.arm)
    )
    if launch_id is not None:
        wanted = wanted.where(LaunchMail.launch_id == launch_id)
    by_arm = {row.arm: row for row in session.execute(wanted)}
    a, b = (
        Group(by_arm[arm].did, by_arm[arm].people) if arm in by_arm else Group(0, 0)
        for arm in (Arm.A, Arm.B)
    )
    return Pool(a, b, max((row.partners for row in by_arm.values()), default=0))


def begin(
    work: Work, launch: Launch, mail: LaunchMail, other: CompiledMail | None
) -> LaunchTrial | None:
    """Return the test that begins with this mail, its second variant written beside it.

    None without one, and for one that others have decided already: then everybody gets the winner.
    """
    trial = work.session.get(LaunchTrial, launch.id) if mail.no == 1 else None
    if trial is None or other is None:
        return None
    choice = _choice(trial)
    trial.mark = mark_of(work.session, launch, mail.mail, choice)
    if choice.is_of_sender:
        trial_senders.keep(trial, trial_senders.pair_of(work.session, launch, choice))
    pool = pool_of(work.session, trial.mark)
    verdict = judge(pool, now=work.now, ends_at=work.now + timedelta(hours=trial.hours))
    if verdict.arm is None:
        _write_arms(work, mail, other)
        return trial
    _write(work, trial, pool, verdict)
    if verdict.arm is Arm.B:
        mail.artefact_key = delivery.keep_artefact(work, other.artefact)
        mail.subject, mail.links = other.subject, list(other.links)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialView:
    """A test as the live page shows it: A and B by their subjects, or by their senders where these
    are tested; `waiting` get the winner.
    """

    shown_a: str
    shown_b: str
    own: Pool
    pooled: Pool
    waiting: int
    ends_at: datetime | None
    winner: Arm | None
    words: str
    decided_at: datetime | None


def view(session: Session, launch_id: UUID) -> TrialView | None:
    """Return the test of a launch that has begun, None when there is none."""
    trial = session.get(LaunchTrial, launch_id)
    if trial is None or trial.mark is None:
        return None
    subjects = _subjects(session, trial.mark)
    return TrialView(
        shown_a=trial.shown_a or subjects.get(Arm.A, ""),
        shown_b=trial.shown_b or subjects.get(Arm.B, ""),
        own=pool_of(session, trial.mark, launch_id=launch_id),
        pooled=pool_of(session, trial.mark),
        waiting=waiting_for_winner(session, launch_id)[0],
        ends_at=trial.ends_at,
        winner=None if trial.winner is None else Arm(trial.winner),
        words=trial.words,
        decided_at=trial.decided_at,
    )


def _subjects(session: Session, mark: str) -> dict[int, str]:
    rows = session.execute(
        select(LaunchMail.arm, func.max(LaunchMail.subject))
        .join(LaunchTrial, LaunchTrial.launch_id == LaunchMail.launch_id)
        .where(LaunchTrial.mark == mark, LaunchMail.no == 1, LaunchMail.arm != Arm.REST)
        .group_by(LaunchMail.arm)
    )
    return {arm: fill_text(subject, {}) for arm, subject in rows}


def waiting_for_winner(session: Session, launch_id: UUID) -> tuple[int, datetime | None]:
    """Return how many wait for the winner of a launch's test, and until when at the latest."""
    trial = session.get(LaunchTrial, launch_id)
    if trial is None or trial.ends_at is None or trial.winner is not None:
        return 0, None
    rest = select(LaunchMail.mailing_id).where(
        LaunchMail.launch_id == launch_id, LaunchMail.no == 1, LaunchMail.arm == Arm.REST
    )
    count = select(func.count()).where(Message.mailing_id.in_(rest), Message.state == M.READY)
    return session.scalar(count) or 0, trial.ends_at


def decide(work: Work, launch: Launch) -> Arm | None:
    """Send the winner to the rest once there is one; None while there is none, or was before.

    The caller holds the launch's row. All of it is one transaction: the rows of the rest have
    waited since the freeze, and their mailing starts with the winner's content or not at all.
    """
    trial = work.session.get(LaunchTrial, launch.id)
    if trial is None or trial.mark is None or trial.winner is not None or trial.ends_at is None:
        return None
    pool = pool_of(work.session, trial.mark)
    verdict = judge(pool, now=work.now, ends_at=trial.ends_at)
    if verdict.arm is None:
        return None
    rest = work.session.get_one(LaunchMail, (launch.id, 1, Arm.REST))
    if rest.mailing_id is None:
        return None
    if verdict.arm is Arm.B:
        _take_other(work, launch, rest)
    people = select(Message.contact_id).where(Message.mailing_id == rest.mailing_id)
    spread = moments(work.session, launch, people, at=rest.due_at, now=work.now)
    if spread is not None:
        move_to(work, spread, Message.mailing_id == rest.mailing_id)
    delivery.start_mailing(work, rest.mailing_id)
    _write(work, trial, pool, verdict)
    work.audit(
        "decided the test", "launch", launch.ref, vendor_id=launch.vendor_id,
        partner_id=launch.partner_id, winner=verdict.arm.name, why=verdict.words,
    )  # fmt: skip
    return verdict.arm


def _write(work: Work, trial: LaunchTrial, pool: Pool, verdict: Verdict) -> None:
    trial.winner, trial.words, trial.decided_at = verdict.arm, verdict.words, work.now
    trial.counted = [pool.a.did, pool.a.people, pool.b.did, pool.b.people, pool.partners]


def _take_other(work: Work, launch: Launch, rest: LaunchMail) -> None:
    other = work.session.get_one(LaunchMail, (launch.id, 1, Arm.B))
    rest.artefact_key, rest.subject, rest.links = other.artefact_key, other.subject, other.links
    trial_senders.take_other(work.session, rest, other)
    theirs = select(Mailing.artefact_key, Mailing.subject).where(Mailing.id == other.mailing_id)
    key, subject = work.session.execute(theirs).one()
    work.session.execute(
        update(Mailing)
        .where(Mailing.id == rest.mailing_id, Mailing.state == MailingState.PREPARING)
        .values(artefact_key=key, subject=subject)
    )
    work.session.execute(delete(MailingLink).where(MailingLink.mailing_id == rest.mailing_id))
    rows = [
        {"mailing_id": rest.mailing_id, "slot": n, "url": url}
        for n, url in enumerate(other.links, 1)
    ]
    if rows:
        work.session.execute(insert(MailingLink), rows)


def ends_at(session: Session, mailing_ids: list[int], *, now: datetime, hours: int) -> datetime:
    """Return until when a test waits: its hours after the last of its mails has left."""
    last = session.scalar(
        select(func.max(Message.due_at)).where(
            Message.mailing_id.in_(mailing_ids), Message.state == M.READY
        )
    )
    return max(last or now, now) + timedelta(hours=hours)


def _write_arms(work: Work, mail: LaunchMail, other: CompiledMail) -> None:
    same = {"launch_id": mail.launch_id, "no": mail.no, "mail": mail.mail,
            "audience": mail.audience, "due_at": mail.due_at}  # fmt: skip
    key = delivery.keep_artefact(work, other.artefact)
    rows = [
        same | {"arm": Arm.A, "subject": mail.subject, "links": mail.links,
                "artefact_key": mail.artefact_key},
        same | {"arm": Arm.B, "subject": other.subject, "links": list(other.links),
                "artefact_key": key},
    ]  # fmt: skip
    work.session.execute(insert(LaunchMail), rows)


def arms_of(work: Work, launch: Launch, mail: LaunchMail) -> dict[Arm, LaunchMail]:
    """Return the rows of the two variants of a mail."""
    return {
        arm: work.session.get_one(LaunchMail, (launch.id, mail.no, arm)) for arm in (Arm.A, Arm.B)
    }
