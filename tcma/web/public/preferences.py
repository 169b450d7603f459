"""What somebody gets from a sender, behind the link of a mail: shown by GET, changed by POST."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.delivery import preferences as wanted
from tcma.delivery.preferences import Preferences, Wish
from tcma.web.auth import open_to_all
from tcma.web.guards import csrf
from tcma.web.public import public
from tcma.web.public.reader import language_of_reader, sender_of
from tcma.web.public.reader_words import words
from tcma.web.unit_of_work import work


@public.get("/p/<token>")
@open_to_all("signed token of one message; GET never changes anything")
def preferences(token: str) -> ResponseReturnValue:
    """Show what the reader gets now."""
    return page_of(wanted.preferences(work(), token), token)


@public.post("/p/<token>")
@csrf.exempt
@open_to_all("signed token of one message; works without a cookie")
def preferences_save(token: str) -> ResponseReturnValue:
    """Keep what the reader chose; a form without a choice stops this sender's mail."""
    asked = request.form.get("wish", "")
    wish = Wish(asked) if asked in set(Wish) else Wish.BRAND
    chosen = wanted.choose(work(), token, wish, topics=request.form.getlist("topics"))
    return page_of(chosen, token, saved=True)


def page_of(chosen: Preferences, token: str, *, saved: bool = False) -> ResponseReturnValue:
    """Render the page in the sender's name and the reader's language."""
    sender = sender_of(chosen.facts)
    language = language_of_reader(chosen.facts)
    said = words(language)
    about = {"sender": sender["organisation"], "vendor": sender["vendor"]}
    possible = [w for w in Wish if sender["vendor"] or w in (Wish.SOME, Wish.PARTNER, Wish.ALL)]
    return render_template(
        "public/preferences.html",
        **sender,
        said=said,
        page_language=language,
        saved=saved,
        wish=chosen.wish.value,
        options=[
            (w.value, said[w.value].format(**about), said[f"{w.value}_small"].format(**about))
            for w in possible
        ],
        topics=[(key, name) for key, name, _ in chosen.topics],
        ticked=[key for key, _, wants in chosen.topics if wants],
        action=url_for("public.preferences_save", token=token),
    )
