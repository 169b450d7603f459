"""Parts of a campaign as the editor's tabs name them, and which of the partner's slots stand on each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tcma.db.scope import found
from tcma.rendering.slots import SlotSource, SlotType
from tcma.rendering.source import CampaignSource
from tcma.social.rules import POST, SHORT_POST
from tcma.words import say

_USES = re.compile(r"\bslots\.([a-z_]+)")
_READS = re.compile(r"""\{%-?\s*(?:include|extends|import|from)\s+["']([^"']+)["']""")
_EVERY_MAIL = frozenset({"accent", "subject_prefix", "reply_days"})
_PAGE = frozenset({"accent", "page_choice", "reply_days"})
_IMAGES = frozenset({"accent", "cta_label"})
_SOCIAL = frozenset({POST, SHORT_POST})
_PRINT = frozenset(
    {"cta_label", "price_note", "local_proof", "faq_extra", "sender_person", "sender_role"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One tab: `slug` is its address, `kind` is mail, page, images, social or print, `mail` the mail's
    key, `page` that of a further page of the site.
    """

    slug: str
    label: str
    kind: str
    icon: str
    mail: str = ""
    page: str = ""
    is_follow_up: bool = False
    slots: tuple[SlotSource, ...] = ()


def parts_of(source: CampaignSource) -> list[Part]:
    """Return mails by number, pages, images, posts, print, then follow-ups; a slot of no mail stands on the page."""
    mails: list[Part] = []
    later: list[Part] = []
    seen: set[str] = set()
    for mail in source.mails:
        follows = mail.kind != "campaign"
        among = later if follows else mails
        keys = _keys(source.files, mail.file) | _EVERY_MAIL
        seen |= keys
        word, stem = (say("Follow-up"), "follow-up") if follows else (say("Mail"), "mail")
        label = f"{word} {len(among) + 1}"
        if mail.kind == "variant":
            label = say("Variant of {of}", of=mail.of)
        among.append(
            Part(
                slug=f"{stem}-{len(among) + 1}",
                label=label,
                kind="mail",
                icon="mail",
                mail=mail.key,
                is_follow_up=follows,
                slots=_chosen(source, keys),
            )
        )
    page = _keys(source.files, source.page.file) | _PAGE
    page |= {slot.key for slot in source.slots if not slot.of} - seen - _IMAGES - _SOCIAL
    social = _chosen(source, _SOCIAL)
    images = say("{n} images", n=len(source.images))
    return [
        *mails,
        Part(slug="page", label=say("Page"), kind="page", icon="browser", slots=_chosen(source, page)),
        *(Part(slug=f"page-{key}", label=say("Page “{title}”", title=titles[source.languages[0]]),
               kind="page", icon="browser", page=key) for key, titles in source.page.more.items()),
        Part(slug="images", label=images, kind="images", icon="photo",
             slots=_chosen(source, _IMAGES)),
        *([Part(slug="social", label=say("Social posts"), kind="social", icon="share",
                slots=social)] if social else []),
        *([Part(slug="print", label=say("Print"), kind="print", icon="printer",
                slots=_chosen(source, _PRINT))] if source.prints else []),
        *later,
    ]  # fmt: skip


FIRST_TEXTS = frozenset({"price_note", POST, SHORT_POST, "faq_extra", "page_choice", "cta_label"})


def comes_first(slot: SlotSource) -> bool:
    """Say whether the editor shows a field at once; the others wait in a fold."""
    return slot.change_required or slot.type is SlotType.RICH_TEXT or slot.key in FIRST_TEXTS


def part_named(parts: list[Part], slug: str) -> Part:
    """Return a part by its address; NotFound for an unknown one."""
    return found(next((part for part in parts if part.slug == slug), None))


def _chosen(source: CampaignSource, keys: set[str] | frozenset[str]) -> tuple[SlotSource, ...]:
    return tuple(slot for slot in source.slots if slot.editable and (slot.of or slot.key) in keys)


def _keys(files: Mapping[str, bytes], start: str) -> set[str]:
    keys: set[str] = set()
    waiting, read = [start], set()
    while waiting:
        path = waiting.pop()
        if path in read or path not in files:
            continue
        read.add(path)
        text = files[path].decode()
        keys |= set(_USES.findall(text))
        waiting += _READS.findall(text)
    return keys
