"""Announcements to people of partners: written, looked at with whom it reaches, sent, and what became of it."""

from uuid import UUID

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.guidance import announcements
from tcma.guidance.announcements import AnnouncementView
from tcma.guidance.news_rules import PURPOSE_WORDS, paragraphs
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.partner_tabs import tabs
from tcma.web.forms.announcement import LEVELS, ROLES, TIERS, AnnouncementForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/announcements")
@allows(Permission.PARTNERS_MANAGE)
def announcement_index() -> ResponseReturnValue:
    """List what was announced, and drafts."""
    session, principal = work().session, work().principal
    rows = announcements.announcements(session, principal)
    return render_template(
        "desk/announcements/index.html",
        rows=[
            (it, announcements.outcome(session, principal, it.id) if it.is_sent else None)
            for it in rows
        ],
        purposes=PURPOSE_WORDS,
        tabs=tabs("announcement_index"),
    )


@desk.get("/announcements/new")
@allows(Permission.PARTNERS_MANAGE)
def announcement_new() -> ResponseReturnValue:
    """Offer an empty form."""
    return form_page(AnnouncementForm(formdata=None))


def form_page(
    form: AnnouncementForm, it: AnnouncementView | None = None, *, status: int = 200
) -> ResponseReturnValue:
    """Render the form, of a draft that is there or of a new one."""
    return make_response(render_template("desk/announcements/edit.html", form=form, it=it), status)


@desk.post("/announcements")
@allows(Permission.PARTNERS_MANAGE)
def announcement_create() -> ResponseReturnValue:
    """Keep a draft; nothing is sent yet."""
    form, status = AnnouncementForm(), 422
    if form.validate():
        with attempt(form) as tried:
            made = announcements.write(work(), form.announcement)
        if tried.done:
            return redirect(url_for("desk.announcement_show", announcement=made), 303)
        status = tried.status
    return form_page(form, status=status)


def held(announcement: UUID) -> AnnouncementView:
    """Return one of the vendor's own."""
    return announcements.announcement_by_id(work().session, work().principal, announcement)


@desk.get("/announcements/<uuid:announcement>")
@allows(Permission.PARTNERS_MANAGE)
def announcement_show(announcement: UUID) -> ResponseReturnValue:
    """Show it as it is read, and whom it reaches or has reached."""
    return show_page(announcement)


def show_page(announcement: UUID, *, problem: str = "", status: int = 200) -> ResponseReturnValue:
    """Render one, a draft with its button."""
    it = held(announcement)
    whom = {"tiers": TIERS, "levels": LEVELS, "roles": ROLES}
    page = render_template(
        "desk/announcements/show.html",
        it=it,
        about=PURPOSE_WORDS[it.purpose],
        parts=paragraphs(it.words),
        whom=[
            ", ".join(words[each] for each in getattr(it, name)) or f"All {name}"
            for name, words in whom.items()
        ],
        reach=None if it.is_sent else announcements.reach(work(), it),
        outcome=announcements.outcome(work().session, work().principal, it.id),
        problem=problem,
    )
    return make_response(page, status)


@desk.get("/announcements/<uuid:announcement>/edit")
@allows(Permission.PARTNERS_MANAGE)
def announcement_edit(announcement: UUID) -> ResponseReturnValue:
    """Offer a draft to be changed."""
    it = held(announcement)
    if it.is_sent:
        return redirect(url_for("desk.announcement_show", announcement=it.id), 303)
    return form_page(AnnouncementForm.showing(it), it)


@desk.post("/announcements/<uuid:announcement>")
@allows(Permission.PARTNERS_MANAGE)
def announcement_save(announcement: UUID) -> ResponseReturnValue:
    """Change a draft."""
    it, form, status = held(announcement), AnnouncementForm(), 422
    if form.validate():
        with attempt(form) as tried:
            announcements.write(work(), form.announcement, it.id)
        if tried.done:
            return redirect(url_for("desk.announcement_show", announcement=it.id), 303)
        status = tried.status
    return form_page(form, it, status=status)


@desk.post("/announcements/<uuid:announcement>/sending")
@allows(Permission.PARTNERS_MANAGE)
def announcement_send(announcement: UUID) -> ResponseReturnValue:
    """Send it."""
    with attempt() as tried:
        announcements.send(work(), announcement)
    if not tried.done:
        return show_page(announcement, problem=tried.words, status=tried.status)
    flash("It is on its way.", "good")
    return redirect(url_for("desk.announcement_show", announcement=announcement), 303)


@desk.post("/announcements/<uuid:announcement>/removal")
@allows(Permission.PARTNERS_MANAGE)
def announcement_drop(announcement: UUID) -> ResponseReturnValue:
    """Throw a draft away."""
    with attempt() as tried:
        announcements.drop(work(), announcement)
    flash(tried.words or "Thrown away.", "good" if tried.done else "need")
    return redirect(url_for("desk.announcement_index"), 303)
