"""What each social network takes: letters, picture, share address, and which addresses are its posts."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import log
from unicodedata import normalize
from urllib.parse import quote, urlencode, urlsplit

from tcma.errors import Invalid
from tcma.rendering.tokens import TOKEN
from tcma.words import joined, say, say_n

LONGEST_ADDRESS = 500
POST, SHORT_POST = "social_post", "social_short"
"""The slots a post's text comes from; the short one is for networks that take less."""


class Network(StrEnum):
    """The networks; each is the way `?via=…` that its visitors are counted by."""

    LINKEDIN = "linkedin"
    FACEBOOK = "facebook"
    X = "x"
    INSTAGRAM = "instagram"


def plain_letters(text: str) -> int:
    """Count letters as a reader would."""
    return len(normalize("NFC", text))


_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_WEB = re.compile(r"https?://\S+")
LINK_ON_X = 23


def x_letters(text: str) -> int:
    """Count as X does: a link is 23, Latin and its neighbours 1, everything else 2."""
    links = len(_WEB.findall(text))
    rest = normalize("NFC", _WEB.sub("", text))
    return links * LINK_ON_X + sum(
        1 if any(first <= ord(letter) <= last for first, last in _LIGHT) else 2 for letter in rest
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What is known of a network: `most` letters by its own `count`, the `fold` after which readers
    must ask for more, the picture it shows whole, its hosts, and where a prepared post opens.
    """

    name: str
    most: int
    fold: int
    picture: tuple[int, int]
    hosts: tuple[str, ...]
    opens: str
    takes: tuple[str, ...] = ()
    count: Callable[[str], int] = plain_letters
    is_short: bool = False
    clickable: bool = True


HABITS: Mapping[Network, Habits] = {
    Network.LINKEDIN: Habits(
        name="LinkedIn",
        most=3_000,
        fold=210,
        picture=(1200, 627),
        hosts=("linkedin.com", "lnkd.in"),
        opens="https://www.linkedin.com/sharing/share-offsite/",
        takes=("url",),
    ),
    Network.FACEBOOK: Habits(
        name="Facebook",
        most=63_206,
        fold=477,
        picture=(1200, 630),
        hosts=("facebook.com", "fb.com", "fb.watch"),
        opens="https://www.facebook.com/sharer/sharer.php",
        takes=("u",),
    ),
    Network.X: Habits(
        name="X",
        most=280,
        fold=280,
        picture=(1200, 675),
        hosts=("x.com", "twitter.com"),
        opens="https://x.com/intent/post",
        takes=("url", "text"),
        count=x_letters,
        is_short=True,
    ),
    Network.INSTAGRAM: Habits(
        name="Instagram",
        most=2_200,
        fold=125,
        picture=(1080, 1080),
        hosts=("instagram.com",),
        opens="https://www.instagram.com/",
        clickable=False,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A post's whole text with its letters; `problem` says why it cannot be posted, "" when it can."""

    whole: str
    used: int
    most: int
    problem: str


def link_of(page_url: str, network: Network) -> str:
    """Return the partner's page by the address that counts who came from this network."""
    return f"{page_url}?via={network.value}"


def text_for(network: Network, slots: Mapping[str, object]) -> str:
    """Return the partner's words for a network: the short ones where it takes less and there are any."""
    short = str(slots.get(SHORT_POST) or "") if HABITS[network].is_short else ""
    return short or str(slots.get(POST) or "")


def fit(network: Network, text: str, link: str) -> Fit:
    """Put text and link together and count them as the network does."""
    habits = HABITS[network]
    whole = f"{text}\n\n{link}" if text and habits.clickable else text
    used = habits.count(whole)
    problem = ""
    if not text:
        problem = say("There is no text yet. Write the post.")
    elif TOKEN.search(text):
        problem = say("A post goes to nobody in particular. Take out what stands in [[…]].")
    elif used > habits.most:
        over = used - habits.most
        remedy = (
            say("Write a shorter text for {name}.", name=habits.name)
            if habits.is_short
            else say("Shorten it.")
        )
        long = say_n(
            "Too long for {name} by {n} letter.", "Too long for {name} by {n} letters.", over,
            name=habits.name,
        )  # fmt: skip
        problem = joined(long, remedy)
    return Fit(whole=whole, used=used, most=habits.most, problem=problem)


def opening_address(network: Network, text: str, link: str) -> str:
    """Return the network's own page with what it lets be filled in beforehand."""
    habits = HABITS[network]
    values = {"url": link, "u": link, "text": text}
    asked = urlencode({name: values[name] for name in habits.takes}, quote_via=quote)
    return f"{habits.opens}?{asked}" if asked else habits.opens


def nearest(network: Network, sizes: Sequence[tuple[str, int, int]]) -> str:
    """Return the picture (name, width, height) whose shape is nearest; of equals the larger."""
    width, height = HABITS[network].picture
    shape = log(width / height)
    near = sorted(sizes, key=lambda one: (round(abs(log(one[1] / one[2]) - shape), 3), -one[1]))
    return near[0][0] if near else ""


def post_address(network: Network, address: str) -> str:
    """Return the address of a post; Invalid unless it is a page of that network."""
    habits = HABITS[network]
    text = address.strip()
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").casefold()
    except ValueError:
        host = ""
    known = any(host == one or host.endswith(f".{one}") for one in habits.hosts)
    whole = known and parts.scheme == "https" and len(parts.path.strip("/")) > 0
    plain = len(text) <= LONGEST_ADDRESS and text.isascii() and not re.search(r"[\s\"'<>\\]", text)
    if not (whole and plain) or "@" in parts.netloc:
        words = say(
            "This is not the address of a post on {name}. Open your post there and copy its"
            " address from the browser: it looks like https://www.{host}/…",
            name=habits.name,
            host=habits.hosts[0],
        )
        raise Invalid(words, code="social.address", fields={"address": words})
    return text


class PostState(StrEnum):
    """Where a post is on its way."""

    SCHEDULED = "scheduled"
    SENDING = "sending"
    POSTED = "posted"
    UNCERTAIN = "uncertain"
    """It may stand there: a person looks."""
    REFUSED = "refused"
    STOPPED = "stopped"
    """Its partner may publish nothing for the vendor; once it may again, a person decides."""
    WITHDRAWN = "withdrawn"
    """Taken back before it left."""
    REMOVED = "removed"
    """Taken away from the network again."""


SENDABLE: Mapping[Network, str] = {
    Network.LINKEDIN: "https://api.linkedin.com",
    Network.FACEBOOK: "https://graph.facebook.com",
}
"""Networks with an account of the partner's that posts can be sent by, and where they are asked."""

LEASE = timedelta(minutes=5)
"""How long sending may take; after a lost answer the network gets as long to show the post."""
SKEW = timedelta(minutes=1)
"""Clocks of the two sides may differ by so much."""
MOST_ATTEMPTS = 6
FARTHEST = timedelta(days=180)


def next_try(attempts: int, now: datetime, *, wait_s: int | None = None) -> datetime | None:
    """Return when a post is tried again, None when that was often enough."""
    if attempts >= MOST_ATTEMPTS:
        return None
    pause = timedelta(seconds=wait_s) if wait_s else timedelta(minutes=2**attempts)
    return now + pause


def may_schedule(at: datetime, now: datetime) -> None:
    """Raise Invalid for a time that is past or too far away."""
    words = ""
    if at < now - LEASE:
        words = say("This time is past. Choose a later one.")
    elif at > now + FARTHEST:
        words = say("This is more than half a year away. Choose an earlier day.")
    if words:
        raise Invalid(words, code="social.time", fields={"at": words})
