"""A partner's side of terms: what each vendor asks it to accept, the text, the yes, the log."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.partners import terms
from tcma.partners.terms_rules import Standing
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.forms.terms import AcceptForm
from tcma.web.reading import reader
from tcma.web.saved_files import only_saved
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.get("/terms")
@allows(Permission.CAMPAIGN_READ)
def terms_index() -> ResponseReturnValue:
    """List the vendors whose terms there are, and every yes that was given."""
    session, principal = work().session, work().principal
    asked = [p for p in terms.pairs(session, principal) if p.standing is not Standing.NONE]
    return render_template(
        "console/terms/index.html", pairs=asked, log=terms.log(session, principal)
    )


@console.get("/terms/<vendor>")
@allows(Permission.CAMPAIGN_READ)
def terms_show(vendor: str) -> ResponseReturnValue:
    """Show the text, and to whoever may say yes the button."""
    return page_of(vendor, AcceptForm(formdata=None))


def page_of(vendor: str, form: AcceptForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the text as it is in force."""
    session, principal = work().session, work().principal
    text = found(terms.text_of(session, principal, vendor))
    pair = found(
        next((p for p in terms.pairs(session, principal) if p.vendor_slug == vendor), None)
    )
    return make_response(
        render_template(
            "console/terms/show.html",
            text=text,
            pair=pair,
            form=form,
            may_accept=principal.may(Permission.TERMS_ACCEPT),
        ),
        status,
    )


@console.post("/terms/<vendor>/acceptance")
@allows(Permission.TERMS_ACCEPT)
def terms_accept(vendor: str) -> ResponseReturnValue:
    """Say yes to the version that was shown."""
    form, status = AcceptForm(), 422
    if form.validate():
        with attempt(form) as tried:
            terms.accept(work(), vendor, no=form.no.data or 0, digest=form.sha256.data or "")
        if tried.done:
            flash(say("Accepted. It is in the log, with your name and the time."), "good")
            return redirect(url_for("console.terms_index"), 303)
        status = tried.status
    return page_of(vendor, form, status=status)


@console.get("/terms.csv")
@allows(Permission.CAMPAIGN_READ)
def terms_file() -> ResponseReturnValue:
    """Give the log as CSV."""
    session, principal = work().session, work().principal
    day = reader().now.astimezone(reader().zone).date().isoformat()
    content = b"".join(terms.log_file(session, principal))
    return only_saved(content, name=f"terms-{day}.csv", media_type="text/csv")
