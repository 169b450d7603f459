"""A column for a sentence that people read later, each in their language: message and values are kept, with
the English for whoever looks at the row.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Dialect, String, TypeDecorator

from tcma.words import Amount, Counted, Day, Inside, Joined, Month, Opening, Words

KINDS = {
    each.__name__: each for each in (Words, Counted, Joined, Amount, Day, Month, Opening, Inside)
}
MARK = '{"english": '


class Sentence(TypeDecorator[str]):
    """Text; what `say` made comes back as it was made, what a person wrote as it was written."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the hook's signature
        """Write a sentence with how it was made."""
        return kept(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the hook's signature
        """Make it again."""
        if value is None or not value.startswith(MARK):
            return value
        try:
            made: str = unpacked(json.loads(value))
        except (ValueError, KeyError, TypeError):
            return value  # somebody wrote what only looks like it
        return made


def kept(value: str | None) -> str | None:
    """Return what a column of this type holds, for statements that write it by themselves."""
    parts = packed(value)
    return json.dumps(parts, ensure_ascii=False) if isinstance(parts, dict) else value


def with_words(words: str) -> dict[str, Any]:
    """Return what a JSON column keeps of a sentence: its English, and how it was made."""
    told = {"told": packed(words)} if isinstance(words, Words) else {}
    return {"words": words, **told}


def words_of(detail: Mapping[str, Any]) -> str:
    """Return what `with_words` kept; the plain text of an older row stays what it is."""
    told: str = unpacked(detail.get("told", "")) or str(detail.get("words", ""))
    return told


def packed(value: Any) -> Any:
    """Return a sentence as JSON holds it, with its English; lists of them, and what a person wrote."""
    if isinstance(value, Words) and type(value).__name__ in KINDS:
        return {
            "english": str(value),
            "kind": type(value).__name__,
            "message": value.message,
            "context": value.context,
            "values": {name: packed(each) for name, each in value.values.items()},
        }
    if isinstance(value, datetime | date):
        return {"at": value.isoformat(), "is_day": not isinstance(value, datetime)}
    if isinstance(value, Decimal):
        return {"number": str(value)}
    if isinstance(value, list | tuple):
        return [packed(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def unpacked(kept: Any) -> Any:
    """Return what `packed` kept as it was made; the plain text of an older row stays what it is."""
    if isinstance(kept, list):
        return [unpacked(each) for each in kept]
    if not isinstance(kept, dict):
        return kept
    if "number" in kept:
        return Decimal(kept["number"])
    if "at" in kept:
        kind = date if kept["is_day"] else datetime
        return kind.fromisoformat(kept["at"])
    values = {name: unpacked(each) for name, each in kept["values"].items()}
    return KINDS[kept["kind"]].made(kept["english"], kept["message"], values, kept["context"])
