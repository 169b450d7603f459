"""What a segment may ask: fields with their kinds, the words between, and whether a value fits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from tcma.errors import Invalid
from tcma.words import inside, joined, listed, say

MOST_ROWS = 10
LONGEST_VALUE = 200
LONGEST_TAG, MOST_TAGS = 40, 20
_YES = frozenset(("yes", "ja", "oui", "si", "sí", "true", "1", "x", "y"))
_NO = frozenset(("no", "nein", "non", "false", "0", "n", "-"))


class Kind(StrEnum):
    """What the values of a field are; the first five a partner can make of its own."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    TAGS = "tags"
    LIST = "list"


CUSTOM_KINDS = (Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.BOOLEAN, Kind.CHOICE)


class Op(StrEnum):
    """What stands between a field and its value."""

    IS = "is"
    IS_NOT = "is_not"
    STARTS = "starts"
    CONTAINS = "contains"
    EMPTY = "empty"
    FILLED = "filled"
    LESS = "less"
    MORE = "more"
    BEFORE = "before"
    AFTER = "after"
    YES = "yes"
    NO = "no"
    HAS = "has"
    LACKS = "lacks"


WORDS: Mapping[Op, str] = {
    Op.IS: say("is"), Op.IS_NOT: say("is not"), Op.STARTS: say("starts with"), Op.CONTAINS: say("contains"),
    Op.EMPTY: say("is empty"), Op.FILLED: say("is filled in"), Op.LESS: say("is less than"),
    Op.MORE: say("is more than"), Op.BEFORE: say("is before"), Op.AFTER: say("is after"), Op.YES: say("is yes"),
    Op.NO: say("is no"), Op.HAS: say("has"), Op.LACKS: say("has not"),
}  # fmt: skip
OPS: Mapping[Kind, tuple[Op, ...]] = {
    Kind.TEXT: (Op.IS, Op.IS_NOT, Op.STARTS, Op.CONTAINS, Op.FILLED, Op.EMPTY),
    Kind.NUMBER: (Op.IS, Op.MORE, Op.LESS, Op.FILLED, Op.EMPTY),
    Kind.DATE: (Op.AFTER, Op.BEFORE, Op.IS, Op.FILLED, Op.EMPTY),
    Kind.BOOLEAN: (Op.YES, Op.NO, Op.EMPTY),
    Kind.CHOICE: (Op.IS, Op.IS_NOT, Op.FILLED, Op.EMPTY),
    Kind.TAGS: (Op.HAS, Op.LACKS, Op.FILLED, Op.EMPTY),
    Kind.LIST: (Op.HAS, Op.LACKS),
}
VALUELESS = frozenset({Op.EMPTY, Op.FILLED, Op.YES, Op.NO})


@dataclass(frozen=True, slots=True)
class Field:
    """Something a condition can ask about. Custom fields have keys that start with `x_`."""

    key: str
    label: str
    kind: Kind
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def is_custom(self) -> bool:
        """Whether the partner made it."""
        return self.key.startswith("x_")


