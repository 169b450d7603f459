"""What an author is told before a campaign is imported: wrong tags and nesting, tokens, weight,
missing unsubscribe, alternative texts and files, claims that are only samples.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tcma.errors import Invalid, TcmaError, Unavailable
from tcma.journeys.trying import tried
from tcma.rendering import slots as slot_rules
from tcma.rendering import tokens
from tcma.rendering.email import WEIGHT_LIMIT, Compiled, compile_mail
from tcma.rendering.findings import Finding, Severity, TemplateRefused, error, nearest, warning
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.kits import PartnerKit, VendorKit, partner_from_toml
from tcma.rendering.landing import render_landing
from tcma.rendering.lockup import LogoSet
from tcma.rendering.mjml import COMPONENTS, CONTENT, TAGS
from tcma.rendering.mjml_tree import Node, read
from tcma.rendering.printing import Brands, check_prints
from tcma.rendering.slots import SlotType
from tcma.rendering.source import JOURNEY, CampaignSource, load_files

SIZES = ("1200x628", "1080x1080", "1080x1920", "728x90", "300x250")
PAGE_URL = "https://page.example/campaign"
_JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_SUBJECT_LEAD = 20


def lint(
    files: Mapping[str, bytes], *, fonts: Path = BUILT_FONTS, rendered: bool = True
) -> list[Finding]:
    """Every finding for a campaign's files, errors first, in file order.

    Without `rendered` nothing is made of them: the seconds of every mail, page and print are spared.
    """
    found: list[Finding] = []
    for path in sorted(files):
        if path.endswith(".mjml"):
            found += markup(path, files[path])
    try:
        source = load_files(files)
    except TemplateRefused as problem:
        return _ordered([*found, *problem.findings])
    found += _words(source)
    found += _pictures(source)
    found += _claims(source)
    found += _slots(source, fonts)
    if rendered and not any(finding.severity is Severity.ERROR for finding in found):
        found += _compiled(source)
    return _ordered(found)


def _ordered(found: list[Finding]) -> list[Finding]:
    unique = list(dict.fromkeys(found))
    return sorted(unique, key=lambda f: (f.severity is not Severity.ERROR, f.file, f.line))


def masked(source: str) -> str:
    """Template code as blanks of the same length, so that places stay true."""

    def blank(match: re.Match[str]) -> str:
        fill = "x" if match[0].startswith("{{") else " "
        return "".join("\n" if c == "\n" else fill for c in match[0])

    return _JINJA.sub(blank, source)


def markup(path: str, data: bytes) -> Iterator[Finding]:
    """Every finding in one MJML file by itself: tags, nesting, alternative texts, tokens."""
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    try:
        nodes = read(masked(text), file=path)
    except TemplateRefused as problem:
        yield from problem.findings
        return
    for node in nodes:
        yield from _nested(node, None, text)
    yield from _tokens(path, text)


def _nested(node: Node, parent: Node | None, text: str) -> Iterator[Finding]:
    if node.tag.startswith("mj") and node.tag not in TAGS:
        yield Finding(
            severity=Severity.ERROR,
            file=node.file,
            line=node.line,
            column=_column(text, node),
            code="unknown_tag",
            message=f"<{node.tag}> is not an MJML tag.",
            remedy=nearest(node.tag, TAGS),
        )
    allowed = _allowed(parent)
    if allowed is not None and node.tag in TAGS and node.tag not in allowed and parent is not None:
        yield Finding(
            severity=Severity.ERROR,
            file=node.file,
            line=node.line,
            column=_column(text, node),
            code="wrong_nesting",
            message=f"<{node.tag}> cannot stand in <{parent.tag}>.",
            remedy=f"<{parent.tag}> holds {', '.join(sorted(allowed))}",
        )
    default = parent is not None and parent.tag in {"mj-attributes", "mj-class"}
    if node.tag == "mj-image" and not default and not node.attributes.get("alt", "").strip():
        yield error(
            node.file,
            "missing_alt",
            "<mj-image> has no alternative text.",
            line=node.line,
            remedy='write alt="…", what the picture tells',
        )
    for child in node.children:
        yield from _nested(child, node, text)


def _allowed(parent: Node | None) -> frozenset[str] | None:
    if parent is None or parent.tag == "mj-attributes":
        return None
    if parent.tag in {"mj-column", "mj-hero"}:
        return CONTENT
    return COMPONENTS.get(parent.tag)


def _column(text: str, node: Node) -> int:
    lines = text.split("\n")
    line = lines[node.line - 1] if 0 < node.line <= len(lines) else ""
    return line.find(f"<{node.tag}") + 1


def _tokens(path: str, text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.split("\n"), 1):
        try:
            tokens.check(line, where="this line")
        except Invalid as problem:
            yield error(
                path, problem.code, problem.message, line=number, remedy=problem.remedy or ""
            )


def _words(source: CampaignSource) -> Iterator[Finding]:
    for language in source.languages:
        path = f"words/{language}.toml"
        yield from _tokens(path, source.files[path].decode("utf-8-sig"))
        lines = source.files[path].decode("utf-8-sig").split("\n")
        for mail in source.mails:
            subject, preview = mail.subject[language], mail.preview[language]
            line = next((n for n, text in enumerate(lines, 1) if subject in text), 0)
            first = tokens.TOKEN.search(subject)
            if first and first.start() < _SUBJECT_LEAD:
                message = f"The subject of “{mail.key}” has a token in its first 20 characters."
                remedy = "begin with fixed words: an empty value would begin the line"
                yield error(path, "subject_token", message, line=line, remedy=remedy)
            if len(subject) > 60:
                message = f"The subject of “{mail.key}” has {len(subject)} characters."
                yield warning(path, "subject_long", message, line=line, remedy="keep 50")
            if not 25 <= len(preview) <= 100:
                message = f"The preview of “{mail.key}” has {len(preview)} characters."
                yield warning(path, "preview_length", message, line=line, remedy="write 40 to 90")


def _pictures(source: CampaignSource) -> Iterator[Finding]:
    have = {f"{image.width}x{image.height}" for image in source.images}
    for size in SIZES:
        if size not in have:
            yield error(
                "campaign.toml",
                "missing_file",
                f"There is no image of {size}.",
                remedy=f"add banner_{size}.toml",
            )
    for image in source.images:
        try:
            recipe = tomllib.loads(source.files[image.recipe].decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            yield error(image.recipe, "toml", f"Not TOML: {problem}.", remedy="mend it")
            continue
        art = recipe.get("art")
        known = [path for path in source.files if path.startswith("art/")]
        if art and not any(path.startswith(f"art/{art}.") for path in known):
            yield error(
                image.recipe,
                "missing_file",
                f"The art “{art}” is not there.",
                remedy=f"add art/{art}.jpg",
            )
    if not any(path.startswith("art/hero.") for path in source.files):
        yield error("campaign.toml", "missing_file", "art/hero.jpg is not there.", remedy="add it")


def _claims(source: CampaignSource) -> Iterator[Finding]:
    for claim in source.claims:
        if claim.sample:
            yield warning(
                "campaign.toml",
                "sample_claim",
                f"The claim “{claim.id}” is a sample: “{claim.text}”.",
                remedy="put your own number and source before you publish",
            )


def _slots(source: CampaignSource, fonts: Path) -> Iterator[Finding]:
    drawn = {path[4:].rpartition(".")[0] for path in source.files if path.startswith("art/")}
    for slot in source.slots:
        named = slot.options.get(source.languages[0], ()) if slot.type is SlotType.IMAGE else ()
        for name in named:
            if name not in drawn:
                message = f"The picture “{name}” of “{slot.key}” is not in art/."
                yield error("campaign.toml", "picture", message, remedy="add it or take it out")
    for language in source.languages:
        defaults = {
            slot.key: slot.default(language)
            for slot in source.slots
            if slot.default(language) is not None
        }
        try:
            problems = slot_rules.check(source.slots, defaults, language=language, fonts=fonts)
        except Unavailable as problem:
            yield warning("campaign.toml", problem.code, problem.message, remedy="run make setup")
            return
        for wrong in problems:
            message = f"The default of “{wrong.slot}”: {wrong.message}"
            yield error(f"words/{language}.toml", wrong.code, message, remedy=wrong.remedy)


def _compiled(source: CampaignSource) -> Iterator[Finding]:
    sample = source.files["sample.toml"].decode("utf-8-sig")
    try:
        partner = partner_from_toml(sample, name="sample.toml")
    except TcmaError as problem:
        yield error("sample.toml", problem.code, problem.message, remedy=problem.remedy or "")
        return
    keys: dict[str, set[str]] = {}
    for language in source.languages:
        for mail in source.mails:
            try:
                made = compile_mail(
                    source,
                    mail.key,
                    partner=partner,
                    vendor=VendorKit(),
                    language=language,
                    page_url=PAGE_URL,
                )
            except TemplateRefused as problem:
                yield from problem.findings
                continue
            keys.setdefault(mail.key, set()).update(made.link_keys)
            yield from _mail(made, mail.file, partner)
        yield from _page(source, partner, language)
    yield from _prints(source, partner)
    yield from _branches(source, keys)


def _mail(made: Compiled, file: str, partner: PartnerKit) -> Iterator[Finding]:
    about = f"{file} ({made.language})"
    for part, name in ((made.html, "HTML"), (made.text, "text part")):
        if "[[unsubscribe_url" not in part:
            message = f"The {name} has no unsubscribe link ({made.language})."
            yield error(file, "no_unsubscribe", message, remedy="include _shared/footer.mjml")
    if partner.address not in made.text.replace("\n", " "):
        message = f"The postal address of the partner is missing ({made.language})."
        yield error(file, "no_address", message, remedy="include _shared/footer.mjml")
    weight = len(made.html.encode())
    if weight > WEIGHT_LIMIT:
        message = f"{about} weighs {weight // 1024} kB; mail programs cut it at 102 kB."
        yield error(file, "too_heavy", message, remedy="shorten it or split the list")
    for image in _IMAGE.findall(made.html):
        if " alt=" not in image:
            message = "A picture has no alternative text."
            yield error(file, "missing_alt", message, remedy='write alt="…"')


def _page(source: CampaignSource, partner: PartnerKit, language: str) -> Iterator[Finding]:
    file = source.page.file
    try:
        landing = render_landing(
            source, partner=partner, vendor=VendorKit(), language=language, page_url=PAGE_URL
        )
    except TemplateRefused as problem:
        yield from problem.findings
        return
    shown = landing.form.show(action="/lead", stamp="1")
    for needed, what in (
        ('method="post"', "form"),
        ('name="consent"', "consent box"),
        ('name="website"', "trap for robots"),
        ('name="stamp"', "time stamp"),
    ):
        if needed not in shown:
            message = f"The page has no {what} ({language})."
            yield error(file, "no_form", message, remedy="include _shared/form.html")


def _prints(source: CampaignSource, partner: PartnerKit) -> Iterator[Finding]:
    vendor = VendorKit()
    brands = Brands(
        partner=partner,
        vendor=vendor,
        partner_logos=LogoSet(
            name=partner.name, short_name=partner.short_name, language=partner.language
        ),
        vendor_logos=LogoSet(name=vendor.name),
    )
    for piece, language, problem in check_prints(source, brands=brands, page_url=PAGE_URL):
        message = f"{problem.message} ({language})"
        yield error(piece.file, problem.code, message, remedy=problem.remedy or "")


def _branches(source: CampaignSource, keys: Mapping[str, set[str]]) -> Iterator[Finding]:
    for step in source.nurture.steps:
        asked = step.asks
        if asked and asked.link and asked.link not in keys.get(asked.mail, ()):
            named = sorted(key for key in keys.get(asked.mail, ()) if key)
            yield error(
                JOURNEY,
                "unknown_link",
                f"The mail “{asked.mail}” has no link called “{asked.link}”.",
                line=step.line,
                remedy=nearest(asked.link, named) if named else "name it: link(url, 'key')",
            )
    for trial, wrong in tried(source.nurture):
        if wrong:
            message = f"The test “{trial.name}” fails: {wrong}."
            yield error(JOURNEY, "journey_test", message, line=trial.line, remedy="mend either")
