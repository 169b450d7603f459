"""The pipeline of a partner: a board by stage, one press from stage to stage, and the whole list."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.leads import crm_queries, pipeline, queries
from tcma.leads.rules import Stage
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.forms.lead import OpportunityForm
from tcma.web.lead_words import STAGES
from tcma.web.money_words import money_of, typed
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


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
    return redirect(url_for("console.opportunity_index"), 303)


@console.get("/opportunities/<ref>")
@allows(Permission.LEAD_READ)
def opportunity_show(ref: str) -> ResponseReturnValue:
    """Show one opportunity with the form that amends it."""
    one = pipeline.opportunity(work().session, work().principal, ref)
    form = OpportunityForm(
        formdata=None, name=one.name, amount=typed(one.worth), closes_on=one.closes_on
    )
    return page_of(ref, form)


def page_of(ref: str, form: OpportunityForm, *, status: int = 200) -> ResponseReturnValue:
    """Render one opportunity."""
    one = pipeline.opportunity(work().session, work().principal, ref)
    page = render_template(
        "console/leads/opportunity.html",
        one=one,
        form=form,
        words=STAGES,
        stages=tuple(Stage),
        standings=crm_queries.standings(work().session, work().principal, ref),
    )
    return make_response(page, status)


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
