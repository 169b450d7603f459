"""MJML to HTML through mrml, after a pre-pass that mends what mrml reads differently from the
official compiler: includes, inline styles, html attributes, class defaults, unitless zeros.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import css_inline
import mjml as mrml
from selectolax.lexbor import LexborHTMLParser

from tcma.rendering.findings import Finding, nearest, refusal, warning
from tcma.rendering.mjml_tree import ENDING, Node, read

Include = Callable[[str], str | None]

COMPONENTS: Mapping[str, frozenset[str]] = {
    "mjml": frozenset({"mj-head", "mj-body", "mj-raw", "mj-include"}),
    "mj-head": frozenset(
        {
            "mj-attributes", "mj-breakpoint", "mj-font", "mj-html-attributes", "mj-include",
            "mj-preview", "mj-raw", "mj-style", "mj-title",
        }
    ),
    "mj-body": frozenset({"mj-section", "mj-wrapper", "mj-hero", "mj-raw", "mj-include"}),
    "mj-wrapper": frozenset({"mj-section", "mj-hero", "mj-raw", "mj-include"}),
    "mj-section": frozenset({"mj-column", "mj-group", "mj-raw", "mj-include"}),
    "mj-group": frozenset({"mj-column", "mj-raw", "mj-include"}),
    "mj-social": frozenset({"mj-social-element", "mj-raw"}),
    "mj-navbar": frozenset({"mj-navbar-link", "mj-raw"}),
    "mj-accordion": frozenset({"mj-accordion-element", "mj-raw"}),
    "mj-accordion-element": frozenset({"mj-accordion-title", "mj-accordion-text", "mj-raw"}),
    "mj-carousel": frozenset({"mj-carousel-image"}),
    "mj-html-attributes": frozenset({"mj-selector"}),
    "mj-selector": frozenset({"mj-html-attribute"}),
}  # fmt: skip
CONTENT = frozenset(
    {
        "mj-accordion", "mj-button", "mj-carousel", "mj-divider", "mj-image", "mj-include",
        "mj-navbar", "mj-raw", "mj-social", "mj-spacer", "mj-table", "mj-text",
    }
)  # fmt: skip
TAGS = (
    frozenset(COMPONENTS)
    | CONTENT
    | frozenset().union(*COMPONENTS.values())
    | {"mj-column", "mj-all", "mj-class"}
)
_ZERO = re.compile(r"(?<![\w.#-])0(?![\w.%])")
_WORD = re.compile(r"zq(\d+)qz")
_POSITION = re.compile(r"at position (\d+)")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Html:
    """A compiled document and what was odd on the way."""

    html: str
    warnings: tuple[Finding, ...]


@dataclass(slots=True)
class _Work:
    file: str
    include: Include
    warnings: list[Finding] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    inline_css: list[str] = field(default_factory=list)
    file_start: list[str] = field(default_factory=list)
    selectors: list[tuple[str, str, str]] = field(default_factory=list)
    marks: list[tuple[int, Node]] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    size: int = 0

    def put(self, text: str) -> None:
        self.out.append(text)
        self.size += len(text)

    def keep(self, text: str) -> str:
        self.kept.append(text)
        return f"zq{len(self.kept) - 1}qz"


def to_html(
    source: str,
    *,
    file: str,
    include: Include = lambda _path: None,
    fonts: Mapping[str, str] | None = None,
) -> Html:
    """One MJML document as HTML.

    `include` gives the text of a file named in mj-include, or None when there is none.
    `fonts` replaces the web fonts that are linked when used (name to address).
    Raises `TemplateRefused` with file and line.
    """
    work = _Work(file, include)
    root = _root(read(source, file=file), work)
    head, body = _parts(root, work)
    _class_defaults(head, body)
    _serialise(root, head, body, work)
    html = _compiled("".join(work.out), work, fonts)
    if work.inline_css:
        inliner = css_inline.CSSInliner(
            inline_style_tags=False,
            keep_style_tags=True,
            keep_link_tags=True,
            load_remote_stylesheets=False,
            extra_css="\n".join(work.inline_css),
        )
        html = inliner.inline(html)
    for selector, name, value in work.selectors:
        html = _with_attribute(html, selector, name, value)
    html = "".join(work.file_start) + _language(html, root)
    return Html(html, tuple(work.warnings))


def _root(nodes: list[Node], work: _Work) -> Node:
    root = next((node for node in nodes if node.tag == "mjml"), None)
    if root is None:
        line = nodes[0].line if nodes else 1
        raise refusal(
            work.file,
            "mjml",
            "There is no <mjml> element.",
            line=line,
            remedy="enclose the document in <mjml> … </mjml>",
        )
    _spliced(root, work, (work.file,))
    if root.first("mj-body") is None:
        raise refusal(
            work.file,
            "mjml",
            "There is no <mj-body> in <mjml>.",
            line=root.line,
            remedy="put the visible part into <mj-body>",
        )
    return root


def _spliced(node: Node, work: _Work, trail: tuple[str, ...]) -> None:
    """Replaces every mj-include by what it names."""
    children: list[Node] = []
    for child in node.children:
        if child.tag != "mj-include":
            _spliced(child, work, trail)
            children.append(child)
            continue
        children.extend(_included(child, work, trail))
    node.children = children


def _included(node: Node, work: _Work, trail: tuple[str, ...]) -> list[Node]:
    path = node.attributes.get("path", "")
    kind = node.attributes.get("type", "mjml")
    text = work.include(path)
    if text is None:
        work.warnings.append(
            warning(
                node.file,
                "missing_file",
                f"mj-include: the file “{path}” is not there.",
                line=node.line,
                remedy="name a file inside this folder",
            )
        )
        return []
    if kind == "html":
        return [Node("mj-raw", path, 1, content=text)]
    if kind == "css":
        inline = {"inline": "inline"} if node.attributes.get("css-inline") == "inline" else {}
        return [Node("mj-style", path, 1, inline, content=text)]
    if path in trail:
        raise refusal(
            node.file,
            "mjml",
            f"mj-include: “{path}” includes itself.",
            line=node.line,
            remedy="remove one of the includes",
        )
    nodes = read(text, file=path)
    whole = next((n for n in nodes if n.tag == "mjml"), None)
    holder = whole or Node("mjml", path, 1, children=nodes)
    _spliced(holder, work, (*trail, path))
    out: list[Node] = []
    for child in holder.children:
        if child.tag == "mj-body" and not child.attributes.get("keep"):
            out.extend(child.children)
        else:
            out.append(child)
    return out


_HEAD_TAGS = COMPONENTS["mj-head"] - {"mj-raw", "mj-include"}


def _parts(root: Node, work: _Work) -> tuple[Node, Node]:
    """One head and one body; head parts found in the body (by includes) move up."""
    head = Node("mj-head", root.file, root.line)
    body = root.first("mj-body") or Node("mj-body", root.file, root.line)
    for child in root.children:
        if child.tag == "mj-head":
            head.children.extend(child.children)
        elif child.tag == "mj-raw" and child.attributes.get("position") == "file-start":
            work.file_start.append(child.content)
        elif child.tag in _HEAD_TAGS:
            head.children.append(child)
    _lift(body, head)
    for child in list(head.children):
        if child.tag == "mj-head":
            head.children.remove(child)
            head.children.extend(child.children)
    head.children = [child for child in head.children if _stays(child, work)]
    return head, body


def _stays(child: Node, work: _Work) -> bool:
    """What mrml cannot do with a head part is noted for afterwards; true when mrml gets it."""
    if child.tag == "mj-style" and child.attributes.get("inline") == "inline":
        work.inline_css.append(_uncdata(child.content))
        return False
    if child.tag == "mj-html-attributes":
        _selectors(child, work)
        return False
    if child.tag == "mj-raw" and child.attributes.get("position") == "file-start":
        work.file_start.append(child.content)
        return False
    if child.tag not in COMPONENTS["mj-head"]:
        _left_out(child, work, "mj-head")
        return False
    return True


def _lift(node: Node, head: Node) -> None:
    for child in list(node.children):
        if child.tag == "mj-head":
            node.children.remove(child)
            head.children.extend(child.children)
        elif child.tag in _HEAD_TAGS:
            node.children.remove(child)
            head.children.append(child)
        else:
            _lift(child, head)


def _left_out(node: Node, work: _Work, inside: str) -> None:
    """An unknown mj- tag is refused; HTML that stands between components is left out and told."""
    if node.tag.lower().startswith("mj"):
        message = f"<{node.tag}> is not an MJML tag" + (f" of {inside}." if inside else ".")
        remedy = nearest(node.tag, TAGS)
        raise refusal(node.file, "unknown_tag", message, line=node.line, remedy=remedy)
    message = f"<{node.tag}> stands outside mj-text and mj-raw and is left out."
    remedy = "put HTML into <mj-text> or <mj-raw>"
    found = warning(node.file, "stray_html", message, line=node.line, remedy=remedy)
    work.warnings.append(found)


def _selectors(node: Node, work: _Work) -> None:
    for selector in node.children:
        path = selector.attributes.get("path", "")
        for attribute in selector.children:
            name = attribute.attributes.get("name", "")
            if path and name:
                work.selectors.append((path, name, attribute.content.strip()))


def _class_defaults(head: Node, body: Node) -> None:
    """Sets what mrml leaves out: children of mj-class as defaults, some tags' own defaults."""
    by_class: dict[str, dict[str, dict[str, str]]] = {}
    defaults = [d for a in head.children if a.tag == "mj-attributes" for d in a.children]
    for default in defaults:
        if default.tag == "mj-class":
            name = default.attributes.get("name", "")
            by_class[name] = {c.tag: c.attributes for c in default.children}
            default.children = []
        elif default.tag == "mj-body":
            body.attributes = default.attributes | body.attributes
    elements = [d.attributes for d in defaults if d.tag == "mj-accordion-element"]
    for node in body.walk():
        if node.tag == "mj-accordion-element":
            for given in elements:
                node.attributes = given | node.attributes
        for name in node.attributes.get("mj-class", "").split():
            for child in node.children:
                child.attributes = by_class.get(name, {}).get(child.tag, {}) | child.attributes


