"""The pipeline of a partner: a board by stage, one press from stage to stage, and the whole list."""

from collections.abc import Sequence
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.leads import crm_queries, deal_papers, deals, lapsing, pipeline, queries
from tcma.leads.rules import LAPSED, LOSS_REASONS, Stage
from tcma.library import queries as library
from tcma.partners import queries as partners
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.forms.base import offer
from tcma.web.forms.lead import DealFileForm, DealForm, OpportunityForm
from tcma.web.lead_words import ROLES, STAGES
from tcma.web.money_words import money_of, typed
from tcma.web.saved_files import only_saved
from tcma.web.unit_of_work import services, work
from tcma.web.wording import flash
from tcma.words import listed, say


@console.get("/opportunities")
@allows(Permission.LEAD_READ)
def opportunity_index() -> ResponseReturnValue:
    """Show the board, and below it every opportunity, newest first."""
    session, principal = work().session, work().principal
    return render_template(
        "console/leads/opportunities.html",
        columns=pipeline.board(session, principal),
        page=queries.opportunities(session, principal, after=request.args.get("after")),
        words=STAGES,
        may_answer=principal.may(Permission.LEAD_ANSWER),
    )


@console.post("/opportunities/<ref>/stage")
@allows(Permission.LEAD_ANSWER)
def opportunity_move(ref: str) -> ResponseReturnValue:
    """Put an opportunity at another stage."""
    pipeline.opportunity(work().session, work().principal, ref)
    wanted = request.form.get("stage", "")
    if wanted not in set(Stage):
        flash(say("Choose a stage."), "need")
        return redirect(url_for("console.opportunity_show", ref=ref), 303)
    with attempt() as tried:
        pipeline.move(work(), ref, stage=Stage(wanted))
    said = (
        say("{ref} is at “{stage}” now.", ref=ref, stage=STAGES[wanted])
        if tried.done
        else tried.words
    )
    flash(said, "good" if tried.done else "need")
    return redirect(url_for("console.opportunity_index", _anchor=ref), 303)


@console.route("/opportunities/new", methods=["GET", "POST"])
@allows(Permission.LEAD_ANSWER)
def opportunity_new() -> ResponseReturnValue:
    """Register a deal that came of no lead."""
    form, status = DealForm(), 200
    form.once()
    vendors, campaigns = offered(form)
    if form.is_submitted():
        status = 422
        if form.validate():
            ref = ""
            with attempt(form) as tried:
                ref = registered(form, vendors, campaigns)
            if tried.done:
                flash(say("It stands in your pipeline, and the vendor sees it."), "good")
                return redirect(url_for("console.opportunity_show", ref=ref), 303)
            status = tried.status
    page = render_template(
        "console/leads/deal_new.html", form=form, vendors=vendors, held=held_of(form, vendors)
    )
    return make_response(page, status)


def held_of(form: DealForm, vendors: dict[str, UUID]) -> list[str]:
    """Return how many open registrations the partner holds, with each vendor that has a limit."""
    names = {slug: name for slug, name, *_ in form.vendor.options}
    found: list[str] = []
    for slug, vendor_id in vendors.items():
        partner_id = work().principal.partner_id
        room = deals.room(work().session, vendor_id, partner_id, work().now) if partner_id else None
        if room:
            words = say("{n} of {most} open registrations with {vendor} are taken.",
                        n=room[0], most=room[1], vendor=names[slug])  # fmt: skip
            found.append(words)
    return found


def offered(form: DealForm) -> tuple[dict[str, UUID], dict[str, UUID]]:
    """Offer the vendors this partner works with, and their campaigns, by short name."""
    session, principal = work().session, work().principal
    pairs = [p for p in partners.enrolments(session, principal) if p.state is EnrolmentState.ACTIVE]
    cards = library.library_for(session, principal, today=work().now.date())
    offer(form.vendor, [(p.vendor_slug, p.vendor) for p in pairs])
    many = len(pairs) > 1
    names = [(f"{c.vendor_slug}/{c.slug}", f"{c.name} · {c.vendor}" if many else c.name)
             for c in cards]  # fmt: skip
    offer(form.campaign, [("", say("None of them")), *names])
    return (
        {p.vendor_slug: p.vendor_id for p in pairs},
        {f"{c.vendor_slug}/{c.slug}": c.campaign_id for c in cards},
    )


def registered(form: DealForm, vendors: dict[str, UUID], campaigns: dict[str, UUID]) -> str:
    """Register what the form says; return its reference."""
    vendor_id = vendors[form.vendor.data]
    currency = partners.vendor(work().session, vendor_id).currency
    chosen = form.campaign.data or ""
    new = deals.Deal(
        vendor_id=vendor_id,
        company=form.company.data or "",
        site=form.site.data or "",
        name=form.name.data or "",
        worth=money_of(form.amount, currency),
        closes_on=form.closes_on.data,
        campaign_id=campaigns.get(chosen) if chosen.startswith(f"{form.vendor.data}/") else None,
        pressed=form.once(),
    )
    return deals.register(work(), new).ref


