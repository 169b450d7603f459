"""The form of a page by itself, for a frame on another site: its card, its style, nothing around it."""

from __future__ import annotations

import html

from selectolax.lexbor import LexborHTMLParser

BARE = "html,body{background:none!important;margin:0;padding:0}form,.done{margin:0;max-width:none;box-shadow:none}"


def form_alone(page: str, *, foot: str = "") -> str:
    """Return a page with nothing but its form; without a form, with what its main part says.

    `foot` is markup before the end of the body.
    """
    tree = LexborHTMLParser(page)
    kept = next(
        (
            node
            for css in ("form[method=post]", "main .done", "main")
            if (node := tree.css_first(css))
        ),
        None,
    )
    root, styles = tree.root, tree.css("style")
    known = root.attributes if root else {}
    facts = "".join(
        f' {name}="{html.escape(known.get(name) or "")}"'
        for name in ("lang", "dir")
        if name in known
    )
    title = tree.css_first("title")
    said = html.escape(title.text()) if title else ""
    style = "".join(f"<style>{each.text()}</style>" for each in styles)
    return (
        f'<!doctype html><html{facts}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{said}</title>{style}<style>{BARE}</style></head>'
        f"<body>{kept.html if kept else ''}{foot}</body></html>"
    )
