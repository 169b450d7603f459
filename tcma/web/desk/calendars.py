"""Calendars that partners join: made, their campaigns put on days, who has joined, and what comes."""

from datetime import date, timedelta

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.library import queries as library
from tcma.library.visibility import ASKS
from tcma.on_behalf import calendar_queries, calendars, queries
from tcma.on_behalf.calendar_queries import CalendarView
from tcma.on_behalf.calendars import CalendarFacts
from tcma.on_behalf.rules import RHYTHM_WORDS, Rhythm, next_day, workday
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.audience_options import options
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.base import offer
from tcma.web.forms.on_behalf import CalendarForm, DayForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/launches/calendars")
@allows(Permission.LAUNCH_ARRANGE)
def calendar_index() -> ResponseReturnValue:
    """List the calendars, each with its next campaign and how many have joined."""
    rows = calendar_queries.calendars(work().session, work().principal)
    return render_template("desk/calendars/index.html", rows=rows, today=work().now.date())


@desk.route("/launches/calendars/new", methods=["GET", "POST"])
@allows(Permission.LAUNCH_ARRANGE)
def calendar_new() -> ResponseReturnValue:
    """Make a calendar; its campaigns come next."""
    form, status = CalendarForm().start(), 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                slug = calendars.make_calendar(work(), facts_of(form))
            if tried.done:
                return redirect(url_for("desk.calendar_show", calendar=slug), 303)
            status = tried.status
    return make_response(edit_page(form, None), status)


@desk.route("/launches/calendars/<calendar>/edit", methods=["GET", "POST"])
@allows(Permission.LAUNCH_ARRANGE)
def calendar_edit(calendar: str) -> ResponseReturnValue:
    """Say a calendar anew."""
    known = of(calendar)
    form, status = CalendarForm(), 200
    if not form.is_submitted():
        form.name.data, form.words.data = known.name, known.words
        form.rhythm.data, form.notice_days.data = known.rhythm.value, str(known.notice_days)
    else:
        status = 422
        if form.validate():
            with attempt(form) as tried:
                calendars.change_calendar(work(), calendar, facts_of(form))
            if tried.done:
                flash("Saved. Who has joined stays.", "good")
                return redirect(url_for("desk.calendar_show", calendar=calendar), 303)
            status = tried.status
    return make_response(edit_page(form, known), status)


@desk.get("/launches/calendars/<calendar>")
@allows(Permission.LAUNCH_ARRANGE)
def calendar_show(calendar: str) -> ResponseReturnValue:
    """Show the campaigns by day, who has joined, and what comes to whom."""
    return show(of(calendar), day_form(of(calendar)))


@desk.post("/launches/calendars/<calendar>/days")
@allows(Permission.LAUNCH_ARRANGE)
def calendar_day(calendar: str) -> ResponseReturnValue:
    """Put a campaign on a day."""
    known = of(calendar)
    form = day_form(known)
    if not form.validate():
        return show(known, form, status=422)
    with attempt(form) as tried:
        made = calendars.set_day(work(), calendar, form.campaign.data, form.day.data)
    if not tried.done:
        return show(known, form, status=tried.status)
    words = "1 partner" if made == 1 else f"{made} partners"
    flash(f"In the calendar. It comes to {words}.", "good")
    return redirect(url_for("desk.calendar_show", calendar=calendar), 303)


@desk.post("/launches/calendars/<calendar>/days/<slug>/removal")
@allows(Permission.LAUNCH_ARRANGE)
def calendar_day_remove(calendar: str, slug: str) -> ResponseReturnValue:
    """Take a campaign out; what was launched goes on."""
    with attempt() as tried:
        spared = calendars.take_day_back(work(), calendar, slug)
        words = "1 partner" if spared == 1 else f"{spared} partners"
        flash(f"Taken out, for {words}. Put it on a day again to take that back.", "good")
    if not tried.done:
        flash(tried.words, "need")
    return redirect(url_for("desk.calendar_show", calendar=calendar), 303)


