"""A campaign's playbook: what a partner does around its launch, step by step, with scripts and assets.

playbook.toml holds the order, words/<language>.toml the texts under [playbook.<key>].
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from tcma.rendering.findings import nearest
from tcma.rendering.toml_table import Table, parse

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

PLAYBOOK = "playbook.toml"
NAMES = ("partner", "vendor", "product", "seller", "phone", "page_url", "customer", "company")
"""What a script may name in braces: both houses, who reads it, and who is called, as far as known."""
UNKNOWN = "…"
TIERS = ("silver", "gold", "platinum")
"""The tiers of partners, as `partners.rules` has them."""
EARLIEST, LATEST = -60, 180
MOST_STEPS = 20
LONGEST_TITLE, LONGEST_WHY, LONGEST_SCRIPT = 70, 200, 3_000
_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}\Z")
_NAME = re.compile(r"\{([a-z_]*)\}")


class StepKind(StrEnum):
    """What a step is; all but `do` and `call` the product sees done by itself."""

    DO = "do"
    CALL = "call"
    POST = "post"
    LAUNCH = "launch"
    FOLLOW_UP = "follow_up"
    CLAIM = "claim"


BY_HAND = (StepKind.DO, StepKind.CALL)


class Doer(StrEnum):
    """Whose step it is at the partner."""

    MARKETING = "marketing"
    SALES = "sales"


@dataclass(frozen=True, slots=True)
class Asset:
    """A part of the same campaign that a step needs: `kind` is image, print, mail or page."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class PlaybookStep:
    """One step, for partners of `tiers` (all without any), with `first_launch` only around a partner's
    first launch. `day` counts calendar days from the launch's first day, below 0 before it; texts are
    per language, a script is Markdown and empty where there is none.
    """

    key: str
    kind: StepKind
    who: Doer
    day: int
    minutes: int
    assets: tuple[Asset, ...]
    tiers: tuple[str, ...]
    first_launch: bool
    title: Mapping[str, str]
    why: Mapping[str, str]
    script: Mapping[str, str]


def load_playbook(
    files: Mapping[str, bytes], words: Mapping[str, Table], parts: Mapping[str, Collection[str]]
) -> tuple[PlaybookStep, ...]:
    """The steps of playbook.toml in its order, none without the file. `parts` are the names of images,
    prints, mails and pages that steps may refer to.

    Raises `TemplateRefused` with file, line and remedy.
    """
    if PLAYBOOK not in files:
        return ()
    top = parse(files, PLAYBOOK)
    rows = top.tables("step")
    if not rows or len(rows) > MOST_STEPS:
        raise top.refuse(
            "step", f"A playbook has 1 to {MOST_STEPS} steps.", 'write [[step]] with key = "…"'
        )
    steps: list[PlaybookStep] = []
    for row in rows:
        step = _step(row, words, parts)
        if step.key in {each.key for each in steps}:
            raise row.refuse("key", f"Two steps are called “{step.key}”.", "name one anew")
        if steps and step.day < steps[-1].day:
            said = f"“{step.key}” on day {step.day} stands behind day {steps[-1].day}."
            raise row.refuse("day", said, "put the steps in the order of their days")
        steps.append(step)
    return tuple(steps)


def _step(
    row: Table, words: Mapping[str, Table], parts: Mapping[str, Collection[str]]
) -> PlaybookStep:
    key = row.text("key")
    if not _KEY.match(key):
        raise row.refuse("key", f"The key “{key}” is not usable.", "small letters and hyphens")
    kind = StepKind(row.choice("kind", tuple(StepKind), StepKind.DO))
    day = row.number("day")
    if not EARLIEST <= day <= LATEST:
        said = f"Day {day} is too far from the launch."
        raise row.refuse("day", said, f"write {EARLIEST} to {LATEST}; 0 is the launch's first day")
    if kind is StepKind.LAUNCH and day:
        raise row.refuse("day", "The launch itself is on day 0.", "write day = 0")
    texts: dict[str, dict[str, str]] = {"title": {}, "why": {}, "script": {}}
    for language, table in words.items():
        for name, text in _texts(table, key, needs_script=kind is StepKind.CALL).items():
            texts[name][language] = text
    return PlaybookStep(
        key=key,
        kind=kind,
        who=Doer(row.choice("who", tuple(Doer), Doer.MARKETING)),
        day=day,
        minutes=row.number("minutes", 15),
        assets=tuple(_asset(row, named, parts) for named in row.texts("assets")),
        tiers=_tiers(row),
        first_launch=row.flag("first_launch"),
        title=texts["title"],
        why=texts["why"],
        script=texts["script"],
    )


def _tiers(row: Table) -> tuple[str, ...]:
    tiers = row.texts("tiers")
    for tier in tiers:
        if tier not in TIERS:
            raise row.refuse("tiers", f"“{tier}” is no tier.", nearest(tier, TIERS))
    return tiers


def is_for(step: PlaybookStep, *, tier: str, is_first: bool) -> bool:
    """Say whether a partner of this tier does a step, in its first launch or in a later one."""
    return (not step.tiers or tier in step.tiers) and (is_first or not step.first_launch)


def _texts(words: Table, key: str, *, needs_script: bool) -> dict[str, str]:
    table = words.table("playbook").table(key)
    if not table.values:
        said = f"There are no words for the step “{key}”."
        raise words.refuse("playbook", said, f"write [playbook.{key}] with title and why")
    found = {
        "title": table.text("title"),
        "why": table.text("why"),
        "script": table.text("script", None if needs_script else "").strip(),
    }
    for name, most in (
        ("title", LONGEST_TITLE), ("why", LONGEST_WHY), ("script", LONGEST_SCRIPT),
    ):  # fmt: skip
        if len(found[name]) > most:
            said = f"“{name}” of “{key}” has {len(found[name])} characters."
            raise table.refuse(name, said, f"keep {most}")
        for wanted in _NAME.findall(found[name]):
            if wanted not in NAMES:
                said = f"“{{{wanted}}}” in “{name}” of “{key}” is no name."
                raise table.refuse(name, said, nearest(wanted, NAMES))
    return found


def _asset(row: Table, named: str, parts: Mapping[str, Collection[str]]) -> Asset:
    kind, _, name = named.partition(":")
    if kind not in parts:
        raise row.refuse("assets", f"“{named}” is no asset.", f"begin with {', '.join(parts)}")
    if kind == "page" and not name:
        return Asset(kind, "")
    if name not in parts[kind]:
        said = f"The campaign has no {kind} “{name}”."
        raise row.refuse("assets", said, nearest(name, parts[kind]))
    return Asset(kind, name)


def filled(text: str, names: Mapping[str, str]) -> str:
    """A text with its names put in; what is not known is …"""
    return _NAME.sub(lambda found: names.get(found[1]) or UNKNOWN, text)


def as_html(script: str, names: Mapping[str, str]) -> Markup:
    """A script as HTML: paragraphs, lists, quotations, emphasis. A name's value is plain text."""
    safe = {name: str(escape(value)) for name, value in names.items()}
    return Markup(filled(_marks().render(script), safe))  # noqa: S704 - Markdown without HTML, names escaped


@cache
def _marks() -> MarkdownIt:
    from markdown_it import MarkdownIt  # heavy: only who shows a script

    marks = MarkdownIt("commonmark", {"html": False})
    return marks.disable(["image", "link", "autolink", "fence"])
