"""A lead by its mailed link: see, accept, decline or pass on, and record what happened, without sign-in."""

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.leads import actions, handing_on, queries, telling
from tcma.leads.rules import DECLINE_REASONS, LINK_LASTS, OfferState, Touch
from tcma.leads.signed import SignedOffer, signed_offer
from tcma.web.attempt import attempt
from tcma.web.auth import open_to_all
from tcma.web.guards import FORM_LIMIT, csrf, limiter
from tcma.web.lead_words import ANSWERS, TOUCHES
from tcma.web.pictures import logo_of
from tcma.web.public import public
from tcma.web.unit_of_work import work
from tcma.words import say

BECAUSE = "signed link to one person, one offer; GET only shows"
GONE = 410


def offer_of(token: str) -> SignedOffer:
    """Return the offer of a link, act as its person, and read the page in the partner's language."""
    signed = signed_offer(work().session, work().site.signer, token, now=work().now)
    work().principal = signed.person
    g.zone, g.locale = signed.partner.zone, signed.partner.locale
    return signed


@public.get("/l/lead/<token>")
@open_to_all(BECAUSE)
def lead_offer(token: str) -> ResponseReturnValue:
    """Show who asks, masked until accepted, and the clock."""
    return show(token, offer_of(token))


def show(token: str, signed: SignedOffer, *, problem: str = "") -> ResponseReturnValue:
    """Render the page of an offer as it stands now; of an ended link only that, and the way on."""
    if signed.ended:
        return ended(token, signed)
    view = queries.view_of(work().session, signed.person, signed.lead)
    state = OfferState(signed.offer.state)
    turn = next(t for t in view.turns if t.id == signed.offer.id)
    is_open, mine = state is OfferState.OFFERED, state is OfferState.ACCEPTED
    given = is_open or (view.holds and view.row.state in handing_on.GIVEN)
    others = colleagues(signed) if given else {}
    return render_template(
        "public/lead_offer.html",
        token=token,
        lead=view,
        turn=turn,
        state=state,
        mine=mine,
        is_open=is_open,
        late=is_open and work().now > signed.offer.answer_by,
        organisation=signed.partner.name,
        logo_url=logo_of(work().session, "partner", signed.partner.id),
        touch_words=TOUCHES,
        answer_words=ANSWERS,
        organisation_line=say("A lead for you, {person}", person=signed.person.name),
        reasons=list(DECLINE_REASONS.items()),
        colleagues=[(str(each), name) for each, name in others.items()],
        with_name=others.get(handing_on.whose(signed.offer, signed.lead), ""),
        problem=problem,
        zone=ZoneInfo(signed.partner.zone),
    )


def refused(token: str, words: str) -> ResponseReturnValue:
    """Show an offer that cannot be answered so any more, as it stands by now, and why."""
    work().session.expire_all()
    return show(token, offer_of(token), problem=words)


def ended(token: str, signed: SignedOffer, *, sent: bool = False) -> ResponseReturnValue:
    """Say that a link's time is over, and offer a fresh one where there is still something to do."""
    page = render_template(
        "public/lead_link_ended.html",
        token=token,
        organisation=signed.partner.name,
        logo_url=logo_of(work().session, "partner", signed.partner.id),
        days=LINK_LASTS.days,
        stands=signed.stands,
        sent=sent,
    )
    return page, 200 if sent else GONE


def colleagues(signed: SignedOffer) -> dict[UUID | None, str]:
    """Return who else at the partner may answer it."""
    people = handing_on.answerers(work().session, signed.partner.id)
    return {p.user_id: p.name for p in people if p.user_id != signed.person_id}


@public.post("/l/lead/<token>/acceptance")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all("signed link to one person, one offer; the offer is taken once")
def lead_offer_accept(token: str) -> ResponseReturnValue:
    """Take the lead; pressing twice is taking once."""
    signed = offer_of(token)
    if signed.ended:
        return ended(token, signed)
    if signed.offer.state != OfferState.ACCEPTED:
        with attempt() as tried:
            actions.accept(
                work(), signed.offer.id, by=signed.person.name, person_id=signed.person_id
            )
        if not tried.done:
            return refused(token, tried.words)
    return redirect(url_for("public.lead_offer", token=token), 303)


@public.post("/l/lead/<token>/refusal")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all("signed link to one person, one offer; the offer is handed back once")
def lead_offer_decline(token: str) -> ResponseReturnValue:
    """Hand the lead back with a reason; it goes to the next in the round."""
    signed = offer_of(token)
    if signed.ended:
        return ended(token, signed)
    if signed.offer.state != OfferState.DECLINED:
        with attempt() as tried:
            reason = request.form.get("reason", "")
            actions.decline(work(), signed.offer.id, by=signed.person.name, reason=reason)
        if not tried.done:
            return refused(token, tried.words)
    return redirect(url_for("public.lead_offer", token=token), 303)


@public.post("/l/lead/<token>/colleague")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all("signed link to one person, one offer; only to somebody at the same partner")
def lead_offer_pass_on(token: str) -> ResponseReturnValue:
    """Give the lead to a colleague, who gets a mail with a link of their own."""
    signed = offer_of(token)
    if signed.ended:
        return ended(token, signed)
    chosen = {str(each): each for each in colleagues(signed)}.get(request.form.get("person", ""))
    if chosen is None:
        return show(token, signed, problem=say("Choose a colleague."))
    with attempt() as tried:
        handing_on.pass_on(work(), signed.offer, chosen)
    if not tried.done:
        return show(token, signed, problem=tried.words)
    return redirect(url_for("public.lead_offer", token=token), 303)


@public.post("/l/lead/<token>/touches")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all("signed link to one person, one offer; only for a lead it holds")
def lead_offer_touch(token: str) -> ResponseReturnValue:
    """Record a call, a reply, a meeting or a note."""
    signed = offer_of(token)
    if signed.ended:
        return ended(token, signed)
    lead = actions.held_lead(work(), signed.lead.ref)
    kind = request.form.get("kind", Touch.CALL)
    if kind not in set(Touch):
        return show(token, signed, problem=say("Choose what happened."))
    actions.record_touch(work(), lead, kind=Touch(kind), note=request.form.get("note", ""))
    return redirect(url_for("public.lead_offer", token=token), 303)


@public.post("/l/lead/<token>/fresh")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all("signed link to one person, one offer; a fresh link goes to that person's own address")
def lead_offer_fresh(token: str) -> ResponseReturnValue:
    """Mail the person a link that works, while they may still answer."""
    signed = offer_of(token)
    if not signed.ended:
        return redirect(url_for("public.lead_offer", token=token), 303)
    with attempt() as tried:
        telling.send_fresh(work(), signed)
    return ended(token, signed, sent=tried.done)
