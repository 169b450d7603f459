"""Partners at the desk: who they are, how they stand, what they do, inviting one."""

from typing import Any
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.accounts.actions import Invitation
from tcma.accounts.queries import Person, members_of
from tcma.db.scope import found
from tcma.delivery import notices
from tcma.errors import Invalid
from tcma.guidance import actions as guidance
from tcma.guidance import own_tasks, playbooks, raising
from tcma.guidance.levels import history as level_history
from tcma.guidance.programme import LEVELS, Level
from tcma.guidance.programmes import standings
from tcma.guidance.queries import FirstSteps, first_steps
from tcma.guidance.rules import LASTS_DAYS, Step
from tcma.guidance.words import WORDS
from tcma.leads import opening
from tcma.mdf.funds import views as fund_views
from tcma.partners import actions, history, queries
from tcma.partners.rules import EnrolmentState, PartnerKind, Tier
from tcma.permissions import ROLE_WORDS, Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows, signed
from tcma.web.desk import desk
from tcma.web.desk.change_words import change_lines
from tcma.web.desk.partner_tabs import tabs
from tcma.web.forms.base import offer
from tcma.web.forms.desk import (
    KIND_WORDS,
    WEEKDAYS,
    PartnerForm,
    PersonForm,
    StandingForm,
    WaiverForm,
)
from tcma.web.forms.programme import LowerForm
from tcma.web.level_words import LEVEL_WORDS, level_lines
from tcma.web.pictures import address_of
from tcma.web.step_words import step_lines
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/partners")
@allows(Permission.PARTNERS_READ)
def partner_index() -> ResponseReturnValue:
    """List the partners with their activity."""
    tier, state = request.args.get("tier", ""), request.args.get("state", "")
    page = queries.partners(
        work().session,
        work().principal,
        search=request.args.get("q", ""),
        tier=Tier(tier) if tier in set(Tier) else None,
        state=EnrolmentState(state) if state in set(EnrolmentState) else None,
        after=request.args.get("after"),
    )
    ids = [row.partner_id for row in page.rows]
    steps = first_steps(work().session, work().principal, now=work().now, partner_ids=ids)
    return render_template(
        "desk/partners/index.html",
        page=page,
        steps={each.partner_id: each.progress for each in steps},
        wanted=request.args.get("q", ""),
        tier=tier,
        state=state,
        states=[s.value for s in EnrolmentState],
        kinds=KIND_WORDS,
        tabs=tabs("partner_index"),
        may=work().principal.may(Permission.PARTNERS_MANAGE),
    )


@desk.route("/partners/new", methods=["GET", "POST"])
@allows(Permission.PARTNERS_MANAGE)
def partner_invite() -> ResponseReturnValue:
    """Found a partner, enrol it and invite the person who runs it."""
    house = queries.own_organisation(work().session, work().principal)
    form = PartnerForm()
    areas = queries.territories(work().session, house.id)
    offer(form.territories, [(a.code, a.name, a.code) for a in areas])
    status = 200
    if not form.is_submitted():
        form.country.data, form.zone.data = house.country, house.zone
        form.locale.data, form.currency.data = house.locale, house.currency
    else:
        status = 422
        if form.validate():
            with attempt(form) as tried:
                partner_id = found_partner(form)
            if tried.done:
                slug = queries.partner_of(work().session, partner_id).slug
                flash(f"{form.name.data} is invited. {form.person.data} has a mail.", "good")
                return redirect(url_for("desk.partner_show", slug=slug), 303)
            status = tried.status
    return make_response(render_template("desk/partners/new.html", form=form), status)


def found_partner(form: PartnerForm) -> UUID:
    """Write the partner, its enrolment and the invitation; return its id.

    A name the vendor has already is refused: most often the form was sent twice.
    """
    known = {
        pair.partner.casefold() for pair in queries.enrolments(work().session, work().principal)
    }
    if form.name.data.casefold() in known:
        said = f"{form.name.data} is your partner already. Open it under Partners."
        raise Invalid(said, code="partners.known", fields={"name": said})
    firm = actions.Firm(
        name=form.name.data,
        legal_name=form.legal_name.data,
        country=form.country.data,
        zone=form.zone.data,
        locale=form.locale.data,
        currency=form.currency.data,
    )
    partner_id = actions.create_partner(
        work(),
        firm,
        tier=Tier(form.tier.data),
        kind=PartnerKind(form.kind.data),
        territories=form.territories.data or (),
    )
    letter = actions.invite_to_partner(
        work(), partner_id=partner_id, email=form.email.data, name=form.person.data
    )
    mail_invitation(letter, organisation=firm.name, zone=firm.zone)
    return partner_id


