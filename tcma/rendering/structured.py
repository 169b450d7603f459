"""What machines read of a landing page: Open Graph for link previews, JSON-LD for search engines.

JSON-LD is a data block: browsers do not run it, so the page's policy stays without scripts.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tcma.rendering.kits import PartnerKit

_MARKUP = re.compile(r"<[^>]*>")
SHARE_SIZE = (1200, 628)


def head_of(  # noqa: PLR0913 - each part is named by the caller
    *,
    title: str,
    description: str,
    page_url: str,
    language: str,
    partner: PartnerKit,
    logo_url: str,
    share_image: str,
    share_alt: str,
    questions: Sequence[Sequence[str]],
) -> str:
    """The elements for a page's head. Without an address of its own a page gets none."""
    if not page_url:
        return ""
    facts = {
        "og:type": "website",
        "og:title": title,
        "og:description": description,
        "og:url": page_url,
        "og:locale": language,
        "og:site_name": partner.name,
    }
    if share_image:
        facts |= {
            "og:image": share_image,
            "og:image:width": str(SHARE_SIZE[0]),
            "og:image:height": str(SHARE_SIZE[1]),
            "og:image:alt": share_alt,
        }
    metas = "".join(
        f'<meta property="{name}" content="{html.escape(value)}">' for name, value in facts.items()
    )
    card = "summary_large_image" if share_image else "summary"
    known = json.dumps(_graph(title, description, page_url, language, partner, logo_url, questions),
                       ensure_ascii=False)  # fmt: skip
    safe = known.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return (
        f'<link rel="canonical" href="{html.escape(page_url)}">{metas}'
        f'<meta name="twitter:card" content="{card}">'
        f'<script type="application/ld+json">{safe}</script>'
    )


def _graph(  # noqa: PLR0913, PLR0917 - what a page is about
    title: str,
    description: str,
    page_url: str,
    language: str,
    partner: PartnerKit,
    logo_url: str,
    questions: Sequence[Sequence[str]],
) -> Mapping[str, Any]:
    firm = {
        "@type": "Organization",
        "@id": f"{page_url}#partner",
        "name": partner.name,
        "legalName": partner.legal_name,
        "address": partner.address,
        "url": partner.site,
        "telephone": partner.phone,
        "logo": logo_url,
    }
    page = {
        "@type": "WebPage",
        "@id": page_url,
        "url": page_url,
        "name": title,
        "description": description,
        "inLanguage": language,
        "publisher": {"@id": f"{page_url}#partner"},
    }
    asked = {
        "@type": "FAQPage",
        "@id": f"{page_url}#questions",
        "inLanguage": language,
        "mainEntity": [
            {
                "@type": "Question",
                "name": _plain(question),
                "acceptedAnswer": {"@type": "Answer", "text": _plain(answer)},
            }
            for question, answer in questions
        ],
    }
    graph = [page, {key: value for key, value in firm.items() if value}]
    return {"@context": "https://schema.org", "@graph": [*graph, asked] if questions else graph}


def _plain(text: str) -> str:
    return html.unescape(_MARKUP.sub("", str(text)))
