"""Sends batches over several lines at once: pipelined where the relay offers it, one step at a
time where it does not; on each line one message is in doubt at most.
"""

import re
import selectors
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tcma.adapters.smtp_talk import Talk
from tcma.adapters.smtp_wire import Wire, read_target
from tcma.errors import Invalid, Unavailable
from tcma.ports import EmailSender, Journal, Outgoing, Result, SendResult

_ENVELOPE = re.compile(
    r"(?:\"(?:[ !#-\[\]-~]|\\[ -~])+\"|[^\s<>\x00-\x1f\x7f@]+)@[^\s<>\x00-\x1f\x7f@]+\Z"
)


@dataclass(frozen=True, slots=True)
class SmtpRelay:
    """A relay; `url` is `smtp://user:password@host:port`, also `smtps:` and `smtp+starttls:`;
    `?connect=5&command=30&answer=60&whole=300` say how many seconds it may take, `&ca=` names a
    file of certificates to trust. `guard` judges where a host leads that people wrote, and returns
    the address to connect to.
    """

    url: str = field(repr=False)
    guard: Callable[[str, int], str] | None = None

    def open(self, lines: int = 1) -> EmailSender:
        """Return fresh lines: as many as asked, or as the relay lets us have; Unavailable when it
        gives none.
        """
        target = read_target(self.url)
        if self.guard is not None:
            try:
                target = replace(target, at=self.guard(target.host, target.port))
            except Invalid as refused:
                raise Unavailable(
                    refused.message, code=refused.code, remedy=refused.remedy
                ) from refused
        wires = [Wire(target)]
        try:
            while len(wires) < lines:
                wires.append(Wire(target))
        except Unavailable:  # it limits how many may call at once: these do
            pass
        return SmtpLines(wires)


class SmtpLines:
    """Some lines to the relay. Once all have broken, everything more is UNSENT: open others."""

    def __init__(self, wires: Sequence[Wire]) -> None:
        self.utf8 = all("SMTPUTF8" in wire.features for wire in wires)
        self._selector = selectors.DefaultSelector()
        self._talks = [Talk(wire) for wire in wires]
        for talk in self._talks:
            self._selector.register(talk.wire, selectors.EVENT_READ, talk)

    def send(self, batch: Iterable[Outgoing], journal: Journal) -> Iterator[SendResult]:
        """Deliver, answering each message that was taken once, as soon as its answer is known.

        A `Halt` from the journal stops before the next dot: what is not in doubt is UNSENT.
        """
        answers: list[SendResult] = []
        todo = self._speakable(batch, answers)
        for talk in self._talks:
            talk.serve(todo, journal, answers)
        while busy := self._round():
            yield from answers
            answers.clear()
            self._listen(busy)
        yield from answers

    def close(self) -> None:
        """Say goodbye and drop the lines."""
        self._selector.close()
        for talk in self._talks:
            talk.wire.quit()
        self._talks = []

    def _round(self) -> list[Talk]:
        """Give idle lines their next message; return those that wait for something.

        Once the journal has said halt, a line only waits for the answer it has in doubt.
        """
        halted = any(talk.halted for talk in self._talks)
        for talk in self._talks:
            if halted:
                talk.wind_up()
            elif talk.idle:
                talk.begin()
        for talk in [each for each in self._talks if not each.alive]:
            self._talks.remove(talk)
            self._selector.unregister(talk.wire)
        return [talk for talk in self._talks if not talk.idle]

    def _listen(self, busy: Sequence[Talk]) -> None:
        for talk in busy:
            if talk.stuck != talk.watched:  # wake us when the kernel takes bytes again
                talk.watched = talk.stuck
                wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if talk.stuck else 0)
                self._selector.modify(talk.wire, wanted, talk)
        patience = min(talk.until for talk in busy) - time.monotonic()
        for key, mask in self._selector.select(max(0.0, patience)):
            key.data.turn(can_write=bool(mask & selectors.EVENT_WRITE))
        now = time.monotonic()
        for talk in busy:
            talk.check(now)

    def _speakable(
        self, batch: Iterable[Outgoing], answers: list[SendResult]
    ) -> Iterator[Outgoing]:
        for message in batch:
            why = self._unspeakable(message)
            if why:
                answers.append(SendResult(message.id, Result.REFUSED, 501, why))
            else:
                yield message

    def _unspeakable(self, message: Outgoing) -> str:
        for address in (message.mail_from, message.rcpt_to):
            if not _ENVELOPE.match(address):
                return "the address holds what no address may"
            if not address.isascii() and not self.utf8:
                return "the mail server does not take international addresses"
        return ""
