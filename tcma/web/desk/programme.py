"""The programme for partners: which first steps by when for which tier, what makes a level."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.guidance import programmes
from tcma.guidance.programme import EARNED
from tcma.guidance.rules import Step
from tcma.guidance.words import WORDS
from tcma.partners.rules import Tier
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.partner_tabs import tabs
from tcma.web.forms.programme import COUNT_WORDS, GIVING, ProgrammeForm
from tcma.web.level_words import LEVEL_WORDS
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/programme")
@allows(Permission.PARTNERS_MANAGE)
def programme_show() -> ResponseReturnValue:
    """Show the programme, filled in."""
    form = ProgrammeForm(formdata=None)
    vendor_id = found(work().principal.vendor_id)
    form.fill(programmes.programme_of(work().session, vendor_id).programme)
    return page_of(form)


@desk.post("/programme")
@allows(Permission.PARTNERS_MANAGE)
def programme_save() -> ResponseReturnValue:
    """Change all of it, or nothing."""
    form = ProgrammeForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            programmes.save_programme(work(), form.programme())
        if tried.done:
            flash("Saved. It holds from now on, for partners that are on their way, too.", "good")
            return redirect(url_for("desk.programme_show"), 303)
        status = tried.status
    return page_of(form, status=status)


def page_of(form: ProgrammeForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the form."""
    kept = programmes.programme_of(work().session, found(work().principal.vendor_id))
    page = render_template(
        "desk/partners/programme.html",
        form=form,
        tabs=tabs("programme_show"),
        kept=kept,
        steps=[(WORDS[step].ask, [form[f"{tier}_{step}"] for tier in Tier]) for step in Step],
        levels=[
            (LEVEL_WORDS[level], [form[f"{level}_{what}"] for what in COUNT_WORDS])
            for level in EARNED
        ],
        gifts=[(LEVEL_WORDS[level], form[f"{level}_gives"]) for level in GIVING],
    )
    return make_response(page, status)