def mail_invitation(letter: Invitation, *, organisation: str, zone: str) -> None:
    """Mail the link by which a person joins."""
    notices.invitation(
        work(),
        notices.Reader(email=letter.email, name=letter.name, locale=letter.locale),
        organisation=organisation,
        invited_by=signed().name,
        role=letter.role_words,
        until=letter.expires_at,
        url=f"{work().site.public_url}/i/{letter.token}",
        zone=zone,
        vendor_id=work().principal.vendor_id,
    )


@desk.get("/partners/<slug>")
@allows(Permission.PARTNERS_READ)
def partner_show(slug: str) -> ResponseReturnValue:
    """Show one partner: standing, people, profile, wallet."""
    return page_of(slug, None, PersonForm(formdata=None))


def page_of(  # noqa: PLR0913 - a page and the forms that may be refused on it
    slug: str,
    standing: StandingForm | None,
    person: PersonForm,
    *,
    waiver: WaiverForm | None = None,
    lower: LowerForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Render a partner with its forms."""
    session, principal = work().session, work().principal
    firm, pairs = queries.partner_detail(session, principal, slug=slug)
    pair = pairs[0]
    if standing is None:
        standing = StandingForm(formdata=None, obj=pair)
        standing.territories.data = list(pair.territories)
        standing.certifications.data = "\n".join(
            f"{name} until {until.isoformat()}" if until else name
            for name, until in pair.certifications.items()
        )
    areas = queries.territories(session, pair.vendor_id)
    standing.offer_territories(areas)
    wallet = []
    if principal.may(Permission.FUND_READ):
        wallet = [
            part
            for part in fund_views.wallet(session, principal, now=work().now)
            if part.partner_name == firm.name
        ]
    profile = queries.brand_in_force(session, firm.id)
    steps = next(iter(first_steps(session, principal, now=work().now, partner_ids=[firm.id])), None)
    page = render_template(
        "desk/partners/show.html",
        firm=firm,
        own=own_tasks.tasks_of(session, work().principal, pair.vendor_id, firm.id, now=work().now),
        pair=pair,
        areas={a.code: a.name for a in areas},
        people=people_of(pair),
        profile=profile,
        logo_url=address_of(queries.logo_key(session, kind="partner", organisation_id=firm.id)),
        wallet=wallet,
        steps=steps,
        lasts=LASTS_DAYS,
        step_lines=step_lines(steps, at_console=False) if steps else [],
        nudged=" and ".join(WORDS[step].noun for step in steps.nudged_about) if steps else "",
        books=playbooks.playbooks(session, principal, now=work().now, partner_ids=[firm.id]),
        waiver=waiver or waiver_form(steps),
        waived=[(step, WORDS[step].noun) for step in steps.waivers] if steps else [],
        kinds=KIND_WORDS,
        roles=ROLE_WORDS,
        standing=standing,
        person=person,
        changes=change_lines(history.changes(session, principal, "partner", firm.id)),
        may=principal.may(Permission.PARTNERS_MANAGE),
        **when_it_works(firm.id),
        **levels_of(firm.id, lower or LowerForm(formdata=None)),
    )
    return make_response(page, status)


def levels_of(partner_id: UUID, lower: LowerForm) -> dict[str, Any]:
    """Return a partner's level, those it had, and the form that lowers it."""
    session, principal = work().session, work().principal
    now = standings(session, principal, now=work().now, partner_ids=[partner_id])
    lines = level_lines(now)
    offer(lower.level, lines[0].below if lines else ())
    return {
        "levels": lines,
        "level_past": level_history(session, principal, partner_id),
        "level_words": LEVEL_WORDS,
        "lower": lower,
    }


def when_it_works(partner_id: UUID) -> dict[str, Any]:
    """Return a partner's hours and rests, as it states them."""
    kept = opening.opening_of(work().session, partner_id)
    return {
        "opening": kept,
        "weekdays": [WEEKDAYS[day - 1] for day in kept.days],
        "rests": opening.rests_of(work().session, partner_id, work().now),
    }


def people_of(pair: queries.EnrolmentView) -> list[Person]:
    """Return the partner's active people."""
    return members_of(work().session, partner_id=pair.partner_id)


@desk.post("/partners/<slug>/standing")
@allows(Permission.PARTNERS_MANAGE)
def partner_change(slug: str) -> ResponseReturnValue:
    """Change tier, kind, standing, weight and territories."""
    firm, pairs = queries.partner_detail(work().session, work().principal, slug=slug)
    form = StandingForm()
    form.offer_territories(queries.territories(work().session, pairs[0].vendor_id))
    status = 422
    if form.validate():
        with attempt(form) as tried:
            actions.change_enrolment(
                work(),
                partner_id=firm.id,
                tier=Tier(form.tier.data),
                kind=PartnerKind(form.kind.data),
                state=EnrolmentState(form.state.data),
                weight=form.weight.data,
                certifications=form.certifications.data or "",
            )
            actions.set_territories(work(), partner_id=firm.id, codes=form.territories.data or ())
        if tried.done:
            flash("Saved. What you changed stands in the history.", "good")
            return redirect(url_for("desk.partner_show", slug=slug), 303)
        status = tried.status
    return page_of(slug, form, PersonForm(formdata=None), status=status)


@desk.post("/partners/<slug>/invitations")
@allows(Permission.PARTNERS_MANAGE)
def partner_person_invite(slug: str) -> ResponseReturnValue:
    """Invite a person as an owner of the partner's console; again makes a fresh link."""
    firm, _ = queries.partner_detail(work().session, work().principal, slug=slug)
    form = PersonForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            letter = actions.invite_to_partner(
                work(), partner_id=firm.id, email=form.email.data, name=form.person.data
            )
            mail_invitation(letter, organisation=firm.name, zone=firm.zone)
        if tried.done:
            flash(f"{form.person.data} has a mail.", "good")
            return redirect(url_for("desk.partner_show", slug=slug), 303)
        status = tried.status
    return page_of(slug, None, form, status=status)


def waiver_form(steps: FirstSteps | None) -> WaiverForm:
    """Return an empty form over the steps that are still open."""
    form = WaiverForm(formdata=None)
    form.offer_steps(open_steps_of(steps))
    return form


def open_steps_of(steps: FirstSteps | None) -> list[Step]:
    """Return the steps that this vendor still asks for."""
    return [each.step for each in steps.progress.steps if not each.is_through] if steps else []


@desk.post("/partners/<slug>/level")
@allows(Permission.PARTNERS_MANAGE)
def partner_level(slug: str) -> ResponseReturnValue:
    """Put a partner at a lower level, with the reason."""
    firm, _ = queries.partner_detail(work().session, work().principal, slug=slug)
    form = LowerForm()
    offer(form.level, [(level.value, LEVEL_WORDS[level]) for level in LEVELS])
    status = 422
    if form.validate():
        with attempt(form) as tried:
            raising.lower(work(), firm.id, Level(form.level.data), why=form.why.data or "")
        if tried.done:
            flash("Its level is lower. The next one is earned anew.", "good")
            return redirect(url_for("desk.partner_show", slug=slug), 303)
        status = tried.status
    return page_of(slug, None, PersonForm(formdata=None), lower=form, status=status)


@desk.post("/partners/<slug>/waivers")
@allows(Permission.PARTNERS_MANAGE)
def partner_waive(slug: str) -> ResponseReturnValue:
    """Ask this partner for one of its first steps no more."""
    firm, _ = queries.partner_detail(work().session, work().principal, slug=slug)
    pairs = first_steps(work().session, work().principal, now=work().now, partner_ids=[firm.id])
    form = WaiverForm()
    form.offer_steps(open_steps_of(next(iter(pairs), None)))
    status = 422
    if form.validate():
        with attempt(form) as tried:
            guidance.waive(work(), firm.id, Step(form.step.data), form.why.data)
        if tried.done:
            flash("Noted. It is not asked for any more, and no mail reminds of it.", "good")
            return redirect(url_for("desk.partner_show", slug=slug), 303)
        status = tried.status
    return page_of(slug, None, PersonForm(formdata=None), waiver=form, status=status)


@desk.post("/partners/<slug>/waivers/<kind>/end")
@allows(Permission.PARTNERS_MANAGE)
def partner_ask_again(slug: str, kind: str) -> ResponseReturnValue:
    """Ask for a waived step again."""
    firm, _ = queries.partner_detail(work().session, work().principal, slug=slug)
    guidance.ask_again(work(), firm.id, found(Step(kind) if kind in set(Step) else None))
    flash("It is asked for again.", "good")
    return redirect(url_for("desk.partner_show", slug=slug), 303)
