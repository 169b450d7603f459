"""Writing a draft: one file beside its real preview, saved as it is typed, nobody's work overwritten."""

import csv
import io
import secrets
from dataclasses import asdict
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.errors import Invalid, NotFound
from tcma.library import drafts
from tcma.library.draft_checks import glance, hints
from tcma.library.drafts import ChangedMeanwhile, source_of_draft, specimen_of_draft
from tcma.library.samples import SAMPLES, partner_named, sample_partners
from tcma.permissions import Permission
from tcma.rendering.findings import Finding, Severity, TemplateRefused
from tcma.rendering.source import SHARED, CampaignSource
from tcma.web.auth import allows
from tcma.web.console.copy_parts import Part, part_named, parts_of
from tcma.web.policy import policy_with_nonce
from tcma.web.studio import studio
from tcma.web.studio.drafts import name_of
from tcma.web.studio.previews import document_of, image_of
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

NOBODY = "nobody"
COLUMNS = ("email", "first_name", "last_name", "company")
FIRST = Part(slug="mail-1", label="Files", kind="files", icon="file-text")
"""Stands for the parts while the campaign's tables cannot be read."""


def source_or_none(draft: drafts.CampaignDraft) -> CampaignSource | None:
    """Return the draft's source, None while it cannot be read."""
    try:
        return source_of_draft(work(), draft)
    except TemplateRefused:
        return None


@studio.get("/drafts/<slug>/edit/<part>")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_edit(slug: str, part: str) -> ResponseReturnValue:
    """Show a file of a part in the editor, its preview beside it."""
    draft = drafts.draft_named(work(), slug)
    source = source_or_none(draft)
    parts = parts_of(source) if source else [FIRST]
    chosen = part_named(parts, part) if source else FIRST
    language = asked_language(source)
    groups = files_by_group(draft, source, chosen, language)
    path = request.args.get("file") or groups[0][1][0]
    text = drafts.text_of(work(), draft, path)
    _, said = glance(
        work(), draft, path, mail=chosen.mail, language=language, sample=asked_partner()
    )
    asked = asked_now(language)
    nonce = secrets.token_urlsafe(16)
    page = render_template(
        "studio/drafts/edit.html",
        draft=draft,
        name=name_of(draft),
        crumbs=[("Campaigns", url_for("studio.campaign_index"))],
        parts=parts,
        part=chosen,
        groups=groups,
        path=path,
        text=text,
        seen=draft.files[path],
        findings=said,
        records=[as_record(each) for each in said],
        anchor=anchor_of(chosen, path),
        line=request.args.get("line", type=int) or 0,
        hints=hints(source, mail=chosen.mail, language=language),
        source=source,
        language=language,
        samples=sample_partners(),
        sample=asked_partner(),
        contacts=contacts_of(asked["as"]),
        asked=asked,
        nonce=nonce,
        at=lambda **now: url_for(
            "studio.draft_edit", slug=slug, **{"part": chosen.slug, "file": path} | asked | now
        ),
        preview_src=url_for("studio.draft_preview", slug=slug, part=chosen.slug, **asked),
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = policy_with_nonce(nonce)
    return response


def asked_partner() -> Any:
    """Return the partner whose copy is shown."""
    return partner_named(work(), request.values.get("as") or sample_partners()[0].slug)


def asked_language(source: CampaignSource | None) -> str:
    """Return the language asked for, as far as the campaign speaks it."""
    wanted = request.values.get("lang", "")
    return source.language_for(wanted) if source else wanted or "en"


def asked_now(language: str) -> dict[str, Any]:
    """Return what the address says about the preview, to be kept from page to page."""
    looks = {key: request.values.get(key, "") for key in ("look", "reader")}
    return {"as": asked_partner().slug, "lang": language} | {k: v for k, v in looks.items() if v}


def files_by_group(
    draft: drafts.CampaignDraft, source: CampaignSource | None, part: Part, language: str
) -> list[tuple[str, list[str]]]:
    """Return the text files, those of the part first."""
    texts = [path for path in sorted(draft.files) if path.endswith(drafts.TEXTS)]
    near: list[str] = []
    if source and part.kind == "mail":
        near = [source.mail(part.mail).file, f"words/{language}.toml"]
    elif source and part.kind == "page":
        near = [source.page.file, f"words/{language}.toml"]
    elif source:
        near = [image.recipe for image in source.images]
    rest = [path for path in texts if path not in near and not path.startswith(SHARED)]
    shared = [path for path in texts if path.startswith(SHARED)]
    groups = [(part.label, near), ("Campaign", rest), ("Shared parts", shared)]
    return [(words, paths) for words, paths in groups if paths]


def anchor_of(part: Part, path: str) -> str:
    """Return the table of words that belongs to a part, so that the editor opens there."""
    if not path.startswith("words/"):
        return ""
    return (
        f"[mail.{part.mail}]" if part.mail else f"[{'page' if part.kind == 'page' else 'images'}]"
    )


def contacts_of(partner: str) -> list[tuple[str, str]]:
    """Return the readers of a sample's list that a mail can be shown to: key and name."""
    people = [
        (str(n), f"{c['first_name']}, {c['company']}") for n, c in enumerate(readers(partner))
    ]
    return [("", "The campaign’s sample reader"), (NOBODY, "Somebody without a name"), *people[:6]]


def readers(partner: str) -> list[dict[str, str]]:
    """Return the contacts that come with a sample partner, as tokens."""
    path = SAMPLES / partner / "contacts.csv"
    if partner not in {each.slug for each in sample_partners()} or not path.is_file():
        return []
    text = path.read_text(encoding="utf-8-sig")
    rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in text.split("\n")[0] else ",")
    return [dict(zip(COLUMNS, row, strict=False)) for row in rows][1:]


