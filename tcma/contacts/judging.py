"""What becomes of one row of a contact file: accepted, refused, unsubscribed or a duplicate, and why."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from tcma.contacts.refusals import About, Told, about, told
from tcma.contacts.rules import Address, ContactField, cell_address, name_before, storable
from tcma.errors import Invalid
from tcma.words import say

F = ContactField
Name = TypeVar("Name", bound=str)


class Verdict(StrEnum):
    """The four fates of a row; only `ACCEPT` may ever be mailed."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNSUBSCRIBED = "unsubscribed"
    DUPLICATE = "duplicate"


class Judged(NamedTuple):
    """A row number as a spreadsheet shows it, its fate, its cells by field and by own field; the
    column that stopped it, or left open whether the person agreed; of a row left out all its cells.
    """

    row: int
    verdict: Verdict
    reason: str = ""
    address: Address | None = None
    values: Mapping[ContactField, str] = MappingProxyType({})
    own: Mapping[str, str] = MappingProxyType({})
    column: int | None = None
    cells: Sequence[str] = ()


_UNSUBSCRIBED = say("Unsubscribed in the system this file comes from.")
_STOPS = {
    Told.UNSUBSCRIBED: _UNSUBSCRIBED,
    Told.DEAD: say("The address is dead in the system this file comes from."),
    Told.NOT_AGREED: say("Has not agreed to mail, says the file."),
}


_NAMES = {F.FULL_NAME, F.FIRST_NAME, F.LAST_NAME}


class Judge:
    """Judges the rows of one file in order; remembers the addresses it has accepted."""

    def __init__(  # noqa: PLR0913 - what is known about a file
        self,
        columns: Sequence[str],
        mapping: Mapping[ContactField, int],
        *,
        has_header: bool = True,
        all_stopped: bool = False,
        named: bool = False,
        own: Mapping[str, int] | None = None,
    ) -> None:
        self._columns = tuple(columns)
        self._mapping = dict(mapping)
        self._all_stopped = all_stopped
        self._named = named
        self._own = dict(own or {})
        self._asked = _asked(columns if has_header else [""] * len(columns), self._mapping)
        self._has_header = has_header
        self._seen: set[str] = set()

    def judge(self, number: int, cells: Sequence[str]) -> Judged:
        """The fate of the row `number`; never raises for what a cell holds."""
        problem = self._shape_problem(cells)
        whole = "".join(cells)
        if storable(whole) != whole:
            cells = [storable(cell) for cell in cells]
        values = _filled(cells, self._mapping)
        if problem:
            return Judged(number, Verdict.REJECT, problem, None, values, cells=cells)
        try:
            address, note = _one_address(values.get(F.EMAIL, ""), named=self._named)
        except Invalid as why:
            return Judged(number, Verdict.REJECT, why.message, None, values, cells=cells)
        stop, unclear, column = self._stop(cells)
        if stop or unclear:
            verdict = Verdict.UNSUBSCRIBED if stop else Verdict.REJECT
            return Judged(number, verdict, stop or unclear, address, values, {}, column, cells)
        if address.key in self._seen:
            again = say("This address is already in the file.")
            return Judged(number, Verdict.DUPLICATE, again, address, values, cells=cells)
        self._seen.add(address.key)
        if self._named and not _NAMES & values.keys():
            values[F.FULL_NAME] = name_before(values[F.EMAIL]) or ""
        own = _filled(cells, self._own)
        return Judged(number, Verdict.ACCEPT, note, address, with_names(values), own)

    def _shape_problem(self, cells: Sequence[str]) -> str:
        place = self._mapping.get(F.EMAIL)
        if (place is None or place >= len(cells) or not cells[place].strip()) and not any(
            cell.strip() for cell in cells
        ):
            return say("The row is empty.")
        if place is None:
            return say("No column of this file holds addresses.")
        if self._has_header and _same_row(cells, self._columns):
            return say("The row repeats the header.")
        if len(cells) > len(self._columns) and any(
            cell.strip() for cell in cells[len(self._columns) :]
        ):
            return say(
                "The row has {cells} cells, the header {columns}: a cell with a separator needs quotes.",
                cells=len(cells),
                columns=len(self._columns),
            )
        if len(cells) <= place:
            return say(
                "The row ends after {cells} of {columns} cells.",
                cells=len(cells),
                columns=len(self._columns),
            )
        return ""

    def _stop(self, cells: Sequence[str]) -> tuple[str, str, int | None]:
        """Why the file stops a person, else why it leaves open whether they agreed; and the column."""
        if self._all_stopped:
            return _UNSUBSCRIBED, "", None
        unclear, silent = "", None
        for index, kind in self._asked:
            says = told(kind, cells[index] if index < len(cells) else "")
            if says in _STOPS:
                return _STOPS[says], "", index
            if says is Told.UNCLEAR:
                silent = index
                unclear = say(
                    "Column “{column}” does not say that this person agreed to mail: left out.",
                    column=self._columns[index],
                )
        return "", unclear, silent


def _filled(cells: Sequence[str], places: Mapping[Name, int]) -> dict[Name, str]:
    most = len(cells)
    return {
        name: cells[index]
        for name, index in places.items()
        if index < most and cells[index].strip()
    }


def with_names(values: Mapping[ContactField, str]) -> Mapping[ContactField, str]:
    """First and last name out of one full name, when the file has only that."""
    if F.FULL_NAME not in values:
        return values
    out = dict(values)
    full = out.pop(F.FULL_NAME, "").strip()
    if full and F.FIRST_NAME not in out and F.LAST_NAME not in out and "@" not in full:
        last, comma, first = full.partition(",")
        if not comma:
            first, _, last = full.rpartition(" ")
        names = ((F.FIRST_NAME, first or last), (F.LAST_NAME, last if first else ""))
        out |= {name: text.strip() for name, text in names if text.strip()}
    return out


def _one_address(cell: str, *, named: bool) -> tuple[Address, str]:
    try:
        address = cell_address(cell, named=named)
    except Invalid:
        if name_before(cell):
            raise _named_alone() from None
        parts = [part for part in re.split(r"\s*(?:;|,|:::|\|)\s*|\s+", cell.strip()) if part]
        if len(parts) < 2 or not all("@" in part for part in parts):
            raise
        addresses = [cell_address(part) for part in parts]
        return addresses[0], say("{n:,} addresses in one cell: the first is used.", n=len(parts))
    if address.needs_smtputf8:
        return address, say(
            "Needs a mail server that takes international addresses; held until then."
        )
    return address, say("A shared mailbox, not a person.") if address.is_role else ""


def _named_alone() -> Invalid:
    sentence = say("A name stands before the address: give names a column of their own.")
    return Invalid(sentence, code="contacts.address_named", fields={"email": sentence})


def _same_row(cells: Sequence[str], columns: Sequence[str]) -> bool:
    if cells[0].strip() != columns[0].strip():
        return False
    return [c.strip() for c in cells[: len(columns)]] == [c.strip() for c in columns]


def _asked(columns: Sequence[str], mapping: Mapping[ContactField, int]) -> list[tuple[int, About]]:
    """The columns that speak of consent; one that a person chose for it does, whatever its name."""
    found = {index: kind for index, name in enumerate(columns) if (kind := about(name))}
    if F.STATUS in mapping:
        found.setdefault(mapping[F.STATUS], About.CONSENT)
    found.pop(mapping.get(F.EMAIL, -1), None)
    return list(found.items())
