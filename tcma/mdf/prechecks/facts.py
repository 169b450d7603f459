"""What a pre-check looks for in a proof, and what of that it saw: plain facts, without the proof's words.

A list of guests is somebody's personal data; what is kept of it is a count.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any

from tcma.invoices.dates import dates_in, day_first
from tcma.invoices.parties import plain_name
from tcma.invoices.proofs import ProofSeen

MOST_DATES = 40
SHORTEST_NAME = 3
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_NUMBERED = re.compile(r"(?m)^\s*\d{1,4}[.):]?\s+\S*[^\W\d]{2}")
_COUNT = re.compile(r"(?<![\d-])\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3})+(?!\d)|(?<![\d-])\d{1,9}")
_FIRST_CAMERA_YEAR = 2000
_LISTS = re.compile(r"attend|guest|participant|regist|visitor|\bleads?\b|teilnehm|gäste|asisten")


@dataclass(frozen=True, slots=True)
class Sought:
    """What a proof of one activity may show. Days are ISO; each name is one of several that will do.

    `people` is how many the plan promised, 0 where it promised none. `has_logo` when the vendor's kit
    has one to look for.
    """

    title: str
    kind: str
    starts_on: str
    ends_on: str
    partner: tuple[str, ...] = ()
    vendor: tuple[str, ...] = ()
    campaign: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    people: int = 0
    has_logo: bool = False

    @property
    def lists_people(self) -> bool:
        """Say whether it is a list of people: leads, guests, registrations."""
        return self.kind == "leads" or bool(_LISTS.search(self.title.casefold()))


@dataclass(frozen=True, slots=True)
class Facts:
    """What was seen. `stated` is the media type it was stored as, `kind` the one by content.

    `words` counts the words that were read; `dates` are ISO days in the text; `partner`, `vendor`,
    `campaign` and `address` are the sought name that stands in it, empty where none does. `people` is
    how many a list names, -1 where nothing was read. `again` when the same file shows another
    activity of this partner. What else: `invoices.proofs.ProofSeen`.
    """

    stated: str
    kind: str
    why: str = ""
    pages: int = 0
    width: int = 0
    height: int = 0
    taken_on: str = ""
    read_by: str = ""
    words: int = 0
    dates: tuple[str, ...] = ()
    partner: str = ""
    vendor: str = ""
    campaign: str = ""
    address: str = ""
    logo: int = -1
    logo_width: int = 0
    people: int = -1
    again: bool = False


def facts_of(seen: ProofSeen, sought: Sought, *, stated: str, again: bool, today: date) -> Facts:
    """Return what of `sought` was seen `today` in a proof that was stored as `stated`."""
    text = seen.text
    usual = day_first(text, usual=True)
    days = {found.day.isoformat() for found in dates_in(text, days_first=usual)}
    read = bool(text.strip())
    return Facts(
        stated=stated,
        kind=seen.kind,
        why=seen.why,
        pages=seen.pages,
        width=seen.width,
        height=seen.height,
        taken_on=_shot(seen.taken_on, sought, today),
        read_by=seen.read_by,
        words=len(re.findall(r"\w{2,}", text)),
        dates=tuple(sorted(days)[:MOST_DATES]),
        partner=_named(text, sought.partner),
        vendor=_named(text, sought.vendor),
        campaign=_named(text, sought.campaign),
        address=_addressed(text, sought.addresses),
        logo=seen.logo,
        logo_width=seen.logo_width,
        people=people_in(text) if sought.lists_people and read else -1,
        again=again,
    )


def _shot(taken_on: str, sought: Sought, today: date) -> str:
    """Return the day of a camera; none of a clock that nobody set: no day, a far or a coming year, a first of January."""
    try:
        day = date.fromisoformat(taken_on)
    except ValueError:
        return ""
    if day.year < _FIRST_CAMERA_YEAR or day > today + timedelta(days=1):
        return ""
    reset = (day.month, day.day) == (1, 1) and not sought.starts_on <= taken_on <= sought.ends_on
    return "" if reset else taken_on


def promised_people(fact: object) -> int:
    """Return how many people a plan's answer promises, 0 where it names no number: 120, «120», «about 1,200»."""
    if isinstance(fact, bool | list | dict):
        return 0
    number = _COUNT.search(str(fact))
    return int(re.sub(r"\D", "", number[0])) if number else 0


def people_in(text: str) -> int:
    """Return how many people a list names: its mail addresses, else its numbered lines."""
    addresses = {each.casefold().rstrip(".") for each in _ADDRESS.findall(text)}
    return len(addresses) or len(_NUMBERED.findall(text))


def _named(text: str, names: Iterable[str]) -> str:
    """Return the first name that stands in a text as whole words, whatever its legal form and marks."""
    running = f" {_running(text)} "
    for name in names:
        plain = _running(name)
        if len(plain) >= SHORTEST_NAME and f" {plain} " in running:
            return name
    squeezed = re.sub(r"\W", "", text).casefold()
    for name in names:  # in a logo or an address a name is written together
        plain = plain_name(name)
        if len(plain) > 7 and plain in squeezed:
            return name
    return ""


def _running(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _addressed(text: str, addresses: Iterable[str]) -> str:
    """Return the first address that stands in a text whole, though broken by lines: not another page's
    that begins alike, nor another host's that ends alike.
    """
    flat = text.casefold()
    for address in addresses:
        bare = re.sub(r"^https?://(www\.)?", "", address.casefold()).rstrip("/")
        if len(bare) <= SHORTEST_NAME:
            continue
        letters = r"\s*".join(map(re.escape, bare))
        if re.search(rf"(?<![\w@-])(?<!\w\.)(?:www\.)?{letters}(?![\w%-]|/\w|\.\w)", flat):
            return address
    return ""


def kept(record: Sought | Facts) -> dict[str, Any]:
    """Return a record as it is stored."""
    return {name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(record).items()}  # fmt: skip


def sought_from(stored: Mapping[str, Any]) -> Sought:
    """Return what was sought from its stored form."""
    return Sought(**_known(Sought, stored))


def facts_from(stored: Mapping[str, Any]) -> Facts:
    """Return what was seen from its stored form."""
    return Facts(**_known(Facts, stored))


def _known(record: type[Sought | Facts], stored: Mapping[str, Any]) -> dict[str, Any]:
    names: Sequence[str] = [each.name for each in fields(record)]
    return {name: tuple(value) if isinstance(value, list) else value
            for name, value in stored.items() if name in names}  # fmt: skip
