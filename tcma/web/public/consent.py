"""Double opt-in: the page behind the mail that asks, and its one button."""

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.delivery import opt_in
from tcma.delivery.opt_in import Asked
from tcma.web.auth import open_to_all
from tcma.web.guards import csrf
from tcma.web.pictures import logo_of
from tcma.web.public import public
from tcma.web.public.reader_words import words
from tcma.web.unit_of_work import work


@public.get("/k/<token>")
@open_to_all("signed token of one question; GET never changes anything")
def consent(token: str) -> ResponseReturnValue:
    """Show the question."""
    return page_of(opt_in.asked(work(), token), token)


@public.post("/k/<token>")
@csrf.exempt
@open_to_all("signed token of one question; works without a cookie")
def consent_confirm(token: str) -> ResponseReturnValue:
    """Keep the yes, with what the request shows as evidence; twice is once."""
    evidence = {
        "ip": request.remote_addr or "",
        "agent": (request.user_agent.string or "")[:200],
        "page": request.base_url.rpartition("/")[0],
    }
    return page_of(opt_in.confirm(work(), token, evidence=evidence), token)


def page_of(asked: Asked, token: str) -> ResponseReturnValue:
    """Render the page in the partner's name and the reader's language."""
    g.locale = asked.language
    return render_template(
        "public/consent.html",
        organisation=asked.partner,
        logo_url=logo_of(work().session, "partner", asked.partner_id),
        address=asked.address,
        done=asked.is_confirmed,
        late=asked.is_too_late,
        said=words(asked.language),
        page_language=asked.language,
        action=url_for("public.consent_confirm", token=token),
    )
