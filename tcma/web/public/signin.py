"""Sign in, sign out, forgotten password, invitation, one's own settings."""

from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from tcma.accounts import actions, sessions
from tcma.accounts.queries import offer_of
from tcma.accounts.rules import SESSION_LASTS
from tcma.delivery import notices
from tcma.errors import Invalid, NotFound
from tcma.partners.actions import join
from tcma.permissions import Permission
from tcma.web.auth import COOKIE, allows, audience, open_to_all, signed, who
from tcma.web.forms.account import (
    ChangePasswordForm,
    JoinForm,
    PasswordForm,
    ResetForm,
    SignInForm,
    YouForm,
)
from tcma.web.guards import SIGN_IN_LIMIT, limiter
from tcma.web.public import public
from tcma.web.unit_of_work import services, work
from tcma.web.wording import flash
from tcma.words import say


@public.get("/")
@open_to_all("sends people to their own start page")
def start() -> ResponseReturnValue:
    """Send everybody to where they belong."""
    person = who()
    return redirect(f"/{audience(person.principal)}" if person else url_for("public.sign_in"))


@public.get("/sign-in")
@open_to_all("the sign-in form")
def sign_in() -> ResponseReturnValue:
    """Show the form."""
    if who():
        return redirect("/")
    return render_template("public/sign_in.html", form=SignInForm(), next=safe_next())


@public.post("/sign-in")
@limiter.limit(SIGN_IN_LIMIT)
@open_to_all("checks the password, counts failures, locks")
def sign_in_create() -> ResponseReturnValue:
    """Check the password and open a session."""
    form = SignInForm()
    status = 422
    if form.validate():
        attempt = sessions.sign_in(work(), email=form.email.data, password=form.password.data)
        if attempt.token:
            return with_session(redirect(safe_next() or "/"), attempt.token)
        refusal = attempt.refusal
        form.form_errors.append(refusal.advice if refusal else "")
        status = 429 if refusal and refusal.code == "sign_in.locked" else 422
    page = render_template("public/sign_in.html", form=form, next=safe_next())
    return make_response(page, status)


@public.post("/sign-out")
@open_to_all("ends the session of its own cookie")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    sessions.sign_out(work(), token=request.cookies.get(COOKIE, ""))
    response = redirect(url_for("public.sign_in"))
    response.delete_cookie(COOKIE)
    return response


@public.route("/forgot", methods=["GET", "POST"])
@limiter.limit(SIGN_IN_LIMIT, methods=["POST"])
@open_to_all("says the same for known and unknown addresses")
def forgot() -> ResponseReturnValue:
    """Mail a link to set a new password."""
    form = ResetForm()
    sent = False
    if form.validate_on_submit():
        letter = actions.ask_reset(work(), email=form.email.data)
        if letter:
            notices.password_reset(
                work(),
                notices.Reader(email=letter.email, name=letter.name, locale=letter.locale),
                url=f"{work().site.public_url}/reset/{letter.token}",
            )
        sent = True
    return render_template("public/forgot.html", form=form, sent=sent)


@public.route("/reset/<token>", methods=["GET", "POST"])
@open_to_all("signed token, works once")
def reset(token: str) -> ResponseReturnValue:
    """Set a new password by a mailed link; every session ends."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            actions.reset_password(work(), token=token, password=form.password.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(say("Your password is new. Sign in with it."), "good")
            return redirect(url_for("public.sign_in"))
    else:
        work().site.signer.read("reset", token, work().now)
    page = render_template("public/reset.html", form=form)
    return make_response(page, 422 if form.problems else 200)


@public.route("/i/<token>", methods=["GET", "POST"])
@open_to_all("signed token, works once")
def invitation(token: str) -> ResponseReturnValue:
    """Join an organisation."""
    offer = offer_of(work().session, work().site.signer, token, now=work().now)
    form = JoinForm(name=offer.name)
    if form.validate_on_submit():
        try:
            session = join(work(), token=token, password=form.password.data, name=form.name.data)
        except Invalid as error:
            form.take(error)
        else:
            return with_session(redirect("/"), session)
    page = render_template("public/invitation.html", form=form, offer=offer)
    return make_response(page, 422 if form.problems else 200)


@public.route("/you", methods=["GET", "POST"])
@allows(Permission.ACCOUNT_SELF)
def you() -> ResponseReturnValue:
    """Language, theme, zone and role."""
    person = signed()
    form = YouForm(
        data={
            "name": person.name,
            "locale": person.locale,
            "zone": person.zone,
            "theme": person.theme,
        }
        if request.method == "GET"
        else None
    )
    if form.validate_on_submit():
        actions.update_self(
            work(),
            name=form.name.data,
            locale=form.locale.data,
            zone=form.zone.data,
            theme=form.theme.data,
        )
        flash(say("Saved."), "good")
        return redirect(url_for("public.you"))
    page = render_template("public/you.html", form=form, person=person)
    return make_response(page, 422 if form.problems else 200)


@public.route("/you/password", methods=["GET", "POST"])
@allows(Permission.ACCOUNT_SELF)
def you_password() -> ResponseReturnValue:
    """Another password; every session ends, this one too."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            actions.change_password(
                work(), current=form.current.data or "", new=form.password.data or ""
            )
        except Invalid as error:
            form.take(error)
        else:
            flash(say("Your password is changed. Sign in with the new one."), "good")
            return redirect(url_for("public.sign_in"))
    page = render_template("public/you_password.html", form=form)
    return make_response(page, 422 if form.problems else 200)


@public.post("/you/role")
@allows(Permission.ACCOUNT_SELF)
def you_role_create() -> ResponseReturnValue:
    """Act for another side from now on."""
    sessions.switch_membership(
        work(),
        token=request.cookies.get(COOKIE, ""),
        membership_id=id_of(request.form.get("membership", "")),
    )
    return redirect("/")


def id_of(text: str) -> UUID:
    """Return the id in a form value; NotFound when it is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def with_session(response: Response, token: str) -> Response:
    """Set the session cookie: out of reach of script, not sent across sites."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LASTS.total_seconds()),
        secure=services().settings.https,
        httponly=True,
        samesite="Lax",
    )
    return response


def safe_next() -> str:
    """Return the local address to go on to; anything that could leave the house is dropped."""
    target = request.values.get("next", "")
    is_local = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_local and not any(ord(c) < 32 for c in target) else ""
