"""Somebody who came to an event while a launch ran, and whom the campaign's journey wrote to."""

import io
import zipfile
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select

from tcma.delivery.models import Mailing, Message
from tcma.delivery.rules import MailingKind, MailingState, MessageState
from tcma.ids import new_id
from tcma.leads.models import LeadCapture
from tests import builders


def somebody_came_to_the_event(house):
    """A card was typed while the launch ran, and the campaign's journey wrote twice."""
    with house.db() as work:
        (lead_id,) = builders.waiting_leads(
            work, house.vendor, house.campaign, 1, source_partner_id=house.partner, contact_id=77
        )
        capture = {
            "source": f"card:{house.partner}",
            "external_id": "1",
            "raw": {},
            "consent_given": True,
            "consent_text": "",
            "consent_version": "1",
            "page_url": "Typed by Alice",
            "at": work.now,
        }
        work.session.add(LeadCapture(id=new_id(), lead_id=lead_id, **capture))
        pair = {"vendor_id": house.vendor, "partner_id": house.partner}
        journey = Mailing(
            kind=MailingKind.NURTURE,
            campaign_id=house.campaign,
            artefact_key=_an_artefact(work),
            subject="Shall we talk?",
            state=MailingState.RUNNING,
            created_at=work.now,
            **pair,
        )
        work.session.add(journey)
        work.session.flush()
        for step in (1, 2):
            who = {"contact_id": 77, "address_hash": b"1" * 16, "address": "ida@firm.example"}
            mail = Message(mailing_id=journey.id, origin_id=1, step_no=step, **who)
            mail.state, mail.due_at = MessageState.READY, work.now
            work.session.add(mail)
            work.session.flush()
            for lease, state in ((1, MessageState.SENDING), (None, MessageState.SENT)):
                mail.lease, mail.state = lease, state
                mail.sent_at = work.now if state is MessageState.SENT else None
                work.session.flush()
        for step, address, after in (
            (3, "ida@firm.example", timedelta(days=4)),
            (1, "somebody@else.example", timedelta()),
        ):
            other = 77 if step == 3 else 78
            mail = Message(mailing_id=journey.id, origin_id=step, step_no=step, contact_id=other)
            mail.address_hash, mail.address = bytes([step]) * 16, address
            mail.state, mail.due_at = MessageState.READY, work.now + after
            work.session.add(mail)


def _an_artefact(work):
    """The mail that launch carries, as the journey's own."""
    return work.session.scalars(
        select(Mailing.artefact_key).where(Mailing.artefact_key.is_not(None)).limit(1)
    ).one()


def the_follow_ups_are_whole_and_name_nobody(item, data):
    assert item.facts == "2 mails of 1 step"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    mail, log = next(name for name in held if name.endswith(".eml")), held["send-log.csv"].decode()
    sums = held["SHA256SUMS"].decode().splitlines()
    assert sums == [f"{sha256(held[name]).hexdigest()}  {name}" for name in (mail, "send-log.csv")]
    assert held[mail].startswith(b"From: ")
    assert b"recipient@example.invalid" in held[mail]
    assert "3,2,0,0,0,0,1" in log
    assert "3 = 2 settled + 1 waiting,True" in log.replace('"', "")
    assert log.count(",firm.example,sent,") == 2
    assert log.count(",firm.example,ready,") == 1
    assert "ida@" not in log
    assert "else.example" not in log
