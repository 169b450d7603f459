"""Lines to an SMTP relay."""

from dataclasses import dataclass

from tcma.ports import EmailSender


@dataclass(frozen=True, slots=True)
class SmtpRelay:
    """The relay of an installation; `url` is `smtp://user:password@host:port`."""

    url: str

    def open(self) -> EmailSender:
        """Return a fresh line."""
        raise OSError(self.url)
