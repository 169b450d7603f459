"""A real SMTP server for the tests: keeps messages, and answers as it is told."""

import asyncio
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.parser import BytesParser
from functools import cached_property

from tcma.embedded.process import free_port
from tcma.embedded.smtp_server import Conversation, Server

SILENCE = "silence"
HANG_UP = "hang up"


@dataclass(frozen=True)
class Kept:
    """One message as it came over the wire."""

    sender: str
    recipient: str
    data: bytes

    @cached_property
    def message(self):
        """To read one takes 3 ms; tests look at the same hundreds again and again."""
        return message_from_bytes(self.data, policy=policy.default)

    @cached_property
    def headers(self):
        """The head alone, which is read in a tenth of the time."""
        return BytesParser(policy=policy.default).parsebytes(self.data, headersonly=True)

    @property
    def key(self):
        """The Message-ID: what `nobody gets two` is counted by."""
        return str(self.headers["Message-ID"] or "").strip()


@dataclass
class Script:
    """What the server says; a list is used up one by one, then it is 250 again.

    `rcpt` by recipient address; `data` before the text is taken (421, 451, 550, 554, SILENCE,
    HANG_UP); `after` is said instead of 250 although the message was kept (HANG_UP, SILENCE).
    """

    rcpt: dict[str, list[str]] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    connect: list[str] = field(default_factory=list)


class SmtpSink:
    """`with SmtpSink() as sink:` sink.url, sink.kept, sink.script."""

    def __init__(self, port=None):
        self.port = port or free_port()
        self.script = Script()
        self.kept = []
        self._lock = threading.Lock()
        self._controller = None

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def keys(self):
        return [each.key for each in self.kept]

    def to(self, recipient):
        return [each for each in self.kept if each.recipient == recipient]

    def start(self):
        self._controller = _Server(self, port=self.port, ident="sink")
        self._controller.start()

    def stop(self):
        if self._controller:
            self._controller.stop(no_assert=True)
            self._controller = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def next_answer(self, answers):
        with self._lock:
            return answers.pop(0) if answers else None

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answer = self.next_answer(self.script.rcpt.get(address, []))
        if answer:
            return await _say(server, answer)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.next_answer(self.script.data)
        if answer:
            return await _say(server, answer)
        with self._lock:
            self.kept += [
                Kept(envelope.mail_from, recipient, envelope.original_content)
                for recipient in envelope.rcpt_tos
            ]
        answer = self.next_answer(self.script.after)
        return await _say(server, answer) if answer else "250 2.0.0 kept"


class _Conversation(Conversation):
    async def _handle_client(self):
        answer = self.event_handler.next_answer(self.event_handler.script.connect)
        if answer:
            await self.push(await _say(self, answer))
            self.transport.close()
            return
        await super()._handle_client()


class _Server(Server):
    conversation = _Conversation


async def _say(server, answer):
    if answer == SILENCE:
        await asyncio.sleep(3600)
    if answer == HANG_UP:
        server.transport.abort()
        return "421 4.3.0 gone"
    return answer
