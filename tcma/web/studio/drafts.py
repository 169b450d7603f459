"""Drafts: starting one, its saves and steps back, its whole check, throwing it away, making it a version."""

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.errors import Conflict
from tcma.library import drafts
from tcma.library.draft_checks import everything
from tcma.library.drafts import source_of_draft, specimen_of_draft
from tcma.permissions import Permission
from tcma.rendering.findings import Finding, Severity, TemplateRefused
from tcma.rendering.source import read_folder
from tcma.web.auth import allows
from tcma.web.console.copy_parts import parts_of
from tcma.web.studio import studio
from tcma.web.studio.campaigns import SHIPPED, shipped_slugs
from tcma.web.studio.previews import version_at
from tcma.web.studio.walls import wall_page
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@studio.post("/campaigns/<slug>/versions/<int:no>/draft")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_create(slug: str, no: int) -> ResponseReturnValue:
    """Start a draft with the files of a version, or go on with the one that is there."""
    version = version_at(slug, no)
    try:
        drafts.start_from_version(work(), version.id, slug=slug)
    except Conflict:
        flash("This campaign has a draft already: here it is.", "work")
    return redirect(url_for("studio.draft_show", slug=slug), 303)


@studio.post("/drafts")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_create_shipped() -> ResponseReturnValue:
    """Start a draft with the files of a shipped campaign."""
    slug = found(next((s for s in shipped_slugs() if s == request.form.get("shipped")), None))
    try:
        drafts.start(
            work(), found(work().principal.vendor_id), read_folder(SHIPPED / slug), slug=slug
        )
    except Conflict:
        flash("This campaign has a draft already: here it is.", "work")
    return redirect(url_for("studio.draft_show", slug=slug), 303)


@studio.get("/drafts/<slug>")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_show(slug: str) -> ResponseReturnValue:
    """Open the draft where its first mail is written."""
    drafts.draft_named(work(), slug)
    return redirect(url_for("studio.draft_edit", slug=slug, part="mail-1"), 302)


def name_of(draft: drafts.CampaignDraft) -> str:
    """Return the campaign's name, its address while campaign.toml cannot be read."""
    try:
        return source_of_draft(work(), draft).name
    except TemplateRefused:
        return draft.slug


def crumbs_of(draft: drafts.CampaignDraft) -> list[tuple[str, str]]:
    """Return the way to a page of a draft."""
    at = url_for("studio.draft_show", slug=draft.slug)
    return [("Campaigns", url_for("studio.campaign_index")), (f"{name_of(draft)}, draft", at)]


@studio.get("/drafts/<slug>/saves")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_history(slug: str) -> ResponseReturnValue:
    """List the saves, each a place to go back to."""
    draft = drafts.draft_named(work(), slug)
    return render_template(
        "studio/drafts/saves.html",
        draft=draft,
        name=name_of(draft),
        saves=drafts.history(work(), draft),
        crumbs=crumbs_of(draft),
    )


@studio.post("/drafts/<slug>/saves/<int:no>/return")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_return(slug: str, no: int) -> ResponseReturnValue:
    """Bring back the files as they stood after a save."""
    drafts.go_back(work(), slug, no)
    flash("All files are as they stood then. Going back is a save of its own.", "good")
    return redirect(url_for("studio.draft_show", slug=slug), 303)


@studio.get("/drafts/<slug>/check")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_check(slug: str) -> ResponseReturnValue:
    """Check everything as the import would."""
    draft = drafts.draft_named(work(), slug)
    return checked(draft, everything(work(), draft))


def checked(draft: drafts.CampaignDraft, said: list[Finding], status: int = 200) -> Response:
    """Return the page of findings, each leading to its line."""
    wrong = sum(each.severity is Severity.ERROR for each in said)
    page = render_template(
        "studio/drafts/check.html",
        draft=draft,
        name=name_of(draft),
        findings=said,
        wrong=wrong,
        crumbs=crumbs_of(draft),
        at=lambda finding: url_for(
            "studio.draft_edit", slug=draft.slug, part=part_of(draft, finding.file),
            file=finding.file, line=finding.line or None,
        ),
    )  # fmt: skip
    return make_response(page, status)


def part_of(draft: drafts.CampaignDraft, path: str) -> str:
    """Return the part whose source a file is; the first mail for what all share."""
    try:
        source = source_of_draft(work(), draft)
    except TemplateRefused:
        return "mail-1"
    if path == source.page.file:
        return "page"
    if path in {image.recipe for image in source.images}:
        return "images"
    keys = {mail.file: mail.key for mail in source.mails}
    mails = {part.mail: part.slug for part in parts_of(source) if part.mail}
    return mails.get(keys.get(path, ""), "mail-1")


@studio.post("/drafts/<slug>/version")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_version(slug: str) -> ResponseReturnValue:
    """Make it a version that never changes, then ask for whom to publish it."""
    draft = drafts.draft_named(work(), slug)
    try:
        made = drafts.make_version(work(), slug)
    except TemplateRefused as refused:
        return checked(draft, list(refused.findings), 422)
    if not made.is_new:
        flash(f"Version {made.no} holds exactly these files; the draft is put away.", "work")
        return redirect(url_for("studio.campaign_show", slug=made.slug, version=made.no), 303)
    flash(f"Version {made.no} is made. Nobody sees it before you publish it.", "good")
    return redirect(url_for("studio.version_publish", slug=made.slug, no=made.no), 303)


@studio.route("/drafts/<slug>/discard", methods=["GET", "POST"])
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_discard(slug: str) -> ResponseReturnValue:
    """Say what is lost, then throw the draft away."""
    draft = drafts.draft_named(work(), slug)
    if request.method == "POST":
        drafts.discard(work(), slug)
        flash("The draft is gone. Versions are as they were.", "good")
        return redirect(url_for("studio.campaign_index"), 303)
    return render_template("studio/drafts/discard.html", draft=draft, name=name_of(draft))


@studio.get("/drafts/<slug>/proof-wall")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_wall(slug: str) -> ResponseReturnValue:
    """Show the draft on the proof wall; what cannot be read yet is said by its check."""
    draft = drafts.draft_named(work(), slug)
    try:
        specimen = specimen_of_draft(work(), draft)
    except TemplateRefused as refused:
        return checked(draft, list(refused.findings))
    return wall_page(
        specimen,
        here=lambda **asked: url_for("studio.draft_wall", slug=slug, **asked),
        preview=lambda **asked: url_for("studio.draft_preview", slug=slug, **asked),
        image=lambda **asked: url_for("studio.draft_image", slug=slug, **asked),
        crumbs=crumbs_of(draft),
        named="the draft",
    )
