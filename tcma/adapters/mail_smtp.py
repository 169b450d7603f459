"""Sends batches over SMTP: pipelined where the relay offers it, one message in doubt at most."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tcma.adapters.smtp_wire import Broken, Reply, Wire, read_target
from tcma.ports import EmailSender, Halt, Journal, Outgoing, Result, SendResult

_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_ENVELOPE = re.compile(r"[^\s<>\x00-\x1f\x7f@]+@[^\s<>\x00-\x1f\x7f@]+\Z")
CLOSING = 421
GO_AHEAD = 354


@dataclass(frozen=True, slots=True)
class SmtpRelay:
    """The relay of an installation; `url` is `smtp://user:password@host:port`, also `smtps:` and
    `smtp+starttls:`; `?connect=5&command=30&answer=60` say how many seconds it may take.
    """

    url: str

    def open(self) -> EmailSender:
        """Return a fresh line; Unavailable when the relay does not answer or refuses."""
        return SmtpLine(Wire(read_target(self.url)))


class SmtpLine:
    """One line to the relay. Once it breaks, everything more is UNSENT: open another."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.pipelining = "PIPELINING" in wire.features
        self.utf8 = "SMTPUTF8" in wire.features
        self.alive = True

    def send(self, batch: Sequence[Outgoing], journal: Journal) -> Iterator[SendResult]:
        """Deliver in order, answering each message once, as soon as its answer is known.

        A `Halt` from the journal stops before the next dot: that message and the rest are UNSENT.
        """
        ready = []
        for message in batch:
            why = self._unspeakable(message)
            if why:
                yield SendResult(message.id, Result.REFUSED, 501, why)
            else:
                ready.append(message)
        behind = False  # the envelope of ready[at] rode behind the dot before it
        for at, message in enumerate(ready):
            if not self.alive:
                yield SendResult(message.id, Result.UNSENT, 0, "the line was down")
                continue
            following = ready[at + 1] if at + 1 < len(ready) and self.pipelining else None
            answer, behind = self._one(message, behind=behind, following=following, journal=journal)
            yield answer

    def close(self) -> None:
        """Say goodbye and drop the line."""
        if self.alive:
            self.wire.quit()
        else:
            self.wire.drop()
        self.alive = False

    def _one(
        self, message: Outgoing, *, behind: bool, following: Outgoing | None, journal: Journal
    ) -> tuple[SendResult, bool]:
        patience = self.wire.target.answer
        try:
            refusal = self._envelope(message, behind=behind)
            if refusal:
                return self._refused(message, refusal[0], at_recipient=refusal[1]), False
            body = message.body if message.is_wired else _safe(message.body)
            self.wire.write(body, patience=patience)
            journal.begun([message.id])
        except (Broken, Halt) as why:
            self._down()
            return SendResult(message.id, Result.UNSENT, 0, str(why)), False
        try:
            tail = b"" if following is None else _envelope(following)
            self.wire.write(b".\r\n" + tail, patience=patience)
            reply = self.wire.read(patience=patience)
        except Broken as why:
            self._down()
            return SendResult(message.id, Result.UNCERTAIN, 0, str(why)), False
        if reply.code == CLOSING:
            self._down()
            return SendResult(message.id, Result.UNCERTAIN, CLOSING, reply.text), False
        if reply.good:
            journal.answered([message.id])
            return SendResult(message.id, Result.SENT, reply.code, reply.text), bool(tail)
        return self._refused(message, reply), bool(tail)

    def _envelope(self, message: Outgoing, *, behind: bool) -> tuple[Reply, bool] | None:
        """Bring the server to 354; else return its refusal and whether it answered RCPT."""
        if self.pipelining:
            if not behind:
                self.wire.write(_envelope(message))
            mail = self.wire.read()
            if mail.code == CLOSING:
                return mail, False
            rcpt = self.wire.read()
            if rcpt.code == CLOSING:
                return rcpt, False
            data = self.wire.read()
        else:
            mail = self._say(_mail_from(message))
            rcpt = self._say(_rcpt_to(message)) if mail.good else mail
            data = self._say(b"DATA\r\n") if rcpt.good else rcpt
        replies = (mail, rcpt, data)
        refused = next((n for n, each in enumerate(replies) if not each.good), None)
        if refused is None and data.code == GO_AHEAD:
            return None
        if refused is None:
            raise Broken(f"not SMTP: {data.code} to DATA")
        if data.code == GO_AHEAD:  # taken although nobody is to get it: end it empty
            self._say(b".\r\n")
        if replies[refused].code != CLOSING:
            self._say(b"RSET\r\n")
        return replies[refused], refused == 1

    def _say(self, line: bytes) -> Reply:
        self.wire.write(line)
        return self.wire.read()

    def _refused(
        self, message: Outgoing, reply: Reply, *, at_recipient: bool = False
    ) -> SendResult:
        if reply.code == CLOSING:
            self._down()
            return SendResult(message.id, Result.UNSENT, CLOSING, reply.text)
        result = Result.LATER if 400 <= reply.code < 500 else Result.REFUSED
        return SendResult(message.id, result, reply.code, reply.text, at_recipient)

    def _unspeakable(self, message: Outgoing) -> str:
        for address in (message.mail_from, message.rcpt_to):
            if not _ENVELOPE.match(address):
                return "the address holds what no address may"
            if not address.isascii() and not self.utf8:
                return "the mail server does not take international addresses"
        return ""

    def _down(self) -> None:
        self.alive = False
        self.wire.drop()


def _mail_from(message: Outgoing) -> bytes:
    plain = message.mail_from.isascii() and message.rcpt_to.isascii()
    return f"MAIL FROM:<{message.mail_from}>{'' if plain else ' SMTPUTF8'}\r\n".encode()


def _rcpt_to(message: Outgoing) -> bytes:
    return f"RCPT TO:<{message.rcpt_to}>\r\n".encode()


def _envelope(message: Outgoing) -> bytes:
    return _mail_from(message) + _rcpt_to(message) + b"DATA\r\n"


def _safe(body: bytes) -> bytes:
    """Whole CRLF lines without a lone dot; bodies made by `rendering.mime` pass untouched."""
    lines = body.count(b"\r\n")
    if body.count(b"\n") != lines or body.count(b"\r") != lines:
        body = _BARE.sub(b"\r\n", body)
    if not body.endswith(b"\r\n"):
        body += b"\r\n"
    if body.startswith(b".") or b"\r\n." in body:
        body = (b"\r\n" + body).replace(b"\r\n.", b"\r\n..")[2:]
    return body
