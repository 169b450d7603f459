"""Stop mails: a page that only shows, a POST that stops (RFC 8058 one-click included)."""

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.contacts.rules import StopWish
from tcma.delivery import feedback
from tcma.delivery.links import Purpose
from tcma.delivery.queries import MessageFacts, message_of_link
from tcma.web.auth import open_to_all
from tcma.web.guards import csrf
from tcma.web.public import public
from tcma.web.public.reader import language_of_reader, sender_of, topic_name
from tcma.web.public.reader_words import words
from tcma.web.unit_of_work import work

ONE_CLICK = "List-Unsubscribe"


@public.get("/u/<token>")
@open_to_all("signed token of one message; GET never changes anything")
def unsubscribe(token: str) -> ResponseReturnValue:
    """Show the page with its one button."""
    facts = message_of_link(work().session, work().site.signer, Purpose.UNSUBSCRIBE, token)
    return page_of(facts, token)


@public.post("/u/<token>")
@csrf.exempt
@open_to_all("signed token of one message; no cookie, no CSRF token, as RFC 8058 asks")
def unsubscribe_create(token: str) -> ResponseReturnValue:
    """Stop at once; twice is the same as once. A mail program's own POST gets a bare answer."""
    asked = request.form.get("wish", StopWish.BRAND.value)
    wish = StopWish(asked) if asked in set(StopWish) else StopWish.BRAND
    facts = feedback.unsubscribe(work(), token, wish=wish)
    if ONE_CLICK in request.form or not request.form:
        return make_response("Stopped.\n", 200, {"Content-Type": "text/plain; charset=utf-8"})
    return page_of(facts, token, done=wish)


def page_of(
    facts: MessageFacts, token: str, *, done: StopWish | None = None
) -> ResponseReturnValue:
    """Render the page in the sender's name and the reader's language."""
    sender = sender_of(facts)
    language = language_of_reader(facts)
    said = words(language)
    more = work().site.signer.message_token(Purpose.PREFERENCES, facts.id)
    return render_template(
        "public/unsubscribe.html",
        **sender,
        said=said,
        page_language=language,
        topic=topic_name(facts),
        action=url_for("public.unsubscribe_create", token=token),
        preferences_url=url_for("public.preferences", token=more),
        done=done,
    )
