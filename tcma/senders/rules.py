"""Sending domains: their states, which names may be one, and when they are looked at again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from tcma.errors import Invalid
from tcma.words import say


class DomainState(StrEnum):
    """How far a sending domain is. `failing` is still used: one look is not enough to stop."""

    PENDING = "pending"
    VERIFIED = "verified"
    FAILING = "failing"
    BROKEN = "broken"


PROVED = (DomainState.VERIFIED, DomainState.FAILING)
"""Mail may come from here, signed."""


class Policy(StrEnum):
    """What a vendor wants for mail of a partner whose domain is not proved."""

    LEND = "lend"
    HOLD = "hold"


POLICY_WORDS: Mapping[Policy, tuple[str, str]] = {
    Policy.LEND: (
        say("Lend your address"),
        say("Mail goes from your address with the partner’s name; replies go to the partner."),
    ),
    Policy.HOLD: (
        say("Hold the mail"),
        say("Nothing leaves until the partner’s domain is verified; then it goes on by itself."),
    ),
}


class Verdict(StrEnum):
    """What a look at one DNS record found."""

    FOUND = "found"
    WRONG = "wrong"
    MISSING = "missing"
    SILENT = "silent"
    WAITING = "waiting"


FREE_MAIL = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "outlook.de", "hotmail.com", "hotmail.co.uk",
    "hotmail.de", "hotmail.fr", "live.com", "live.co.uk", "live.de", "msn.com", "yahoo.com",
    "yahoo.co.uk", "yahoo.de", "yahoo.fr", "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com",
    "gmx.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de", "freenet.de", "t-online.de",
    "mail.com", "mail.de", "posteo.de", "mailbox.org", "proton.me", "protonmail.com", "pm.me",
    "tutanota.com", "tuta.com", "zoho.com", "fastmail.com", "yandex.com", "yandex.ru", "mail.ru",
    "qq.com", "163.com", "126.com", "orange.fr", "free.fr", "laposte.net", "wanadoo.fr", "sfr.fr",
    "libero.it", "virgilio.it", "btinternet.com", "comcast.net", "verizon.net", "bluewin.ch",
})  # fmt: skip
"""Their owners forbid other servers to send for them (DMARC p=reject or quarantine)."""

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
CONFIRM_AFTER = timedelta(minutes=55)
"""A failed look counts as broken when another one, this much later, fails as well."""
KEEP_RECORD = timedelta(days=7)
"""Mail waits up to five days in queues on its way: so long a signature must hold."""


FIRST_DAY = 500
"""Mails of a domain's first day; each day after it may send twice as many."""
WARM_DAYS = 8
"""After so many days (64,000 on the last) receivers know a domain by what it sent."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much may still leave from a domain now, out of how much, and when there is more."""

    left: int
    most: int
    until: datetime
    warm_day: int = 0
    """Which day of the warm-up it is; 0: the limit is one that people set."""


def warm_day(warm_from: datetime | None, now: datetime) -> int:
    """Return which day of its warm-up a domain is in, from 1; 0 when it is over or never was."""
    if warm_from is None:
        return 0
    day = (now.date() - warm_from.date()).days + 1
    return day if 1 <= day <= WARM_DAYS else 0


def room(
    *, warm_from: datetime | None, per_hour: int | None, today: int, this_hour: int, now: datetime
) -> Room | None:
    """Return what may still leave, by the day's ceiling of a warm-up and the hour's limit.

    Days and hours are those of UTC. None: there is no limit.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    midnight = hour.replace(hour=0) + timedelta(days=1)
    rooms = []
    if day := warm_day(warm_from, now):
        most = FIRST_DAY * 2 ** (day - 1)
        rooms.append(Room(max(0, most - today), most, midnight, day))
    if per_hour is not None:
        rooms.append(Room(max(0, per_hour - this_hour), per_hour, hour + timedelta(hours=1)))
    return min(rooms, key=lambda each: each.left, default=None)


@dataclass(frozen=True, slots=True)
class Spread:
    """How long a domain's limits draw mails out: how many leave on the first day, and the last day."""

    first: int
    last: date


