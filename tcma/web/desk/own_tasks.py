"""A vendor's own tasks for new partners: written at the desk, ticked for a partner on its page."""

from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.guidance import own_tasks
from tcma.partners import queries as partners
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.programme import OwnTaskForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/programme/tasks")
@allows(Permission.PARTNERS_MANAGE)
def own_task_index() -> ResponseReturnValue:
    """List the tasks, and offer a new one."""
    return page_of(OwnTaskForm(formdata=None))


def page_of(form: OwnTaskForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the page."""
    tasks = own_tasks.asked_by(work().session, found(work().principal.vendor_id))
    page = render_template("desk/partners/tasks.html", tasks=tasks, form=form)
    return make_response(page, status)


@desk.post("/programme/tasks")
@allows(Permission.PARTNERS_MANAGE)
def own_task_create() -> ResponseReturnValue:
    """Ask for a new one."""
    form, status = OwnTaskForm(), 422
    if form.validate():
        with attempt(form) as tried:
            new = own_tasks.NewTask(
                title=form.title.data or "",
                words=form.words.data or "",
                link=form.link.data or "",
                due_days=form.due_days.data,
                by_vendor=form.who.data == "vendor",
            )
            own_tasks.add_task(work(), new)
        if tried.done:
            flash("It is asked for from now on, of partners that are on their way, too.")
            return redirect(url_for("desk.own_task_index"), 303)
        status = tried.status
    return page_of(form, status=status)


@desk.post("/programme/tasks/<uuid:own_task>/end")
@allows(Permission.PARTNERS_MANAGE)
def own_task_end(own_task: UUID) -> ResponseReturnValue:
    """Ask for a task no more."""
    own_tasks.end_task(work(), own_task)
    flash("It is asked for no more.")
    return redirect(url_for("desk.own_task_index"), 303)


@desk.post("/partners/<slug>/tasks/<uuid:own_task>/tick")
@allows(Permission.PARTNERS_MANAGE)
def partner_task_tick(slug: str, own_task: UUID) -> ResponseReturnValue:
    """Say for a partner that a task is done, or not after all."""
    firm, _ = partners.partner_detail(work().session, work().principal, slug=slug)
    done = request.form.get("done", "yes") == "yes"
    own_tasks.tick(work(), own_task, firm.id, done=done)
    flash("Noted." if done else "It is open again.")
    return redirect(url_for("desk.partner_show", slug=slug), 303)
