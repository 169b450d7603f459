"""Conditions an author writes: `audience includes "end customers" and total > 5000`; nothing else runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from tcma.errors import Invalid

LONGEST = 500
DEEPEST = 12
_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"[^\"]*\"|'[^']*'|“[^”]*”)|(?P<number>-?\d+(?:\.\d+)?%?(?![\w-]))"
    r"|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<op>[<>!=]=|[<>=()\[\],])|(?P<name>[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*))"
)
_WORDS = {"and", "or", "not", "is", "in", "includes", "true", "false", "stated", "missing"}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
NOTHING: tuple[Any, ...] = (None, "", [])
HELP = (
    'compare a fact with a value, for example: audience includes "end customers";'
    ' tier in ["gold", "silver"]; total > 5000; not sponsored; serial_no is stated'
)


def slug(text: object) -> str:
    """Return a text without case, spaces and dashes, as names are compared."""
    return re.sub(r"[\s_-]+", "_", str(text).strip().casefold())


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions may ask: the innermost table first. `read` keeps what was asked."""

    tables: tuple[Mapping[str, Any], ...]
    read: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """Return a fact, None when nobody stated it."""
        first, *rest = name.split(".")
        found = next((table[first] for table in self.tables if first in table), None)
        for part in rest:
            found = found.get(part) if isinstance(found, Mapping) else None
        self.read[name] = plain(found)
        return found


def plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value if isinstance(value, str | bool | int | None) else str(value)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read; calling it with facts says whether it holds."""

    source: str
    test: Callable[[Facts], Any]
    names: tuple[str, ...]

    def __call__(self, facts: Facts) -> bool:
        return bool(self.test(facts))


def read_condition(text: str) -> Condition:
    """Read a condition; Invalid names what cannot be understood."""
    reader = _Reader(text)
    test = reader.either()
    if reader.peek():
        raise reader.refuse(f"does not go on with “{reader.peek()}”")
    return Condition(text, test, tuple(dict.fromkeys(reader.names)))


Test = Callable[[Facts], Any]


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.names: list[str] = []
        self.tokens: list[tuple[str, str]] = []
        self.depth = 0
        at = 0
        text = text.rstrip()
        if not text or len(text) > LONGEST:
            raise self.refuse(f"has between 1 and {LONGEST} letters")
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise self.refuse(f"cannot be read at “{text[at : at + 12].strip()}”")
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            at = found.end()
        self.tokens.reverse()

    def refuse(self, words: str) -> Invalid:
        said = f"The condition “{self.text}” {words}."
        return Invalid(said, code="programme.condition", remedy=HELP)

    def peek(self) -> str:
        return self.tokens[-1][1] if self.tokens else ""

    def took(self, *words: str) -> bool:
        if [value for _, value in self.tokens[: -len(words) - 1 : -1]] != list(words):
            return False
        del self.tokens[-len(words) :]
        return True

    def either(self) -> Test:
        tests = [self.both()]
        while self.took("or"):
            tests.append(self.both())
        return tests[0] if len(tests) == 1 else lambda facts: any(t(facts) for t in tests)

    def both(self) -> Test:
        tests = [self.negated()]
        while self.took("and"):
            tests.append(self.negated())
        return tests[0] if len(tests) == 1 else lambda facts: all(t(facts) for t in tests)

    def negated(self) -> Test:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refuse("is nested too deep")
        if self.took("not"):
            inner = self.negated()
            test: Test = lambda facts: not inner(facts)  # noqa: E731
        elif self.took("("):
            test = self.either()
            if not self.took(")"):
                raise self.refuse("misses a closing bracket")
        else:
            test = self.compared()
        self.depth -= 1
        return test

    def compared(self) -> Test:
        left = self.operand()
        if self.took("is", "not", "stated") or self.took("is", "missing"):
            return lambda facts: left(facts) in NOTHING
        if self.took("is", "stated"):
            return lambda facts: left(facts) not in NOTHING
        for words, holds in _RELATIONS:
            if self.took(*words):
                return self.relation(left, holds)
        if self.peek() in _COMPARE:
            compare = _COMPARE[self.tokens.pop()[1]]
            return self.relation(left, lambda one, other: _ordered(compare, one, other))
        return left

    def relation(self, left: Test, holds: Callable[[Any, Any], bool]) -> Test:
        right = self.operand()
        return lambda facts: holds(left(facts), right(facts))

    def operand(self) -> Test:
        kind, value = self.tokens.pop() if self.tokens else ("", "")
        if value == "[":
            parts: list[Test] = []
            while not self.took("]"):
                parts.append(self.operand())
                if not self.took(",") and self.peek() != "]":
                    raise self.refuse("misses a closing bracket")
            return lambda facts: [part(facts) for part in parts]
        if kind in {"text", "date"}:
            said = value[1:-1] if kind == "text" else value
            return lambda _facts: said
        if kind == "number":
            number = Decimal(value.rstrip("%"))
            return lambda _facts: number
        if value in {"true", "false"}:
            return lambda _facts: value == "true"
        if kind == "name" and value not in _WORDS:
            self.names.append(value)
            return lambda facts: facts.value(value)
        raise self.refuse(f"misses a value before “{value}”" if value else "ends too early")


def number_of(value: Any) -> Decimal | None:
    """Return a value as a number, None when it is none."""
    if isinstance(value, bool) or value is None or isinstance(value, Mapping | list):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def same(one: Any, other: Any) -> bool:
    """Say whether two values mean the same: numbers by value, texts without case and dashes."""
    if isinstance(one, bool) or isinstance(other, bool):
        return (one or False) is (other or False)
    first, second = number_of(one), number_of(other)
    if first is not None and second is not None:
        return first == second
    return one is not None and other is not None and slug(one) == slug(other)


def _within(one: Any, many: Any) -> bool:
    if isinstance(many, str):
        return slug(one) in slug(many) if one is not None else False
    return isinstance(many, list | tuple) and any(same(one, each) for each in many)


def _ordered(compare: Callable[[Any, Any], bool], one: Any, other: Any) -> bool:
    if one is None or other is None:
        return False
    first, second = number_of(one), number_of(other)
    if first is None or second is None:
        return compare(str(one), str(other))
    return compare(first, second)


_RELATIONS: tuple[tuple[tuple[str, ...], Callable[[Any, Any], bool]], ...] = (
    (("is", "not"), lambda one, other: not same(one, other)),
    (("!=",), lambda one, other: not same(one, other)),
    (("is",), same),
    (("=",), same),
    (("==",), same),
    (("includes",), lambda many, one: _within(one, many)),
    (("not", "in"), lambda one, many: not _within(one, many)),
    (("in",), _within),
)