def _serialise(root: Node, head: Node, body: Node, work: _Work) -> None:
    attributes = {k: v for k, v in root.attributes.items() if k in {"lang", "dir", "owa"}}
    work.put("<mjml" + _written(attributes) + ">")
    _write(head, work, inside="mjml")
    _write(body, work, inside="mjml")
    work.put("</mjml>")


def _written(attributes: Mapping[str, str]) -> str:
    out = ""
    for name, value in attributes.items():
        fixed = _ZERO.sub("0px", value) if "padding" in name else value
        fixed = " ".join(fixed.split("\n")).replace('"', "&quot;").replace("<", "&lt;")
        out += f' {name}="{fixed}"'
    return out


def _write(node: Node, work: _Work, *, inside: str) -> None:
    work.marks.append((work.size, node))
    if inside in {"mj-attributes", "mj-class"}:
        work.put(f"<{node.tag}{_written(node.attributes)} />")
        return
    if node.tag not in TAGS:
        _left_out(node, work, "")
        return
    if node.tag == "mj-raw" and inside == "mj-group":
        text = "<mj-raw> directly inside <mj-group> is not shown."
        remedy = "put it into a column"
        found = warning(node.file, "raw_in_group", text, line=node.line, remedy=remedy)
        work.warnings.append(found)
    work.put(f"<{node.tag}{_written(node.attributes)}>")
    if node.tag in ENDING:
        content = _uncdata(node.content)
        if content.strip():
            work.put(work.keep(content))
    else:
        for child in node.children:
            _write(child, work, inside=node.tag)
    work.put(f"</{node.tag}>")


