"""A launch that comes by itself, by its mailed link, without sign-in: look, go on, skip, put off."""

from collections.abc import Callable
from datetime import date

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.errors import Invalid
from tcma.on_behalf import arranging, queries
from tcma.on_behalf import mailed_links as links
from tcma.on_behalf.mailed_links import MailedLaunch
from tcma.web.attempt import attempt
from tcma.web.auth import open_to_all
from tcma.web.guards import FORM_LIMIT, csrf, limiter
from tcma.web.pictures import logo_of
from tcma.web.public import public
from tcma.web.public.system import sandboxed
from tcma.web.unit_of_work import work
from tcma.words import say

BECAUSE = "signed link to one person about one launch"


def opened(token: str) -> MailedLaunch:
    """Return what a link is about, and act as its person from here on."""
    made = links.behind(work().session, work().site.signer, token, now=work().now)
    work().principal = made.person
    g.zone, g.locale = made.partner.zone, made.partner.locale
    return made


def page_of(
    token: str, made: MailedLaunch, *, problem: str = "", status: int = 200
) -> ResponseReturnValue:
    """Render the page as things stand now."""
    row = queries.arranged_by_ref(work().session, made.person, made.ref)
    page = render_template(
        "public/ahead.html",
        token=token,
        row=row,
        open=not made.late,
        late=made.late,
        problem=problem,
        lists=queries.lists_of(work().session, row),
        today=work().now.date(),
        organisation=made.partner.name,
        logo_url=logo_of(work().session, "partner", made.partner.id),
        organisation_line=f"For you, {made.person.name}",
    )
    return page, status


def done(token: str, verb: Callable[[MailedLaunch], None]) -> ResponseReturnValue:
    """Do what was pressed while the link is good for it, then show how it stands."""
    made = opened(token)
    if made.late:
        return page_of(token, made, status=409)
    with attempt() as tried:
        verb(made)
    if tried.done:
        return redirect(url_for("public.ahead_show", token=token), 303)
    return page_of(token, made, problem=tried.words, status=tried.status)


@public.get("/l/ahead/<token>")
@open_to_all(f"{BECAUSE}; GET only shows")
def ahead_show(token: str) -> ResponseReturnValue:
    """Show the mail, to whom it goes, when, and what is missing."""
    return page_of(token, opened(token))


@public.get("/l/ahead/<token>/mail")
@open_to_all(f"{BECAUSE}; the mail as its customers would see it, sandboxed")
def ahead_mail(token: str) -> ResponseReturnValue:
    """Return the first mail as a document of its own."""
    made = opened(token)
    return sandboxed(arranging.mail_of(work(), made.ref))


@public.post("/l/ahead/<token>/yes")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all(f"{BECAUSE}; pressing twice is agreeing once")
def ahead_agree(token: str) -> ResponseReturnValue:
    """Let it go on."""
    return done(token, lambda made: arranging.agree(work(), made.ref))


@public.post("/l/ahead/<token>/skip")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all(f"{BECAUSE}; it can be taken back until its day")
def ahead_skip(token: str) -> ResponseReturnValue:
    """Leave it out."""
    return done(token, lambda made: arranging.skip(work(), made.ref))


@public.post("/l/ahead/<token>/return")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all(f"{BECAUSE}; only what was skipped by hand comes back")
def ahead_return(token: str) -> ResponseReturnValue:
    """Take a skip back."""
    return done(token, lambda made: arranging.unskip(work(), made.ref))


@public.post("/l/ahead/<token>/day")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all(f"{BECAUSE}; the verb takes no past and no far day")
def ahead_day(token: str) -> ResponseReturnValue:
    """Put it off."""
    return done(token, lambda made: arranging.put_off(work(), made.ref, day_asked()))


def day_asked() -> date:
    """Return the day of the form; Invalid when it is none."""
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        raise Invalid(say("Choose a day."), code="arranged.day") from None
