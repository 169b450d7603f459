"""Who hears by mail that a launch stopped by itself: whoever launched it, else the owners."""

from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from tcma.accounts import queries as accounts
from tcma.accounts.queries import Person
from tcma.db.work import Work
from tcma.delivery import launch_notices
from tcma.delivery.models import Message
from tcma.delivery.notices import Reader
from tcma.delivery.rules import MessageState
from tcma.errors import TcmaError
from tcma.launches.models import Launch, LaunchApproval, LaunchMail
from tcma.permissions import Permission, Role
from tcma.words import joined, say

WAITING = (MessageState.READY, MessageState.LEASED, MessageState.SENDING)


def tell_paused(work: Work, launch: Launch, reason: str) -> None:
    """Mail that the engine paused a launch, with the reason and how many wait."""
    mailings = select(LaunchMail.mailing_id).where(LaunchMail.launch_id == launch.id)
    waiting = work.session.scalar(
        select(func.count()).where(Message.mailing_id.in_(mailings), Message.state.in_(WAITING))
    )
    for person in _listeners(work, launch):
        launch_notices.launch_paused(
            work,
            Reader.of(person),
            vendor_id=launch.vendor_id,
            launch=launch.name,
            reason=_sentence(reason),
            waiting=waiting or 0,
            url=_address(work, launch),
        )


def tell_stopped(work: Work, launch: Launch, reason: str) -> None:
    """Mail that a launch could not go on, with the reason."""
    for person in _listeners(work, launch):
        launch_notices.launch_stopped(
            work,
            Reader.of(person),
            vendor_id=launch.vendor_id,
            launch=launch.name,
            reason=_sentence(reason),
            url=_address(work, launch),
        )


def tell_unanswered(work: Work, launch: Launch, row: LaunchApproval, *, zone: str) -> None:
    """Mail that nobody answered in time whether a launch may leave; `zone` is the partner's."""
    by = say(
        "{at:%a %d %b, %H:%M} ({zone})", at=row.answer_by.astimezone(ZoneInfo(zone)), zone=zone
    )
    for person in _listeners(work, launch):
        launch_notices.launch_unanswered(
            work,
            Reader.of(person),
            vendor_id=launch.vendor_id,
            values={"launch": launch.name, "side": row.approver, "by": by},
            url=_address(work, launch),
        )


def why_not_made(mail: str, error: TcmaError) -> str:
    """Return why a mail of a launch could not be made, and what to do about it."""
    why = say("The mail “{mail}” could not be made: {why}", mail=mail, why=error.message)
    return joined(why, error.remedy or "")


def _listeners(work: Work, launch: Launch) -> list[Person]:
    able = accounts.members_of(
        work.session, partner_id=launch.partner_id, able_to=Permission.LAUNCH_STEER
    )
    own = [person for person in able if person.user_id == launch.created_by]
    return own or [person for person in able if person.role is Role.OWNER]


def _address(work: Work, launch: Launch) -> str:
    return f"{work.site.public_url}/console/launches/{launch.ref}"


def _sentence(words: str) -> str:
    return words if words.endswith(".") else say("{reason}.", reason=words)
