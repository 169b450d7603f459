"""Acting for a partner that said it may be done: who acts, with which answers, through the same verbs."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.accounts import queries as accounts
from tcma.contacts.models import ContactList, Segment
from tcma.db.sentences import packed
from tcma.db.session import trial
from tcma.db.work import Work
from tcma.delivery.actions import ensure_fallback
from tcma.delivery.sender_queries import senders
from tcma.errors import NotFound, TcmaError, Unavailable
from tcma.launches import actions as launches
from tcma.launches.actions import LaunchPlan
from tcma.launches.content import series
from tcma.launches.models import Launch, LaunchList, LaunchSegment
from tcma.launches.preflight import preflight
from tcma.launches.rules import Severity
from tcma.library.compiling import preview_mail
from tcma.library.copies import choose_language, copy_of, slots_of
from tcma.library.sources import source_of
from tcma.on_behalf.models import ArrangedLaunch, PartnerRun, StandingOrder
from tcma.on_behalf.rules import missing
from tcma.partners.queries import partner_of
from tcma.permissions import Permission, Principal, Role
from tcma.words import say


@dataclass(frozen=True, slots=True)
class Answers:
    """What a launch asks a partner: to whom, from whom, and the language ("" as the campaign stands)."""

    list_ids: tuple[UUID, ...]
    sender_id: UUID
    language: str = ""


def for_partner(work: Work, row: ArrangedLaunch) -> Work:
    """Return the same transaction, acted on for the partner; the history says by whom and how.

    Whoever gave the order acts while they belong to the partner; after that nobody in particular.
    """
    order = work.session.get(StandingOrder, row.order_id) if row.order_id else None
    run = work.session.get(PartnerRun, row.run_id) if row.run_id else None
    people = accounts.members_of(
        work.session, partner_id=row.partner_id, able_to=Permission.LAUNCH_PLAN
    )
    giver = next((p for p in people if order and p.user_id == order.given_by), None)
    return replace(
        work,
        principal=Principal(
            user_id=giver.user_id if giver else None,
            name=f"{run.created_by_name}, for the partner" if run else "The calendar",
            role=giver.role if giver else Role.OWNER,
            partner_id=row.partner_id,
            via="standing order" if order else "one yes",
        ),
    )


def answers_of(order: StandingOrder) -> Answers:
    """Return the answers of a standing order."""
    ids = tuple(UUID(each) for each in order.list_ids)
    return Answers(ids, order.sender_id, order.language)


def usual_answers(session: Session, partner_id: UUID, vendor_id: UUID) -> Answers | None:
    """Return what a partner answered at its last launch for this vendor, else its only list and its
    first sender; None when it has to be asked.
    """
    house = Principal(user_id=None, name="", role=Role.OWNER, partner_id=partner_id)
    last = session.execute(
        select(Launch.id, Launch.sender_id)
        .where(Launch.partner_id == partner_id, Launch.vendor_id == vendor_id)
        .order_by(Launch.id.desc())
        .limit(1)
    ).one_or_none()
    if last:
        chosen = [
            *session.scalars(select(LaunchList.list_id).where(LaunchList.launch_id == last.id)),
            *session.scalars(
                select(LaunchSegment.segment_id).where(LaunchSegment.launch_id == last.id)
            ),
        ]
        kept = [each for each in chosen if each in known_lists(session, partner_id)]
        if kept:
            return Answers(tuple(kept), last.sender_id)
    own = session.scalars(
        select(ContactList.id).where(
            ContactList.partner_id == partner_id, ContactList.deleted_at.is_(None)
        )
    ).all()
    addresses = senders(session, house, vendor_id=vendor_id, partner_id=partner_id)
    if len(own) == 1 and addresses:
        return Answers((own[0],), addresses[0].id)
    return None


def known_lists(session: Session, partner_id: UUID) -> dict[UUID, str]:
    """Return a partner's lists and segments by id, each with its name."""
    lists = select(ContactList.id, ContactList.name).where(
        ContactList.partner_id == partner_id, ContactList.deleted_at.is_(None)
    )
    parts = select(Segment.id, Segment.name).where(
        Segment.partner_id == partner_id, Segment.deleted_at.is_(None)
    )
    return {row.id: row.name for each in (lists, parts) for row in session.execute(each)}


def plan(work: Work, row: ArrangedLaunch, answers: Answers) -> Launch:
    """Write the launch as a draft by the verb a person uses; once per row, whoever repeats it.

    Raises NotFound when the campaign is not offered to the partner, or a list or the sender is gone.
    """
    hand = for_partner(work, row)
    firm = partner_of(work.session, row.partner_id)
    ensure_fallback(hand, partner_id=firm.id, vendor_id=row.vendor_id, from_name=firm.name)
    copy = copy_of(hand, row.campaign_id)
    wanted = answers.language
    if (
        wanted not in ("", copy.language)
        and not slots_of(copy)
        and wanted in source_of(hand, copy.version_id).languages
    ):
        choose_language(hand, copy.id, wanted)
    planned = launches.plan_launch(
        hand,
        LaunchPlan(
            copy_id=copy.id,
            list_ids=answers.list_ids,
            sender_id=answers.sender_id,
            send_at=row.send_at,
            run_id=row.run_id or row.day_id,
        ),
        idempotency_key=f"arranged {row.ref}",
    )
    return work.session.get_one(Launch, planned.id)


def checked(work: Work, row: ArrangedLaunch, launch: Launch) -> dict[str, Any]:
    """Return what the preflight says of a planned launch, as a row keeps it."""
    said = preflight(for_partner(work, row), launch.ref)
    return {
        "people": said.reach.people,
        "sendable": said.reach.sendable,
        "sender": said.sender,
        "stops": packed([[m.message, m.remedy, m.partner] for m in missing(said.findings)]),
        "looks": packed([f.message for f in said.findings if f.severity is Severity.LOOK]),
    }


def tried(work: Work, row: ArrangedLaunch, answers: Answers) -> dict[str, Any]:
    """Return what the preflight would say, and leave nothing behind."""
    with trial(work):
        try:
            return checked(work, row, plan(work, row, answers))
        except Unavailable:
            raise
        except TcmaError as error:
            return {"stops": [_refusal(error)], "looks": []}


def _refusal(error: TcmaError) -> list[Any]:
    if isinstance(error, NotFound):
        said = say("The campaign, a list or the sender that was chosen is not there any more.")
        return [packed(said), packed(say("Choose again.")), True]
    return [packed(error.message), packed(error.remedy or ""), True]


def refused(error: TcmaError) -> dict[str, Any]:
    """Return a refusal as a row keeps it."""
    return {"stops": [_refusal(error)], "looks": []}


def shown_mail(work: Work, row: ArrangedLaunch) -> str:
    """Return the first mail of an arranged launch as its partner's customers would see it.

    Before it is planned, the copy it would be made of is lent for the look and taken back.
    """
    with trial(work):
        hand = for_partner(work, row)
        copy = copy_of(hand, row.campaign_id)
        first = series(hand, copy.version_id, language=copy.language)[0]
        return preview_mail(hand, copy, first.key).html
