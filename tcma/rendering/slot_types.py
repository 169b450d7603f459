"""What a slot is: its type, its flags, its limits per language, and which properties stay locked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Value = Any


class SlotType(StrEnum):
    """What kind of value a slot takes."""

    TEXT = "text"
    RICH_TEXT = "rich_text"
    CHOICE = "choice"
    NUMBER = "number"
    COLOUR = "colour"
    URL = "url"
    LIST = "list"
    PHONE = "phone"
    DATE = "date"
    ADDRESS = "address"
    IMAGE = "image"


FLAGS = ("editable", "required", "change_required")
LOCKS = ("content", "style", "size", "position", "presence")
ASPECTS = ("style", "size", "position")
"""Properties besides the content that an author may leave open, each with its approved choices."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a value may take: the measured box, its lines (0: the box's own), least and most."""

    fits: str = ""
    lines: int = 0
    minimum: int = 0
    maximum: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSource:
    """One slot. `defaults`, `options` and `limits` are per language; `fits` names a measured box;
    `minimum` and `maximum` bound a number, or the entries of a list; `pair` lists hold question and
    answer. `aspect` is style, size or position where this slot is that property of the slot `of`.
    """

    key: str
    type: SlotType
    label: str
    help: str
    editable: bool
    required: bool
    change_required: bool
    locked: frozenset[str]
    fits: str
    minimum: int
    maximum: int
    pair: bool
    defaults: Mapping[str, Value]
    options: Mapping[str, tuple[str, ...]]
    limits: Mapping[str, Limit] = field(default_factory=dict)
    of: str = ""
    aspect: str = ""

    def default(self, language: str) -> Value:
        """What stands there when the partner changes nothing."""
        return self.defaults.get(language)

    def limit(self, language: str) -> Limit:
        """What a value may take in one language."""
        known = self.limits.get(language)
        return known or Limit(self.fits, 0, self.minimum, self.maximum)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be used, in words for the partner."""

    slot: str
    code: str
    message: str
    remedy: str
