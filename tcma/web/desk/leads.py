"""Leads at the desk: who has none to answer, who lets them age, assigning by hand."""

from collections.abc import Sequence

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.leads import chances, deciding, offers, pipeline, queries
from tcma.leads.routing.words import working_hours
from tcma.leads.rules import LeadState
from tcma.leads.views import Turn
from tcma.nurture.entering import why_outside
from tcma.partners import queries as partners
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console.lead_words import VERBS
from tcma.web.desk import desk
from tcma.web.forms.base import offer
from tcma.web.forms.desk import AssignForm
from tcma.web.lead_words import STAGES, points_lines
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

FACETS = (
    ("unassigned", "Unassigned"),
    ("offered", "Offered"),
    ("yours", "With partners"),
    ("closed", "Closed"),
)
ASSIGNABLE = (LeadState.NEW, LeadState.OFFERED, LeadState.UNASSIGNED)


@desk.get("/leads")
@allows(Permission.LEAD_ASSIGN)
def lead_index() -> ResponseReturnValue:
    """List leads by what to do; without a choice, the first facet that holds any."""
    session, principal = work().session, work().principal
    counts = queries.facet_counts(session, principal)
    facet = request.args.get("state", "")
    if facet not in counts:
        facet = next((name for name, _ in FACETS if counts[name]), "unassigned")
    page = queries.leads(
        session,
        principal,
        facet=facet,
        wanted=request.args.get("q", ""),
        sort=request.args.get("sort", ""),
        after=request.args.get("after"),
    )
    return render_template(
        "desk/leads/index.html",
        page=page,
        facet=facet,
        facets=FACETS,
        counts=counts,
        wanted=request.args.get("q", ""),
        sort=request.args.get("sort", ""),
        now=work().now,
        judges=chances.judges(session, principal),
    )


@desk.get("/leads/pipeline")
@allows(Permission.LEAD_ASSIGN)
def lead_pipeline() -> ResponseReturnValue:
    """Show what partners have open, by stage."""
    columns = pipeline.board(work().session, work().principal)
    return render_template("desk/leads/pipeline.html", columns=columns, words=STAGES)


@desk.get("/leads/<ref>")
@allows(Permission.LEAD_ASSIGN)
def lead_show(ref: str) -> ResponseReturnValue:
    """Show one lead's way and, while nobody took it, the form that assigns it."""
    return page_of(ref, AssignForm(formdata=None))


def page_of(ref: str, form: AssignForm, *, status: int = 200) -> ResponseReturnValue:
    """Render a lead."""
    lead = queries.lead_view(work().session, work().principal, ref)
    rules = deciding.rules_in_force(work().session, lead.vendor_id, work().now).rules
    offer_partners(form)
    page = render_template(
        "desk/leads/show.html",
        lead=lead,
        turn=lead.turns[-1] if lead.turns else None,
        trace=trace_lines(lead.turns),
        points=points_lines(lead.points),
        verbs=VERBS,
        form=form,
        chance=chances.chance_of(work().session, lead.row.id, work().principal),
        holder=deciding.company_holder(
            work().session, queries.lead_by_ref(work().session, work().principal, ref)
        ),
        hours=working_hours(rules.answer_hours),
        outside=why_outside(work(), lead.row.id),
        assignable=lead.row.state in ASSIGNABLE,
        now=work().now,
    )
    return make_response(page, status)


def trace_lines(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """Return (partner, why) for every candidate of the last decision, the chosen one first."""
    if not turns:
        return []
    candidates = turns[-1].trace.get("candidates", [])
    lines = [(c["partner"], c["why"]) for c in candidates]
    return sorted(lines, key=lambda line: line[0] != turns[-1].partner)


def offer_partners(form: AssignForm) -> dict[str, partners.EnrolmentView]:
    """Offer the vendor's active partners by short name."""
    pairs = {
        pair.partner_slug: pair
        for pair in partners.enrolments(work().session, work().principal)
        if pair.state is EnrolmentState.ACTIVE
    }
    offer(form.partner, [(slug, pair.partner) for slug, pair in pairs.items()])
    return pairs


@desk.post("/leads/<ref>/assignment")
@allows(Permission.LEAD_ASSIGN)
def lead_assign(ref: str) -> ResponseReturnValue:
    """Offer a lead to a partner by hand; an open offer is recalled."""
    lead = queries.lead_by_ref(work().session, work().principal, ref)
    form = AssignForm()
    pairs = offer_partners(form)
    status = 422
    if form.validate():
        pair = found(pairs.get(form.partner.data))
        with attempt(form) as tried:
            offers.assign(work(), lead, pair.partner_id)
        if tried.done:
            flash(f"Offered to {pair.partner}. Its people have a mail.", "good")
            return redirect(url_for("desk.lead_show", ref=ref), 303)
        status = tried.status
    return page_of(ref, form, status=status)
