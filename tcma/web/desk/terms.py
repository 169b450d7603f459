"""Terms for partners: the text in force, the next version, who accepted which."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.guidance import terms_told
from tcma.partners import terms
from tcma.partners.terms_rules import Standing
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.partner_tabs import tabs
from tcma.web.forms.terms import TermsForm
from tcma.web.reading import reader
from tcma.web.saved_files import only_saved
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/terms")
@allows(Permission.PARTNERS_MANAGE)
def terms_index() -> ResponseReturnValue:
    """Say what holds and who has accepted it."""
    session, principal = work().session, work().principal
    pairs = terms.pairs(session, principal)
    facet = request.args.get("show", "all")
    return render_template(
        "desk/terms/index.html",
        versions=terms.versions(session, principal),
        pairs=[each for each in pairs if facet in ("all", each.standing)],
        facet=facet,
        tabs=tabs("terms_index"),
        waiting=sum(each.standing is Standing.WAITS for each in pairs),
        partners=len(pairs),
    )


@desk.get("/terms/new")
@allows(Permission.PARTNERS_MANAGE)
def terms_new() -> ResponseReturnValue:
    """Offer the next version, filled with the words of the last."""
    last = next(iter(terms.versions(work().session, work().principal)), None)
    form = TermsForm(formdata=None)
    if last:
        form.title.data, form.words.data = last.title, last.words
    return page_of(form, is_first=last is None)


def page_of(form: TermsForm, *, is_first: bool, status: int = 200) -> ResponseReturnValue:
    """Render the form."""
    return make_response(
        render_template("desk/terms/new.html", form=form, is_first=is_first), status
    )


@desk.post("/terms")
@allows(Permission.PARTNERS_MANAGE)
def terms_create() -> ResponseReturnValue:
    """Write it; it cannot be changed afterwards, only followed by another."""
    form, status = TermsForm(), 422
    if form.validate():
        with attempt(form) as tried:
            version, waiting = terms_told.publish(work(), form.terms)
            told = f"Version {version.no} holds."
            if version.asks_again and waiting:
                told += f" The owners of {waiting} partner{'s' * (waiting > 1)} have a mail."
        if tried.done:
            flash(told, "good")
            return redirect(url_for("desk.terms_index"), 303)
        status = tried.status
    is_first = not terms.versions(work().session, work().principal)
    return page_of(form, is_first=is_first, status=status)


@desk.get("/terms.csv")
@allows(Permission.PARTNERS_MANAGE)
def terms_file() -> ResponseReturnValue:
    """Give the log of every yes as CSV."""
    session, principal = work().session, work().principal
    day = reader().now.astimezone(reader().zone).date().isoformat()
    content = b"".join(terms.log_file(session, principal))
    return only_saved(content, name=f"terms-{day}.csv", media_type="text/csv")
