"""Edits in the block view: words of one mail in one language, and the order of its parts."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.library import drafts
from tcma.library.drafts import CampaignDraft
from tcma.rendering.blocks import KINDS, Structure, added, fresh_keys, moved, removed, structure
from tcma.rendering.source import CampaignSource
from tcma.rendering.toml_edit import Value, with_value

NEEDED = frozenset({"subject", "preview", "h1", "paras"})
NEW_WORDS: Mapping[str, Value] = {
    "heading": "A heading",
    "rows": [["Word", "What it means, in a sentence."]],
    "steps": [["A step", "What happens in it."]],
    "stat": "1",
    "stat_text": "what this number counts.",
    "stat_note": "Where it comes from.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A mail as the block view shows it; `made` is None where it is not built on the frame."""

    mail_path: str
    words_path: str
    made: Structure | None
    words: Mapping[str, Any]


def opened(
    work: Work, draft: CampaignDraft, source: CampaignSource, mail: str, language: str
) -> Opened:
    """Return a mail of a draft as blocks and words."""
    mail_path, words_path = source.mail(mail).file, f"words/{language}.toml"
    words = tomllib.loads(drafts.text_of(work, draft, words_path))
    return Opened(
        mail_path=mail_path,
        words_path=words_path,
        made=structure(drafts.text_of(work, draft, mail_path)),
        words=words["mail"][mail],
    )


def save_words(  # noqa: PLR0913 - what was read, and what is to stand there
    work: Work, slug: str, it: Opened, mail: str, values: Mapping[str, Value], *, seen: str
) -> CampaignDraft:
    """Set words of a mail; an empty one that is not needed is taken out, an unchanged one left.

    Raises Invalid for a needed one without text, ChangedMeanwhile as `drafts.save`.
    """
    empty = [key for key, value in values.items() if key in NEEDED and not value]
    if empty:
        fields = dict.fromkeys(empty, "This text is needed.")
        raise Invalid("A needed text is empty.", code="draft.words", fields=fields)
    draft = drafts.draft_named(work, slug)
    text = drafts.text_of(work, draft, it.words_path)
    for key, value in values.items():
        if (value or None) != it.words.get(key):
            text = with_value(text, f"mail.{mail}", key, value or None)
    return drafts.save(work, slug, it.words_path, text.encode(), seen=seen)


def save_order(work: Work, slug: str, it: Opened, made: Structure, *, seen: str) -> CampaignDraft:
    """Save the parts of a mail in another order, with one more or one less."""
    return drafts.save(work, slug, it.mail_path, made.text().encode(), seen=seen)


def acted(it: Opened, act: str) -> Structure | None:
    """Return the structure after `up-2`, `down-2`, `move-3-0` or `remove-1`; None for no such act."""
    verb, *places = act.split("-")
    if it.made is None or not places or not all(each.isdigit() for each in places):
        return None
    first = int(places[0])
    match verb, len(places):
        case "up", 1:
            return moved(it.made, first, first - 1)
        case "down", 1:
            return moved(it.made, first, first + 1)
        case "move", 2:
            return moved(it.made, first, int(places[1]))
        case "remove", 1:
            return removed(it.made, first)
    return None


def add_part(  # noqa: PLR0913 - what was read, and what is to stand there
    work: Work, slug: str, it: Opened, mail: str, kind: str, *, seen: str
) -> CampaignDraft:
    """Add a part with words to start from, in every language of the campaign."""
    if it.made is None or kind not in KINDS:
        raise Invalid("There is no such part.", code="draft.part")
    keys = fresh_keys(kind, set(it.words))
    draft = save_order(work, slug, it, added(it.made, kind, keys), seen=seen)
    for path in [p for p in draft.files if p.startswith("words/") and p.endswith(".toml")]:
        text = drafts.text_of(work, draft, path)
        for key, base in zip(keys, KINDS[kind], strict=True):
            text = with_value(text, f"mail.{mail}", key, NEW_WORDS[base])
        drafts.save(work, slug, path, text.encode(), seen=draft.files[path])
    return draft
