"""Everybody of a launch as rows to keep: what became of each mail, why, and when."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.contacts.models import Contact
from tcma.delivery.models import Message
from tcma.delivery.rules import LINE_BROKE, REASON_WORDS, MessageState, Reason
from tcma.errors import NotFound
from tcma.launches.models import LaunchMail
from tcma.launches.queries import launch_id_of
from tcma.permissions import Principal

COLUMNS = (
    "mail", "address", "first_name", "last_name", "company", "state", "reason", "due_at",
    "sent_at", "answer",
)  # fmt: skip
AT_ONCE = 2_000


def everybody(session: Session, principal: Principal, ref: str) -> Iterator[tuple[str, ...]]:
    """Yield the head and a row for each mail to each person, as text; instants in UTC (ISO 8601).

    Only the partner sees people; a vendor sees counts (NotFound).
    """
    if principal.vendor_id and not principal.partner_id:
        raise NotFound
    launch_id = launch_id_of(session, principal, ref)
    rows = session.execute(
        select(
            LaunchMail.no, Message.address,
            func.coalesce(Contact.first_name, ""), func.coalesce(Contact.last_name, ""),
            func.coalesce(Contact.company, ""), Message.state, Message.reason, Message.due_at,
            Message.sent_at, func.coalesce(Message.answer, ""),
        )
        .join(Message, Message.mailing_id == LaunchMail.mailing_id)
        .outerjoin(Contact, Contact.id == Message.contact_id)
        .where(LaunchMail.launch_id == launch_id)
        .order_by(LaunchMail.no, Message.id),
        execution_options={"yield_per": AT_ONCE},
    )  # fmt: skip
    yield COLUMNS
    for no, address, first, last, company, state, reason, due, sent, answer in rows:
        yield (
            str(no), address, first, last, company, MessageState(state).name.lower(),
            REASON_WORDS[Reason(reason)], due.isoformat(),
            sent.isoformat() if sent else "", LINE_BROKE if answer == LINE_BROKE else answer,
        )  # fmt: skip
