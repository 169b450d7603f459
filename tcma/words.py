"""Sentences that remember how they were made: English as they stand, another language where they are read."""

import gettext
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Final, Literal, Self

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

LANGUAGES: Final = ("en", "de", "fr", "es", "ja")
"""What the console ships in; English is the source and has no catalog."""
SOURCE: Final = "en"
_ENGLISH: Final = Locale.parse("en_GB")
JOINTS: Final = {
    "fr": {"; ": "\u202f; ", ": ": "\xa0: "},
    "ja": {", ": "、", "; ": "；", ": ": "："},
}
"""What stands between parts where a language has signs of its own."""
CAPITAL_NOUNS: Final = frozenset({"de"})
PSEUDO: Final = "en-XA"
"""A language nobody speaks: every marked text stands in ⟦ ⟧, so what is not marked shows."""
_DAY_PARTS: Final = (("%Y", "y"), ("%B", "MMMM"), ("%b", "MMM"), ("%a", "E"), ("%d", "d"))
CATALOGS: Final = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Translations:
    """One language: `texts` maps a message (or context and message) to its text, or its plural forms."""

    language: str
    texts: Mapping[str | tuple[str, str], str | tuple[str, ...]] = field(default_factory=dict)
    form: Callable[[int], int] = int

    @property
    def locale(self) -> Locale:
        """Babel's locale, for numbers and lists inside sentences."""
        return Locale.parse("en_GB" if self.language == PSEUDO else self.language)

    def text(self, message: str, context: str = "") -> str:
        """Return a message in this language, itself where it is not translated."""
        if self.language == PSEUDO:
            return f"⟦{message}⟧"
        found = self.texts.get((context, message) if context else message, message)
        return found if isinstance(found, str) else found[0]

    def counted(self, one: str, several: str, number: int) -> str:
        """Return the form of a message for `number`."""
        forms = self.texts.get(one)
        if isinstance(forms, tuple):
            return forms[self.form(number)]
        return self.text(one if number == 1 else several)


@lru_cache
def translations(language: str) -> Translations | None:
    """Return a language's catalog, read once; None for the source and for what is not shipped."""
    if language == PSEUDO:
        return Translations(language)
    path = catalog_path(language)
    if language == SOURCE or language not in LANGUAGES or not path.exists():
        return None
    from babel.messages.pofile import read_po  # only readers of a catalog pay for it

    with path.open("rb") as stream:
        catalog = read_po(stream, locale=language)
    texts: dict[str | tuple[str, str], str | tuple[str, ...]] = {}
    for message in catalog:
        if not message.id or message.fuzzy:
            continue
        name = message.id if isinstance(message.id, str) else message.id[0]
        forms = message.string if isinstance(message.string, str) else tuple(message.string or ())
        if all(forms) and forms:
            texts[(message.context, name) if message.context else name] = forms
    return Translations(language, texts, gettext.c2py(catalog.plural_expr))


def catalog_path(language: str) -> Path:
    """Return the file translators write."""
    return CATALOGS / language / "LC_MESSAGES" / "console.po"


class Words(str):
    """An English sentence that knows its message and its values. Equal to its English in all else."""

    __slots__ = ("context", "message", "values")
    message: str
    context: str
    values: Mapping[str, Any]

    @classmethod
    def made(cls, english: str, message: str, values: Mapping[str, Any], context: str = "") -> Self:
        """Return the sentence `english`, made from `message` and `values`."""
        self = str.__new__(cls, english)
        self.message, self.values, self.context = message, values, context
        return self

    def filled(self, **values: Any) -> "Words":
        """Return the same message, said with these values."""
        return say_as(self.context, self.message, **values)

    def told(self, known: Translations) -> str:
        """Return it in another language."""
        text = known.text(self.message, self.context)
        return one_stop(_Filled(known).vformat(text, (), self.values)) if self.values else text

    def strip(self, chars: str | None = None, /) -> str:
        """Return itself where nothing stands around it."""
        bare = super().strip(chars)
        return self if bare == self else bare

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return itself: it never changes."""
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Leave this process as its English text."""
        return str, (str(self),)


