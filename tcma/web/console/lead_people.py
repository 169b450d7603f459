"""Who at a partner gets its leads: the rule, who is away, and giving one lead to a colleague."""

from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.accounts.queries import members_of
from tcma.db.scope import found
from tcma.leads import handing_on, queries, shares, sharing
from tcma.leads.routing.sellers import Way
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows, signed
from tcma.web.console import console
from tcma.web.forms.base import offer
from tcma.web.forms.lead import AwayForm, SharingForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.get("/leads/share")
@allows(Permission.LEAD_ANSWER)
def lead_share() -> ResponseReturnValue:
    """Say why the partner gets as many leads as it does."""
    return render_template("console/leads/share.html", shares=shares.shares(work()))


@console.get("/leads/sharing")
@allows(Permission.LEAD_ANSWER)
def lead_sharing() -> ResponseReturnValue:
    """Show how leads are shared and who is away."""
    return page_of()


def page_of(
    rule: SharingForm | None = None, away: AwayForm | None = None, *, status: int = 200
) -> ResponseReturnValue:
    """Render the rule and the absences; whoever does not own the console states its own days."""
    kept = sharing.rule_of(work())
    people = sellers()
    areas = kept.areas
    if rule is None:
        rule = sharing_form()
        rule.way.data, rule.keeps.data = kept.way.value, kept.keeps
        rule.accepts.data = kept.accepts
        rule.person_id.data = str(kept.person_id or "")
    else:
        areas = areas_typed()
    rows = sharing.absences(work())
    page = render_template(
        "console/leads/sharing.html",
        rule=rule,
        away=away or away_form(),
        people=people,
        areas=areas,
        absences=rows,
        absent={row.person_id for row in rows if row.is_now},
        kept=kept,
        way_words={choice.value: choice.label for choice in rule.way.choices},
        may_rule=work().principal.may(Permission.PEOPLE_MANAGE),
        own_id=signed().user_id,
        names={str(person): name for person, name in people},
    )
    return make_response(page, status)


def sharing_form(*, posted: bool = False) -> SharingForm:
    """Return the form of the rule over the people who get leads."""
    form = SharingForm() if posted else SharingForm(formdata=None)
    offer(form.person_id, [(str(person), name) for person, name in sellers()])
    return form


def sellers() -> list[tuple[UUID, str]]:
    """Return the people who get leads."""
    partner_id = found(work().principal.partner_id)
    return [(p.user_id, p.name) for p in handing_on.sellers_of(work().session, partner_id)]


def areas_typed() -> dict[UUID, str]:
    """Return the areas of the posted form by person."""
    return {person: request.form.get(f"areas-{person}", "") for person, _ in sellers()}


def away_form(*, posted: bool = False) -> AwayForm:
    """Return the form of an absence over the people one may speak for."""
    form = AwayForm() if posted else AwayForm(formdata=None)
    may_all = work().principal.may(Permission.PEOPLE_MANAGE)
    me = signed().user_id
    offer(form.person, [(str(p), name) for p, name in sellers() if may_all or p == me])
    return form


@console.post("/leads/sharing")
@allows(Permission.PEOPLE_MANAGE)
def lead_sharing_save() -> ResponseReturnValue:
    """Share leads by another rule from now on."""
    form = sharing_form(posted=True)
    status = 422
    if form.validate():
        with attempt(form) as tried:
            sharing.save_rule(
                work(),
                way=Way(form.way.data),
                keeps=form.keeps.data,
                areas=areas_typed(),
                accepts=form.accepts.data,
                person_id=UUID(form.person_id.data) if form.person_id.data else None,
            )
        if tried.done:
            flash(say("Saved. It holds for the next lead."), "good")
            return redirect(url_for("console.lead_sharing"), 303)
        status = tried.status
    return page_of(form, status=status)


@console.post("/leads/absences")
@allows(Permission.LEAD_ANSWER)
def lead_away() -> ResponseReturnValue:
    """Give somebody no new leads for some days."""
    form = away_form(posted=True)
    status = 422
    if form.validate():
        with attempt(form) as tried:
            sharing.state_absence(
                work(), UUID(form.person.data), form.starts_on.data, form.ends_on.data
            )
        if tried.done:
            flash(say("Noted. New leads go to the others on these days."), "good")
            return redirect(url_for("console.lead_sharing"), 303)
        status = tried.status
    return page_of(away=form, status=status)


@console.post("/leads/absences/<uuid:absence>/end")
@allows(Permission.LEAD_ANSWER)
def lead_back(absence: UUID) -> ResponseReturnValue:
    """Take an absence back."""
    with attempt() as tried:
        sharing.end_absence(work(), absence)
    flash(tried.words or say("Noted. New leads come again."), "good" if tried.done else "need")
    return redirect(url_for("console.lead_sharing"), 303)


@console.post("/leads/<ref>/person")
@allows(Permission.LEAD_ANSWER)
def lead_give(ref: str) -> ResponseReturnValue:
    """Give a lead to a colleague."""
    queries.lead_by_ref(work().session, work().principal, ref)
    people = members_of(
        work().session,
        partner_id=found(work().principal.partner_id),
        able_to=Permission.LEAD_ANSWER,
    )
    chosen = {str(p.user_id): p.user_id for p in people}.get(request.form.get("person", ""))
    if chosen is None:
        flash(say("Choose a colleague."), "need")
    else:
        name = handing_on.give(work(), ref, chosen)
        mine = chosen == signed().user_id
        words = say("It is yours.") if mine else say("{name} has it, and a mail.", name=name)
        flash(words, "good")
    return redirect(url_for("console.lead_show", ref=ref), 303)