def _uncdata(content: str) -> str:
    return _CDATA.sub(lambda match: match[1], content)


def _compiled(text: str, work: _Work, fonts: Mapping[str, str] | None) -> str:
    try:
        html = (
            mrml.mjml2html(text, fonts=dict(fonts)) if fonts is not None else mrml.mjml2html(text)
        )
    except ValueError as problem:
        place = _POSITION.search(str(problem))
        at = int(place[1]) if place else 0
        node = next((n for start, n in reversed(work.marks) if start <= at), None)
        file, line = (node.file, node.line) if node else (work.file, 1)
        tag = f"<{node.tag}>" if node else "the document"
        what = str(problem).split(" in root template")[0]
        raise refusal(
            file,
            "mjml",
            f"{tag} cannot be compiled: {what}.",
            line=line,
            remedy="check its attributes and what it holds",
        ) from problem
    return _WORD.sub(lambda match: work.kept[int(match[1])], html)


def _with_attribute(html: str, selector: str, name: str, value: str) -> str:
    tree = LexborHTMLParser(html)
    try:
        nodes = tree.css(selector)
    except ValueError:
        return html
    for node in nodes:
        node.attrs[name] = value
    doctype = html[: html.find("<html")] if "<html" in html else ""
    return doctype + (tree.root.html if tree.root and tree.root.html else html)


def _language(html: str, root: Node) -> str:
    lang = root.attributes.get("lang", "und")
    direction = root.attributes.get("dir", "auto")
    match = re.search(r"<html\b[^>]*>", html)
    if match is None:
        return html
    tag = re.sub(r'\s(?:lang|dir)="[^"]*"', "", match[0])
    tag = tag.replace("<html", f'<html lang="{lang}" dir="{direction}"', 1)
    return html[: match.start()] + tag + html[match.end() :]
