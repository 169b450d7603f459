"""Colleagues of a partner: who they are, what they may do, inviting and parting."""

from collections.abc import Sequence
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.accounts import actions, queries
from tcma.db.scope import found
from tcma.delivery import notices
from tcma.errors import Conflict, Invalid
from tcma.mdf.requests import spending
from tcma.partners.queries import own_organisation
from tcma.permissions import PARTNER_ROLES, ROLE_WORDS, Permission, Role
from tcma.web.attempt import attempt
from tcma.web.auth import allows, signed
from tcma.web.console import console
from tcma.web.forms.account import InviteForm
from tcma.web.forms.base import offer
from tcma.web.forms.mdf import SpendingForm
from tcma.web.money_words import money_of, symbol
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

ROLE_DOES = {
    Role.OWNER: say("everything, people and brand too"),
    Role.PARTNER_MARKETER: say("brand, contacts, launches and money"),
    Role.SELLER: say("leads, library and reports"),
}


@console.get("/people")
@allows(Permission.PEOPLE_MANAGE)
def people() -> ResponseReturnValue:
    """List the colleagues."""
    return page_of(InviteForm(None).for_side(partner=True))


def page_of(
    form: InviteForm, *, limiting: SpendingForm | None = None, status: int = 200
) -> ResponseReturnValue:
    """Render colleagues, their limits and the invitation."""
    colleagues = queries.people(work().session, work().principal)
    limiting = limiting or SpendingForm(formdata=None)
    offer_colleagues(limiting, colleagues)
    house = own_organisation(work().session, work().principal)
    page = render_template(
        "console/people/index.html",
        people=colleagues,
        limits=spending.limits_of(work().session, work().principal),
        limiting=limiting,
        symbol=symbol(house.currency),
        form=form,
        roles=[(r.value, ROLE_WORDS[r], ROLE_DOES[r]) for r in PARTNER_ROLES],
        words=ROLE_WORDS,
        own_id=signed().user_id,
        now=work().now,
    )
    return make_response(page, status)


def offer_colleagues(form: SpendingForm, people: Sequence[queries.Person]) -> None:
    """Offer everybody but oneself."""
    me = signed().user_id
    offer(form.person, [(str(one.user_id), one.name) for one in people if one.user_id != me])


@console.post("/people/limits")
@allows(Permission.PEOPLE_MANAGE)
def person_limit() -> ResponseReturnValue:
    """Say up to which sum a colleague may ask funds."""
    form = SpendingForm()
    offer_colleagues(form, queries.people(work().session, work().principal))
    status = 422
    if form.validate():
        house = own_organisation(work().session, work().principal)
        with attempt(form) as tried:
            most = money_of(form.limit, house.currency) if form.limit.data else None
            spending.set_limit(work(), UUID(form.person.data), most)
        if tried.done:
            flash(
                say("The limit counts from now on.") if most else say("There is no limit now."),
                "good",
            )
            return redirect(url_for("console.people"), 303)
        status = tried.status
    return page_of(InviteForm(None).for_side(partner=True), limiting=form, status=status)


@console.post("/people")
@allows(Permission.PEOPLE_MANAGE)
def person_invite() -> ResponseReturnValue:
    """Invite a colleague by mail."""
    form = InviteForm().for_side(partner=True)
    if form.validate():
        try:
            letter = actions.invite(
                work(),
                email=form.email.data or "",
                name=form.name.data or "",
                role=Role(form.role.data),
            )
        except (Invalid, Conflict) as error:
            if isinstance(error, Invalid):
                form.take(error)
            else:
                form.email.errors = [error.message]
        else:
            mail_invitation(letter)
            flash(say("An invitation is on its way to {email}.", email=letter.email), "good")
            return redirect(url_for("console.people"), 303)
    return page_of(form, status=422)


def mail_invitation(letter: actions.Invitation) -> None:
    """Send the link to join."""
    person = signed()
    notices.invitation(
        work(),
        notices.Reader(email=letter.email, name=letter.name, locale=letter.locale),
        organisation=person.current.organisation.name,
        invited_by=person.name,
        role=letter.role_words,
        until=letter.expires_at,
        url=f"{work().site.public_url}/i/{letter.token}",
        zone=person.zone,
    )


@console.post("/people/<uuid:member>/role")
@allows(Permission.PEOPLE_MANAGE)
def person_role(member: UUID) -> ResponseReturnValue:
    """Give a colleague another role."""
    role = next((r for r in PARTNER_ROLES if r.value == request.form.get("role")), None)
    try:
        actions.change_role(work(), membership_id=member, role=found(role))
    except (Invalid, Conflict) as error:
        flash(error.advice, "stop")
    else:
        flash(say("The role is changed."), "good")
    return redirect(url_for("console.people"), 303)


@console.route("/people/<uuid:member>/end", methods=["GET", "POST"])
@allows(Permission.PEOPLE_MANAGE)
def person_end(member: UUID) -> ResponseReturnValue:
    """Part with a colleague, after a question; they are signed out at once."""
    person = queries.person_of_membership(work().session, work().principal, member)
    if request.method == "GET":
        return render_template("console/people/end.html", person=person, words=ROLE_WORDS)
    try:
        actions.end_membership(work(), membership_id=member)
    except Conflict as error:
        flash(error.advice, "stop")
    else:
        flash(say("{person} has left and is signed out.", person=person.name), "good")
    return redirect(url_for("console.people"), 303)


@console.post("/people/<uuid:member>/invitation")
@allows(Permission.PEOPLE_MANAGE)
def person_reinvite(member: UUID) -> ResponseReturnValue:
    """Send an invited colleague a fresh link."""
    person = queries.person_of_membership(work().session, work().principal, member)
    try:
        letter = actions.invite(work(), email=person.email, name=person.name, role=person.role)
    except Conflict as error:
        flash(error.message, "need")
    else:
        mail_invitation(letter)
        flash(say("A fresh invitation is on its way to {email}.", email=letter.email), "good")
    return redirect(url_for("console.people"), 303)
