"""Leads of a partner: inbox by what to do, one lead with its clock, reason, consent and history."""

from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.accounts.queries import members_of
from tcma.db.scope import found
from tcma.errors import Conflict, Invalid
from tcma.launches.queries import launch_id_of
from tcma.leads import actions, chances, handing_on, queries, races, recycling, same_person, tasks
from tcma.leads.rules import DECLINE_REASONS, LOSS_REASONS, RECYCLE_REASONS, Touch
from tcma.nurture import queries as nurture
from tcma.nurture.entering import why_outside
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows, signed
from tcma.web.console import console
from tcma.web.console.lead_words import VERBS, own_lines, run_words
from tcma.web.forms.lead import OpportunityForm
from tcma.web.lead_words import ANSWERS, TOUCHES, points_lines
from tcma.web.money_words import money_of
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

FACETS = (("offered", say("Offered to you")), ("yours", say("Yours")), ("closed", say("Closed")))


@console.get("/leads")
@allows(Permission.LEAD_READ)
def lead_index() -> ResponseReturnValue:
    """Show the inbox: offers by deadline first, then what is yours, then the past."""
    session, principal = work().session, work().principal
    counts = queries.facet_counts(session, principal)
    facet = request.args.get("state", "")
    launch_ref = request.args.get("launch", "")
    if not facet and not launch_ref:
        facet = next((name for name, _ in FACETS if counts[name]), "offered")
    page = queries.leads(
        session,
        principal,
        facet=facet,
        launch_id=launch_id_of(session, principal, launch_ref) if launch_ref else None,
        wanted=request.args.get("q", ""),
        sort=request.args.get("sort", ""),
        after=request.args.get("after"),
    )
    return render_template(
        "console/leads/index.html",
        page=page,
        facet=facet,
        facets=FACETS,
        counts=counts,
        launch_ref=launch_ref,
        sort=request.args.get("sort", ""),
        judges=chances.judges(session, principal),
        may_answer=principal.may(Permission.LEAD_ANSWER),
        races=[] if launch_ref else races.races(session, principal),
        may_connect=principal.may(Permission.CRM_CONNECT),
    )


@console.post("/leads/claims/<uuid:offer>")
@allows(Permission.LEAD_ANSWER)
def lead_claim(offer: UUID) -> ResponseReturnValue:
    """Take a lead that others are asked about, too."""
    ref = ""
    with attempt() as tried:
        ref = races.claim(work(), offer)
    if not tried.done:
        flash(tried.words, "need")
        return redirect(url_for("console.lead_index"), 303)
    flash(say("It is yours. Call while it is fresh."), "good")
    return redirect(url_for("console.lead_show", ref=ref), 303)


@console.get("/leads/<ref>")
@allows(Permission.LEAD_READ)
def lead_show(ref: str) -> ResponseReturnValue:
    """Show one lead whole."""
    return page_of(ref, OpportunityForm())


def page_of(ref: str, form: OpportunityForm, *, status: int = 200) -> ResponseReturnValue:
    """Render a lead's page."""
    session, principal = work().session, work().principal
    lead = queries.lead_view(session, principal, ref)
    runs = nurture.runs(session, principal, lead_id=lead.row.id).rows
    turn = lead.turns[-1] if lead.turns else None
    page = render_template(
        "console/leads/show.html",
        lead=lead,
        turn=turn,
        why=own_lines(lead),
        points=points_lines(lead.points),
        chance=chances.chance_of(session, lead.row.id, principal),
        same_person=same_person.others(session, principal, ref),
        runs=runs,
        steps=nurture.steps(session, runs[0].id) if runs else (),
        run_words=run_words(runs[0]) if runs else "",
        outside=why_outside(work(), lead.row.id),
        may_steer=principal.may(Permission.NURTURE_STEER),
        tasks=tasks.tasks(session, lead.row.id, since=turn.offered_at if turn else None),
        form=form,
        reasons=list(DECLINE_REASONS.items()),
        losses=list(LOSS_REASONS.items()),
        recycles=list(RECYCLE_REASONS.items()),
        verbs=VERBS,
        touch_words=TOUCHES,
        answer_words=ANSWERS,
        hands=handing_on.hands(session, lead.row.id, found(principal.partner_id)),
        colleagues=colleagues(lead.row.with_name),
    )
    return make_response(page, status)