class Counted(Words):
    """A sentence about a number of things."""

    __slots__ = ()

    def told(self, known: Translations) -> str:
        """Return it in the form that language has for the number."""
        text = known.counted(self.message, self.context, self.values["n"])
        return _Filled(known, grouped=frozenset({"n"})).vformat(text, (), self.values)


class Joined(Words):
    """Sentences behind each other; or a list, when the message is a word of `format_list`."""

    __slots__ = ()

    def told(self, known: Translations) -> str:
        """Return each part in that language."""
        parts = [in_language(part, known.language) for part in self.values["parts"]]
        if self.context:
            return str(format_list(parts, style=_style(self.context), locale=known.locale))
        return _joint(self.message, known.language, parts)


class Written(Words):
    """A sum, a day, a number: what each language writes its own way."""

    __slots__ = ()

    def told(self, known: Translations) -> str:
        """Return it as that language writes it."""
        return str(self.values["write"](known.locale))


class Amount(Words):
    """A sum of money as each language writes it."""

    __slots__ = ()

    def told(self, known: Translations) -> str:
        """Return it as that language writes it."""
        return _amount(self.values["major"], self.values["currency"], known.locale)


class Day(Words):
    """A day of a week as each language writes it."""

    __slots__ = ()

    def told(self, known: Translations) -> str:
        """Return it as that language writes it."""
        return _day(self.values["day"], known.locale)


class Month(Words):
    """A month of a year as each language writes it."""

    __slots__ = ()

    def told(self, known: Translations) -> str:
        """Return it as that language writes it."""
        return _month(self.values["day"], known.locale)


class Opening(Words):
    """A text that opens a sentence: its first letter is capital, its others as they are."""

    __slots__ = ()

    def told(self, known: Translations) -> str:
        """Return it in another language."""
        text = in_language(self.values["text"], known.language)
        return text[:1].upper() + text[1:]


class Inside(Words):
    """A label inside a sentence: small, but where nouns are always capital."""

    __slots__ = ()

    def told(self, known: Translations) -> str:
        """Return it in another language."""
        text = in_language(self.values["text"], known.language)
        is_capital = known.language in CAPITAL_NOUNS or text[1:2].isupper()
        return text if is_capital else text[:1].lower() + text[1:]


class _Filled(Formatter):
    """Fills placeholders: words in the language, numbers written `{n:,}` as its readers write them."""

    def __init__(self, known: Translations, *, grouped: frozenset[str] = frozenset()) -> None:
        self.known, self.grouped = known, grouped

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        """Return a value by its name; the number of a counted sentence is always grouped."""
        value = super().get_value(key, args, kwargs)
        return self.format_field(value, ",") if key in self.grouped else value

    def format_field(self, value: Any, format_spec: str) -> str:
        """Write one value."""
        if isinstance(value, Words):
            return value.told(self.known)
        if isinstance(value, date) and format_spec:
            return self.moment(value, format_spec)
        if format_spec == "," and not isinstance(value, str):
            return str(format_decimal(value, locale=self.known.locale))
        return str(super().format_field(value, format_spec))

    def moment(self, at: date, asked: str) -> str:
        """Return the parts of a day or moment that `strftime` was asked for, as that language writes them."""
        day = "".join(sign for part, sign in _DAY_PARTS if part in asked.replace("%-", "%"))
        written = [format_skeleton(day, at, locale=self.known.locale)] if day else []
        if "%H" in asked and isinstance(at, datetime):
            pattern = "HH:mm:ss" if "%S" in asked else "HH:mm"
            written.append(format_datetime(at, pattern, tzinfo=at.tzinfo, locale=self.known.locale))
        return ", ".join(written)


def _english(message: str, values: Mapping[str, Any]) -> str:
    """Fill the placeholders; a day has no leading zero, as everywhere else: Mon 2 Mar."""
    return message.replace("%d", "%-d").format(**values)


def say(message: str, /, **values: Any) -> Words:
    """Return `message` with its `{placeholders}` filled, ready to be told in another language."""
    return Words.made(_english(message, values) if values else message, message, values)


def say_as(context: str, message: str, /, **values: Any) -> Words:
    """Return a message that means another thing elsewhere: `context` tells translators which."""
    return Words.made(_english(message, values) if values else message, message, values, context)


