"""Why a launch waits, in one sentence for whoever asks."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.contacts.list_queries import is_taken_back
from tcma.delivery import queries as delivery
from tcma.delivery.budgets import came_back
from tcma.delivery.destinations import waiting_in_lanes
from tcma.delivery.models import Message
from tcma.delivery.queries import Equation, Stream
from tcma.delivery.rules import MailingState, MessageState
from tcma.delivery.sender_queries import carried_by, carriers, standing_of
from tcma.launches import trials
from tcma.launches.approval_rules import Approver
from tcma.launches.approvals import question_of
from tcma.launches.hours import place_of
from tcma.launches.rules import RUNNING, LaunchState
from tcma.library.stops import stop_of
from tcma.senders.pace import room_of
from tcma.senders.queries import domain_by_id
from tcma.senders.relays import away_relays
from tcma.senders.rules import WARM_DAYS
from tcma.words import joined, say


def why_waiting(
    session: Session, row: Any, current: Stream | None, total: Equation, *, now: datetime
) -> str:
    """One sentence for a person who asks why nothing moves; empty when it moves or is over.

    Instants are those of the partner's clock, which both sides read.
    """
    zone = ZoneInfo(row.zone)
    stop = stop_of(session, row.campaign_id) if row.state in RUNNING else None
    if stop:
        return say(
            "{vendor_name} has stopped this campaign for every partner: {reason} Nobody is "
            "lost; it goes on from here when they let it.",
            vendor_name=row.vendor_name,
            reason=stop.reason,
        )
    if row.state == LaunchState.SENDING:
        return _why_sending(session, row, current, total, now=now) if total.waiting else ""
    soon = say("The mails are being prepared.")
    if row.due_at <= now and session.scalar(select(is_taken_back(partner_id=row.partner_id))):
        soon = say("An import of contacts is being undone. It starts when that has ended.")
    later = say(
        "The next mail leaves on {due_at:%a %d %b, %H:%M} ({zone}).", **_at(zone, due_at=row.due_at)
    )
    words = {
        LaunchState.DRAFT: say("It has not been launched yet."),
        LaunchState.AWAITING: _why_asked(session, row.id, zone),
        LaunchState.PAUSED: _sentence(row.paused_reason or say("Paused")),
        LaunchState.FAILED: row.failure or say("It stopped."),
        LaunchState.SCHEDULED: later if row.due_at > now else soon,
        LaunchState.EXPANDING: soon,
    }
    return words.get(LaunchState(row.state), "")


def _why_asked(session: Session, launch_id: UUID, zone: ZoneInfo) -> str:
    """Whose yes it waits for, and why one is needed."""
    asked = question_of(session, launch_id)
    if asked is None:
        return ""
    who = {
        Approver.VENDOR: say("It waits for the vendor’s yes. {why}", why=asked.why),
        Approver.PARTNER: say("It waits for the yes of the owner of your account. {why}", why=asked.why),
    }  # fmt: skip
    return joined(
        who[asked.approver],
        say(
            "An answer is expected by {by:%a %d %b, %H:%M} ({zone}).",
            **_at(zone, by=asked.answer_by),
        ),
    )


def _why_sending(
    session: Session, row: Any, current: Stream | None, total: Equation, *, now: datetime
) -> str:
    back = came_back(session, row.sender_id)
    if back:
        return say(
            "{waiting:,} wait: their sender is held. {back}. See Senders.",
            waiting=total.waiting,
            back=back,
        )
    held = standing_of(session, row.sender_id, vendor_id=row.vendor_id)
    if held.is_held:
        return say(
            "{waiting:,} wait until {domain} is verified; then they go on by themselves. "
            "Its records are under Senders.",
            waiting=total.waiting,
            domain=held.domain,
        )
    if current is None:
        return ""
    zone = ZoneInfo(row.zone)
    if tested := _why_tested(session, row.id, total, zone):
        return tested
    if paced := _why_paced(session, current.id, now, zone):
        return say("{waiting:,} wait: {paced}", waiting=total.waiting, paced=paced)
    return _why_relay_waits(session, current, total, zone, now=now) or _why_in_lanes(
        session, current.id, now
    )


def _why_paced(session: Session, mailing_id: int, now: datetime, zone: ZoneInfo) -> str:
    """Why the pace of the sender's domain lets nothing leave now; empty when there is room."""
    carrier = carriers(session, [mailing_id]).get(mailing_id)
    if carrier is None or not carrier.is_paced:
        return ""
    room = room_of(session, carrier.domain_id, now)
    if room is None or room.left:
        return ""
    name = domain_by_id(session, carrier.domain_id).name
    on = say("They go on at {until:%H:%M} ({zone}).", **_at(zone, until=room.until))
    if room.warm_day:
        return say(
            "{name} is new to receivers and warms up, day {warm_day} of {warm_days}. Its "
            "{most:,} mails of today have left. {on}",
            name=name,
            warm_day=room.warm_day,
            warm_days=WARM_DAYS,
            most=room.most,
            on=on,
        )
    return say("{name} may send {most:,} an hour, and has. {on}", name=name, most=room.most, on=on)


