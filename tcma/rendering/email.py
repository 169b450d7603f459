"""One mail compiled for a launch: author's Jinja, then MJML, then HTML and plain text, with links
numbered and recipient tokens left in place.
"""

from __future__ import annotations

import html as htmllib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tcma.errors import Invalid
from tcma.rendering import mime, mjml, plain_text, tokens
from tcma.rendering.findings import TemplateRefused, refusal
from tcma.rendering.kits import PartnerKit, Pictures, VendorKit, is_rtl
from tcma.rendering.sandbox import environment_of, render
from tcma.rendering.scene import scene
from tcma.rendering.source import CampaignSource
from tcma.rendering.tokens import TOKEN, is_system
from tcma.rendering.words import spoken

MOST_LINKS = 200
WEIGHT_LIMIT = 102 * 1024
PIXEL = (
    '<img src="[[open_pixel_url]]" width="1" height="1" alt="" '
    'style="display:block;border:0;width:1px;height:1px" />'
)
UNSEEN = '<a href="[[unseen_url]]" tabindex="-1" aria-hidden="true" style="display:none"></a>'
"""A link that only machines follow: empty, so that nothing shows where a mail program drops the style;
last in the mail, behind what the preview and the spam checks of receivers weigh first.
"""
BY_COMPILER = {"open_pixel_url": PIXEL, "unseen_url": UNSEEN}
"""What no author writes and no preview shows, by its token."""
KEY_MARK = "#tcma-link="
_ANCHOR = re.compile(r"<(a|area|v:roundrect|v:rect)\b[^>]*>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_HOST_TOKEN = re.compile(r"^[a-z]+://[^/?#]*\[\[", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A mail for one launch and language, tokens in place; brackets that people typed are marked
    (see `tokens.inert`) until `shown` or the artefact puts them back.

    `links[n-1]` is the address behind `[[link:n]]` and `link_keys[n-1]` the name a branch may ask
    for ("" when unnamed); `tokens` are the data tokens a recipient's row should carry.
    """

    subject: str
    preview: str
    html: str
    text: str
    links: tuple[str, ...]
    link_keys: tuple[str, ...]
    tokens: frozenset[str]
    language: str
    rtl: bool
    warnings: tuple[str, ...] = ()

    def artefact(self) -> mime.Artefact:
        """The bytes form that is stored per mailing and filled per recipient."""
        return mime.build(
            subject=self.subject,
            preview=self.preview,
            html=self.html,
            text=self.text,
            rtl=self.rtl,
        )

    def shown(self, values: Mapping[str, str]) -> str:
        """The HTML as a recipient would see it, links leading to their real addresses."""
        real = {f"link:{n}": url for n, url in enumerate(self.links, 1)}
        seen = self.html
        for name, part in BY_COMPILER.items():
            seen = seen if values.get(name) else seen.replace(part, "")
        return tokens.fill_html(seen, real | dict(values), rtl=self.rtl)


def compile_mail(  # noqa: PLR0913 - each part is named by the caller
    source: CampaignSource,
    key: str,
    *,
    partner: PartnerKit,
    vendor: VendorKit,
    language: str,
    page_url: str,
    slots: Mapping[str, Any] | None = None,
    pictures: Pictures | None = None,
    basis: str = "",
    outline: bool = False,
) -> Compiled:
    """One mail of a campaign for one partner and language.

    `slots` are the partner's values (see `slots.check`), `basis` says why the list may be written
    to (customer, consent, enquiry; left out: customer, and enquiry for nurture mails). Raises `TemplateRefused` with file and line.
    """
    mail = source.mail(key)
    language = source.language_for(language)
    context = scene(
        source,
        partner=partner,
        vendor=vendor,
        language=language,
        slots=slots or {},
        pictures=pictures or Pictures(),
        page_url=page_url,
        basis=basis or ("enquiry" if mail.kind == "nurture" else "customer"),
        about=("mail", key),
        outline=outline,
    )
    context["link"] = _named_link
    text = render(environment_of(source.version), mail.file, context)
    include = _included(source.files)
    try:
        made = mjml.to_html(text, file=mail.file, include=include, fonts={})
    except TemplateRefused as problem:
        raise _in_source(problem, text, source.files) from problem
    names = context["names"]
    prefix = str(context["slots"].get("subject_prefix") or "")
    prefix = spoken(prefix, names) if "{partner}" in prefix else ""
    return compile_html(
        made.html,
        subject=prefix + spoken(mail.subject[language], names),
        preview=spoken(mail.preview[language], names),
        language=language,
        file=mail.file,
        warnings=tuple(str(warning) for warning in made.warnings),
    )


def compile_html(  # noqa: PLR0913 - each part is named by the caller
    html: str,
    *,
    subject: str,
    preview: str,
    language: str,
    file: str = "mail",
    warnings: tuple[str, ...] = (),
) -> Compiled:
    """Numbers the links of finished HTML, derives the text part, adds what the engine watches by.

    Raises `TemplateRefused` for unknown tokens, tokens without fallback, tokens in addresses.
    """
    rtl = is_rtl(language)
    if rtl:
        html = html.replace("text-align:right", "direction:rtl;text-align:right")
    numbered, links, keys = _numbered(html, file)
    text = plain_text.letter(numbered)
    end = numbered.rfind("</body>")
    end = len(numbered) if end < 0 else end
    numbered = numbered[:end] + UNSEEN + PIXEL + numbered[end:]
    used: set[str] = set()
    parts = ((subject, "subject"), (preview, "preview"), (numbered, "mail"), (text, "text part"))
    for part, where in parts:
        try:
            used |= tokens.check(part, where=where)
        except Invalid as problem:
            raise refusal(
                file, problem.code, problem.message, remedy=problem.remedy or ""
            ) from problem
    return Compiled(
        subject=subject,
        preview=preview,
        html=numbered,
        text=text,
        links=tuple(links),
        link_keys=tuple(keys),
        tokens=frozenset(name for name in used if not is_system(name)),
        language=language,
        rtl=rtl,
        warnings=warnings,
    )


def _named_link(url: str, key: str = "") -> str:
    return f"{url}{KEY_MARK}{key}" if key else str(url)


def _numbered(html: str, file: str) -> tuple[str, list[str], list[str]]:
    links: list[str] = []
    keys: list[str] = []
    seen: dict[str, int] = {}

    def address(match: re.Match[str]) -> str:
        url = htmllib.unescape(match[1] if match[1] is not None else match[2]).strip()
        if not url.lower().startswith(("http://", "https://")):
            if KEY_MARK in url:
                return f'href="{htmllib.escape(url.split(KEY_MARK)[0])}"'
            return match[0]
        if TOKEN.search(url) or _HOST_TOKEN.match(url):
            raise refusal(
                file,
                "token.in_address",
                f"The address “{url}” holds a recipient token.",
                remedy="link to a fixed address; the engine adds who clicked",
            )
        if url not in seen:
            plain, _, key = url.partition(KEY_MARK)
            links.append(tokens.restored(plain))
            keys.append(key)
            seen[url] = len(links)
        return f'href="[[link:{seen[url]}]]"'

    def anchor(match: re.Match[str]) -> str:
        return _HREF.sub(address, match[0], count=1)

    numbered = _ANCHOR.sub(anchor, html)
    if len(links) > MOST_LINKS:
        raise refusal(
            file, "too_many_links", f"There are {len(links)} links.", remedy=f"keep {MOST_LINKS}"
        )
    return numbered, links, keys


def _included(files: Mapping[str, bytes]) -> mjml.Include:
    def include(path: str) -> str | None:
        data = files.get(path.removeprefix("./"))
        return None if data is None else data.decode("utf-8-sig")

    return include


def _in_source(problem: TemplateRefused, text: str, files: Mapping[str, bytes]) -> TemplateRefused:
    """The finding with the line of the author's file that made the rendered line, if it shows."""
    first = problem.findings[0]
    lines = text.split("\n")
    wrong = lines[first.line - 1].strip() if 0 < first.line <= len(lines) else ""
    names = [first.file, *(name for name in sorted(files) if name.endswith(".mjml"))]
    for name in names:
        for number, line in enumerate(files.get(name, b"").decode("utf-8-sig").split("\n"), 1):
            if wrong and line.strip() == wrong:
                return refusal(name, first.code, first.message, line=number, remedy=first.remedy)
    return problem
