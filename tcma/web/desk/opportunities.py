"""Opportunities at the desk: the pipeline of all partners, one with its parts, its files and its past."""

from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.leads import crm_queries, deal_papers, deals, lapsing, pipeline
from tcma.leads.rules import DEAL_LOSSES, LAPSED, Role
from tcma.partners import queries as partners
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.base import offer
from tcma.web.forms.lead import DealPartForm, DealTimeForm
from tcma.web.lead_words import ROLES, STAGES
from tcma.web.saved_files import only_saved
from tcma.web.unit_of_work import services, work
from tcma.web.wording import flash


@desk.get("/leads/pipeline")
@allows(Permission.LEAD_ASSIGN)
def lead_pipeline() -> ResponseReturnValue:
    """Show what partners have open, by stage."""
    columns = pipeline.board(work().session, work().principal)
    return render_template("desk/leads/pipeline.html", columns=columns, words=STAGES)


@desk.get("/opportunities/<ref>")
@allows(Permission.LEAD_ASSIGN)
def opportunity_show(ref: str) -> ResponseReturnValue:
    """Show one opportunity: whose it is, who else works there, its parts and files."""
    return page_of(ref, DealPartForm(formdata=None))


def page_of(
    ref: str, form: DealPartForm, *, time: DealTimeForm | None = None, status: int = 200
) -> ResponseReturnValue:
    """Render one opportunity."""
    offer_partners(form)
    session, principal = work().session, work().principal
    one = pipeline.opportunity(session, principal, ref)
    page = render_template(
        "desk/leads/opportunity.html",
        one=one,
        form=form,
        words=STAGES,
        roles=ROLES,
        parts=deals.parts(session, principal, one.id),
        rivals=deals.rivals_of(session, principal, ref),
        papers=deal_papers.papers(session, one.id),
        past=pipeline.history(session, principal, ref),
        why_lost=DEAL_LOSSES.get(one.loss_reason or "", ""),
        ends_at=lapsing.ends_at(session, principal, ref, work().now),
        time=time or DealTimeForm(formdata=None),
        may_extend=not one.lead_ref and (one.state == "open" or one.loss_reason == LAPSED),
        standings=crm_queries.standings(session, principal, ref),
    )
    return make_response(page, status)


def offer_partners(form: DealPartForm) -> dict[str, UUID]:
    """Offer the vendor's active partners by short name."""
    pairs = [
        pair
        for pair in partners.enrolments(work().session, work().principal)
        if pair.state is EnrolmentState.ACTIVE
    ]
    offer(form.partner, [(p.partner_slug, p.partner) for p in pairs])
    return {p.partner_slug: p.partner_id for p in pairs}


@desk.post("/opportunities/<ref>/parts")
@allows(Permission.LEAD_ASSIGN)
def opportunity_part_give(ref: str) -> ResponseReturnValue:
    """Name a partner's part."""
    pipeline.opportunity(work().session, work().principal, ref)
    form = DealPartForm()
    pairs = offer_partners(form)
    status = 422
    if form.validate():
        with attempt(form) as tried:
            deals.give_part(work(), ref, pairs[form.partner.data], Role(form.role.data))
        if tried.done:
            flash(
                "It may read this opportunity now, and the partner that works on it sees its name."
            )
            return redirect(url_for("desk.opportunity_show", ref=ref), 303)
        status = tried.status
    return page_of(ref, form, status=status)


@desk.post("/opportunities/<ref>/time")
@allows(Permission.LEAD_ASSIGN)
def opportunity_extend(ref: str) -> ResponseReturnValue:
    """Keep a registered deal until a day."""
    pipeline.opportunity(work().session, work().principal, ref)
    time, status = DealTimeForm(), 422
    if time.validate() and time.until.data:
        with attempt(time) as tried:
            lapsing.extend(work(), ref, until=time.until.data)
        if tried.done:
            flash("It is kept until then, whatever happens.", "good")
            return redirect(url_for("desk.opportunity_show", ref=ref), 303)
        status = tried.status
    return page_of(ref, DealPartForm(formdata=None), time=time, status=status)


@desk.post("/opportunities/<ref>/parts/removal")
@allows(Permission.LEAD_ASSIGN)
def opportunity_part_take(ref: str) -> ResponseReturnValue:
    """Take a part away."""
    one = pipeline.opportunity(work().session, work().principal, ref)
    asked = request.form.get("partner", ""), request.form.get("role", "")
    for part in deals.parts(work().session, work().principal, one.id):
        if (part.slug, part.role) == asked:
            deals.take_part(work(), ref, part.partner_id, part.role)
            flash(f"{part.partner} has that part no longer.")
    return redirect(url_for("desk.opportunity_show", ref=ref), 303)


@desk.get("/opportunities/<ref>/files/<uuid:paper>")
@allows(Permission.LEAD_ASSIGN)
def opportunity_file(ref: str, paper: UUID) -> ResponseReturnValue:
    """Return a file, only to be saved."""
    kept = deal_papers.paper(work().session, work().principal, ref, paper)
    content = services().files.get(kept.key)
    return only_saved(content, name=kept.file_name, media_type=kept.media_type)
