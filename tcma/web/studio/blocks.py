"""A mail as blocks: words in fields, parts in order; the same files that the source view edits."""

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.errors import Invalid, NotFound
from tcma.library import block_edits, drafts
from tcma.library.block_edits import Opened
from tcma.library.draft_checks import glance
from tcma.library.drafts import ChangedMeanwhile
from tcma.library.samples import sample_partners
from tcma.permissions import Permission
from tcma.rendering.blocks import KINDS
from tcma.rendering.findings import Severity, TemplateRefused
from tcma.rendering.source import CampaignSource
from tcma.rendering.toml_edit import Value
from tcma.web.auth import allows
from tcma.web.console.copy_parts import Part, part_named, parts_of
from tcma.web.studio import studio
from tcma.web.studio.drafts import checked, name_of
from tcma.web.studio.editor import as_record, asked_language, asked_now, asked_partner
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

HEAD = (
    ("subject", "Subject", 1), ("preview", "Preview line", 1), ("eyebrow", "Above the headline", 1),
    ("h1", "Headline", 2), ("lead", "Under the headline", 2), ("hero_alt", "What the picture tells", 1),
    ("paras", "Letter, a paragraph a line", 6),
)  # fmt: skip
CLOSE = (
    ("close_title", "Heading of the close", 1), ("close", "Close", 3), ("note", "Small print under it", 1),
    ("cta", "Button", 1), ("second", "Second link", 1), ("after", "After the button", 2),
)  # fmt: skip
LABELS = {"heading": "Heading", "rows": "Rows", "numbered": "Numbered", "proof": "Proof"}
COLUMNS = {"rows": ("Word", "Text"), "numbered": ("Title", "Text", "Note")}
SINGLE = {"heading": ("Heading",), "proof": ("Number", "What it counts", "Source")}
SPARE = 1
"""Empty lines at the end of a list, to write one more."""


@studio.get("/drafts/<slug>/blocks/<part>")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_blocks(slug: str, part: str) -> ResponseReturnValue:
    """Show a mail as blocks, its preview beside it."""
    draft = drafts.draft_named(work(), slug)
    try:
        source = drafts.source_of_draft(work(), draft)
    except TemplateRefused as refused:
        return checked(draft, list(refused.findings))
    return blocks_page(draft, source, mail_part(source, part))


def mail_part(source: CampaignSource, slug: str) -> Part:
    """Return the mail at an address; only mails are made of blocks."""
    part = part_named(parts_of(source), slug)
    if part.kind != "mail":
        raise NotFound
    return part


def blocks_page(
    draft: drafts.CampaignDraft,
    source: CampaignSource,
    part: Part,
    *,
    said: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """Return the block view; what was posted and not saved stands in its fields."""
    language = asked_language(source)
    it = block_edits.opened(work(), draft, source, part.mail, language)
    values = {**it.words, **(posted(it) if status != 200 else {})}
    asked = asked_now(language)
    page = render_template(
        "studio/drafts/blocks.html",
        draft=draft, name=name_of(draft), part=part, it=it, values=values, said=said,
        parts=[each for each in parts_of(source) if each.kind == "mail"],
        crumbs=[("Campaigns", url_for("studio.campaign_index"))],
        head=HEAD, close=CLOSE, labels=LABELS, columns=COLUMNS, single=SINGLE, kinds=KINDS,
        spare=SPARE, needed=block_edits.NEEDED,
        language=language, languages=source.languages,
        samples=sample_partners(), sample=asked_partner(), asked=asked,
        at=lambda **now: url_for(
            "studio.draft_blocks", slug=draft.slug, **{"part": part.slug} | asked | now
        ),
        source_at=url_for("studio.draft_edit", slug=draft.slug, part=part.slug, **asked),
        preview_src=url_for("studio.draft_preview", slug=draft.slug, part=part.slug, **asked),
    )  # fmt: skip
    return make_response(page, status)


@studio.post("/drafts/<slug>/blocks/<part>")
@allows(Permission.CAMPAIGN_AUTHOR)
def draft_blocks_save(slug: str, part: str) -> ResponseReturnValue:
    """Save the words, then do what the pressed button says with the parts."""
    draft = drafts.draft_named(work(), slug)
    source = drafts.source_of_draft(work(), draft)
    chosen = mail_part(source, part)
    by_script = request.accept_mimetypes.best == "application/json"
    try:
        draft = saved(slug, source, chosen)
    except ChangedMeanwhile as changed:
        if by_script:
            raise
        return blocks_page(draft, source, chosen, status=409, said=f"{changed.by} changed this mail "
                           "meanwhile. Your texts are kept below; save them over the other’s, or "
                           "open the page anew to take those.")  # fmt: skip
    except Invalid as refused:
        if by_script:
            raise
        return blocks_page(draft, source, chosen, said=refused.message, status=422)
    if by_script:
        return saved_words(draft, source, chosen)
    flash("Saved.", "good")
    here = url_for("studio.draft_blocks", slug=slug, part=part, **asked_now(asked_language(source)))
    return redirect(here, 303)


def saved(slug: str, source: CampaignSource, part: Part) -> drafts.CampaignDraft:
    """Save what was posted, words first."""
    draft = drafts.draft_named(work(), slug)
    it = block_edits.opened(work(), draft, source, part.mail, asked_language(source))
    form, act = request.form, request.form.get("act", "")
    draft = block_edits.save_words(
        work(), slug, it, part.mail, posted(it), seen=form.get("seen_words", "")
    )
    if act.startswith("add-"):
        kind = act.removeprefix("add-")
        return block_edits.add_part(
            work(), slug, it, part.mail, kind, seen=form.get("seen_mail", "")
        )
    made = block_edits.acted(it, act)
    if made is not None:
        return block_edits.save_order(work(), slug, it, made, seen=form.get("seen_mail", ""))
    return draft


def posted(it: Opened) -> dict[str, Value]:
    """Return the words of the form; only what it has fields for."""
    found: dict[str, Value] = {}
    for key, _, _ in (*HEAD, *CLOSE):
        if key in request.form:
            text = request.form[key].replace("\r\n", "\n").strip()
            found[key] = (
                [p for p in map(str.strip, text.split("\n")) if p] if key == "paras" else text
            )
    for block in it.made.blocks if it.made else ():
        columns = COLUMNS.get(block.kind)
        for key in block.keys:
            if columns and f"{key}.0.0" in request.form:
                found[key] = rows_posted(key, len(columns))
            elif not columns and key in request.form:
                found[key] = request.form[key].strip()
    return found


def rows_posted(key: str, width: int) -> list[list[str]]:
    """Return a list of the form: a line without any text is left out, empty ends are cut."""
    rows: list[list[str]] = []
    n = 0
    while f"{key}.{n}.0" in request.form:
        cells = [request.form.get(f"{key}.{n}.{m}", "").strip() for m in range(width)]
        while len(cells) > 2 and not cells[-1]:
            cells.pop()
        if any(cells):
            rows.append(cells)
        n += 1
    return rows


def saved_words(draft: drafts.CampaignDraft, source: CampaignSource, part: Part) -> dict[str, Any]:
    """Return what the page's script needs after a save: the new marks, and what is wrong."""
    language = asked_language(source)
    path = source.mail(part.mail).file
    _, said = glance(work(), draft, path, mail=part.mail, language=language, sample=asked_partner())
    return {
        "seen_words": draft.files[f"words/{language}.toml"],
        "seen_mail": draft.files[path],
        "findings": [as_record(each) for each in said],
        "shows": not any(each.severity is Severity.ERROR for each in said),
    }
