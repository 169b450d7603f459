"""A way to send mail in one file, as another package would bring it: `carrier://host:port`.

Its entry point is `[tcma.transports] carrier = carrier:Carrier`. It speaks SMTP by the standard library,
one message after the other; what it minds is the port's contract, nothing of the house.
"""

import smtplib
from urllib.parse import urlsplit

from tcma.errors import Unavailable
from tcma.ports import Halt, Result, SendResult

TAKEN, LATER, REFUSED = 250, 400, 500


class Carrier:
    """The relay behind an address."""

    def __init__(self, url):
        self.url = url

    def open(self, lines=1):
        """One line, however many are asked for."""
        del lines
        parts = urlsplit(self.url)
        try:
            return Line(smtplib.SMTP(parts.hostname, parts.port, timeout=30))
        except OSError as error:
            raise Unavailable(f"The carrier does not answer: {error}", code="relay.away") from None


class Line:
    """One connection; what broke it leaves the rest unsent."""

    def __init__(self, smtp):
        self.smtp = smtp

    def send(self, batch, journal):
        """Answer each message that is taken once; stop where the line or the journal stops."""
        for message in batch:
            answer = self.one(message, journal)
            yield answer
            if answer.result in {Result.UNSENT, Result.UNCERTAIN}:
                return

    def one(self, message, journal):
        """Envelope first; the journal knows before the message leaves; no answer is doubt."""
        try:
            self.smtp.ehlo_or_helo_if_needed()
            self.smtp.mail(message.mail_from)
            code, text = self.smtp.rcpt(message.rcpt_to)
            if code != TAKEN:
                self.smtp.rset()
                return SendResult(message.id, judged(code), code, text.decode(), at_recipient=True)
            journal.begun([message.id])
        except Halt as halt:
            return SendResult(message.id, Result.UNSENT, text=str(halt))
        except (OSError, smtplib.SMTPException) as error:
            return SendResult(message.id, Result.UNSENT, text=str(error))
        try:
            code, text = self.smtp.data(message.body)
        except (OSError, smtplib.SMTPException) as error:
            return SendResult(message.id, Result.UNCERTAIN, text=str(error))
        if code == TAKEN:
            journal.answered([message.id])
            return SendResult(message.id, Result.SENT, code, text.decode())
        return SendResult(message.id, judged(code), code, text.decode())

    def close(self):
        """Drop the line."""
        self.smtp.close()


def judged(code):
    """What an answer means: 421 is about the line, other 4xx about the message, 5xx is for good."""
    if code == 421:
        return Result.UNSENT
    return Result.REFUSED if code >= REFUSED else Result.LATER
