"""Papers of a claim: handed in, read by a worker while one looks, added or thrown away."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.claims import papers
from tcma.mdf.queries import claim_by_ref
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.claims import page_of
from tcma.web.console.paper_forms import asked_paper
from tcma.web.forms.mdf import PaperForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.post("/claims/<ref>/papers")
@allows(Permission.CLAIM_FILE)
def claim_paper_create(ref: str) -> ResponseReturnValue:
    """Hand a paper in; a worker reads it while the page waits."""
    claim = claim_by_ref(work().session, work().principal, ref)
    form = PaperForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            upload = form.file.data
            papers.hand_in(work(), claim, file_name=upload.filename or "", content=upload.read())
        if tried.done:
            if request.headers.get("HX-Request"):
                return page_of(ref)
            return redirect(url_for("console.claim_show", ref=ref, _anchor="papers"), 303)
        status = tried.status
    return page_of(ref, handed=form, status=status)


@console.post("/claims/<ref>/papers/removal")
@allows(Permission.CLAIM_FILE)
def claim_paper_remove(ref: str) -> ResponseReturnValue:
    """Throw a paper away that is no invoice yet."""
    claim = claim_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        papers.throw_away(work(), claim, asked_paper())
    flash(tried.words or say("Thrown away."), "good" if tried.done else "need")
    return redirect(url_for("console.claim_show", ref=ref), 303)
