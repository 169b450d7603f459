"""What mail of vendors somebody at a partner gets: their choices, and the way out in each such mail."""

from flask import g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.guidance import choices
from tcma.guidance.choices import Stop
from tcma.guidance.news_rules import CONSENT_WORDS, PURPOSE_WORDS, Purpose
from tcma.permissions import Permission
from tcma.web.auth import allows, open_to_all, signed
from tcma.web.guards import csrf
from tcma.web.public import public
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

ONE_CLICK = "List-Unsubscribe"
FIELD = "wants-"


@public.get("/you/mail")
@allows(Permission.ACCOUNT_SELF)
def you_mail() -> ResponseReturnValue:
    """Show what was chosen, vendor by vendor."""
    person = signed()
    return render_template(
        "public/you_mail.html",
        person=person,
        vendors=[
            (one, [(p.value, PURPOSE_WORDS[p], CONSENT_WORDS[p].filled(vendor=one.vendor))
                   for p in Purpose])
            for one in choices.choices_of(work().session, person.user_id)
        ],
    )  # fmt: skip


@public.post("/you/mail")
@allows(Permission.ACCOUNT_SELF)
def you_mail_save() -> ResponseReturnValue:
    """Keep what is ticked; what is not ticked is a no."""
    ticked = [
        (field.removeprefix(FIELD), Purpose(name))
        for field in request.form if field.startswith(FIELD)
        for name in request.form.getlist(field) if name in set(Purpose)
    ]  # fmt: skip
    choices.choose(work(), ticked)
    flash(say("Saved. It holds from the next mail on."), "good")
    return redirect(url_for("public.you_mail"), 303)


@public.get("/a/<token>")
@open_to_all("signed token of one message; GET never changes anything")
def announced_stop(token: str) -> ResponseReturnValue:
    """Show what the reader gets, with the button that ends it."""
    return stop_page(token, choices.behind(work(), token))


@public.post("/a/<token>")
@csrf.exempt
@open_to_all("signed token of one message; no cookie, no CSRF token, as RFC 8058 asks")
def announced_stop_create(token: str) -> ResponseReturnValue:
    """Stop at once; twice is the same as once. A mail program's own POST gets a bare answer."""
    stopped = choices.stop(work(), token, everything=request.form.get("what") == "all")
    if ONE_CLICK in request.form or not request.form:
        return make_response("Stopped.\n", 200, {"Content-Type": "text/plain; charset=utf-8"})
    return stop_page(token, stopped)


def stop_page(token: str, it: Stop) -> ResponseReturnValue:
    """Render the page in the reader's language."""
    g.locale = it.locale
    return render_template(
        "public/announced.html",
        it=it,
        about=PURPOSE_WORDS[it.purpose],
        action=url_for("public.announced_stop_create", token=token),
        organisation=it.vendor,
        logo_url="",
        organisation_line=say("For you, {name}", name=it.name),
    )
