"""A name server on 127.0.0.1 for names that nobody else answers for: the demo's and the tests'.

It serves one text file, read at every question: a line is `name TYPE value`.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import dns.message

TTL = 60
STRING = 255
LARGEST = 4_096
FILE = "zone.txt"
PORT_FILE = "dns.port"
Zone = dict[str, dict[str, list[str]]]


@dataclass(slots=True)
class NameServer:
    """Answers until `stop`; `file` may be written at any time."""

    file: Path
    port: int
    _socket: socket.socket
    _thread: threading.Thread

    @property
    def address(self) -> str:
        """Where it listens, as TCMA_DNS takes it."""
        return f"127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Stop answering."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(2)


def start(file: Path) -> NameServer:
    """Answer from `file` on a free UDP port."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=(line, file), name="name server", daemon=True)
    thread.start()
    return NameServer(file, line.getsockname()[1], line, thread)


def add(file: Path, name: str, kind: str, value: str) -> None:
    """Write one more record; a name that holds an alias is given its new one."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    kept = [line for line in lines if kind != "CNAME" or line.split(" ")[:2] != [name, kind]]
    file.write_text("\n".join([*kept, f"{name} {kind} {value}", ""]), encoding="utf-8")


def _serve(line: socket.socket, file: Path) -> None:
    import dns.exception  # heavy: only the process that serves names
    import dns.message

    while True:
        try:
            data, asker = line.recvfrom(LARGEST)
        except OSError:
            return
        if not data:  # shut down
            return
        with suppress(dns.exception.DNSException, OSError):
            answer = _answer(dns.message.from_wire(data), _read(file))
            if answer is not None:
                line.sendto(answer.to_wire(max_size=LARGEST), asker)


def _read(file: Path) -> Zone:
    zone: Zone = {}
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            name, _, rest = line.partition(" ")
            kind, _, value = rest.partition(" ")
            if value:
                zone.setdefault(name.lower(), {}).setdefault(kind, []).append(value)
    return zone


def _answer(asked: dns.message.Message, zone: Zone) -> dns.message.Message | None:
    """The answer; None for a name whose record is SILENCE."""
    import dns.flags  # heavy: likewise
    import dns.message
    import dns.rcode
    import dns.rdatatype
    import dns.rrset

    question = asked.question[0]
    kind = dns.rdatatype.to_text(question.rdtype)
    said = dns.message.make_response(asked)
    said.flags |= dns.flags.RA
    name = question.name.to_text().rstrip(".").lower()
    known = False
    for _ in range(8):  # aliases, one after the other
        here = zone.get(name)
        if here is None:
            break
        known = True
        if "SILENCE" in here:
            return None
        for each in [each for each in (kind, "CNAME") if each in here][:1]:
            values = [_written(each, value) for value in here[each]]
            said.answer.append(dns.rrset.from_text(f"{name}.", TTL, "IN", each, *values))
        if kind in here or "CNAME" not in here or kind == "CNAME":
            break
        name = here["CNAME"][0].rstrip(".").lower()
    if not known:
        said.set_rcode(dns.rcode.NXDOMAIN)
    return said


def _written(kind: str, value: str) -> str:
    if kind in {"A", "AAAA"}:
        return value
    if kind != "TXT":
        return value if value.endswith(".") else f"{value}."
    safe = value.replace("\\", "\\\\").replace('"', '\\"')
    return " ".join(f'"{safe[at : at + STRING]}"' for at in range(0, len(safe), STRING))
