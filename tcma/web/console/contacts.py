"""People and lists of a partner, and who must not be mailed."""

from codecs import BOM_UTF8
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from flask import (
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from tcma.contacts import actions, list_queries, queries, segments
from tcma.contacts.consent_queries import consent_story
from tcma.contacts.editing import other_fields
from tcma.contacts.likely import kept_of, merges_into
from tcma.contacts.queries import ContactView
from tcma.contacts.rules import address_hash, cell_address
from tcma.db.scope import found
from tcma.errors import Forbidden, Invalid, NotFound
from tcma.forgetting import forget
from tcma.permissions import Permission
from tcma.reporting.contact_history import contact_history
from tcma.spreadsheet import text_row
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.contact_words import STANDING_WORDS, known_besides, story_lines
from tcma.web.forms.contact import BASIS_WORDS, StopForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

STOP_WORDS = {
    "unsubscribed": (say("Unsubscribed"), say("They asked to get no more mails.")),
    "complaint": (say("Marked as spam"), say("They marked a mail of yours as spam.")),
    "hard_bounce": (say("Address dead"), say("The mail server says that nobody has this address.")),
    "soft_bounces": (
        say("Resting"),
        say("Mails came back several times. It is tried again later."),
    ),
    "legal": (say("Stopped by law"), say("The law does not let you mail this person.")),
    "manual": (say("Stopped by you"), say("You put this address on the stop list.")),
    "imported": (
        say("Unsubscribed in a file"),
        say("An imported file says that they unsubscribed."),
    ),
    "erasure": (say("Erased"), say("They asked to be forgotten.")),
}
STOP_ICONS = {"hard_bounce": "mail-off", "complaint": "hand-stop", "erasure": "archive",
              "soft_bounces": "clock"}  # fmt: skip


@console.get("/contacts")
@allows(Permission.CONTACTS_MANAGE)
def contact_index() -> ResponseReturnValue:
    """Show lists with how many may be mailed, and look people up."""
    wanted = request.args.get("q", "")
    session, principal, now = work().session, work().principal, work().now
    return render_template(
        "console/contacts/index.html",
        lists=list_queries.lists(session, principal, now=now),
        page=queries.contacts(
            session, principal, now=now, search=wanted, after=request.args.get("after")
        ),
        wanted=wanted,
        basis_words=BASIS_WORDS,
        **people_context(),
    )


@console.get("/contacts/export.csv")
@allows(Permission.CONTACTS_MANAGE)
def contact_export() -> ResponseReturnValue:
    """Give everybody as CSV that no spreadsheet runs, or who is in the list or segment `of`."""
    session, principal = work().session, work().principal
    wanted = request.args.get("of", "")
    among, name = None, "contacts"
    if wanted:
        name = segments.audience_name(session, principal, identity(wanted))
        among = segments.audience_people(session, principal, identity(wanted))
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it; on disk, memory stays bounded
    file.write(BOM_UTF8)
    for row in queries.every_contact(session, principal, now=work().now, among=among):
        file.write(text_row(row))
    file.seek(0)
    work().audit("exported", "contacts", wanted or principal.partner_id or "")
    answer = send_file(file, mimetype="text/csv", as_attachment=True, download_name=f"{name}.csv")
    answer.call_on_close(file.close)
    return answer


def identity(text: str) -> UUID:
    """Return an id as it stands in an address; NotFound for anything else."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def people_context() -> dict[str, object]:
    """Return what every table of people needs."""
    return {
        "stop_words": STOP_WORDS,
        "stop_icons": STOP_ICONS,
        "name_of": lambda number: work().site.signer.public_number("contact", number),
    }


@console.get("/contacts/lists/<uuid:list_id>")
@allows(Permission.CONTACTS_MANAGE)
def list_show(list_id: UUID) -> ResponseReturnValue:
    """Show one list and its people."""
    wanted = request.args.get("q", "")
    session, principal, now = work().session, work().principal, work().now
    one = list_queries.contact_list(session, principal, list_id, now=now)
    return render_template(
        "console/contacts/list.html",
        one=one,
        page=queries.contacts(
            session,
            principal,
            now=now,
            search=wanted,
            among=segments.audience_people(session, principal, list_id),
            after=request.args.get("after"),
        ),
        wanted=wanted,
        basis_words=BASIS_WORDS,
        **people_context(),
    )


@console.post("/contacts/lists/<uuid:list_id>/deletion")
@allows(Permission.CONTACTS_MANAGE)
def list_delete(list_id: UUID) -> ResponseReturnValue:
    """Take a list away; its people stay, and it can be brought back."""
    one = list_queries.contact_list(work().session, work().principal, list_id, now=work().now)
    actions.delete_list(work(), list_id)
    undo = url_for("console.list_restore", list_id=list_id)
    toast: Any = [say("“{name}” deleted.", name=one.name), undo]
    flash(toast, "undo")
    return redirect(url_for("console.contact_index"), 303)


@console.post("/contacts/lists/<uuid:list_id>/name")
@allows(Permission.CONTACTS_MANAGE)
def list_rename(list_id: UUID) -> ResponseReturnValue:
    """Give a list another name."""
    try:
        name = actions.rename_list(work(), list_id, request.form.get("list_name", ""))
    except Invalid as error:
        flash(error.advice, "stop")
    else:
        flash(say("The list is called “{name}”.", name=name), "good")
    return redirect(url_for("console.list_show", list_id=list_id), 303)


@console.post("/contacts/lists/<uuid:list_id>/restoration")
@allows(Permission.CONTACTS_MANAGE)
def list_restore(list_id: UUID) -> ResponseReturnValue:
    """Bring a deleted list back."""
    actions.restore_list(work(), list_id)
    return redirect(url_for("console.list_show", list_id=list_id), 303)


@console.post("/contacts/lists/<uuid:list_id>/people/<name>/removal")
@allows(Permission.CONTACTS_MANAGE)
def list_remove(list_id: UUID, name: str) -> ResponseReturnValue:
    """Take one person out of a list."""
    person = person_of(name)
    actions.remove_from_list(work(), list_id, person.row.id)
    flash(say("{name} is out of this list.", name=person.row.name), "good")
    return redirect(url_for("console.list_show", list_id=list_id), 303)


def contact_address(number: int) -> str:
    """Return the page of a contact."""
    name = work().site.signer.public_number("contact", number)
    return url_for("console.contact_show", name=name)


def person_of(name: str) -> ContactView:
    """Return a contact by its public name; NotFound for others'."""
    number = work().site.signer.read_public_number("contact", name)
    return queries.contact(work().session, work().principal, number, now=work().now)


@console.get("/contacts/<name>")
@allows(Permission.CONTACTS_MANAGE)
def contact_show(name: str) -> ResponseReturnValue:
    """Show one person: may they be mailed, why not, and what they got and did."""
    person = person_of(name)
    if person.is_erased and (kept := kept_of(work().session, work().principal, person.row.id)):
        return redirect(contact_address(kept))
    story = contact_history(work().session, work().principal, person.row.id)
    return render_template(
        "console/contacts/show.html",
        person=person,
        name=name,
        besides=known_besides(
            other_fields(work().session, found(work().principal.partner_id)), person.fields
        ),
        merges=merges_into(work().session, work().principal, person.row.id),
        story=story_lines(story, STOP_WORDS),
        consent_words=STANDING_WORDS[
            consent_story(work().session, person.row.id, now=work().now).standing
        ],
        **people_context(),
    )


@console.post("/contacts/<name>/stop")
@allows(Permission.CONTACTS_MANAGE)
def contact_stop(name: str) -> ResponseReturnValue:
    """Put a person on the stop list."""
    person = person_of(name)
    if person.row.address:
        actions.suppress(work(), person.row.address)
        flash(say("{name} gets no more mails from you.", name=person.row.name), "good")
    return redirect(url_for("console.contact_show", name=name), 303)


@console.route("/contacts/<name>/erasure", methods=["GET", "POST"])
@allows(Permission.CONTACTS_MANAGE)
def contact_erase(name: str) -> ResponseReturnValue:
    """Forget a person; asked first, because it cannot be taken back."""
    person = person_of(name)
    if request.method == "GET":
        return render_template("console/contacts/erase.html", person=person, name=name)
    forget(work(), person.row.id)
    flash(say("Erased. Only a mark remains, so that no import brings the person back."), "good")
    return redirect(url_for("console.contact_index"), 303)


@console.get("/stop-list")
@allows(Permission.CONTACTS_MANAGE)
def stop_index() -> ResponseReturnValue:
    """Show who must not be mailed, and why."""
    return stop_page(StopForm(None))


def stop_page(form: StopForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the stop list; a search is for one whole address, as only its hash is kept."""
    wanted = request.args.get("q", "")
    digest, unread = None, ""
    if wanted:
        try:
            digest = address_hash(work().site.secret, cell_address(wanted))
        except Invalid as error:
            unread = error.message
    page = queries.stop_list(
        work().session,
        work().principal,
        search_hash=digest,
        after=request.args.get("after"),
    )
    shown = render_template(
        "console/stops/index.html", page=page, form=form, wanted=wanted, unread=unread,
        stop_name=lambda number: work().site.signer.public_number("stop", number),
        **people_context(),
    )  # fmt: skip
    return make_response(shown, status)


@console.post("/stop-list")
@allows(Permission.CONTACTS_MANAGE)
def stop_create() -> ResponseReturnValue:
    """Put an address on the stop list."""
    form = StopForm()
    if form.validate():
        try:
            actions.suppress(work(), form.email.data or "")
        except Invalid as error:
            form.take(error)
        else:
            flash(say("Nobody here mails {data} any more.", data=form.email.data), "good")
            return redirect(url_for("console.stop_index"), 303)
    return stop_page(form, status=422)


@console.post("/stop-list/<name>/removal")
@allows(Permission.CONTACTS_MANAGE)
def stop_remove(name: str) -> ResponseReturnValue:
    """Take off what the partner itself put there."""
    try:
        actions.unsuppress(work(), work().site.signer.read_public_number("stop", name))
    except Forbidden as error:
        flash(error.advice, "stop")
    else:
        flash(say("Taken off the stop list."), "good")
    return redirect(url_for("console.stop_index"), 303)
