"""A lead by its mailed link: see, accept or decline, and record what happened, without sign-in."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.errors import Conflict, Invalid
from tcma.leads import actions, queries
from tcma.leads.queries import SignedOffer
from tcma.leads.rules import DECLINE_REASONS, OfferState, Touch
from tcma.permissions import Principal, Role
from tcma.web.auth import open_to_all
from tcma.web.guards import FORM_LIMIT, csrf, limiter
from tcma.web.lead_words import ANSWERS, TOUCHES
from tcma.web.pictures import logo_of
from tcma.web.public import public
from tcma.web.unit_of_work import work
from tcma.words import say

BECAUSE = "signed link to one person, one offer; GET only shows"


def offer_of(token: str) -> SignedOffer:
    """Return the offer of a link, and read the page in its partner's zone and locale."""
    signed = queries.signed_offer(work().session, work().site.signer, token, now=work().now)
    g.zone, g.locale = signed.partner.zone, signed.partner.locale
    return signed


def holder(signed: SignedOffer) -> Principal:
    """Return the principal a link acts as: that person, at that partner, as a seller."""
    return Principal(
        user_id=None,
        name=signed.person,
        role=Role.SELLER,
        partner_id=signed.partner.id,
        via="signed link",
    )


@public.get("/l/lead/<token>")
@open_to_all(BECAUSE)
def lead_offer(token: str) -> ResponseReturnValue:
    """Show who asks, masked until accepted, and the clock."""
    return show(token, offer_of(token))


def show(token: str, signed: SignedOffer, *, problem: str = "") -> ResponseReturnValue:
    """Render the page of an offer as it stands now."""
    view = queries.view_of(work().session, holder(signed), signed.lead)
    state = OfferState(signed.offer.state)
    turn = next(t for t in view.turns if t.id == signed.offer.id)
    return render_template(
        "public/lead_offer.html",
        token=token,
        lead=view,
        turn=turn,
        state=state,
        mine=state is OfferState.ACCEPTED,
        is_open=state is OfferState.OFFERED,
        late=state is OfferState.OFFERED and past(signed.offer.answer_by),
        organisation=signed.partner.name,
        logo_url=logo_of(work().session, "partner", signed.partner.id),
        touch_words=TOUCHES,
        answer_words=ANSWERS,
        organisation_line=f"A lead for you, {signed.person}",
        reasons=list(DECLINE_REASONS.items()),
        problem=problem,
        zone=ZoneInfo(signed.partner.zone),
    )


def past(at: datetime) -> bool:
    """Say whether an instant is behind us."""
    return work().now > at


@public.post("/l/lead/<token>/acceptance")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all("signed link to one person, one offer; the offer is taken once")
def lead_offer_accept(token: str) -> ResponseReturnValue:
    """Take the lead; pressing twice is taking once."""
    signed = offer_of(token)
    if signed.offer.state != OfferState.ACCEPTED:
        try:
            actions.accept(work(), signed.offer.id, by=signed.person, person_id=signed.person_id)
        except Conflict as error:
            return show(token, signed, problem=error.advice)
    return redirect(url_for("public.lead_offer", token=token), 303)


@public.post("/l/lead/<token>/refusal")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all("signed link to one person, one offer; the offer is handed back once")
def lead_offer_decline(token: str) -> ResponseReturnValue:
    """Hand the lead back with a reason; it goes to the next in the round."""
    signed = offer_of(token)
    if signed.offer.state != OfferState.DECLINED:
        try:
            reason = request.form.get("reason", "")
            actions.decline(work(), signed.offer.id, by=signed.person, reason=reason)
        except (Conflict, Invalid) as error:
            return show(token, signed, problem=error.message)
    return redirect(url_for("public.lead_offer", token=token), 303)


@public.post("/l/lead/<token>/touches")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all("signed link to one person, one offer; only for a lead it holds")
def lead_offer_touch(token: str) -> ResponseReturnValue:
    """Record a call, a reply or a note."""
    signed = offer_of(token)
    work().principal = holder(signed)
    lead = actions.held_lead(work(), signed.lead.ref)
    kind = request.form.get("kind", Touch.CALL)
    if kind not in set(Touch):
        return show(token, signed, problem=say("Choose what happened."))
    actions.record_touch(work(), lead, kind=Touch(kind), note=request.form.get("note", ""))
    return redirect(url_for("public.lead_offer", token=token), 303)