def say_n(one: str, several: str, number: int, /, **values: Any) -> Words:
    """Return `one` or `several` with `{n}` as `number`, in thousands: `1,240 people`."""
    english = _english(one if number == 1 else several, {"n": f"{number:,}", **values})
    made = Counted.made(english, one, {"n": number, **values})
    made.context = several
    return made


def read_back(text: str) -> Words:
    """Return a message without values that was kept as its English text, ready to be told again."""
    return Words.made(text, text, {})


def recognised(text: str, messages: Iterable[Words]) -> str:
    """Return the message that `text` was made of, with its values as they stand; itself when it is none."""
    for each in messages:
        found = _pattern(each.message).fullmatch(text)
        if found:
            return Words.made(text, each.message, found.groupdict(), each.context)
    return text


@lru_cache
def _pattern(message: str) -> re.Pattern[str]:
    parts = _BRACES.split(message)
    holes = (f"(?P<{part}>.+)" if no % 2 else re.escape(part) for no, part in enumerate(parts))
    return re.compile("".join(holes), re.DOTALL)


def joined(*parts: str, by: str = " ") -> Words:
    """Return sentences behind each other, without those that are empty."""
    kept = [part for part in parts if part]
    return Joined.made(by.join(kept), by, {"parts": kept})


def listed(parts: Iterable[str], *, style: str = "standard") -> Words:
    """Return `a, b and c`; with `style="or"`, `a, b or c`."""
    kept = list(parts)
    english = str(format_list(kept, style=_style(style), locale="en_GB"))
    return Joined.made(english, "", {"parts": kept}, style)


def written(write: Callable[[Locale], str]) -> Words:
    """Return what `write` makes of a value in English; other languages ask it with their locale."""
    return Written.made(write(_ENGLISH), "", {"write": write})


def amount_words(major: Decimal, currency: str) -> Words:
    """Return a sum as people read it."""
    english = _amount(major, currency, _ENGLISH)
    return Amount.made(english, "", {"major": major, "currency": currency})


def day_words(day: date) -> Words:
    """Return «Tue 8 Dec 2026», without a comma where English would set one."""
    return Day.made(_day(day, _ENGLISH), "", {"day": day})


def month_words(day: date) -> Words:
    """Return the month around a day: «December 2026»."""
    return Month.made(_month(day, _ENGLISH), "", {"day": day})


def one_stop(text: str) -> str:
    """Return a sentence whose last word was an abbreviation with one full stop: «am 30. Nov.»"""
    return _STOPS.sub(".", text) if ".." in text else text


def _joint(by: str, language: str, parts: list[str]) -> str:
    joint = JOINTS.get(language, {}).get(by, by)
    text = joint.join(parts)
    return text.replace("。 ", "。") if language == "ja" else text


def _amount(major: Decimal, currency: str, locale: Locale) -> str:
    return str(format_currency(major, currency, locale=locale))


def _day(day: date, locale: Locale) -> str:
    if locale.language == SOURCE:
        return str(format_date(day, "EEE d MMM y", locale=locale))
    return str(format_skeleton("yMMMEd", day, locale=locale))


def _month(day: date, locale: Locale) -> str:
    return str(format_skeleton("yMMMM", day, locale=locale))


def _style(name: str) -> Literal["standard", "or"]:
    return "or" if name == "or" else "standard"


def opening(text: str) -> Words:
    """Return a text as it opens a sentence."""
    return Opening.made(text[:1].upper() + text[1:], "", {"text": text})


def inside(text: str) -> Words:
    """Return a label as it stands inside a sentence."""
    return Inside.made(text.lower(), "", {"text": text})


def in_language(text: str, language: str) -> str:
    """Return `text` as readers of `language` read it; what is not words stays what it is."""
    if not isinstance(text, Words):
        return text
    known = translations(language)
    return str(text) if known is None else text.told(known)


_STOPS = re.compile(r"(?<=\w)\.\.(?![./\\\w])")
_BRACES = re.compile(r"\{(\w+)(?:[!:][^}]*)?\}")
_PERCENT = re.compile(r"%\((\w+)\)s")
_TAG = re.compile(r"</?[a-z][a-z0-9]*\b")


def holes(message: str) -> list[str]:
    """Return the placeholders and tags of a message, sorted: a translation has the same."""
    return sorted(_BRACES.findall(message) + _PERCENT.findall(message) + _TAG.findall(message))
