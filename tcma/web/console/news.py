"""What vendors announced to the person that reads: a list, one of them, and the word that it was read."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.guidance import announcements
from tcma.guidance.news_rules import PURPOSE_WORDS, paragraphs
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.unit_of_work import work


@console.get("/news")
@allows(Permission.ACCOUNT_SELF)
def news_index() -> ResponseReturnValue:
    """List everything, newest first."""
    rows = announcements.news_for(work().session, work().principal)
    return render_template("console/news/index.html", rows=rows, purposes=PURPOSE_WORDS)


@console.get("/news/<uuid:news>")
@allows(Permission.ACCOUNT_SELF)
def news_show(news: UUID) -> ResponseReturnValue:
    """Show one; looking at it changes nothing."""
    it = announcements.news_by_id(work().session, work().principal, news)
    return render_template(
        "console/news/show.html",
        it=it,
        about=PURPOSE_WORDS[it.purpose],
        parts=paragraphs(it.words),
    )


@console.post("/news/<uuid:news>/reading")
@allows(Permission.ACCOUNT_SELF)
def news_read(news: UUID) -> ResponseReturnValue:
    """Take one off the first page."""
    announcements.read(work(), news)
    home = "back" in request.form
    return redirect(url_for("console.home" if home else "console.news_index"), 303)
