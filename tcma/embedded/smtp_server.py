"""An SMTP server that takes a mail's text in one piece, not line by line, long lines included."""

import asyncio
from dataclasses import dataclass
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP

LARGEST_MAIL = 64 * 1024 * 1024
_LAST = len(b"\r\n.\r\n")


@dataclass(frozen=True, slots=True)
class Limits:
    """The most octets of a mail, and how many may talk at once."""

    mail: int = LARGEST_MAIL
    conversations: int = 1_000


class Conversation(SMTP):
    """One client's session. Differs from aiosmtpd's only in how the text after DATA is read, and in
    that a crowd is asked to come later.
    """

    line_length_limit = LARGEST_MAIL  # of the stream's buffer; commands have their own limit
    house: "Server | None" = None

    def connection_made(self, transport: Any) -> None:
        """Begin, or say that too many are here."""
        if self.house is not None:
            self.house.talking += 1
            if self.house.talking > self.house.limits.conversations:
                transport.write(b"421 4.3.2 Too many conversations, try again later\r\n")
                transport.close()
                return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Make room for another."""
        if self.house is not None:
            self.house.talking -= 1
        if self.transport is not None:
            super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Take the text up to the lone dot and hand it to the handler."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        assert self.envelope is not None
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            text = await self._text()
        except asyncio.LimitOverrunError:  # a text without an end: nothing behind it can be trusted
            await self.push("552 5.3.4 too much mail data")
            assert self.transport is not None
            self.transport.close()
            return
        if text is None:
            self._set_post_data_state()  # type: ignore[no-untyped-call]
            await self.push("552 5.3.4 too much mail data")
            return
        self.envelope.content = self.envelope.original_content = text
        status = await self._call_handler_hook("DATA")
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push(status)

    async def _text(self) -> bytes | None:
        """Return the text without its dot-stuffing (RFC 5321 4.5.2); None when it is too large."""
        text, too_large = bytearray(), False
        while text != b".\r\n" and not text.endswith(b"\r\n.\r\n"):
            text += await self._reader.readuntil(b".\r\n")
            if len(text) > self.line_length_limit:
                too_large = True
                del text[:-_LAST]
        if too_large:
            return None
        body = bytes(text[:-3])
        return (body[1:] if body.startswith(b".") else body).replace(b"\r\n.", b"\r\n")


class LmtpConversation(Conversation, LMTP):
    """The same for a mail server that hands over what has arrived (RFC 2033)."""


class Server(Controller):
    """A thread that listens on one port and talks to each client by `conversation`; it says that it
    is `greeted`.
    """

    conversation: type[Conversation] = Conversation

    def __init__(  # noqa: PLR0913 - where, who, how much
        self,
        handler: object,
        *,
        port: int,
        ident: str,
        host: str = "127.0.0.1",
        greeted: str = "",
        limits: Limits = Limits(),
    ) -> None:
        self.limits, self.talking = limits, 0
        super().__init__(
            handler,
            hostname=host,
            port=port,
            server_hostname=greeted or None,
            ident=ident,
            data_size_limit=limits.mail,
            enable_SMTPUTF8=True,
        )

    def factory(self) -> Any:
        """Make the conversation of a new client."""
        limit = {"line_length_limit": self.limits.mail, "house": self}
        kind = type(self.conversation.__name__, (self.conversation,), limit)
        return kind(self.handler, **self.SMTP_kwargs)


class LmtpServer(Server):
    """The same that speaks LMTP."""

    conversation = LmtpConversation
