"""Addresses of a vendor and of a partner that get a copy of each launch, ahead of its people.

A copy is a mailing of its own: it is in no audience, no sum and no report, and has a header that says so.
When many partners launch together, a vendor's addresses get each mail once in each language, as the first
of them sends it; a partner's own get their own.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from tcma.contacts.rules import address_hash, normal_address
from tcma.db.scope import found, seen_by
from tcma.db.work import Work
from tcma.delivery import actions as delivery
from tcma.delivery.actions import NewMailing
from tcma.delivery.models import Message
from tcma.delivery.rules import MailingKind, MessageState
from tcma.errors import Invalid, TcmaError
from tcma.ids import new_id
from tcma.launches.models import Launch, LaunchMail, LaunchSeed, RunSeed, SeedAddress
from tcma.launches.trial_senders import sender_of
from tcma.permissions import Permission, Principal
from tcma.rendering.mime import Artefact
from tcma.words import say

MOST = 20
"""Addresses of one side: copies go first, and thousands would hold the launch up."""
PRIORITY = 5


def seeds(session: Session, principal: Principal) -> list[str]:
    """Return the addresses of a principal's own side."""
    own = select(SeedAddress.address).where(seen_by(principal, SeedAddress))
    return list(session.scalars(own.order_by(SeedAddress.address)))


def set_seeds(work: Work, lines: Sequence[str]) -> list[str]:
    """Replace the addresses of one's own side; return them. Invalid names the one that is none."""
    vendor_id, partner_id = work.principal.vendor_id, work.principal.partner_id
    work.require(Permission.LAUNCH_APPROVE if vendor_id else Permission.LAUNCH_PLAN)
    wanted: dict[str, None] = {}
    for line in filter(None, (each.strip() for each in lines)):
        try:
            wanted[normal_address(line).text] = None
        except TcmaError as error:
            words = say("“{line}” is no address.", line=line)
            raise Invalid(words, code="seeds.address", fields={"seeds": words}) from error
    if len(wanted) > MOST:
        words = say("{n} addresses are enough.", n=MOST)
        raise Invalid(words, code="seeds.most", fields={"seeds": words})
    work.session.execute(delete(SeedAddress).where(seen_by(work.principal, SeedAddress)))
    rows = [
        {"id": new_id(), "vendor_id": vendor_id, "partner_id": partner_id, "address": each,
         "created_at": work.now}
        for each in wanted
    ]  # fmt: skip
    if rows:
        work.session.execute(insert(SeedAddress), rows)
    work.audit(
        "changed seeds", "launch_policy", found(vendor_id or partner_id), vendor_id=vendor_id,
        partner_id=partner_id, n=len(rows),
    )  # fmt: skip
    return list(wanted)


def send(work: Work, launch: Launch, mail: LaunchMail) -> None:
    """Send a mail that is about to run to the seeds of both sides, in its name and from its sender."""
    addresses = _addresses(work, launch, mail)
    if not addresses:
        return
    sender_id, from_name = sender_of(work.session, launch, mail)
    mailing_id = delivery.open_mailing(
        work,
        NewMailing(
            kind=MailingKind.SEED,
            artefact=Artefact.from_bytes(work.files.get(found(mail.artefact_key))),
            sender_id=sender_id,
            from_name=from_name,
            vendor_id=launch.vendor_id,
            partner_id=launch.partner_id,
            campaign_id=launch.campaign_id,
            links=dict(enumerate(mail.links, 1)),
            priority=PRIORITY,
        ),
    )
    rows: list[dict[str, Any]] = []
    for no, each in enumerate(addresses, 1):
        address = normal_address(each)
        rows.append(
            {"mailing_id": mailing_id, "origin_id": -no, "due_at": work.now,
             "state": MessageState.READY, "address": address.text,
             "address_hash": address_hash(work.site.secret, address)}
        )  # fmt: skip
    work.session.execute(insert(Message), rows)
    work.session.execute(insert(LaunchSeed).values(launch_id=launch.id, mailing_id=mailing_id))
    delivery.start_mailing(work, mailing_id)


def _addresses(work: Work, launch: Launch, mail: LaunchMail) -> list[str]:
    own = select(SeedAddress.address).where(SeedAddress.partner_id == launch.partner_id)
    of_vendor = select(SeedAddress.address).where(SeedAddress.vendor_id == launch.vendor_id)
    lent = set(work.session.scalars(of_vendor))
    if lent and not _is_first(work, launch, mail):
        lent = set()
    return sorted(lent | set(work.session.scalars(own)))


def _is_first(work: Work, launch: Launch, mail: LaunchMail) -> bool:
    """Say whether nobody of the same run has sent this mail to the vendor's seeds; from now on it has."""
    if launch.run_id is None:
        return True
    key = {
        "run_id": launch.run_id, "no": mail.no, "arm": int(mail.arm), "language": launch.language,
    }  # fmt: skip
    mine = upsert(RunSeed).values(key).on_conflict_do_nothing().returning(RunSeed.no)
    return work.session.scalar(mine) is not None


def accepted(session: Session, launch_id: UUID) -> tuple[int, int]:
    """Return how many copies of a launch were accepted, and how many there are."""
    row = session.execute(
        select(func.count().filter(Message.state == MessageState.SENT), func.count())
        .select_from(Message)
        .join(LaunchSeed, LaunchSeed.mailing_id == Message.mailing_id)
        .where(LaunchSeed.launch_id == launch_id)
    ).one()
    return row[0], row[1]
