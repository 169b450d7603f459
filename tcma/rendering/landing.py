"""A campaign's landing page, its thank-you page and its further pages: the author's Jinja once per
version and partner, then holes filled per visit (action, stamp, kept answers, errors).
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from babel import Locale

from tcma.rendering.kits import PartnerKit, Pictures, VendorKit
from tcma.rendering.page_holes import Page, holes, page_with_holes
from tcma.rendering.sandbox import environment_of, render, trusted
from tcma.rendering.scene import scene
from tcma.rendering.source import CampaignSource
from tcma.rendering.structured import head_of
from tcma.rendering.tokens import restored
from tcma.rendering.words import spoken

HONEYPOT = "website"
STAMP = "stamp"
BLOCK = "_shared/block.html"
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
    pages = _pages(source, language, page_url, names)
    heads = {"form": _structured(source, partner, context, share_image, about)}
    for each in pages:
        own = about | {"title": f"{each['title']} · {title}", "page_url": each["url"]}
        own["description"] = each["lead"]
        heads[each["key"]] = _structured(source, partner, context, share_image, own)
    context |= holes() | {"honeypot": HONEYPOT, "home_url": page_url, "pages": pages}
    made = _rendered(source, context, heads)
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


def _rendered(
    source: CampaignSource, context: dict[str, Any], heads: Mapping[str, Any]
) -> dict[str, Page]:
    """Every page by what the template is told it is, the block for other sites last; `heads` is what
    machines read of each, of a page without one what they read of the first.
    """
    env, file = environment_of(source.version), source.page.file
    modes = ("form", "thanks", *source.page.more)
    made = {}
    for mode in modes:
        told = {"mode": mode, "structured": heads.get(mode, heads["form"])}
        made[mode] = page_with_holes(render(env, file, context | told), file)
    if BLOCK in source.files:
        made[BLOCK] = page_with_holes(render(env, BLOCK, context), BLOCK)
    return made


def _pages(
    source: CampaignSource, language: str, page_url: str, names: Mapping[str, str]
) -> list[dict[str, str]]:
    """The further pages as templates name them: key, title, lead, address."""
    words = source.words[language]["page"].get("pages", {})
    return [
        {
            "key": key,
            "title": restored(spoken(titles[language], names)),
            "lead": restored(spoken(str(words[key].get("lead", "")), names)),
            "url": f"{page_url}/{key}",
        }
        for key, titles in source.page.more.items()
    ]


def _structured(
    source: CampaignSource,
    partner: PartnerKit,
    context: Mapping[str, Any],
    share_image: str,
    about: Mapping[str, str],
) -> Any:
    """What machines read of a page; the questions stand on the first alone."""
    asks = about["page_url"] == context["page_url"]
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
            questions=[[restored(str(part)) for part in pair] for pair in asked if asks],
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
    if words.get("countries"):
        lands = Locale.parse(language).territories
        fields.append(
            FormField(name="country", label=said("country"), kind="choice", required=False,
                      error=said("choice_error"),
                      choices=tuple(str(lands.get(code, code)) for code in words["countries"]))
        )  # fmt: skip
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