@desk.route("/launches/calendars/<calendar>/end", methods=["GET", "POST"])
@allows(Permission.LAUNCH_ARRANGE)
def calendar_close(calendar: str) -> ResponseReturnValue:
    """Ask with the number first; then let nothing more of it happen."""
    known = of(calendar)
    if request.method == "GET":
        return render_template("desk/calendars/close.html", calendar=known, rows=ahead_of(known))
    with attempt() as tried:
        calendars.close_calendar(work(), calendar)
    said = f"“{known.name}” has ended. You can open it again here."
    flash(tried.words or said, "good" if tried.done else "need")
    return redirect(url_for("desk.calendar_show", calendar=calendar), 303)


@desk.post("/launches/calendars/<calendar>/opening")
@allows(Permission.LAUNCH_ARRANGE)
def calendar_open(calendar: str) -> ResponseReturnValue:
    """Take the end back."""
    with attempt() as tried:
        calendars.open_again(work(), calendar)
    flash(tried.words or "It goes on.", "good" if tried.done else "need")
    return redirect(url_for("desk.calendar_show", calendar=calendar), 303)


def of(slug: str) -> CalendarView:
    """Return one of this vendor's calendars."""
    return calendar_queries.calendar_by_slug(work().session, work().principal, slug)


def ahead_of(known: CalendarView) -> list[queries.ArrangedView]:
    """Return what comes by a calendar, and what became of what came."""
    return queries.arranged_of_calendar(work().session, work().principal, known.id)


def facts_of(form: CalendarForm) -> CalendarFacts:
    """Return what a form says, the ticked rules with it."""
    rules = {aspect: request.form.getlist(aspect) for aspect in ASKS}
    rules["certification"] = request.form.get("certification", "").splitlines()
    return CalendarFacts(
        name=form.name.data or "", words=form.words.data or "", rhythm=Rhythm(form.rhythm.data),
        notice_days=int(form.notice_days.data), rules=rules,
    )  # fmt: skip


def day_form(known: CalendarView) -> DayForm:
    """Offer the published campaigns, and the next day of the rhythm."""
    form = DayForm()
    today = work().now.date()
    taken = {day.campaign_slug for day in known.days}
    cards = library.library_for(work().session, work().principal, today=today)
    rest = sorted((c.slug in taken, c.name, c.slug) for c in cards)
    offer(form.campaign, [(slug, f"{name} (move it)" if old else name) for old, name, slug in rest])
    if not form.is_submitted():
        form.day.data = proposed(known, today)
    return form


def proposed(known: CalendarView, today: date) -> date:
    """Return the next day of the rhythm that leaves time to tell partners."""
    soonest = workday(today + timedelta(days=known.notice_days + 2))
    if not known.days:
        return soonest
    return max(soonest, next_day(known.days[-1].on_day, known.rhythm))


def show(known: CalendarView, form: DayForm, *, status: int = 200) -> ResponseReturnValue:
    """Render a calendar's page."""
    session, principal = work().session, work().principal
    page = render_template(
        "desk/calendars/show.html",
        calendar=known,
        rhythm=RHYTHM_WORDS[known.rhythm],
        rows=ahead_of(known),
        orders=calendar_queries.orders_of(session, principal, known.id),
        rules=rule_words(known),
        form=form,
    )
    return make_response(page, status)


def rule_words(known: CalendarView) -> str:
    """Return who may join, in words."""
    names = {code: words for rows in options().values() for code, words in rows}
    said = [
        f"{ASKS[aspect].lower()} {' or '.join(names.get(v, v) for v in values)}"
        for aspect, values in known.rules.items()
    ]
    return ", ".join(said) if said else "every partner"


def edit_page(form: CalendarForm, known: CalendarView | None) -> str:
    """Render the form of a calendar with who may join."""
    rules: dict[str, list[str]] = dict(known.rules) if known else {}
    if request.method == "POST":
        rules = {aspect: request.form.getlist(aspect) for aspect in ASKS}
        rules["certification"] = request.form.get("certification", "").splitlines()
    choices = {aspect: rows for aspect, rows in options().items() if rows}
    return render_template(
        "desk/calendars/edit.html", form=form, calendar=known, rules=rules, options=choices,
        asks=ASKS,
    )  # fmt: skip
