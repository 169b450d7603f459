"""Takes what comes back by mail: bounces, complaints, wishes to leave, answers, and mails that are leads.

It listens by SMTP or LMTP, or reads a mailbox by IMAP, as TCMA_RETURN_MAIL says. A mail is
acknowledged when its rows are committed; the same mail twice changes nothing.
"""

import asyncio
import os
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from typing import Any
from urllib.parse import urlsplit

import structlog

from tcma.adapters.mail_imap import LARGEST, read_unseen
from tcma.delivery import feedback
from tcma.delivery.links import MAILED_WAY_OUT, message_to_leave
from tcma.delivery.queries import message_facts
from tcma.embedded.smtp_server import Limits, LmtpServer, Server
from tcma.errors import Forbidden, NotFound, TcmaError, Unavailable
from tcma.leads import ways_in
from tcma.permissions import SYSTEM
from tcma.wiring import Services
from workers import alive

LOOK_EVERY_S = 30.0
LIMITS = Limits(mail=LARGEST, conversations=50)
HANDS = 4
"""Mails that are taken in at once; more wait in their conversations."""
OURS = re.compile(
    r"[A-Za-z0-9_-]{20,64}|unsubscribe-.+|leads-.+|postmaster|abuse|mailer-daemon", re.IGNORECASE
)
UNKNOWN = "550 5.1.1 There is no such mailbox here"
LATER = "451 4.3.0 We cannot take it now, try again later"
DELIVERED_TO = ("X-Original-To", "Delivered-To", "Envelope-To", "To", "Cc")

log = structlog.get_logger(__name__)


def take(services: Services, raw: bytes, recipient: str) -> str:
    """Take one mail in that was sent to `recipient`; return in a word what it was.

    Raises NotFound for a mailbox that is none of ours.
    """
    mailbox = recipient.partition("@")[0]
    with services.transaction(SYSTEM) as work:
        if mailbox.lower().startswith("leads-"):
            ref, origin = ways_in.origin_of_mailbox(work, mailbox)
            return "lead" if ways_in.by_mail(work, ref, origin, raw)[1] else "held"
        if mailbox.lower().startswith(MAILED_WAY_OUT):
            number = message_to_leave(work.site.signer, mailbox)
            feedback.stop(work, message_facts(work.session, number))
            return "unsubscribe"
        head = f"Delivered-To: {_bare(recipient)}\r\n".encode()
        taken = feedback.record_raw(work, "mail", head + raw, named_only=True)
        return ", ".join(sorted({one.feedback.action.value for one in taken})) or "nothing"


def _bare(recipient: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f]", "", recipient).encode("ascii", "replace").decode()


class Desk:
    """aiosmtpd's handler: one recipient a mail, as bounces have."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.hands = ThreadPoolExecutor(HANDS, thread_name_prefix="postbox")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Sequence[str]
    ) -> str:
        """Take what may be for us; nothing is ever sent on."""
        del server, session, options
        if not OURS.fullmatch(address.partition("@")[0]):
            return UNKNOWN
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take the mail in, and say so when its rows are committed."""
        del server, session
        raw = f"Return-Path: <{_bare(envelope.mail_from or '')}>\r\n".encode()
        raw += envelope.original_content
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.hands, self._taken, raw, envelope.rcpt_tos[0])

    def _taken(self, raw: bytes, recipient: str) -> str:
        try:
            was = take(self.services, raw, recipient)
        except (NotFound, Forbidden):
            return UNKNOWN
        except Unavailable as error:
            log.warning("mail is asked for again later", reason=error.message)
            return LATER
        except TcmaError as error:
            return f"554 5.6.0 {error.message}".encode("ascii", "replace").decode()[:500]
        except Exception:  # a fault of ours: the sender keeps the mail and asks again
            log.exception("a mail could not be taken in", recipient=recipient)
            return LATER
        log.info("mail taken in", was=was)
        return "250 2.0.0 taken"


class Reader(threading.Thread):
    """Reads one mailbox by IMAP, again and again until told to stop."""

    def __init__(self, services: Services, url: str) -> None:
        super().__init__(name="postbox reader", daemon=True)
        self.services, self.url = services, url
        self._told = threading.Event()

    def stop(self) -> None:
        """Ask it to end after the mail in hand."""
        self._told.set()

    def run(self) -> None:
        """Look at once, then each half minute."""
        while not self._told.is_set():
            try:
                self.look()
            except Unavailable as error:
                log.warning("mailbox not read", reason=error.message)
            except Exception:  # the next look may go well; nothing was marked as read
                log.exception("mailbox not read")
            self._told.wait(LOOK_EVERY_S)

    def look(self) -> int:
        """Take in what is unread; return how many."""
        return read_unseen(self.url, self._taken)

    def _taken(self, raw: bytes) -> bool:
        for recipient in _recipients(raw):
            try:
                log.info("mail taken in", was=take(self.services, raw, recipient))
            except Unavailable:
                raise
            except TcmaError as error:
                log.info("mail left alone", reason=error.message)
            except Exception:  # it is marked for a person, and those behind it are read
                log.exception("a mail could not be taken in")
                return False
            else:
                return True
        return True


def _recipients(raw: bytes) -> list[str]:
    """Return to whom a mail may have been for us, the surest first; its own mailbox last."""
    mail = BytesHeaderParser().parsebytes(raw)
    told = [str(value) for name in DELIVERED_TO for value in mail.get_all(name, [])]
    found = [address for _, address in getaddresses(told) if "@" in address]
    named = [each for each in found if OURS.fullmatch(each.partition("@")[0])]
    return named or found[:1] or ["postmaster@"]


class Postbox:
    """Everything TCMA_RETURN_MAIL names, at work between `start()` and `stop()`."""

    def __init__(self, services: Services, addresses: Sequence[str]) -> None:
        self.desk = Desk(services)
        self.ways: list[tuple[Callable[[], None], Callable[[], None]]] = []
        for each in addresses:
            parts = urlsplit(each)
            if parts.scheme in ("imap", "imaps"):
                reader = Reader(services, each)
                self.ways.append((reader.start, reader.stop))
                continue
            kind = LmtpServer if parts.scheme == "lmtp" else Server
            server = kind(
                self.desk, host=parts.hostname or "127.0.0.1", port=parts.port or 25, ident="tcma",
                greeted=services.site.mail_host, limits=LIMITS,
            )  # fmt: skip
            self.ways.append((server.start, server.stop))

    def start(self) -> None:
        """Listen and read."""
        for begin, _ in self.ways:
            begin()

    def stop(self) -> None:
        """Close the lines; a mail in hand is taken in first."""
        for _, end in self.ways:
            end()
        self.desk.hands.shutdown(wait=True)


def main() -> int:
    """Take mail in until SIGTERM."""
    from tcma.config import read_settings
    from tcma.errors import Invalid
    from tcma.wiring import installation
    from workers.scheduler import until_told

    settings = read_settings(os.environ)
    if not settings.return_mail:
        raise Invalid(
            "TCMA_RETURN_MAIL is not set, so there is nothing to listen to or to read",
            code="config.return_mail",
            remedy="Write smtp://0.0.0.0:2525, lmtp://127.0.0.1:2424 or imaps://user:password@host.",
        )
    told = threading.Event()
    until_told(told.set)
    with installation(settings) as services:
        postbox = Postbox(services, settings.return_mail)
        postbox.start()
        alive.beat("postbox")
        while not told.wait(alive.EVERY):
            alive.beat("postbox")
        postbox.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
