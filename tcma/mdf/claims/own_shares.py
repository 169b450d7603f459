"""A partner of a matched fund shows that it paid its own part; the vendor's follows from that sum."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete

from tcma.db.documents import store_document
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.mdf.claims import filing
from tcma.mdf.deadlines import local_day
from tcma.mdf.judging.claims import rules_of_plan
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.models.own_shares import OwnShare
from tcma.mdf.moving import log
from tcma.mdf.papers import own_shares, uploads
from tcma.mdf.programme.document import MATCHED
from tcma.mdf.queries import vendor_of
from tcma.mdf.rules import positive
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.words import say

LONGEST = 160


@dataclass(frozen=True, slots=True)
class OwnPayment:
    """What the partner paid, when and to whom, as a form gives it."""

    amount: Money
    paid_on: date
    paid_to: str


def add(work: Work, claim: Claim, paid: OwnPayment, *, file_name: str, content: bytes) -> OwnShare:
    """Write down a payment with the file that shows it; the claim's sum follows.

    Raises Conflict where the fund is not matched, Invalid with fields for a wrong sum, day or
    file, and for a file that shows a payment already.
    """
    filing.editing(work, claim)
    request = work.session.get_one(FundRequest, claim.request_id)
    if rules_of_plan(work.session, request, work.now).kind != MATCHED:
        raise Conflict(say("This fund asks for no payment of yours."), code="mdf.own_share.kind")
    _check(work, claim, paid)
    upload = uploads.accept(file_name, content)
    document = store_document(
        work,
        kind="proof:own_share",
        file_name=upload.file_name,
        media_type=upload.media_type,
        content=upload.content,
        vendor_id=claim.vendor_id,
        partner_id=claim.partner_id,
    )
    if own_shares.stands_elsewhere(work.session, claim, document.sha256):
        words = say("This file shows a payment already.")
        raise Invalid(words, code="mdf.own_share.twice", fields={"file": words})
    share = OwnShare(
        id=new_id(),
        claim_id=claim.id,
        vendor_id=claim.vendor_id,
        partner_id=claim.partner_id,
        document_id=document.id,
        amount_minor=paid.amount.minor,
        paid_on=paid.paid_on,
        paid_to=paid.paid_to.strip(),
        made_by=found(work.principal.user_id),
        made_at=work.now,
    )
    work.session.add(share)
    work.session.flush()  # the claim's sum is computed from the rows
    filing.reckon(work, claim)
    said = say(
        "{amount} to {name} on {day}",
        amount=spoken(paid.amount),
        name=share.paid_to,
        day=spoken_day(share.paid_on),
    )
    log(work, claim, "own payment added", said)
    return share


def _check(work: Work, claim: Claim, paid: OwnPayment) -> None:
    fields: dict[str, str] = {}
    today = local_day(work.now, vendor_of(work.session, claim.vendor_id).zone)
    if paid.paid_on > today:
        fields["paid_on"] = say("This day has not come yet.")
    if not 0 < len(paid.paid_to.strip()) <= LONGEST:
        fields["paid_to"] = say("Say who was paid.")
    if fields:
        raise Invalid(say("Look at the payment again."), code="mdf.own_share", fields=fields)
    positive(paid.amount, claim.currency, "paid")


def remove(work: Work, claim: Claim, share_id: UUID) -> None:
    """Take a payment out of a claim that is not filed; the file stays in the store."""
    filing.editing(work, claim)
    gone = work.session.execute(
        delete(OwnShare)
        .where(OwnShare.id == share_id, OwnShare.claim_id == claim.id)
        .returning(OwnShare.paid_to)
    ).scalar_one_or_none()
    paid_to = found(gone)
    filing.reckon(work, claim)
    log(work, claim, "own payment removed", paid_to)
