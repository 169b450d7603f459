"""A table of closed leads: read from CSV, its columns typed by what stands in them, its target as 0 and 1."""

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tcma.errors import Invalid
from tcma.leads.trained.cells import PLAIN, THOUSANDS, date_form, moment, trimmed, undecorated

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

POSITIVE = frozenset({
    "1", "1.0", "true", "t", "yes", "y", "ja", "oui", "si", "sí", "won", "closed won", "win",
    "converted", "customer", "success", "positive", "bought", "purchased", "churned",
    "gewonnen", "gagné", "gagnée", "gagne", "ganado", "ganada", "vinto", "vinta", "sim", "tak",
    "wygrane", "closed - won", "closed-won",
})  # fmt: skip
NEGATIVE = frozenset({
    "0", "0.0", "-1", "false", "f", "no", "n", "nein", "non", "lost", "closed lost", "loss",
    "not converted", "failure", "failed", "negative", "stayed",
    "verloren", "perdu", "perdue", "perdido", "perdida", "perso", "persa", "não", "nie", "przegrane",
    "closed - lost", "closed-lost", "disqualified", "unqualified",
})  # fmt: skip

_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
_SEPARATORS = (",", ";", "\t", "|")
_SEP_LINE = re.compile(r'"?sep=(?P<mark>[^\r\n"])"?[ ]*\r?\n', re.IGNORECASE)
"""How Excel names the separator of a file in its first line."""
_MOST_BYTES = 400_000_000
_NUMERIC = 0.97
_MANY = 0.95
_ID_NAME = re.compile(
    r"(^|[\s_.-])(id|ids|uuid|guid|key|number|num|no|nr|ref|reference|rowid|index|hash|token|"
    r"e-?mail|phone|url|name)$|.[a-z](ID|Id|Key|No|Num)$",
    re.IGNORECASE,
)


class Kind(StrEnum):
    """What a column is."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    ID = "id"
    TEXT = "text"
    CONSTANT = "constant"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by column, all as trimmed text; an empty cell is ""."""

    columns: dict[str, list[str]]
    rows: int

    def without(self, names: Sequence[str]) -> "Table":
        """Return the table less some columns."""
        return Table({n: v for n, v in self.columns.items() if n not in set(names)}, self.rows)

    def taking(self, picked: NDArray[np.intp]) -> "Table":
        """Return the table of the rows at `picked`, in that order."""
        at = picked.tolist()
        return Table({n: [v[i] for i in at] for n, v in self.columns.items()}, len(at))


