"""A page of the web as it is kept: what is the same for everybody, and the holes that each visit
fills (action, stamp, kept answers, errors, what links take along).
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from tcma.rendering.findings import refusal
from tcma.rendering.sandbox import trusted
from tcma.rendering.tokens import restored

_HOLE = re.compile("\ue010([a-z]+):([a-z0-9_]*):([^\ue011]*)\ue011")
_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_FORBIDDEN = frozenset({"script", "iframe", "object", "embed", "base", "frame", "frameset"})
_RUNS = re.compile(r"\s*(?:javascript|vbscript|data:text)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """A page with holes. `style_hashes` are CSP sources for its style blocks ('sha256-…')."""

    parts: tuple[str, ...]
    style_hashes: tuple[str, ...]

    def show(  # noqa: PLR0913 - each part is named by the caller
        self,
        *,
        action: str = "",
        stamp: str = "",
        values: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        hidden: Mapping[str, str] | None = None,
        facts: Mapping[str, str] | None = None,
        carry: str = "",
    ) -> str:
        """The page for one visit: kept answers and errors in place, all of it escaped.

        `hidden` are further hidden inputs; `facts` fill `owner`, `reply_by` of the thank-you page;
        `carry` is the query that links between the pages of one site take along.
        """
        own = {"action": action, "stamp": stamp, "carry": carry}
        visit = _Visit(
            {name: html.escape(text) for name, text in own.items()},
            _inputs(hidden or {}),
            values or {},
            errors or {},
            facts or {},
        )
        return "".join(
            visit.fill(part) if number % 2 else part for number, part in enumerate(self.parts)
        )


@dataclass(frozen=True, slots=True)
class _Visit:
    own: Mapping[str, str]
    hidden: str
    values: Mapping[str, str]
    errors: Mapping[str, str]
    facts: Mapping[str, str]

    def fill(self, hole: str) -> str:
        """What stands in one hole, written as kind:name:rest."""
        kind, name, rest = hole.split(":", 2)
        match kind:
            case "action" | "stamp" | "carry":
                return self.own[kind]
            case "hidden":
                return self.hidden
            case "value":
                return html.escape(self.values.get(name, ""))
            case "picked":
                return " selected" if self.values.get(name) == rest else ""
            case "ticked":
                return " checked" if self.values.get(name) else ""
            case _:
                return self._said(kind, name, rest)

    def _said(self, kind: str, name: str, rest: str) -> str:
        match kind:
            case "error":
                return _error(name, self.errors.get(name, ""))
            case "invalid":
                wrong = f' aria-invalid="true" aria-describedby="e-{name}"'
                return wrong if self.errors.get(name) else ""
            case "summary":
                return _summary(rest, self.errors)
            case _:
                return html.escape(self.facts.get(name, "") or rest)


def holes() -> dict[str, Any]:
    """Return the names by which templates leave holes."""

    def hole(kind: str, name: str = "", rest: str = "") -> Any:
        return trusted(f"\ue010{kind}:{name}:{html.escape(str(rest))}\ue011")

    return {
        "form_action": hole("action"),
        "form_stamp": hole("stamp"),
        "form_hidden": hole("hidden"),
        "carry": hole("carry"),
        "value": lambda name: hole("value", name),
        "error": lambda name: hole("error", name),
        "invalid": lambda name: hole("invalid", name),
        "picked": lambda name, choice: hole("picked", name, choice),
        "ticked": lambda name: hole("ticked", name),
        "summary": lambda heading: hole("summary", "", heading),
        "fact": lambda name, fallback="": hole("fact", name, fallback),
    }


def page_with_holes(text: str, file: str) -> Page:
    """Return a rendered page; `TemplateRefused` for what its security policy would block."""
    found = _blocked(_HOLE.sub("", text))
    if found:
        raise refusal(
            file,
            "page.script",
            f"“{found}” is not allowed in a landing page.",
            remedy="use classes in the page's <style> block; no scripts are needed",
        )
    hashes = style_hashes(text)
    pieces: list[str] = []
    end = 0
    for match in _HOLE.finditer(text):
        pieces += [restored(text[end : match.start()])]
        pieces += [f"{match[1]}:{match[2]}:{html.unescape(match[3])}"]
        end = match.end()
    return Page((*pieces, restored(text[end:])), hashes)


def style_hashes(text: str) -> tuple[str, ...]:
    """Return what a policy must name for the style blocks of a page."""
    return tuple(
        "'sha256-" + base64.b64encode(hashlib.sha256(css.encode()).digest()).decode() + "'"
        for css in _STYLE.findall(text)
    )


def _blocked(text: str) -> str:
    """The first thing in the page that its security policy would block; empty when none."""
    for node in LexborHTMLParser(text).css("*"):
        if node.tag == "script" and node.attributes.get("type") == "application/ld+json":
            continue  # a data block: nothing runs it
        if node.tag in _FORBIDDEN:
            return f"<{node.tag}>"
        for name, value in node.attributes.items():
            if name == "style" or name.startswith("on"):
                return f"{name}="
            if name in {"href", "src", "action"} and _RUNS.match(value or ""):
                return f"{name}={value}"
    return ""


def _inputs(hidden: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in hidden.items()
    )


def _error(name: str, message: str) -> str:
    return f'<span class="err" id="e-{name}">{html.escape(message)}</span>' if message else ""


def _summary(heading: str, errors: Mapping[str, str]) -> str:
    if not errors:
        return ""
    rows = "".join(
        f'<li><a href="#f-{html.escape(name)}">{html.escape(message)}</a></li>'
        for name, message in errors.items()
    )
    return f'<div class="errors" role="alert"><p>{html.escape(heading)}</p><ul>{rows}</ul></div>'