STANDARD = (
    Field("country", say("Country"), Kind.TEXT),
    Field("language", say("Language"), Kind.TEXT),
    Field("company", say("Company"), Kind.TEXT),
    Field("first_name", say("First name"), Kind.TEXT),
    Field("last_name", say("Last name"), Kind.TEXT),
    Field("domain", say("Mail domain"), Kind.TEXT),
    Field("city", say("City"), Kind.TEXT),
    Field("postcode", say("Postcode"), Kind.TEXT),
    Field("job_title", say("Job title"), Kind.TEXT),
    Field("phone", say("Phone"), Kind.TEXT),
    Field("tags", say("Tags"), Kind.TAGS),
    Field("created", say("Known since"), Kind.DATE),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a condition."""

    field: str
    op: Op
    value: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """What the people of a segment have in common: every row, or at least one."""

    rows: tuple[Row, ...]
    every: bool = True

    def stored(self) -> dict[str, object]:
        """The condition as it is kept."""
        rows = [{"field": r.field, "op": r.op.value, "value": r.value} for r in self.rows]
        return {"every": self.every, "rows": rows}


def condition_of(stored: Mapping[str, object]) -> Condition:
    """A kept condition; rows that no version of ours could have written are left out."""
    raw = stored.get("rows")
    rows = [
        Row(str(each.get("field")), Op(each["op"]), str(each.get("value", "")))
        for each in (raw if isinstance(raw, list) else [])
        if isinstance(each, Mapping) and str(each.get("op")) in set(Op)
    ]
    return Condition(tuple(rows), every=bool(stored.get("every", True)))


def checked(condition: Condition, fields: Sequence[Field]) -> Condition:
    """The condition with its values made plain.

    Raises Invalid, `fields["row-2"]` and so on, for a field that is gone, a word that does not fit
    it, or a value that is none of its kind; and for no row or more than ten.
    """
    known = {field.key: field for field in fields}
    problems: dict[str, str] = {}
    rows = []
    for place, row in enumerate(condition.rows):
        try:
            rows.append(_row(row, known.get(row.field)))
        except Invalid as why:
            problems[f"row-{place}"] = why.message
    if not condition.rows:
        problems["row-0"] = say("Choose what they have in common.")
    elif len(condition.rows) > MOST_ROWS:
        problems["row-0"] = say("At most {most_rows} lines.", most_rows=MOST_ROWS)
    if problems:
        raise Invalid(next(iter(problems.values())), code="segment.rows", fields=problems)
    return Condition(tuple(rows), condition.every)


def _row(row: Row, field: Field | None) -> Row:
    if field is None:
        raise Invalid(say("This field is gone; choose another."))
    if row.op not in OPS[field.kind]:
        raise Invalid(
            say("“{label}” cannot be asked “{words}”.", label=field.label, words=WORDS[row.op])
        )
    if row.op in VALUELESS:
        return Row(row.field, row.op)
    if not row.value.strip():
        raise Invalid(say("Write what “{label}” {words}.", label=field.label, words=WORDS[row.op]))
    value = plain(field.kind, row.value)
    if value is None:
        raise Invalid(say("“{row}” is no {noun}.", row=row.value[:40], noun=_NOUN[field.kind]))
    if field.choices and value not in {key for key, _ in field.choices}:
        raise Invalid(say("“{label}” has no such choice.", label=field.label))
    return Row(row.field, row.op, value)


_NOUN = {Kind.NUMBER: say("number"), Kind.DATE: say("date"), Kind.BOOLEAN: say("yes or no")}


def plain(kind: Kind, text: str) -> str | None:
    """A value as it is stored and compared, None when it is none of its kind.

    Numbers take a comma or a point; dates are ISO or day first with points or slashes; yes and no
    come in the languages of our lists.
    """
    text = text.strip()
    if kind is Kind.NUMBER:
        return _number(text)
    if kind is Kind.DATE:
        return _date(text)
    if kind is Kind.BOOLEAN:
        folded = text.casefold()
        return "yes" if folded in _YES else "no" if folded in _NO else None
    return text[:LONGEST_VALUE] if text.isprintable() else None


def _number(text: str) -> str | None:
    bare = text.replace(" ", "").replace("\u00a0", "")
    if re.fullmatch(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)?|[-+]?\d+,\d+", bare):
        bare = bare.replace(".", "").replace(",", ".")
    bare = bare.replace(",", "")
    if not re.fullmatch(r"[-+]?\d{1,18}(\.\d{1,9})?", bare):
        return None
    try:
        return format(Decimal(bare).normalize(), "f")
    except InvalidOperation:
        return None


def _date(text: str) -> str | None:
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", text)
    day = re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", text)
    parts = iso.groups() if iso else day.groups()[::-1] if day else None
    if parts is None:
        return None
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2])).isoformat()
    except ValueError:
        return None


def tags_of(text: str) -> list[str]:
    """The tags of a cell such as «lead,client» or «Arbeit|VIP», each once, short and few."""
    parts = (" ".join(part.split())[:LONGEST_TAG] for part in re.split(r"[,;|]|:::", text))
    return list(dict.fromkeys(part for part in parts if part))[:MOST_TAGS]


def in_words(condition: Condition, fields: Sequence[Field]) -> str:
    """The condition as a sentence part: «country is GB and tags has VIP»."""
    known = {field.key: field for field in fields}
    said = []
    for row in condition.rows:
        field = known.get(row.field)
        label = inside(field.label) if field else say("a field that is gone")
        value = dict(field.choices).get(row.value, row.value) if field else row.value
        said.append(joined(label, WORDS[row.op], value))
    return listed(said, style="standard" if condition.every else "or")
