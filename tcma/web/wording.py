"""In which language a page is told, and the doors through which words reach it: `_`, `{% trans %}`, `{{ }}`, flashes."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, Final, cast

import flask
from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup

from tcma.web.reading import language
from tcma.words import (
    Words,
    in_language,
    inside,
    one_stop,
    opening,
    say,
    say_as,
    say_n,
    translations,
)

MARKS = ("_", "_n", "_as", "gettext", "ngettext")
"""What templates mark texts with; `tcma.web.catalogs` extracts these."""
EATERS = (
    "capitalize", "join", "xmlattr", "e", "escape", "format", "forceescape", "lower", "replace", "string", "title", "trim",
    "truncate", "upper",
)  # fmt: skip
"""Filters that make another text of a text: they get it in the reader's language."""

_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
NO_TURNS: Final = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Signs that change the direction of all that follows them: a name with one would turn the rest of its line."""


def can_be_marked(env: Environment) -> None:
    """Let templates carry marks: `{% trans %}` with its blanks folded, and `{% do %}`, which leaves `_` free."""
    env.add_extension("jinja2.ext.i18n")
    env.add_extension("jinja2.ext.do")
    env.newstyle_gettext = True  # type: ignore[attr-defined]
    env.policies["ext.i18n.trimmed"] = True


class TellingJoins(CodeGenerator):
    """Lets `a ~ b` tell its parts before it joins them: what it makes is no longer words."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        """Write the joining of the told parts."""
        safe = frame.eval_ctx.autoescape and not frame.eval_ctx.volatile
        choose = "(markup_join if context.eval_ctx.volatile else str_join)"
        self.write("markup_join((" if safe else f"{choose}((")
        for part in node.nodes:
            self.write("environment.finalize(")
            self.visit(part, frame)
            self.write("), ")
        self.write("))")


class Teller:
    """Tells the texts of an environment's pages in `language()`, which is asked at each use."""

    def __init__(self, language: Callable[[], str]) -> None:
        self.language = language

    def told(self, value: Any) -> Any:
        """Return words as the reader reads them, and whatever else as it is; no text turns what stands behind it."""
        if isinstance(value, Words):
            value = in_language(value, self.language())
        return (
            value.translate(NO_TURNS) if isinstance(value, str) and _TURNS.search(value) else value
        )

    def deep(self, value: Any) -> Any:
        """Do so with what a list or a mapping holds."""
        if isinstance(value, Mapping):
            return {key: self.deep(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.deep(each) for each in value]
        return self.told(value)

    def text(self, message: str, /, **values: Any) -> str:
        """`_("…")` of templates."""
        return cast(str, self.told(say(message, **values)))

    def counted(self, one: str, several: str, number: int, /, **values: Any) -> str:
        """`_n("…", "…", number)` of templates."""
        return cast(str, self.told(say_n(one, several, number, **values)))

    def text_as(self, context: str, message: str, /, **values: Any) -> str:
        """`_as("context", "…")` of templates."""
        return cast(str, self.told(say_as(context, message, **values)))

    def trans(self, message: str, **values: Any) -> Markup:
        """`{% trans %}`: the message is ours and may carry tags, the values are escaped."""
        known = translations(self.language())
        return self._filled(message if known is None else known.text(message), values)

    def trans_n(self, one: str, several: str, number: int, **values: Any) -> Markup:
        """`{% trans %} … {% pluralize %}`."""
        known = translations(self.language())
        english = one if number == 1 else several
        text = english if known is None else known.counted(one, several, number)
        return self._filled(text, values)

    def _filled(self, text: str, values: Mapping[str, Any]) -> Markup:
        made = Markup(text) % self.deep(values)  # noqa: S704 - texts of ours and of our translators
        return Markup(one_stop(made)) if ".." in made else made  # noqa: S704 - values are escaped

    def inside(self, text: str) -> str:
        """Return a label as it stands inside a sentence: small, where nouns are not always capital."""
        return cast(str, self.told(inside(text)))

    def opening(self, text: str) -> str:
        """Return a text as it opens a sentence, its other letters as they are."""
        return cast(str, self.told(opening(text)))

    def eating(self, taken: Callable[..., Any]) -> Callable[..., Any]:
        """Return a filter that gets its value told."""
        at = 1 if hasattr(taken, "jinja_pass_arg") else 0

        @wraps(taken)
        def eats(*args: Any, **options: Any) -> Any:
            value = args[at]
            if not isinstance(value, str | Mapping):
                value = list(value) if isinstance(value, Iterable) else value
            return taken(*args[:at], self.deep(value), *args[at + 1 :], **options)

        return eats


def install(env: Environment, *, language: Callable[[], str]) -> None:
    """Tell every text of this environment's pages in `language()`."""
    teller = Teller(language)
    can_be_marked(env)
    env.finalize = teller.told
    env.code_generator_class = TellingJoins
    env.globals.update(
        _=teller.text,
        _n=teller.counted,
        _as=teller.text_as,
        gettext=teller.trans,
        ngettext=teller.trans_n,
    )
    env.filters |= {name: teller.eating(env.filters[name]) for name in EATERS}
    env.filters |= {"told": teller.deep, "inside": teller.inside, "opening": teller.opening}


def told(text: str) -> str:
    """Return a text in the reader's language, for what leaves a view by another way than a template."""
    return in_language(text, language())


def told_all(value: Any) -> Any:
    """Do so with every text that a list or a mapping holds."""
    return Teller(language).deep(value)


def flash(text: Any, tone: str = "good") -> None:
    """Keep a sentence for the next page, in the language of this reader; undo has [text, address]."""
    flask.flash(told_all(text), tone)
