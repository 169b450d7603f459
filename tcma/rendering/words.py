"""Copy on its way into a template: escaped, `**bold**` set, `{partner}` and its like filled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from tcma.rendering.sandbox import trusted
from tcma.rendering.tokens import inert

_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_NAME = re.compile(r"\{([a-z_]+)\}")


def prepared(value: Any, names: Mapping[str, str]) -> Any:
    """A tree of copy as HTML texts; lists and tables keep their shape, numbers stay."""
    if isinstance(value, str):
        return marked(value, names)
    if isinstance(value, list | tuple):
        return [prepared(part, names) for part in value]
    if isinstance(value, Mapping):
        return {key: prepared(part, names) for key, part in value.items()}
    return value


def marked(text: str, names: Mapping[str, str]) -> Markup:
    """One text as HTML. A name in braces that is not known stays as it is."""
    safe = str(escape(text))
    safe = _BOLD.sub(r"<strong>\1</strong>", safe)
    return trusted(
        _NAME.sub(lambda m: str(escape(inert(names[m[1]]))) if m[1] in names else m[0], safe)
    )


def spoken(text: str, names: Mapping[str, str]) -> str:
    """One text for a subject or plain line: no marks, one line."""
    bare = _BOLD.sub(r"\1", text)
    filled = _NAME.sub(lambda m: inert(names[m[1]]) if m[1] in names else m[0], bare)
    return " ".join(filled.split())


def safe_tree(value: Any) -> Any:
    """Values from people: their brackets never read as tokens."""
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, list | tuple):
        return [safe_tree(part) for part in value]
    if isinstance(value, Mapping):
        return {key: safe_tree(part) for key, part in value.items()}
    return value
