"""What is measured of a landing page before it is published: accessibility that can be read off the
page, and weight. Errors stop it, the whole report stays with the page as evidence.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tcma.errors import Invalid
from tcma.rendering.colour import contrast

HTML_KB, PICTURES_KB, FONTS_KB = 16, 300, 160
READABLE = 4.5
_NAMED = ("input", "select", "textarea")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReport:
    """`errors` are sentences; weights in kB as they are sent (HTML with gzip)."""

    errors: tuple[str, ...]
    html_kb: float
    pictures_kb: float
    fonts_kb: float
    least_contrast: float

    def record(self) -> dict[str, Any]:
        """As it is kept with the page."""
        return asdict(self) | {"errors": list(self.errors)}


def check_page(html: str, *, look: Mapping[str, str], sizes: Mapping[str, int]) -> PageReport:
    """Measure a page. `sizes` is octets by address of the pictures and fonts it may load."""
    tree = LexborHTMLParser(html)
    used = {address: size for address, size in sizes.items() if address in html}
    fonts = sum(size for address, size in used.items() if address.endswith(".woff2")) / 1000
    pictures = sum(size for address, size in used.items() if not address.endswith(".woff2")) / 1000
    weight = len(gzip.compress(html.encode(), 9, mtime=0)) / 1000
    pairs = [
        (look["ink"], look["top"]),
        (look["lead"], look["top"]),
        (look["label"], look["button"]),
    ]
    least = min(contrast(text, ground) for text, ground in pairs)
    errors = [*_structure(tree), *_names(tree), *_headings(tree)]
    if least < READABLE:
        errors.append(f"Text reaches a contrast of {least:.1f} : 1, {READABLE} : 1 is needed.")
    for what, kb, most in (
        ("The page", weight, HTML_KB),
        ("Its pictures", pictures, PICTURES_KB),
        ("Its fonts", fonts, FONTS_KB),
    ):
        if kb > most:
            errors.append(
                f"{what} weigh{'s' if what == 'The page' else ''} {kb:.0f} kB, {most} kB are allowed."
            )
    return PageReport(
        errors=tuple(dict.fromkeys(errors)),
        html_kb=round(weight, 1),
        pictures_kb=round(pictures, 1),
        fonts_kb=round(fonts, 1),
        least_contrast=round(least, 2),
    )


def refuse_faults(report: PageReport) -> None:
    """Raise Invalid (`page.checks`) naming the first fault and how many there are."""
    if report.errors:
        more = len(report.errors) - 1
        raise Invalid(
            f"The page cannot be published: {report.errors[0]}"
            + (f" ({more} more)" if more else ""),
            code="page.checks",
            remedy="The vendor mends it in the campaign’s landing page.",
        )


def _structure(tree: LexborHTMLParser) -> list[str]:
    found = []
    root = tree.css_first("html")
    if root is None or not (root.attributes.get("lang") or ""):
        found.append("The page does not say its language.")
    title = tree.css_first("title")
    if title is None or not title.text(strip=True):
        found.append("The page has no title.")
    if len(tree.css("main")) != 1:
        found.append("The page has no single main part.")
    if tree.css('meta[name="viewport"][content*="user-scalable=no"]'):
        found.append("The page forbids zooming.")
    return found


def _names(tree: LexborHTMLParser) -> list[str]:
    found = [
        "A picture has no alternative text."
        for each in tree.css("img")
        if "alt" not in each.attributes
    ]
    for each in tree.css(", ".join(_NAMED)):
        kind = each.attributes.get("type")
        if kind not in {"hidden", "submit"} and not _labelled(tree, each):
            found.append(f"The field “{each.attributes.get('name')}” has no label.")
    found += [
        "A link has no words." for each in tree.css("a[href]")
        if not each.text(strip=True) and not each.css_first("img[alt]")
    ]  # fmt: skip
    return found


def _labelled(tree: LexborHTMLParser, field: LexborNode) -> bool:
    if field.attributes.get("aria-label"):
        return True
    name = field.attributes.get("id")
    if name and tree.css_first(f'label[for="{name}"]'):
        return True
    above = field.parent
    while above is not None and above.tag != "label":
        above = above.parent
    return above is not None


def _headings(tree: LexborHTMLParser) -> list[str]:
    levels = [int(each.tag[1]) for each in tree.css("h1, h2, h3, h4, h5, h6") if each.tag]
    found = [] if levels.count(1) == 1 else [f"The page has {levels.count(1)} first headings."]
    if any(later > earlier + 1 for earlier, later in pairwise(levels)):
        found.append("A heading skips a level.")
    return found