@console.get("/opportunities/<ref>")
@allows(Permission.LEAD_READ)
def opportunity_show(ref: str) -> ResponseReturnValue:
    """Show one opportunity with the form that amends it."""
    one = pipeline.opportunity(work().session, work().principal, ref)
    form = OpportunityForm(
        formdata=None, name=one.name, amount=typed(one.worth), closes_on=one.closes_on
    )
    return page_of(ref, form)


def page_of(
    ref: str, form: OpportunityForm, *, filed: DealFileForm | None = None, status: int = 200
) -> ResponseReturnValue:
    """Render one opportunity."""
    session, principal = work().session, work().principal
    one = pipeline.opportunity(session, principal, ref)
    page = render_template(
        "console/leads/opportunity.html",
        one=one,
        form=form,
        filed=filed or DealFileForm(formdata=None),
        words=STAGES,
        stages=tuple(Stage),
        parts=parts_in_words(deals.parts(session, principal, one.id)),
        papers=deal_papers.papers(session, one.id),
        losses=list(LOSS_REASONS.items()),
        works=one.holds and one.state == "open" and principal.may(Permission.LEAD_ANSWER),
        standings=crm_queries.standings(session, principal, ref),
        ends_at=lapsing.ends_at(session, principal, ref, work().now),
        lapsed=one.loss_reason == LAPSED,
    )
    return make_response(page, status)


def parts_in_words(parts: Sequence[deals.Part]) -> list[tuple[str, str]]:
    """Return each partner of an opportunity with what it does."""
    does: dict[str, list[str]] = {}
    for part in parts:
        does.setdefault(part.partner, []).append(ROLES[part.role])
    return [(partner, listed(words)) for partner, words in does.items()]


@console.post("/opportunities/<ref>")
@allows(Permission.LEAD_ANSWER)
def opportunity_amend(ref: str) -> ResponseReturnValue:
    """Change name, sum and day."""
    one = pipeline.opportunity(work().session, work().principal, ref)
    form = OpportunityForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            pipeline.amend(
                work(),
                ref,
                name=form.name.data or "",
                worth=money_of(form.amount, one.worth.currency),
                closes_on=form.closes_on.data,
            )
        if tried.done:
            flash(say("Saved."), "good")
            return redirect(url_for("console.opportunity_index"), 303)
        status = tried.status
    return page_of(ref, form, status=status)


@console.post("/opportunities/<ref>/end")
@allows(Permission.LEAD_ANSWER)
def opportunity_close(ref: str) -> ResponseReturnValue:
    """Win or lose it, and its lead with it."""
    pipeline.opportunity(work().session, work().principal, ref)
    won = request.form.get("result") == "won"
    with attempt() as tried:
        pipeline.close(work(), ref, won=won, reason=request.form.get("reason"))
    said = say("Won. Well done.") if won else say("Closed, with the reason.")
    flash(said if tried.done else tried.words, "good" if tried.done else "need")
    return redirect(url_for("console.opportunity_show", ref=ref), 303)


@console.post("/opportunities/<ref>/files")
@allows(Permission.LEAD_ANSWER)
def opportunity_file_create(ref: str) -> ResponseReturnValue:
    """Add a file."""
    one = pipeline.opportunity(work().session, work().principal, ref)
    filed, status = DealFileForm(), 422
    if filed.validate():
        given = filed.file.data
        with attempt(filed) as tried:
            deal_papers.attach(
                work(), ref, file_name=given.filename or "", content=given.stream.read()
            )
        if tried.done:
            flash(say("The file is added."), "good")
            return redirect(url_for("console.opportunity_show", ref=ref, _anchor="files"), 303)
        status = tried.status
    form = OpportunityForm(
        formdata=None, name=one.name, amount=typed(one.worth), closes_on=one.closes_on
    )
    return page_of(ref, form, filed=filed, status=status)


@console.get("/opportunities/<ref>/files/<uuid:paper>")
@allows(Permission.LEAD_READ)
def opportunity_file(ref: str, paper: UUID) -> ResponseReturnValue:
    """Return a file, only to be saved."""
    kept = deal_papers.paper(work().session, work().principal, ref, paper)
    content = services().files.get(kept.key)
    return only_saved(content, name=kept.file_name, media_type=kept.media_type)


@console.post("/opportunities/<ref>/files/<uuid:paper>/removal")
@allows(Permission.LEAD_ANSWER)
def opportunity_file_remove(ref: str, paper: UUID) -> ResponseReturnValue:
    """Take a file away."""
    pipeline.opportunity(work().session, work().principal, ref)
    with attempt() as tried:
        deal_papers.detach(work(), ref, paper)
    said = say("The file is gone from here.") if tried.done else tried.words
    flash(said, "good" if tried.done else "need")
    return redirect(url_for("console.opportunity_show", ref=ref, _anchor="files"), 303)
