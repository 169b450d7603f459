"""What the editor says while somebody writes: at once about what is open, whole when asked."""

from dataclasses import fields
from typing import Any

from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.library.drafts import CampaignDraft, files_of, specimen_of_draft
from tcma.library.samples import SamplePartner
from tcma.library.specimens import Specimen
from tcma.library.trying import mail_of, page_of
from tcma.rendering.email import BY_COMPILER
from tcma.rendering.findings import Finding, Severity, TemplateRefused, error
from tcma.rendering.kits import PartnerKit
from tcma.rendering.lint import lint, markup
from tcma.rendering.mjml import COMPONENTS, TAGS
from tcma.rendering.sandbox import FILTERS
from tcma.rendering.source import CampaignSource
from tcma.rendering.tokens import DATA_TOKENS, SYSTEM_TOKENS

HIDDEN_KIT = frozenset({"logo", "logo_on_dark", "colours", "from_local", "language"})
PARTS = {
    "heading": "heading(c.rows_title)",
    "rows": "rows(c.rows)",
    "numbered": "numbered(c.steps)",
    "proof": "proof(c.stat, c.stat_text, c.stat_note)",
}


def everything(work: Work, draft: CampaignDraft) -> list[Finding]:
    """Return every finding of a draft, as its import would: errors first."""
    return lint(files_of(work, draft))


def glance(  # noqa: PLR0913 - what is open, and as whom it is seen
    work: Work, draft: CampaignDraft, path: str, *, mail: str, language: str, sample: SamplePartner
) -> tuple[Specimen | None, list[Finding]]:
    """Return what is wrong with what is open: its own markup, the campaign's tables, one compile.

    `mail` names the mail that is shown, "" the page. The specimen is None while nothing can be read.
    """
    said: list[Finding] = []
    if path.endswith(".mjml") and path in draft.files:
        said += markup(path, files_of(work, draft)[path])
    try:
        specimen = specimen_of_draft(work, draft)
    except TemplateRefused as refused:
        return None, _once([*said, *refused.findings])
    try:
        made_of = specimen.sent_by(work, sample, language)
        _ = mail_of(made_of, mail) if mail else page_of(made_of)
    except TemplateRefused as refused:
        said += refused.findings
    except Invalid as refused:
        said.append(error(path, refused.code, refused.message, remedy=refused.remedy or ""))
    return specimen, _once(said)


def _once(said: list[Finding]) -> list[Finding]:
    unique = list(dict.fromkeys(said))
    return sorted(unique, key=lambda f: (f.severity is not Severity.ERROR, f.file, f.line))


def hints(source: CampaignSource | None, *, mail: str, language: str) -> dict[str, Any]:
    """Return what the editor offers to complete: slots, tokens, words, brand values, MJML."""
    kit = [each.name for each in fields(PartnerKit) if each.name not in HIDDEN_KIT]
    out: dict[str, Any] = {
        "partner": [*kit, "logo.url", "logo.width", "logo.height"],
        "vendor": ["name", "logo.url"],
        "tokens": dict(DATA_TOKENS) | {n: t for n, t in SYSTEM_TOKENS.items() if n not in BY_COMPILER},
        "parts": PARTS,
        "filters": sorted(FILTERS),
        "names": ["lang", "dir", "start", "end", "rtl", "dark", "page_url", "why", "legal", "fonts.text"],
        "tags": {tag: sorted(COMPONENTS.get(tag, ())) for tag in sorted(TAGS) if tag.startswith("mj")},
        "slots": {}, "look": [], "c": [], "t": [], "f": [], "images": [],
    }  # fmt: skip
    if source is None:
        return out
    language = source.language_for(language)
    words, shared = source.words[language], source.shared_words[language]
    own = words.get("mail", {}).get(mail, {}) if mail else {}
    page = [f"page.{key}" for key in words.get("page", {})]
    return out | {
        "slots": {slot.key: slot.label for slot in source.slots},
        "look": sorted(source.look),
        "c": sorted(own) if mail else page,
        "t": sorted(shared.get("common", {})),
        "f": sorted(shared.get("form", {})),
        "images": sorted(p[4:].rpartition(".")[0] for p in source.files if p.startswith("art/")),
    }
