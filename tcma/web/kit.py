"""Puts the component kit into a Jinja environment: filters, icons, hashed addresses, states."""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from tcma.errors import Unavailable
from tcma.web import charts, filters, wording
from tcma.web.filters import Reader
from tcma.web.states import STATES, pill_of
from tcma.words import SOURCE, in_language

Assets = Callable[[str], str]


def assets_of(built: Path, *, prefix: str = "/static/") -> Assets:
    """Return `asset(name)`: the address of a bundled file by its plain name (`app.css`).

    `built` is the folder with `manifest.json`. Raises Unavailable when the bundle was never made.
    """
    listed = built / "manifest.json"

    @lru_cache(maxsize=1)
    def manifest(_changed: int) -> Mapping[str, str]:
        return dict(json.loads(listed.read_text()))

    def address(name: str) -> str:
        try:
            return prefix + manifest(listed.stat().st_mtime_ns)[name]
        except FileNotFoundError:
            raise Unavailable(
                "The front-end bundle is missing",
                code="bundle.missing",
                remedy="Run `make setup`, or `python -m tcma.web.bundle`.",
            ) from None

    return address


def page_lang(language: str, locale: str) -> str:
    """Return what stands in `<html lang>`: the language, with the reader's region where it is spoken."""
    return locale if locale.partition("-")[0] == language else language


def install(
    env: Environment,
    *,
    asset: Assets,
    reader: Callable[[], Reader],
    language: Callable[[], str] = lambda: SOURCE,
) -> None:
    """Add every filter and global that layouts and components use.

    `reader()` and `language()` are asked at each use, so they may read the current request.
    """
    wording.install(env, language=language)

    def icon(name: str, label: str = "", kind: str = "i") -> Markup:
        address = f"{asset('icons.svg')}#{name}"
        if label:
            attrs = Markup('role="img" aria-label="{}"').format(said(label))
        else:
            attrs = Markup('aria-hidden="true"')
        return Markup('<svg class="{}" {}><use href="{}"/></svg>').format(kind, attrs, address)

    def tag() -> str:
        return reader().locale

    def said(words: str) -> str:
        return in_language(words, language())

    env.globals.update(
        asset=asset,
        page_lang=lambda: page_lang(language(), tag()),
        icon=icon,
        glyph=icon,
        pill_of=pill_of,
        states=STATES,
        shares=filters.shares,
        bar_words=lambda parts: ", ".join(
            f"{filters.count(n, locale=tag())} {said(w)}" for n, _, w in parts
        ),
        charts=charts,
    )
    table: dict[str, Callable[..., Any]] = {
        "money": lambda m, code=False: filters.money(m, locale=tag(), code=code),
        "money_pair": lambda ms: filters.money_pair(ms, locale=tag()),
        "signed_money": lambda m: filters.signed_money(m, locale=tag()),
        "count": lambda n: filters.count(n, locale=tag()),
        "counted": lambda n, one, several: filters.counted(n, one, several, locale=tag()),
        "few": lambda n: filters.few(n, locale=tag()),
        "percent": lambda s, digits=0: filters.percent(s, locale=tag(), digits=digits),
        "tenths": lambda n: filters.tenths(n, locale=tag()),
        "date": lambda at: filters.local_date(at, reader=reader()),
        "time": lambda at: filters.local_time(at, reader=reader()),
        "moment": lambda at: filters.local_moment(at, reader=reader()),
        "relative": lambda at: filters.relative(at, reader=reader()),
        "time_left": lambda at: filters.time_left(at, now=reader().now),
        "duration": filters.duration,
        "file_size": lambda n: filters.file_size(n, locale=tag()),
        "iso": filters.iso,
        "lines": lambda text: Markup("<br>").join(escape(text).splitlines()),
    }
    env.filters.update(table)
