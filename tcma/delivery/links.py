"""What a mailed link carries: a signed number and a slot, never an address or a target."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hmac import compare_digest
from urllib.parse import urlsplit

from tcma.db.work import Site
from tcma.errors import NotFound
from tcma.ids import Signer, TokenWriter

PAGES = "/go/"


class Purpose(StrEnum):
    """The kinds of mailed link; a token of one is nothing to another."""

    CLICK = "c"
    OPEN = "o"
    UNSUBSCRIBE = "u"
    VIEW = "v"
    PREFERENCES = "p"
    MESSAGE_ID = "id"
    CONSENT = "k"
    UNSEEN = "n"
    ANNOUNCED = "a"


@dataclass(frozen=True, slots=True)
class Links:
    """Writes the addresses of one installation's messages; `mail_host` where mail is taken in, too."""

    signer: Signer
    public_url: str
    mail_host: str = ""

    @classmethod
    def of(cls, site: Site) -> "Links":
        """Return the writer of an installation."""
        return cls(site.signer, site.public_url, site.mail_host if site.takes_mail else "")

    def url(self, purpose: Purpose, message_id: int, slot: int = 0) -> str:
        """Return the address that stands in the mail."""
        token = self.signer.message_token(purpose, message_id, slot)
        return f"{self.public_url}/{purpose.value}/{token}"

    def values(self, names: frozenset[str], message_id: int, *, mailing_id: int) -> dict[str, str]:
        """Return what stands for the engine's own tokens among `names` in one message, and the way
        out, which the headers of every mailing need.
        """
        return {
            name: before + write(message_id, slot, mailing_id if slot else 0)
            for name, before, write, slot in _plan(self, names)
        }

    def message_id(self, message_id: int, domain: str) -> str:
        """Return the Message-ID without brackets: the same at every attempt."""
        return f"{self.signer.message_token(Purpose.MESSAGE_ID, message_id)}@{domain}"

    def way_out_by_mail(self, message_id: int) -> str:
        """Return the address that unsubscribes whoever got this message; empty when nobody takes mail
        in. Mail servers may write it in small letters.
        """
        if not self.mail_host:
            return ""
        return f"{_mailbox(self.signer, f'{message_id:x}')}@{self.mail_host}?subject=unsubscribe"


UNSUBSCRIBE = "unsubscribe_url"
MAILED_WAY_OUT = "unsubscribe-"


def message_to_leave(signer: Signer, mailbox: str) -> int:
    """Return the message whose way out a mailbox is; NotFound for one that was never given."""
    number = mailbox.lower().removeprefix(MAILED_WAY_OUT).partition("-")[0]
    if not re.fullmatch("[0-9a-f]{1,16}", number) or not compare_digest(
        mailbox.lower().encode(), _mailbox(signer, number).encode()
    ):
        raise NotFound
    return int(number, 16)


def _mailbox(signer: Signer, number: str) -> str:
    return f"{MAILED_WAY_OUT}{number}-{signer.tag('unsubscribe.mailbox', number)}"


_ENGINE_TOKENS = {
    "open_pixel_url": Purpose.OPEN,
    UNSUBSCRIBE: Purpose.UNSUBSCRIBE,
    "view_url": Purpose.VIEW,
    "preferences_url": Purpose.PREFERENCES,
    "unseen_url": Purpose.UNSEEN,
}


@lru_cache(maxsize=1024)
def _plan(links: Links, names: frozenset[str]) -> tuple[tuple[str, str, TokenWriter, int], ...]:
    """Where each token points and who signs it: the same for all messages of a mailing."""
    plan = []
    for name in sorted(names | {UNSUBSCRIBE}):
        purpose = Purpose.CLICK if name.startswith("link:") else _ENGINE_TOKENS.get(name)
        if purpose:
            slot = int(name[5:]) if purpose is Purpose.CLICK else int(purpose is Purpose.UNSEEN)
            before = f"{links.public_url}/{purpose.value}/"
            plan.append((name, before, links.signer.token_writer(purpose), slot))
    return tuple(plan)


def arriving(target: str, token: str, *, public_url: str) -> str:
    """Return where a click goes: our own pages learn which mail brought the visitor."""
    ours, there = urlsplit(public_url), urlsplit(target)
    if there.netloc != ours.netloc or not there.path.startswith(PAGES):
        return target
    return f"{target}{'&' if there.query else '?'}m={token}"


def read_link(signer: Signer, purpose: Purpose, token: str) -> tuple[int, int]:
    """Return (message number, slot); NotFound for anything forged, cut or of another purpose."""
    return signer.read_message_token(purpose, token)[:2]