def read_table(path: Path) -> Table:
    """Read a CSV file, gzipped or not; Invalid when it is no table."""
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(raw)) as file:
                raw = file.read(_MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _no_table(path, str(error)) from error
    if len(raw) > _MOST_BYTES:
        raise _no_table(path, f"it is larger than {_MOST_BYTES // 1_000_000} MB")
    text = _decoded(raw)
    told = _SEP_LINE.match(text)
    text = text[told.end() :] if told else text
    lines = text.splitlines()[:100]
    try:
        mark = told["mark"] if told else _separator(lines)
        records = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
        head = next(records, [])
        body = [r for r in records if any(c.strip() for c in r)]
    except csv.Error as error:
        raise _no_table(path, str(error)) from error
    if len(head) < 2 or not body or "\0" in text[:4_000]:
        raise _no_table(path, "it has no head line with two columns or more, or no rows below it")
    names = _names(head)
    wide = len(names)
    columns: dict[str, list[str]] = {n: [] for n in names}
    filled = [(r + [""] * (wide - len(r)))[:wide] for r in body]
    for name, cells in zip(names, zip(*filled, strict=True), strict=True):
        columns[name] = [trimmed(c) for c in cells]
    return Table(columns, len(body))


def table_of(rows: Sequence[Mapping[str, object]]) -> Table:
    """Return a table of records with the same keys."""
    names = list(rows[0]) if rows else []
    cells = {n: [trimmed("" if r[n] is None else str(r[n])) for r in rows] for n in names}
    return Table(cells, len(rows))


def target_of(cells: Sequence[str], *, name: str, like: frozenset[str] | None = None) -> Floats:
    """Return 1 for a result, 0 for none, NaN where the cell is empty; Invalid unless there are two.

    `like` are the words that mean a result, as the training file said them.
    """
    seen = Counter(c.casefold() for c in cells if c)
    good = like if like is not None else positive_words(seen, name=name)
    return np.array([np.nan if not c else float(c.casefold() in good) for c in cells])


def positive_words(seen: Mapping[str, int], *, name: str) -> frozenset[str]:
    """Return the words of a target that mean a result; Invalid when it is not yes or no."""
    words = set(seen)
    good, bad = words & POSITIVE, words & NEGATIVE
    if len(words) == 1 or (words and words in (good, bad)):
        raise _misuse(
            f"The column {name} has one value only: {next(iter(words))}.",
            "A score learns from results and from rows without one; give it both.",
        )
    if not words or len(words - good - bad) > 1 or (len(words) > 2 and words != good | bad):
        some = ", ".join(sorted(words)[:5]) or "nothing"
        raise _misuse(
            f"The column {name} is not a yes or no: it holds {some}.",
            "Name a column with two values, such as 1 and 0, yes and no, won and lost.",
        )
    if good and not bad:
        return frozenset(good)
    if bad and not good:
        return frozenset(words - bad)
    if good and bad:
        return frozenset(good)
    raise _misuse(
        f"The column {name} holds {' and '.join(sorted(words))}, and neither is known to mean yes.",
        "Write 1 for a result and 0 for none.",
    )


def kind_of(name: str, cells: Sequence[str]) -> Kind:
    """Say what a column is, by its cells first and its name second."""
    filled = [c for c in cells if c]
    distinct = set(filled)
    if len(distinct) <= 1 and (len(filled) == len(cells) or not filled):
        return Kind.CONSTANT
    numbers = numbers_of(filled)
    known = ~np.isnan(numbers)
    share = len(distinct) / max(len(filled), 1)
    if known.mean() >= _NUMERIC and not _is_compact_date(name, filled):
        return Kind.ID if _is_counter(name, numbers[known], share) else Kind.NUMBER
    if date_form(filled):
        return Kind.DATE
    if len(filled) >= 40 and share > _MANY:
        words = np.mean([len(c.split()) for c in filled[:500]])
        return Kind.TEXT if words >= 2.5 else Kind.ID
    if len(filled) >= 40 and share > 0.5:
        return Kind.TEXT
    return Kind.CATEGORY


def numbers_of(cells: Sequence[str]) -> Floats:
    """Return cells as numbers, NaN where one is none; a decimal comma and signs of money are read."""
    each = list(dict.fromkeys(cells))  # a column repeats itself: read every text once
    read = dict(zip(each, _numbers_of(each).tolist(), strict=True))
    return np.array([read[c] for c in cells], dtype=np.float64)


def _numbers_of(cells: Sequence[str]) -> Floats:
    plain = [float(c) if PLAIN.fullmatch(c) else np.nan for c in cells]
    found = np.array(plain, dtype=np.float64)
    odd = [i for i, c in enumerate(cells) if c and np.isnan(found[i])]
    if odd:
        comma = sum("," in cells[i] for i in odd)
        dotted = sum(bool(THOUSANDS.search(cells[i])) for i in odd)
        continental = comma > 0 and dotted < comma
        for i in odd:
            bare = undecorated(cells[i], continental=continental)
            if PLAIN.fullmatch(bare):
                found[i] = float(bare)
    found[~np.isfinite(found)] = np.nan
    return found


def days_of(cells: Sequence[str]) -> Floats:
    """Return dates as days since year 1, NaN where a cell is none."""
    form = date_form([c for c in cells if c])
    read = {c: _day(c, form) if form else np.nan for c in dict.fromkeys(cells)}
    return np.array([read[c] for c in cells], dtype=np.float64)


def _day(cell: str, form: str) -> float:
    found = moment(cell, form)
    return np.nan if found is None else float(found.toordinal())


def _is_compact_date(name: str, filled: Sequence[str]) -> bool:
    named = re.search(r"date|day|_at$|time|datum", name, re.IGNORECASE)
    return bool(named and len(filled[0]) == 8 and date_form(filled) == "%Y%m%d")


def _is_counter(name: str, numbers: Floats, share: float) -> bool:
    if len(numbers) < 40 or share < 0.995 or np.any(numbers != np.floor(numbers)):
        return share > _MANY and len(numbers) >= 40 and bool(_ID_NAME.search(name))
    rising = np.all(np.diff(numbers) > 0) or np.all(np.diff(numbers) < 0)
    dense = np.ptp(numbers) < 20 * len(numbers)
    return bool(_ID_NAME.search(name) or rising or dense or numbers.min() > 10_000)


def _decoded(raw: bytes) -> str:
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return raw.decode(name, errors="replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _separator(lines: Sequence[str]) -> str:
    def cut(mark: str) -> tuple[float, int]:
        counts = [len(r) for r in csv.reader(lines, delimiter=mark)]
        if not counts or counts[0] < 2:
            return (0.0, 0)
        return (float(np.mean([c == counts[0] for c in counts])), counts[0])

    return max(_SEPARATORS, key=cut)


def _names(head: Sequence[str]) -> list[str]:
    names: list[str] = []
    for place, each in enumerate(head, 1):
        name = each.strip().lstrip("\ufeff") or f"column {place}"
        again = 2
        shown = name
        while shown in names:
            shown, again = f"{name} ({again})", again + 1
        names.append(shown)
    return names


def _no_table(path: Path, why: str) -> Invalid:
    return Invalid(
        f"{path.name} cannot be read as a table: {why}.",
        code="score.table",
        remedy="Save it as CSV with one line of column names.",
    )


def _misuse(what: str, remedy: str) -> Invalid:
    return Invalid(what, code="config.score", remedy=remedy)