def colleagues(with_name: str) -> list[tuple[str, str]]:
    """Return whom a lead can be given to; nobody for who may not answer it."""
    principal = work().principal
    if not principal.may(Permission.LEAD_ANSWER):
        return []
    people = members_of(
        work().session, partner_id=found(principal.partner_id), able_to=Permission.LEAD_ANSWER
    )
    return [(str(each.user_id), each.name) for each in people if each.name != with_name]


@console.post("/leads/<ref>/acceptance")
@allows(Permission.LEAD_ANSWER)
def lead_accept(ref: str) -> ResponseReturnValue:
    """Take an offered lead."""
    lead = queries.lead_view(work().session, work().principal, ref)
    if lead.offer_id:
        try:
            actions.accept(work(), lead.offer_id, by=signed().name)
        except Conflict as error:
            flash(error.advice, "need")
    return redirect(url_for("console.lead_show", ref=ref), 303)


@console.post("/leads/<ref>/refusal")
@allows(Permission.LEAD_ANSWER)
def lead_decline(ref: str) -> ResponseReturnValue:
    """Hand an offered lead back; it goes to the next in the round."""
    lead = queries.lead_view(work().session, work().principal, ref)
    if lead.offer_id:
        try:
            reason = request.form.get("reason", "")
            actions.decline(work(), lead.offer_id, by=signed().name, reason=reason)
        except (Conflict, Invalid) as error:
            flash(error.message, "need")
            return redirect(url_for("console.lead_show", ref=ref), 303)
        flash(say("Handed back. It goes to the next partner."), "good")
    return redirect(url_for("console.lead_index"), 303)


@console.post("/leads/<ref>/touches")
@allows(Permission.LEAD_ANSWER)
def lead_touch_create(ref: str) -> ResponseReturnValue:
    """Record a call, a reply, a meeting or a note."""
    lead = actions.held_lead(work(), ref)
    kind = request.form.get("kind", "")
    if kind in set(Touch):
        actions.record_touch(work(), lead, kind=Touch(kind), note=request.form.get("note", ""))
        flash(say("Recorded."), "good")
    return redirect(url_for("console.lead_show", ref=ref), 303)


@console.post("/leads/<ref>/opportunity")
@allows(Permission.LEAD_ANSWER)
def lead_opportunity_create(ref: str) -> ResponseReturnValue:
    """Turn an accepted lead into an opportunity."""
    lead = actions.held_lead(work(), ref)
    form = OpportunityForm()
    currency = queries.lead_view(work().session, work().principal, ref).currency
    if form.validate():
        try:
            actions.convert(
                work(),
                lead,
                name=form.name.data or "",
                amount=money_of(form.amount, currency),
                closes_on=form.closes_on.data,
            )
        except Invalid as error:
            form.take(error)
        else:
            flash(say("It is an opportunity now, and counts in every report."), "good")
            return redirect(url_for("console.lead_show", ref=ref), 303)
    return page_of(ref, form, status=422)


@console.post("/leads/<ref>/recycling")
@allows(Permission.LEAD_ANSWER)
def lead_recycle(ref: str) -> ResponseReturnValue:
    """Give an accepted lead back to nurture, with the reason."""
    lead = actions.held_lead(work(), ref)
    with attempt() as tried:
        recycling.recycle(work(), lead, reason=request.form.get("recycled", ""))
    done = say("It is back in nurture. You are not asked about it for a while.")
    flash(tried.words or done, "good" if tried.done else "need")
    return redirect(url_for("console.lead_show", ref=ref), 303)


@console.post("/leads/<ref>/end")
@allows(Permission.LEAD_ANSWER)
def lead_close(ref: str) -> ResponseReturnValue:
    """End a lead: won or lost."""
    lead = actions.held_lead(work(), ref)
    try:
        won = request.form.get("result") == "won"
        actions.close(work(), lead, won=won, reason=request.form.get("reason"))
    except Invalid as error:
        flash(error.message, "need")
    return redirect(url_for("console.lead_show", ref=ref), 303)
