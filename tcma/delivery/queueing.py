"""Many single messages at once into running mailings: once per (contact, origin, step)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from tcma.contacts.models import Contact
from tcma.contacts.rules import SOFT_REST
from tcma.db.base import Instant
from tcma.db.by_text import run
from tcma.db.work import Work
from tcma.delivery.destinations import domain_of
from tcma.delivery.models import DestinationDomain, Mailing, Message
from tcma.delivery.rules import MessageState
from tcma.delivery.stopping import stop_reason
from tcma.jobs import Job

M = MessageState


@dataclass(frozen=True, slots=True)
class Queued:
    """The unique key of a message."""

    mailing_id: int
    contact_id: int
    origin_id: int
    step_no: int


def queue_messages(work: Work, wanted: Sequence[Queued]) -> None:
    """Add each message once; whoever is gone gets none, a suppressed person's is written as skipped."""
    if not wanted:
        return
    keys = [
        {"mailing_id": m.mailing_id, "contact_id": m.contact_id, "origin_id": m.origin_id,
         "step_no": m.step_no}
        for m in wanted
    ]  # fmt: skip
    values = {"b_keys": json.dumps(keys), "b_now": work.now, "b_rested": work.now - SOFT_REST}
    run(work.session, _queue, values)
    work.wake(Job.MAILING_SEND)


@cache
def _queue() -> Any:
    now = bindparam("b_now", type_=Instant())
    named = (
        func.json_to_recordset(cast(bindparam("b_keys", type_=Text()), JSON))
        .table_valued(
            column("mailing_id", Integer()), column("contact_id", BigInteger()),
            column("origin_id", BigInteger()), column("step_no", Integer()), name="named",
        )
        .render_derived(with_types=True)
    )  # fmt: skip
    rested = bindparam("b_rested", type_=Instant())
    stop = func.coalesce(stop_reason(Contact.address_hash, Mailing, rested=rested), 0).label("stop")
    people = (
        select(
            named.c.mailing_id, named.c.contact_id, named.c.origin_id, named.c.step_no,
            Contact.address, Contact.address_hash, stop,
            func.coalesce(DestinationDomain.lane, 0).label("lane"),
        )
        .join(Contact, Contact.id == named.c.contact_id)
        .join(Mailing, Mailing.id == named.c.mailing_id)
        .outerjoin(DestinationDomain, DestinationDomain.domain == domain_of(Contact.address))
        .subquery("people")
    )  # fmt: skip
    c = people.c
    rows = select(
        c.mailing_id, c.contact_id, c.origin_id, c.step_no, now,
        func.least(c.stop, 1) * int(M.SKIPPED), c.stop, c.address_hash, c.address, c.lane,
    )  # fmt: skip
    statement = upsert(Message).from_select(
        ["mailing_id", "contact_id", "origin_id", "step_no", "due_at", "state", "reason",
         "address_hash", "address", "lane"],
        rows,
    )  # fmt: skip
    return statement.on_conflict_do_nothing(constraint="message_once").returning(Message.id)
