"""A campaign's landing page, its thank-you page and its further pages: the author's Jinja once per
version and partner, then holes filled per visit (action, stamp, kept answers, errors).
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from tcma.rendering.findings import refusal
from tcma.rendering.kits import PartnerKit, Pictures, VendorKit
from tcma.rendering.sandbox import environment_of, render, trusted
from tcma.rendering.scene import scene
from tcma.rendering.source import CampaignSource
from tcma.rendering.structured import head_of
from tcma.rendering.tokens import restored
from tcma.rendering.words import spoken

HONEYPOT = "website"
STAMP = "stamp"
BLOCK = "_shared/block.html"
_HOLE = re.compile("\ue010([a-z]+):([a-z0-9_]*):([^\ue011]*)\ue011")
_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_FORBIDDEN = frozenset({"script", "iframe", "object", "embed", "base", "frame", "frameset"})
_RUNS = re.compile(r"\s*(?:javascript|vbscript|data:text)", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]+\.[^\s@.]{2,}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field. `kind` is text, email, tel, choice or consent; `error` is said when it is wrong."""

    name: str
    label: str
    kind: str
    required: bool
    error: str
    choices: tuple[str, ...] = ()
    autocomplete: str = ""


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


@dataclass(frozen=True, slots=True)
class Landing:
    """What the web layer serves and what a lead stores with its consent; `block` is a card that
    stands on other sites and leads here, `more` are the further pages by the last word of their
    address.
    """

    form: Page
    thanks: Page
    fields: tuple[FormField, ...]
    consent_text: str
    consent_version: str
    title: str
    description: str
    language: str
    sha256: str
    block: Page | None = None
    more: Mapping[str, Page] = field(default_factory=dict)

    def named(self, name: str) -> Page | None:
        """Return the page with the form, or the further page of that name; None for an unknown one."""
        return self.more.get(name) if name else self.form

    def check(self, values: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with the answers, by field name; the honeypot is the caller's to judge."""
        errors: dict[str, str] = {}
        for each in self.fields:
            value = values.get(each.name, "").strip()
            wrong = each.required and not value
            wrong = wrong or len(value) > 300
            if each.kind == "email" and value:
                wrong = wrong or not _ADDRESS.match(value)
            if each.kind == "choice" and value:
                wrong = wrong or value not in each.choices
            if wrong:
                errors[each.name] = each.error
        return errors


def render_landing(  # noqa: PLR0913 - each part is named by the caller
    source: CampaignSource,
    *,
    partner: PartnerKit,
    vendor: VendorKit,
    language: str,
    slots: Mapping[str, Any] | None = None,
    pictures: Pictures | None = None,
    page_url: str = "",
    share_image: str = "",
    outline: bool = False,
) -> Landing:
    """The pages of one partner and language; `share_image` is what link previews show.

    Raises `TemplateRefused` with file and line, also for scripts and inline styles, which the
    page's Content-Security-Policy would block.
    """
    language = source.language_for(language)
    context = scene(
        source,
        partner=partner,
        vendor=vendor,
        language=language,
        slots=slots or {},
        pictures=pictures or Pictures(),
        page_url=page_url,
        basis="enquiry",
        about=(),
        outline=outline,
    )
    names = context["names"]
    words = source.words[language]["page"]
    consent = _consent(source, partner, language, {**names, "topic": str(words["topic"])})
    fields = _fields(source, language, context, names)
    context |= {"fields": {f.name: f for f in fields}, "consent": trusted(html.escape(consent))}
    title = restored(spoken(source.page.title[language], names))
    description = restored(spoken(str(words.get("description", "")), names))
    about = {"title": title, "description": description, "page_url": page_url}
    context["structured"] = _structured(source, partner, context, share_image, about)
    context |= _holes() | {"home_url": page_url, "pages": _pages(source, language, page_url, names)}
    made = _rendered(source, context)
    digest = hashlib.sha256("".join(part for page in made.values() for part in page.parts).encode())
    return Landing(
        form=made["form"],
        thanks=made["thanks"],
        fields=fields,
        consent_text=consent,
        consent_version=f"{language}-{hashlib.sha256(consent.encode()).hexdigest()[:12]}",
        title=title,
        description=description,
        language=language,
        sha256=digest.hexdigest(),
        block=made.get(BLOCK),
        more={key: made[key] for key in source.page.more},
    )


def _rendered(source: CampaignSource, context: dict[str, Any]) -> dict[str, Page]:
    """Every page by what the template is told it is, the block for other sites last."""
    env, file = environment_of(source.version), source.page.file
    modes = ("form", "thanks", *source.page.more)
    made = {mode: _page(render(env, file, context | {"mode": mode}), file) for mode in modes}
    if BLOCK in source.files:
        made[BLOCK] = _page(render(env, BLOCK, context), BLOCK)
    return made


def _pages(
    source: CampaignSource, language: str, page_url: str, names: Mapping[str, str]
) -> list[dict[str, str]]:
    """The further pages as templates name them: key, title, address."""
    return [
        {"key": key, "title": spoken(titles[language], names), "url": f"{page_url}/{key}"}
        for key, titles in source.page.more.items()
    ]


def _structured(
    source: CampaignSource,
    partner: PartnerKit,
    context: Mapping[str, Any],
    share_image: str,
    about: Mapping[str, str],
) -> Any:
    """What machines read of the page; the questions are those that stand on it."""
    language = str(context["lang"])
    asked = (*context["c"]["page"].get("faq", ()), *(context["slots"].get("faq_extra") or ()))
    return trusted(
        head_of(
            **about,
            language=language,
            partner=partner,
            logo_url=partner.logo.url if partner.logo else "",
            share_image=share_image,
            share_alt=str(source.words[language].get("images", {}).get("alt", "")),
            questions=[[restored(str(part)) for part in pair] for pair in asked],
        )
    )


def _consent(
    source: CampaignSource, partner: PartnerKit, language: str, names: Mapping[str, str]
) -> str:
    texts = source.shared_words[language]["consent"]
    text = texts.get(partner.country.upper()) or texts["all"]
    return restored(spoken(str(text), names))


def _fields(
    source: CampaignSource, language: str, context: Mapping[str, Any], names: Mapping[str, str]
) -> tuple[FormField, ...]:
    shared = source.shared_words[language]["form"]
    words = source.words[language]["page"]
    own = context["slots"].get("page_choice")
    choices = tuple(own or words["choices"])

    def said(key: str) -> str:
        return spoken(str(shared[key]), names)

    fields = [
        FormField(name="first_name", label=said("first_name"), kind="text", required=True,
                  error=said("first_name_error"), autocomplete="given-name"),
        FormField(name="last_name", label=said("last_name"), kind="text", required=True,
                  error=said("last_name_error"), autocomplete="family-name"),
        FormField(name="email", label=said("email"), kind="email", required=True,
                  error=said("email_error"), autocomplete="email"),
        FormField(name="company", label=said("company"), kind="text", required=True,
                  error=said("company_error"), autocomplete="organization"),
        FormField(name="phone", label=said("phone"), kind="tel", required=False,
                  error=said("phone_error"), autocomplete="tel"),
        FormField(name="postcode", label=said("postcode"), kind="text", required=False,
                  error=said("postcode_error"), autocomplete="postal-code"),
        FormField(name="choice", label=spoken(str(words["choice"]), names), kind="choice",
                  required=False, error=said("choice_error"), choices=choices),
    ]  # fmt: skip
    if words.get("reason"):
        fields.append(
            FormField(name="reason", label=str(words["reason"]), kind="choice", required=False,
                      error=said("choice_error"), choices=tuple(words["reasons"]))
        )  # fmt: skip
    consent_error = said("consent_error" if names["phone"] else "consent_error_no_phone")
    fields.append(
        FormField(name="consent", label="", kind="consent", required=True, error=consent_error)
    )
    return tuple(fields)


def _holes() -> dict[str, Any]:
    def hole(kind: str, name: str = "", rest: str = "") -> Any:
        return trusted(f"\ue010{kind}:{name}:{html.escape(str(rest))}\ue011")

    return {
        "form_action": hole("action"),
        "form_stamp": hole("stamp"),
        "form_hidden": hole("hidden"),
        "carry": hole("carry"),
        "honeypot": HONEYPOT,
        "value": lambda name: hole("value", name),
        "error": lambda name: hole("error", name),
        "invalid": lambda name: hole("invalid", name),
        "picked": lambda name, choice: hole("picked", name, choice),
        "ticked": lambda name: hole("ticked", name),
        "summary": lambda heading: hole("summary", "", heading),
        "fact": lambda name, fallback="": hole("fact", name, fallback),
    }


def _page(text: str, file: str) -> Page:
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
