"""What mailbox providers hold against a mail, each with a weight; pure, by the finished mail.

The weights are our own: about what common filters add for the same, so that `SUSPECT` together is
where many begin to sort out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from tcma.words import say

SUSPECT = 5
CLIPPED = 102 * 1024
"""Gmail shows no more bytes of a mail's HTML than these; the way out stands at its end."""
SHORTENERS = frozenset(
    (
        "bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly",
        "cutt.ly", "shorturl.at", "rb.gy", "t.ly", "tiny.cc", "lnkd.in", "s.id",
    )
)  # fmt: skip
LEAST_LETTERS = 8
SHOUTED = 0.7
LEAST_TEXT = 200
_TOKEN = re.compile(r"\[\[[^\]]*\]\]")
_LINK = re.compile(r"\[\[link:(\d+)\]\]")
_HOST = re.compile(
    r"^\s*(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/?#:]\S*)?\s*$", re.IGNORECASE
)
_MARKS = re.compile(r"!{2,}|\?{2,}|[$€£]{2,}")


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that counts against a mail, and what to do."""

    weight: int
    words: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A finished mail: `links[n-1]` stands behind `[[link:n]]`."""

    subject: str
    html: str
    text: str
    links: Sequence[str] = ()


def marks(letter: Letter) -> list[Mark]:
    """Return everything that counts against a mail, the heaviest first."""
    found = [*_subject(letter.subject), *_body(letter), *_links(letter)]
    return sorted(found, key=lambda each: -each.weight)


def _subject(subject: str) -> Iterator[Mark]:
    plain = _TOKEN.sub("", subject)
    letters = [each for each in plain if each.isalpha() and each.lower() != each.upper()]
    shouted = sum(each.isupper() for each in letters)
    if len(letters) >= LEAST_LETTERS and shouted > SHOUTED * len(letters):
        yield Mark(3, say("The subject is written in capitals."), say("Write it as a sentence."))
    if _MARKS.search(plain):
        words = say("The subject has several exclamation, question or currency marks in a row.")
        yield Mark(2, words, say("One is enough."))


def _body(letter: Letter) -> Iterator[Mark]:
    seen = _seen(letter.html)
    pictures = len(LexborHTMLParser(letter.html).css("img"))
    if pictures and len(seen) < LEAST_TEXT:
        words = say("The mail is nearly all picture.")
        remedy = say("Say in words what the picture says; many people see no pictures.")
        yield Mark(4, words, remedy)
    if len(letter.text.strip()) < min(len(seen) // 10, LEAST_TEXT) or not letter.text.strip():
        yield Mark(3, say("There is no plain text beside the HTML."), say("Add one."))
    weight = len(letter.html.encode())
    if weight > CLIPPED:
        words = say("It weighs {weight} kB; Gmail cuts it at {most} kB and hides the way out.", weight=weight // 1024, most=CLIPPED // 1024)  # fmt: skip
        yield Mark(2, words, say("Make it shorter."))


def _links(letter: Letter) -> Iterator[Mark]:
    short = sorted({host for url in letter.links if (host := _host_of(url)) in SHORTENERS})
    for host in short:
        words = say("A link leads through {host}; such shortened links are a mark of spam.", host=host)  # fmt: skip
        yield Mark(4, words, say("Link to the page itself."))
    told = set()
    for node in LexborHTMLParser(letter.html).css("a[href]"):
        shown = _HOST.match(node.text())
        named = _LINK.fullmatch((node.attributes.get("href") or "").strip())
        if shown is None or named is None or int(named[1]) > len(letter.links):
            continue
        real = _host_of(letter.links[int(named[1]) - 1])
        host = shown[1].lower().removeprefix("www.")
        if real and not _same(host, real) and host not in told:
            told.add(host)
            words = say("A link shows {shown} and leads to {real}.", shown=host, real=real)
            yield Mark(4, words, say("Let it show where it leads, or words."))


def _seen(html: str) -> str:
    tree = LexborHTMLParser(html)
    for node in tree.css("style, script, title, head"):
        node.decompose()
    body = tree.body
    return " ".join(body.text(separator=" ").split()) if body else ""


def _host_of(url: str) -> str:
    host = (urlsplit(url).hostname or "") if url.lower().startswith(("http:", "https:")) else ""
    return host.removeprefix("www.")


def _same(shown: str, real: str) -> bool:
    return shown == real or real.endswith(f".{shown}") or shown.endswith(f".{real}")
