"""Colleagues at the vendor: who, as what, inviting, changing a role, leaving."""

from collections.abc import Mapping
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.accounts import actions, queries
from tcma.errors import Invalid
from tcma.permissions import ROLE_WORDS, VENDOR_ROLES, Permission, Role
from tcma.web.attempt import attempt
from tcma.web.auth import allows, signed
from tcma.web.desk import desk
from tcma.web.desk.partners import mail_invitation
from tcma.web.forms.desk import ColleagueForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/people")
@allows(Permission.PEOPLE_MANAGE)
def people() -> ResponseReturnValue:
    """List colleagues with their roles."""
    return page_of(ColleagueForm(formdata=None))


def page_of(form: ColleagueForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the list and the invitation."""
    form.offer_roles()
    page = render_template(
        "desk/people/index.html",
        people=queries.people(work().session, work().principal),
        roles=[(role.value, ROLE_WORDS[role]) for role in VENDOR_ROLES],
        words=ROLE_WORDS,
        form=form,
        own=work().principal.user_id,
        now=work().now,
    )
    return make_response(page, status)


@desk.post("/people")
@allows(Permission.PEOPLE_MANAGE)
def people_invite() -> ResponseReturnValue:
    """Invite a colleague; again makes a fresh link."""
    form = ColleagueForm()
    form.offer_roles()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            letter = actions.invite(
                work(), email=form.email.data, name=form.name.data, role=Role(form.role.data)
            )
            side = signed().current.organisation
            mail_invitation(letter, organisation=side.name, zone=side.zone)
        if tried.done:
            flash(f"{form.name.data} has a mail.", "good")
            return redirect(url_for("desk.people"), 303)
        status = tried.status
    return page_of(form, status=status)


@desk.post("/people/<uuid:membership>/role")
@allows(Permission.PEOPLE_MANAGE)
def people_change(membership: UUID) -> ResponseReturnValue:
    """Give a colleague another role."""
    person = queries.person_of_membership(work().session, work().principal, membership)
    with attempt() as tried:
        role = role_of(request.form)
        actions.change_role(work(), membership_id=person.membership_id, role=role)
    flash(tried.words or "Saved.", "good" if tried.done else "need")
    return redirect(url_for("desk.people"), 303)


def role_of(sent: Mapping[str, str]) -> Role:
    """Return the role a form names; Invalid for none of ours."""
    if sent.get("role") not in {role.value for role in VENDOR_ROLES}:
        raise Invalid("Choose a role.", code="people.role")
    return Role(sent["role"])


@desk.route("/people/<uuid:membership>/end", methods=["GET", "POST"])
@allows(Permission.PEOPLE_MANAGE)
def people_end(membership: UUID) -> ResponseReturnValue:
    """Take a colleague's role away; its sessions end at once."""
    person = queries.person_of_membership(work().session, work().principal, membership)
    if request.method == "GET":
        return render_template("desk/people/end.html", person=person, words=ROLE_WORDS)
    with attempt() as tried:
        actions.end_membership(work(), membership_id=membership)
    words = tried.words or f"{person.name} has left."
    flash(words, "good" if tried.done else "need")
    return redirect(url_for("desk.people"), 303)