def spread(  # noqa: PLR0913 - both limits, what has left, the clock
    mails: int,
    *,
    warm_from: datetime | None,
    per_hour: int | None,
    today: int,
    start: datetime,
    now: datetime,
) -> Spread | None:
    """Return how `mails` leave from `start` on, at the earliest: others of the domain may come between.

    `today` is how many have left on the day of `now`. Days are those of UTC. None: nothing limits
    the day they begin on.
    """
    at, left, first = start.astimezone(UTC), mails, None
    while (
        most := _most_on(at, warm_from, per_hour, used=today if at.date() == now.date() else 0)
    ) is not None:
        first = min(most, mails) if first is None else first
        left -= most
        if left <= 0:
            break
        at = datetime.combine(at.date() + timedelta(days=1), time(), UTC)
    return None if first is None else Spread(first, at.date())


def _most_on(
    at: datetime, warm_from: datetime | None, per_hour: int | None, *, used: int
) -> int | None:
    """How many may leave from `at` to the end of its day; None without a limit."""
    day = warm_day(warm_from, at)
    rooms = [FIRST_DAY * 2 ** (day - 1) - used] if day else []
    if per_hour is not None:
        rooms.append(per_hour * (24 - at.hour))
    return max(0, min(rooms)) if rooms else None


def free_mail(address: str) -> str:
    """Return the free mail service an address belongs to; empty for any other domain."""
    domain = address.rpartition("@")[2].lower()
    return domain if domain in FREE_MAIL else ""


def domain_name(text: str) -> str:
    """Return a domain as DNS writes it, without scheme, user or dot at the end.

    Raises Invalid for what is no domain, for a bare ending, and for free mail services.
    """
    name = text.strip().lower()
    name = name.partition("://")[2] or name
    name = name.partition("/")[0].rpartition("@")[2].rstrip(".")
    try:
        name = name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError:
        name = ""
    labels = name.split(".")
    whole = len(labels) > 1 and len(name) <= 200 and all(map(_LABEL.match, labels))
    if not whole or labels[-1].isdigit():
        words = say("This is not a domain. Write it like news.yourfirm.example.")
        raise Invalid(words, code="sender.domain", fields={"domain": words})
    if name in FREE_MAIL:
        words = say(
            "A {name} address cannot be the sender here; mail programs would refuse it. "
            "Use your own domain or your vendor’s.",
            name=name,
        )
        raise Invalid(words, code="sender.free_mail", fields={"domain": words})
    return name


def next_state(
    state: DomainState, *, proved: bool | None, since: datetime | None, now: datetime
) -> DomainState:
    """Return the state after a look: `proved` is None when DNS did not answer.

    `since` is when looks began to fail.
    """
    if proved is None:
        return state
    if proved:
        return DomainState.VERIFIED
    match state:
        case DomainState.VERIFIED:
            return DomainState.FAILING
        case DomainState.FAILING if since is not None and now - since >= CONFIRM_AFTER:
            return DomainState.BROKEN
    return state


def next_look(
    state: DomainState, *, proved: bool | None, since: datetime, now: datetime
) -> datetime:
    """Return when to look again; `since` is when the domain came into its state.

    A proved domain daily, one that fails within the hour; while somebody sets it up every ten
    minutes, and ever less when they do not.
    """
    if proved is None:
        return now + timedelta(minutes=15)
    if state is DomainState.VERIFIED:
        return now + timedelta(days=1)
    if state is DomainState.FAILING:
        return now + timedelta(hours=1)
    age = now - since
    if age < timedelta(days=2):
        return now + timedelta(minutes=10)
    return now + (timedelta(hours=1) if age < timedelta(days=14) else timedelta(days=1))
