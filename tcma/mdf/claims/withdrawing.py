"""A claim is thrown away before it is filed, taken back before it is decided, and taken up again."""

from sqlalchemy import select

from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.mdf.claims import filing
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.moving import log, move
from tcma.mdf.queries import activity_of, own
from tcma.mdf.rules import ClaimState
from tcma.permissions import Permission
from tcma.words import say


def withdraw(work: Work, claim: Claim, *, words: str = "") -> None:
    """Take a claim back; again changes nothing. A filed one needs a word why, for the vendor reads it.

    Raises Invalid without that word, Conflict once it is decided.
    """
    work.require(Permission.CLAIM_FILE)
    own(work.principal, claim)
    if claim.state == ClaimState.WITHDRAWN:
        return
    draft = claim.state == ClaimState.DRAFT
    if not (draft or words.strip()):
        said = say("Say why you take it back.")
        raise Invalid(said, code="mdf.words", fields={"words": said})
    move(work, claim, ClaimState.WITHDRAWN, answer_by=None, note="")
    log(work, claim, "discarded" if draft else "withdrawn", words)


def take_up(work: Work, claim: Claim) -> None:
    """Make a claim that was taken back a draft again, with everything that is in it.

    Raises Conflict while another draft of its activity is open, and as beginning a claim does.
    """
    work.require(Permission.CLAIM_FILE)
    own(work.principal, claim)
    if claim.state == ClaimState.DRAFT:
        return
    request = work.session.get_one(FundRequest, claim.request_id)
    filing.may_claim(work, request, activity_of(work.session, claim))
    other = select(Claim.ref).where(
        Claim.activity_id == claim.activity_id, Claim.state == ClaimState.DRAFT
    )
    if ref := work.session.scalar(other.limit(1)):
        raise Conflict(
            say("Claim {ref} of this activity is begun already.", ref=ref),
            code="mdf.claim.open",
            remedy=say("Go on with that one, or discard it first."),
        )
    move(work, claim, ClaimState.DRAFT)
    filing.reckon(work, claim)
    log(work, claim, "taken up again", "")
