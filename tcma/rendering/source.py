"""A campaign as its author wrote it: dataclasses, and how a folder's files become them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tcma.journeys.document import Journey
from tcma.journeys.reading import read as read_journey
from tcma.rendering.findings import TemplateRefused, error, refusal
from tcma.rendering.image_frames import ANIMATED
from tcma.rendering.playbook import PlaybookStep, load_playbook
from tcma.rendering.print_recipe import PrintSource, load_prints
from tcma.rendering.sandbox import FileSet
from tcma.rendering.slots import SlotSource, load_slots
from tcma.rendering.toml_table import Table, parse

SHARED = "_shared/"
JOURNEY = "nurture.toml"
ACTIVITIES = (
    "multi_touch_digital",
    "email",
    "landing_page",
    "digital_ads",
    "event",
    "telemarketing",
)
AUDIENCES = ("all", "not_clicked", "no_form", "clicked", "customers")
LANGUAGES = ("en", "de", "fr", "ar", "ja", "es", "it", "nl", "pl", "pt", "sv", "nb", "da")
MOST_FILES, MOST_BYTES = 200, 12 * 1024 * 1024
_KEY = re.compile(r"[a-z][a-z0-9-]{0,59}\Z")
_BANNER = re.compile(r"(?:banner|animated)_(\d{2,4})x(\d{2,4})\.toml\Z")
_EVERY_PICTURE = ("headline", "headline_short", "cta_label", "alt")

Words = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MailSource:
    """One mail. `kind` is `campaign`, `nurture`, or `variant`: another form of the mail `of`, to
    test one against the other; `day` counts from the launch's first day; `audience` says who of
    the list gets it; the texts are per language.
    """

    key: str
    file: str
    kind: str
    day: int
    audience: str
    subject: Mapping[str, str]
    preview: Mapping[str, str]
    headline: Mapping[str, str]
    of: str = ""


@dataclass(frozen=True, slots=True)
class ImageSource:
    """One advertising image: `banner_1200x628`, its size in pixels, its recipe and its texts.

    One whose name begins with `animated_` moves and is a GIF, every other a JPEG.
    """

    name: str
    width: int
    height: int
    recipe: str
    texts: Mapping[str, Mapping[str, str]]

    @property
    def suffix(self) -> str:
        """How its file's name ends."""
        return "gif" if self.name.startswith(ANIMATED) else "jpg"


@dataclass(frozen=True, slots=True)
class PageSource:
    """The landing page; the title is per language. `more` are further pages by key, each with its
    titles, made by the same file.
    """

    file: str
    title: Mapping[str, str]
    more: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Objection:
    """What a customer says, and what a seller answers."""

    says: str
    answer: str


