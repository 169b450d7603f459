"""Who is away, and who decides plans in the meantime."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.requests import absences
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.base import offer
from tcma.web.forms.mdf import AbsenceForm
from tcma.web.reading import reader
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.route("/absences", methods=["GET", "POST"])
@allows(Permission.REQUEST_DECIDE)
def absence_index() -> ResponseReturnValue:
    """List who is away, and name a deputy for oneself."""
    session, principal = work().session, work().principal
    form, status = AbsenceForm(), 200
    people = {
        str(each): (each, name) for each, name in absences.possible_deputies(session, principal)
    }
    offer(form.deputy, [(key, name) for key, (_, name) in people.items()])
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                deputy, _ = people[form.deputy.data]
                absences.state(work(), deputy, form.starts_on.data, form.ends_on.data)
            if tried.done:
                flash("Noted. Plans that wait for you go to your deputy too.", "good")
                return redirect(url_for("desk.absence_index"), 303)
            status = tried.status
    today = work().now.astimezone(reader().zone).date()
    rows = absences.absences(session, principal, today=today)
    page = render_template("desk/absences/index.html", form=form, rows=rows, people=people)
    return make_response(page, status)


@desk.post("/absences/<int:no>/end")
@allows(Permission.REQUEST_DECIDE)
def absence_end(no: int) -> ResponseReturnValue:
    """Take the `no`-th absence of the list back, if it is one's own."""
    today = work().now.astimezone(reader().zone).date()
    rows = absences.absences(work().session, work().principal, today=today)
    with attempt() as tried:
        absences.end(work(), rows[no - 1].id if 0 < no <= len(rows) else None)
    flash(tried.words or "You are back. Plans come to you alone.", "good" if tried.done else "need")
    return redirect(url_for("desk.absence_index"), 303)
