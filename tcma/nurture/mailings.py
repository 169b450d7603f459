"""The mailing that carries one mail of a sequence for one partner: compiled once, open-ended."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery import actions as delivery
from tcma.delivery.actions import NewMailing
from tcma.delivery.models import Sender
from tcma.delivery.rules import MailingKind
from tcma.errors import Unavailable
from tcma.launches.models import Launch
from tcma.library.compiling import compile_mail
from tcma.library.copies import copy_row
from tcma.library.models import PartnerCopy
from tcma.nurture.models import NurtureMailing, NurtureRun, Sequence
from tcma.words import say

PRIORITY = 5
"""An answer to somebody who has just asked overtakes any bulk launch."""


def basis_of(lead_id: UUID | None) -> str:
    """Return why somebody is written to: they asked, or began by a date as the partner's customer."""
    return "customer" if lead_id is None else "enquiry"


def ensure_mailing(work: Work, run_id: int, mail: str) -> int:
    """Return the mailing for one mail of a run's campaign and partner, made at its first use.

    Compiling happens in a transaction of its own, which holds no claim.
    """
    run = work.session.get_one(NurtureRun, run_id)
    copy = _copy(work, run)
    basis = basis_of(run.lead_id)
    known = _known(work, copy, mail, basis)
    if known is not None:
        return known
    compiled = compile_mail(work, copy, mail, basis=basis)
    work.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"nurture {run.partner_id}", 0)))
    )  # two workers at the same first use make one mailing
    known = _known(work, copy, mail, basis)
    if known is not None:
        return known
    mailing_id = delivery.open_mailing(
        work,
        NewMailing(
            kind=MailingKind.NURTURE,
            artefact=compiled.artefact,
            sender_id=_sender(work, run, copy.campaign_id),
            vendor_id=run.vendor_id,
            partner_id=run.partner_id,
            campaign_id=copy.campaign_id,
            links=dict(enumerate(compiled.links, 1)),
            priority=PRIORITY,
            resend_uncertain=True,
        ),
    )
    delivery.run_open_ended(work, mailing_id)
    work.session.execute(
        insert(NurtureMailing).values(
            campaign_version_id=copy.version_id,
            partner_id=copy.partner_id,
            mail=mail,
            language=copy.language,
            basis=basis,
            mailing_id=mailing_id,
            link_keys=list(compiled.link_keys),
        )
    )
    return mailing_id


def _known(work: Work, copy: PartnerCopy, mail: str, basis: str) -> int | None:
    return work.session.scalar(
        select(NurtureMailing.mailing_id).where(
            NurtureMailing.campaign_version_id == copy.version_id,
            NurtureMailing.partner_id == copy.partner_id,
            NurtureMailing.mail == mail,
            NurtureMailing.language == copy.language,
            NurtureMailing.basis == basis,
        )
    )


def _copy(work: Work, run: NurtureRun) -> PartnerCopy:
    campaign = select(Sequence.campaign_id).where(Sequence.id == run.sequence_id)
    mine = select(PartnerCopy.id).where(
        PartnerCopy.partner_id == run.partner_id,
        PartnerCopy.campaign_id == campaign.scalar_subquery(),
    )
    return copy_row(work, found(work.session.scalar(mine)))


def _sender(work: Work, run: NurtureRun, campaign_id: UUID) -> UUID:
    launched = work.session.scalar(
        select(Launch.sender_id)
        .where(Launch.partner_id == run.partner_id, Launch.campaign_id == campaign_id)
        .order_by(Launch.id.desc())
        .limit(1)
    )
    sender = launched or work.session.scalar(
        select(Sender.id)
        .where(Sender.partner_id == run.partner_id)
        .order_by(Sender.is_fallback, Sender.id)
        .limit(1)
    )
    if sender is None:
        raise Unavailable(say("The partner has no sender yet."), code="nurture.sender")
    return sender