@dataclass(frozen=True, slots=True)
class Play:
    """The sales sheet of a campaign."""

    target: str
    trigger: str
    not_for: str
    messages: tuple[str, ...]
    proof_points: tuple[str, ...]
    offer: str
    prices: str
    objections: tuple[Objection, ...]
    call_script: tuple[str, ...]
    voicemail: str
    qualify: str
    social: str
    notes: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A number or promise somebody owns; `sample` claims are invented."""

    id: str
    text: str
    source: str
    owner: str
    review_by: str
    sample: bool


@dataclass(frozen=True, slots=True)
class CampaignSource:
    """A whole campaign. `words` is language → table of `words/<language>.toml`, `shared_words` the
    same of `_shared/words/`, `files` every file by path, `look` the colours of its art.
    """

    slug: str
    name: str
    summary: str
    audience: str
    product: str
    activity: str
    minutes: int
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    mails: tuple[MailSource, ...]
    images: tuple[ImageSource, ...]
    prints: tuple[PrintSource, ...]
    page: PageSource
    nurture: Journey
    play: Play
    playbook: tuple[PlaybookStep, ...]
    claims: tuple[Claim, ...]
    slots: tuple[SlotSource, ...]
    look: Mapping[str, str]
    words: Mapping[str, Words]
    shared_words: Mapping[str, Words]
    sample: Mapping[str, Any]
    content_hash: str
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def version(self) -> FileSet:
        """The files as the sandbox wants them."""
        return FileSet(self.content_hash, self.files)

    def mail(self, key: str) -> MailSource:
        """A mail by key. Raises `TemplateRefused` when there is none."""
        for mail in self.mails:
            if mail.key == key:
                return mail
        raise refusal(
            "campaign.toml",
            "unknown_mail",
            f"There is no mail “{key}”.",
            remedy=f"use one of: {', '.join(m.key for m in self.mails)}",
        )

    def language_for(self, wanted: str) -> str:
        """The wanted language when the campaign speaks it, else its first."""
        short = wanted.split("-", maxsplit=1)[0].split("_", maxsplit=1)[0]
        return short if short in self.languages else self.languages[0]


def content_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over paths and contents, in path order: the name of an immutable version."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.encode() + b"\0" + hashlib.sha256(files[path]).digest())
    return digest.hexdigest()


def read_folder(folder: Path) -> dict[str, bytes]:
    """A campaign folder and its sibling `_shared` as path → bytes, symbolic links left out.

    Raises `TemplateRefused` when there is no campaign.toml or the folder is too large.
    """
    if not (folder / "campaign.toml").is_file():
        raise refusal(
            str(folder / "campaign.toml"),
            "missing_file",
            "The file is not there.",
            remedy="name a folder that holds a campaign.toml",
        )
    found: dict[str, bytes] = {}
    size = 0
    for base, prefix in ((folder, ""), (folder.parent / SHARED.rstrip("/"), SHARED)):
        for path in sorted(base.rglob("*")):
            inside = path.relative_to(base)
            hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
            if hidden or path.is_symlink() or not path.is_file() or path.suffix == ".md":
                continue
            size += path.stat().st_size
            if size > MOST_BYTES or len(found) >= MOST_FILES:
                raise refusal(
                    inside.as_posix(),
                    "too_large",
                    f"The folder holds more than {MOST_FILES} files or {MOST_BYTES >> 20} MB.",
                    remedy="move drawings and drafts elsewhere",
                )
            found[prefix + inside.as_posix()] = path.read_bytes()
    return found


def load_files(files: Mapping[str, bytes]) -> CampaignSource:
    """A campaign from its files, as read from disk or from the file store.

    Raises `TemplateRefused` with file, line and remedy.
    """
    top = parse(files, "campaign.toml")
    languages = top.texts("languages", needed=True)
    for language in languages:
        if language not in LANGUAGES:
            raise top.refuse(
                "languages", f"The language “{language}” is unknown.", f"use {', '.join(LANGUAGES)}"
            )
    words = {lang: parse(files, f"words/{lang}.toml") for lang in languages}
    shared = {lang: parse(files, f"{SHARED}words/{lang}.toml") for lang in languages}
    slug = top.text("slug")
    if not _KEY.match(slug):
        raise top.refuse("slug", f"The slug “{slug}” is not usable.", "small letters and hyphens")
    mails = tuple(_mail(row, files, words) for row in top.tables("mails"))
    series = [mail.key for mail in mails if mail.kind == "campaign"]
    if not series:
        raise top.refuse("mails", "There is no campaign mail.", "write [[mails]]")
    for mail in mails:
        if mail.kind == "variant" and mail.of not in series:
            said = f"The variant “{mail.key}” is of no campaign mail."
            raise top.refuse("mails", said, f"say of = one of: {', '.join(series)}")
    images, prints = _images(top, files, words), load_prints(files, words)
    page = _page(top, files, words)
    parts = {
        "image": [image.name for image in images],
        "print": [piece.name for piece in prints],
        "mail": [mail.key for mail in mails],
        "page": list(page.more),
    }
    return CampaignSource(
        slug=slug,
        name=top.text("name"),
        summary=top.text("summary"),
        audience=top.text("audience"),
        product=top.text("product"),
        activity=top.choice("activity", ACTIVITIES),
        minutes=top.number("minutes", 15),
        languages=languages,
        tags=top.texts("tags"),
        mails=mails,
        images=images,
        prints=prints,
        page=page,
        nurture=load_journey(files, [m.key for m in mails if m.kind == "nurture"]),
        play=_play(parse(files, "play.toml")),
        playbook=load_playbook(files, words, parts),
        claims=tuple(_claim(row) for row in top.tables("claims")),
        slots=load_slots(top, parse(files, f"{SHARED}slots.toml"), words, shared),
        look={k: str(v) for k, v in top.table("look").values.items()},
        words={lang: table.values for lang, table in words.items()},
        shared_words={lang: table.values for lang, table in shared.items()},
        sample=parse(files, "sample.toml").values,
        content_hash=content_hash(files),
        files=dict(files),
    )


def _present(table: Table, key: str, path: str, files: Mapping[str, bytes]) -> str:
    if path not in files:
        raise table.refuse(key, f"The file “{path}” is not there.", "add it or mend its name")
    return path


def _mail(row: Table, files: Mapping[str, bytes], words: Mapping[str, Table]) -> MailSource:
    key = row.text("key")
    if not _KEY.match(key):
        raise row.refuse("key", f"The key “{key}” is not usable.", "small letters and hyphens")
    texts: dict[str, dict[str, str]] = {"subject": {}, "preview": {}, "h1": {}}
    for language, table in words.items():
        mail = table.table("mail").table(key)
        if not mail.values:
            raise table.refuse(
                "mail", f"There are no words for the mail “{key}”.", f"write [mail.{key}]"
            )
        for name, by_language in texts.items():
            by_language[language] = mail.text(name)
    return MailSource(
        key=key,
        file=_present(row, "file", row.text("file", f"{key}.mjml"), files),
        kind=row.choice("kind", ("campaign", "nurture", "variant"), "campaign"),
        day=row.number("day", 0),
        audience=row.choice("to", AUDIENCES, "all"),
        subject=texts["subject"],
        preview=texts["preview"],
        headline=texts["h1"],
        of=row.text("of", ""),
    )


def _images(
    top: Table, files: Mapping[str, bytes], words: Mapping[str, Table]
) -> tuple[ImageSource, ...]:
    out: list[ImageSource] = []
    for path in sorted(files):
        match = _BANNER.match(path)
        if not match:
            continue
        width, height = int(match[1]), int(match[2])
        texts = {language: _on_pictures(table) for language, table in words.items()}
        out.append(ImageSource(path.removesuffix(".toml"), width, height, path, texts))
    wanted = top.texts("images")
    for name in wanted:
        _present(top, "images", f"{name}.toml", files)
    order = {name: place for place, name in enumerate(wanted)}
    return tuple(sorted(out, key=lambda image: order.get(image.name, len(order))))


def _on_pictures(words: Table) -> dict[str, str]:
    """What stands on pictures in one language; what a recipe asks for beyond the usual is its own."""
    table = words.table("images")
    own = {key: text for key, text in table.values.items() if isinstance(text, str)}
    return own | {key: table.text(key) for key in _EVERY_PICTURE}


def _page(top: Table, files: Mapping[str, bytes], words: Mapping[str, Table]) -> PageSource:
    path = _present(top, "page", top.text("page", "landing.html"), files)
    more: dict[str, Mapping[str, str]] = {}
    for key in top.texts("pages"):
        if not _KEY.match(key) or key in {"form", "thanks"} or key in more:
            raise top.refuse("pages", f"The page “{key}” cannot be named so.", "choose another key")
        texts = {lang: w.table("page").table("pages").table(key) for lang, w in words.items()}
        more[key] = {lang: table.text("title") for lang, table in texts.items()}
    return PageSource(
        path, {lang: w.table("page").text("title") for lang, w in words.items()}, more
    )


def load_journey(files: Mapping[str, bytes], mails: Collection[str]) -> Journey:
    """The journey of nurture.toml; `TemplateRefused` with all its faults by line."""
    found = read_journey(parse(files, JOURNEY).source, mails=mails)
    if found.journey is None:
        raise TemplateRefused(
            error(JOURNEY, "source", f.words, line=f.line, remedy=f.remedy) for f in found.faults
        )
    return found.journey


def _play(table: Table) -> Play:
    return Play(
        target=table.text("target"),
        trigger=table.text("trigger"),
        not_for=table.text("not_for", ""),
        messages=table.texts("messages", needed=True),
        proof_points=table.texts("proof_points", needed=True),
        offer=table.text("offer"),
        prices=table.text("prices", ""),
        objections=tuple(
            Objection(row.text("says"), row.text("answer")) for row in table.tables("objections")
        ),
        call_script=table.texts("call_script", needed=True),
        voicemail=table.text("voicemail", ""),
        qualify=table.text("qualify", ""),
        social=table.text("social", ""),
        notes=table.text("notes", ""),
    )


def _claim(row: Table) -> Claim:
    return Claim(
        id=row.text("id"),
        text=row.text("text"),
        source=row.text("source"),
        owner=row.text("owner"),
        review_by=str(row.values.get("review_by", "")),
        sample=row.flag("sample"),
    )
