"""The built-in mail catcher: takes every mail over real SMTP on 127.0.0.1, sends none on.

One per data folder, shared like the database: whoever comes first listens, the others find its
port in `catcher.port`. A file lock says whether it is still there.
"""

import fcntl
import threading
from dataclasses import dataclass
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import IO, Any

from tcma.clock import SystemClock
from tcma.embedded.mailbox import Mailbox
from tcma.embedded.process import free_port
from tcma.embedded.smtp_server import Server
from tcma.errors import Unavailable
from tcma.ids import new_id
from tcma.ports import Caught

PORT_FILE = "catcher.port"


@dataclass(frozen=True, slots=True)
class Catcher:
    """An address that takes mail. `controller` is None when another process listens."""

    port: int
    mailbox: Mailbox
    controller: Server | None
    hold: IO[str] | None

    @property
    def url(self) -> str:
        """TCMA_SMTP_URL of the catcher."""
        return f"smtp://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Stop listening, when it is we who listen."""
        if self.controller is not None:
            self.controller.stop(no_assert=True)
        if self.hold is not None:
            self.hold.close()


def folder_of(data: Path) -> Path:
    """Return where the mails of a data folder are."""
    return data / "mail"


def start(data: Path) -> Catcher:
    """Listen on a free port of 127.0.0.1, or find the process that already does."""
    folder = folder_of(data)
    folder.mkdir(parents=True, exist_ok=True)
    mailbox, port_file = Mailbox(folder), data / PORT_FILE
    hold = (folder / "catcher.lock").open("w")
    try:
        fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        hold.close()
        return Catcher(port=_port_of_other(port_file), mailbox=mailbox, controller=None, hold=None)
    port = free_port()
    controller = Server(_Keep(mailbox), port=port, ident="tcma mail catcher")
    controller.start()
    port_file.write_text(f"{port}\n")
    return Catcher(port=port, mailbox=mailbox, controller=controller, hold=hold)


def _port_of_other(port_file: Path) -> int:
    patience = threading.Event()
    for _ in range(50):  # it has the lock and is about to write its port
        if port_file.exists() and port_file.read_text().strip().isdigit():
            return int(port_file.read_text())
        patience.wait(0.1)
    raise Unavailable(
        "another process holds the mail catcher but does not say where it listens",
        remedy="stop the other process, or set TCMA_SMTP_URL to a relay",
    )


class _Keep:
    """aiosmtpd's handler: one kept mail per recipient."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.headers = BytesHeaderParser(policy=policy.default)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the message and say so."""
        del server, session
        data: bytes = envelope.original_content
        at = SystemClock().now()
        for recipient in envelope.rcpt_tos:
            mail = Caught(
                key=str(new_id()),
                at=at,
                sender=envelope.mail_from or "",
                recipient=recipient,
                subject=self._subject(data),
                size=len(data),
            )
            self.mailbox.add(mail, data)
        return "250 2.0.0 caught"

    def _subject(self, data: bytes) -> str:
        head = data[: 64 * 1024].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
        try:
            return str(self.headers.parsebytes(head + b"\n\n").get("Subject", ""))[:500]
        except (ValueError, LookupError):
            return "(unreadable subject)"