def _why_in_lanes(session: Session, mailing_id: int, now: datetime) -> str:
    """Which large destinations get their mails one second after the other; empty without any."""
    lanes = waiting_in_lanes(session, mailing_id, now)
    if not lanes:
        return ""
    words = joined(
        *(
            say(
                "{waiting:,} to {each} at {per_second} a second",
                waiting=each.waiting,
                each=each.name,
                per_second=each.per_second,
            )
            for each in lanes
        ),
        by=", ",
    )
    return say(
        "These go one after the other, for their providers refuse more at once: {words}.",
        words=words,
    )


def _why_relay_waits(
    session: Session, current: Stream, total: Equation, zone: ZoneInfo, *, now: datetime
) -> str:
    if current.back_off_until and current.back_off_until > now:
        own = _why_own_relays(session, current.id)
        if own:
            return say(
                "{own} Nobody is lost: {waiting:,} wait and go on at {back_off_until:%H:%M:%S} "
                "({zone}). The sender’s relays are under Senders.",
                own=own,
                waiting=total.waiting,
                **_at(zone, back_off_until=current.back_off_until),
            )
        return say(
            "The mail server does not take mail at the moment. Nobody is lost: {waiting:,} "
            "wait and go on at {back_off_until:%H:%M:%S} ({zone}).",
            waiting=total.waiting,
            **_at(zone, back_off_until=current.back_off_until),
        )
    due = delivery.next_due(session, current.id)
    if due and due > now and (later := _why_later(session, current.id, due, zone)):
        return later
    if due and due > now:
        return say(
            "{waiting:,} wait for another try at {due:%H:%M} ({zone}): their mail servers asked "
            "for patience.",
            waiting=total.waiting,
            **_at(zone, due=due),
        )
    if current.state == MailingState.PAUSED:
        return _sentence(current.paused_reason or say("Paused"))
    return ""


def _why_own_relays(session: Session, mailing_id: int) -> str:
    """What is wrong with the relays of the sender's own; empty while one of them takes mail."""
    domain_id = carried_by(session, mailing_id)
    away = away_relays(session, domain_id) if domain_id else []
    first = away[0].trouble if away else None
    if first is None:
        return ""
    words = joined(first.words, first.remedy)
    return say(
        "The mail server of {domain} takes no mail: {words}", domain=away[0].domain, words=words
    )


def _why_tested(session: Session, launch_id: UUID, total: Equation, zone: ZoneInfo) -> str:
    """That all who wait do so for the winner of a test; empty while others wait too."""
    waiting, until = trials.waiting_for_winner(session, launch_id)
    if until is None or waiting != total.waiting:
        return ""
    return say(
        "{waiting:,} wait for the winner of the test. It is decided as soon as one is "
        "clearly ahead, at the latest on {until:%a %d %b, %H:%M} ({zone}).",
        waiting=waiting,
        **_at(zone, until=until),
    )


def _why_later(session: Session, mailing_id: int, due: datetime, zone: ZoneInfo) -> str:
    """Whose hour has not come; empty when the next to leave has been tried already."""
    untried = (Message.mailing_id == mailing_id, Message.state == MessageState.READY)
    count, first, last = session.execute(
        select(func.count(), func.min(Message.due_at), func.max(Message.due_at)).where(
            *untried, Message.attempt == 0, Message.later_n == 0
        )
    ).one()
    if not count or first > due:
        return ""
    words = say(
        "{count:,} wait for their own hour. The next leave on {first:%a %d %b, %H:%M} ({zone})",
        count=count,
        **_at(zone, first=first),
    )
    return (
        f"{words}."
        if first == last
        else say(
            "{words}, the last on {last:%a %d %b, %H:%M} ({zone}).",
            words=words,
            **_at(zone, last=last),
        )
    )


def _at(zone: ZoneInfo, **at: datetime) -> dict[str, Any]:
    """Return instants by that clock, with the place it is of."""
    return {name: each.astimezone(zone) for name, each in at.items()} | {"zone": place_of(zone.key)}


def _sentence(words: str) -> str:
    return words if words.endswith(".") else say("{reason}.", reason=words)
