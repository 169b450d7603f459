"""What is said on one SMTP line: which reply is owed to what, and what becomes of the message.

A message is in doubt from its final dot to the answer, and only then. Where the relay pipelines,
the envelope of the next message rides behind the dot. RFC 5321, 2920.
"""

import re
import time
from collections import deque
from collections.abc import Iterator
from enum import Enum, auto

from tcma.adapters.smtp_wire import Broken, Reply, Wire
from tcma.ports import Halt, Journal, Outgoing, Result, SendResult

CLOSING = 421
GO_AHEAD = 354
_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")


class Owed(Enum):
    """What a reply that is still to come will answer."""

    MAIL = auto()
    RCPT = auto()
    DATA = auto()
    DOT = auto()
    EMPTY = auto()  # a dot after nothing: DATA was taken although nobody is to get it
    RSET = auto()


ENVELOPE = (Owed.MAIL, Owed.RCPT, Owed.DATA)


class Talk:
    """One line at work; `alive` until it breaks. `stuck`: the kernel takes no bytes now."""

    __slots__ = (
        "_answers", "_current", "_doubt", "_following", "_journal", "_owed", "_pipelining",
        "_refusal", "_todo", "_writing", "alive", "halted", "stuck", "until", "watched", "wire",
    )  # fmt: skip

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        wire.stream()
        self.alive = True
        self.halted = False
        self.stuck = False
        self.watched = False
        self.until = 0.0
        self._pipelining = "PIPELINING" in wire.features
        self._owed: deque[Owed] = deque()
        self._current: Outgoing | None = None
        self._following: Outgoing | None = None
        self._refusal: tuple[Reply, bool] | None = None
        self._writing = False
        self._doubt = False

    def serve(self, todo: Iterator[Outgoing], journal: Journal, answers: list[SendResult]) -> None:
        """Work for this batch: take from `todo`, put what became of it into `answers`."""
        self._todo, self._journal, self._answers = todo, journal, answers
        self.halted = False

    @property
    def idle(self) -> bool:
        """Nothing is owed and nothing is on its way."""
        return self._current is None and not self._owed

    def begin(self) -> None:
        """Take the next message, if there is one."""
        if self.alive and (message := next(self._todo, None)) is not None:
            self._current = message
            self._guard(self._open_envelope)

    def turn(self, *, can_write: bool) -> None:
        """Go on with what the line has for us."""
        if self.alive:
            self._guard(self._turn, can_write)

    def check(self, now: float) -> None:
        """Give up on a line that has been silent for too long.

        Where this process slept, the answer may have come since the selector looked: it is heard.
        """
        if self._is_late(now):
            self.turn(can_write=False)
        if self._is_late(now):
            self._down("no answer in time")

    def _is_late(self, now: float) -> bool:
        return self.alive and not self.idle and now >= self.until

    def wind_up(self) -> None:
        """The journal said halt: wait for an answer in doubt, else leave."""
        if self.alive and not self._doubt:
            self._down("told to stop")

    def _guard(self, step: object, *given: object) -> None:
        try:
            step(*given)  # type: ignore[operator]
        except Broken as why:
            self._down(str(why))
        except Halt as why:
            self.halted = True
            self._down(str(why))

    def _turn(self, can_write: bool) -> None:  # noqa: FBT001 - named where it is public
        if can_write and self.wire.flush():
            self.stuck = False
            if self._writing:
                self._dot()
        elif can_write:
            self._wait(self.wire.target.answer)  # it takes bytes, slowly
        for reply in self.wire.replies():
            if not self._owed:
                raise Broken(f"a word nobody asked for: {reply.code} {reply.text}")
            self._heard(self._owed.popleft(), reply)
            if not self.alive:
                return

    def _heard(self, owed: Owed, reply: Reply) -> None:
        if reply.code == CLOSING:
            self._down(reply.text, code=CLOSING)
        elif owed is Owed.DOT:
            self._delivered(reply)
        elif owed is Owed.DATA:
            self._may_write(reply)
        elif owed is Owed.EMPTY:
            self._reset()
        elif owed is not Owed.RSET:
            if not reply.good and self._refusal is None:
                self._refusal = (reply, owed is Owed.RCPT)
            if not self._pipelining:
                self._next_step(owed)

    def _open_envelope(self) -> None:
        message = self._message()
        if self._pipelining:
            self._owed.extend(ENVELOPE)
            self._push(_envelope(message))
        else:
            self._owed.append(Owed.MAIL)
            self._push(_mail_from(message))
        self._wait(self.wire.target.command)

    def _next_step(self, owed: Owed) -> None:
        if self._refusal:
            self._refused(*self._refusal)
            self._reset()
        elif owed is Owed.MAIL:
            self._owed.append(Owed.RCPT)
            self._push(_rcpt_to(self._message()))
        else:
            self._owed.append(Owed.DATA)
            self._push(b"DATA\r\n")
        self._wait(self.wire.target.command)

    def _may_write(self, reply: Reply) -> None:
        if self._refusal or not reply.good:
            self._refused(*(self._refusal or (reply, False)))
            if reply.code == GO_AHEAD:
                self._owed.append(Owed.EMPTY)
                self._push(b".\r\n")
            else:
                self._reset()
            return
        if reply.code != GO_AHEAD:
            raise Broken(f"not SMTP: {reply.code} to DATA")
        message = self._message()
        parts = message.parts if message.is_wired else (_safe(message.body),)
        self._wait(self.wire.target.answer)
        if self.wire.push(parts, more=True):
            self._dot()
        else:
            self._writing = self.stuck = True

    def _dot(self) -> None:
        message = self._message()
        self._writing = False
        self._journal.begun([message.id])
        self._doubt = True
        self._owed.append(Owed.DOT)
        tail = b".\r\n"
        if self._pipelining and (following := next(self._todo, None)) is not None:
            self._following = following
            self._owed.extend(ENVELOPE)
            tail += _envelope(following)
        self._push(tail)
        self._wait(self.wire.target.answer)

    def _delivered(self, reply: Reply) -> None:
        message = self._message()
        self._doubt = False
        if reply.good:
            self._journal.answered([message.id])
            self._answers.append(SendResult(message.id, Result.SENT, reply.code, reply.text))
            self._current, self._following = self._following, None
        else:
            self._refused(reply, at_recipient=False)
        self._wait(self.wire.target.command)

    def _refused(self, reply: Reply, at_recipient: bool) -> None:  # noqa: FBT001 - a pair
        message = self._message()
        result = Result.LATER if 400 <= reply.code < 500 else Result.REFUSED
        self._answers.append(SendResult(message.id, result, reply.code, reply.text, at_recipient))
        self._refusal = None
        self._current, self._following = self._following, None

    def _reset(self) -> None:
        self._owed.append(Owed.RSET)
        self._push(b"RSET\r\n")
        self._wait(self.wire.target.command)

    def _push(self, line: bytes) -> None:
        if not self.wire.push((line,)):
            self.stuck = True

    def _wait(self, patience: float) -> None:
        self.until = time.monotonic() + patience

    def _message(self) -> Outgoing:
        if self._current is None:
            raise Broken("a word nobody asked for")
        return self._current

    def _down(self, why: str, *, code: int = 0) -> None:
        """The line is over: what is in doubt stays so, what was only announced is UNSENT."""
        self.alive = False
        self.wire.drop()
        if self._current is not None:
            result = Result.UNCERTAIN if self._doubt else Result.UNSENT
            self._answers.append(SendResult(self._current.id, result, code, why))
        if self._following is not None:
            self._answers.append(SendResult(self._following.id, Result.UNSENT, 0, why))
        self._current = self._following = None
        self._owed.clear()


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