def tokens_asked() -> dict[str, str] | None:
    """Return the tokens of the reader asked for; None for the campaign's own sample."""
    reader = request.values.get("reader", "")
    if not reader:
        return None
    if reader == NOBODY:
        return {}
    people = readers(request.values.get("as", ""))
    if not reader.isdigit() or int(reader) >= len(people):
        raise NotFound
    return {key: value for key, value in people[int(reader)].items() if key != "email"}


@studio.post("/drafts/<slug>/files")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_save(slug: str) -> ResponseReturnValue:
    """Save one file and say what is wrong with it: JSON for the editor, a page without script."""
    path, part = request.form.get("path", ""), request.form.get("part", "mail-1")
    by_script = request.accept_mimetypes.best == "application/json"
    text = request.form.get("text", "").replace("\r\n", "\n")
    try:
        draft = drafts.save(work(), slug, path, text.encode(), seen=request.form.get("seen", ""))
    except ChangedMeanwhile as changed:
        return conflict(slug, path, part, text, changed, by_script=by_script)
    except Invalid as refused:
        if by_script:
            raise
        flash(refused.message, "stop")
        return redirect(url_for("studio.draft_edit", slug=slug, part=part), 303)
    if not by_script:
        flash("Saved.", "good")
        return redirect(url_for("studio.draft_edit", slug=slug, part=part, file=path), 303)
    source = source_or_none(draft)
    chosen = next((p for p in parts_of(source) if p.slug == part), FIRST) if source else FIRST
    language = asked_language(source)
    _, said = glance(
        work(), draft, path, mail=chosen.mail, language=language, sample=asked_partner()
    )
    return {
        "seen": draft.files[path],
        "no": draft.no,
        "findings": [as_record(each) for each in said],
        "shows": not any(each.severity is Severity.ERROR for each in said),
        "hints": hints(source, mail=chosen.mail, language=language),
    }


def as_record(finding: Finding) -> dict[str, Any]:
    """Return a finding as the editor shows it."""
    return asdict(finding) | {"text": str(finding)}


def conflict(  # noqa: PLR0913 - what the page gives back
    slug: str, path: str, part: str, text: str, changed: ChangedMeanwhile, *, by_script: bool
) -> Response:
    """Answer 409 with the other's version; nothing that was typed is lost."""
    theirs = changed.theirs.decode("utf-8-sig", "replace")
    mark = drafts.draft_named(work(), slug).files.get(path, "")
    if by_script:
        body = {"title": changed.message, "detail": changed.remedy, "theirs": theirs, "seen": mark}
        return make_response(body, 409)
    page = render_template(
        "studio/drafts/conflict.html",
        slug=slug, path=path, part=part, text=text, theirs=theirs, seen=mark, changed=changed,
    )  # fmt: skip
    return make_response(page, 409)


@studio.get("/drafts/<slug>/preview/<part>")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_preview(slug: str, part: str) -> ResponseReturnValue:
    """Return one part of the draft as a document of its own, made as its version would be."""
    draft = drafts.draft_named(work(), slug)
    return document_of(specimen_of_draft(work(), draft), part, tokens_asked())


@studio.get("/drafts/<slug>/images/<name>.jpg")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_image(slug: str, name: str) -> ResponseReturnValue:
    """Return one finished picture of the draft."""
    draft = drafts.draft_named(work(), slug)
    return image_of(specimen_of_draft(work(), draft), name)
