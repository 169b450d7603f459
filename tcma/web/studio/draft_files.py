"""The files of a draft: what there is, adding pictures and texts, another name, taking one out."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.errors import Invalid
from tcma.library import drafts
from tcma.library.sources import file_key
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.studio import studio
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

FOLDERS = (("", "At the top"), ("art/", "Pictures"), ("words/", "Words"), ("_shared/", "Shared"))


@studio.get("/drafts/<slug>/files")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_files(slug: str) -> ResponseReturnValue:
    """List every file by folder, with what may be done to it."""
    return page_of(slug)


@studio.post("/drafts/<slug>/files/uploads")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_upload(slug: str) -> ResponseReturnValue:
    """Put a chosen file into the draft, pictures through the gate."""
    file = request.files.get("file")
    folder, name = request.form.get("folder", ""), request.form.get("name", "").strip()
    if file is None or not file.filename:
        return page_of(slug, wrong={"file": "Choose a file."})
    path = folder + (name or file.filename.rpartition("/")[2].lower().replace(" ", "-"))
    try:
        drafts.upload(work(), slug, path, file.read())
    except Invalid as refused:
        field = "file" if "file" in refused.fields else "name"
        return page_of(slug, wrong={field: refused.message})
    flash(f"{path} is in the draft.", "good")
    return redirect(url_for("studio.draft_files", slug=slug), 303)


@studio.post("/drafts/<slug>/files/name")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_rename(slug: str) -> ResponseReturnValue:
    """Give a file another name."""
    path, to = request.form.get("path", ""), request.form.get("to", "").strip()
    try:
        drafts.rename(work(), slug, path, to)
    except Invalid as refused:
        flash(refused.message, "stop")
    else:
        flash(f"It is {to} now. What refers to it must say so too.", "good")
    return redirect(url_for("studio.draft_files", slug=slug), 303)


@studio.post("/drafts/<slug>/files/removal")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_remove(slug: str) -> ResponseReturnValue:
    """Take a file out; a step back brings it again."""
    path = request.form.get("path", "")
    try:
        drafts.remove(work(), slug, path)
    except Invalid as refused:
        flash(refused.message, "stop")
    else:
        flash(f"{path} is out of the draft. “Saves” brings it back.", "good")
    return redirect(url_for("studio.draft_files", slug=slug), 303)


def page_of(slug: str, *, wrong: dict[str, str] | None = None) -> ResponseReturnValue:
    """Render the list with the form; `wrong` is field → sentence."""
    draft = drafts.draft_named(work(), slug)
    groups: dict[str, list[str]] = {}
    for path in sorted(draft.files):
        folder = path.rpartition("/")[0]
        groups.setdefault(f"{folder}/" if folder else "", []).append(path)
    sizes = {path: len(work().files.get(file_key(mark))) for path, mark in draft.files.items()}
    page = render_template(
        "studio/drafts/files.html",
        slug=slug,
        groups=groups,
        sizes=sizes,
        folders=FOLDERS,
        wrong=wrong or {},
        typed=request.form,
        texts=drafts.TEXTS,
    )
    return page, 422 if wrong else 200
