"""A fast pipelining SMTP server as its own process; writes one line per kept mail, stalls on demand.

`python tests/faults/sink.py FOLDER` writes there `port`, `kept` and `silent` (one line per
conversation it left without an answer), and reads `orders` before each answer, one word: `go`,
`stall-before` (says nothing after the dot, keeps nothing), `stall-after` (keeps, says nothing),
`slow` (20 ms a mail), `crawl` (2 s a mail), `hold` (no 354), `mute` (no greeting), `full` (421 to
MAIL), `grey` (451 to RCPT), `late` (keeps, and says so when the order is another). Where there is a folder `mails`, each
kept mail is written there, by its key.
"""

import asyncio
import contextlib
import re
import sys
from pathlib import Path

WAITS_S = {"slow": 0.02, "crawl": 2.0}
MESSAGE_ID = re.compile(rb"^Message-ID: <([^>]+)>", re.MULTILINE | re.IGNORECASE)


class Conversation(asyncio.Protocol):
    def __init__(self, folder, kept):
        self.folder = folder
        self.kept = kept
        self.buffer = bytearray()
        self.in_data = False
        self.recipient = b""
        self.mute = False
        self.later = False

    def connection_made(self, transport):
        self.transport = transport
        if self.order() == "mute":
            self.fall_silent()
        else:
            transport.write(b"220 sink\r\n")

    def order(self):
        with contextlib.suppress(OSError):
            return (self.folder / "orders").read_text().strip() or "go"
        return "go"

    def data_received(self, data):
        self.buffer += data
        self.go_on()

    def go_on(self):
        while not self.mute and not self.later:
            if self.in_data:
                end = self.buffer.find(b"\r\n.\r\n")
                if end < 0:
                    return
                mail = bytes(self.buffer[: end + 2])
                del self.buffer[: end + 5]
                self.in_data = False
                self.take(mail)
            else:
                end = self.buffer.find(b"\r\n")
                if end < 0:
                    return
                line = bytes(self.buffer[:end])
                del self.buffer[: end + 2]
                self.command(line)

    def take(self, mail):
        order = self.order()
        if order == "stall-before":
            self.fall_silent()
            return
        found = MESSAGE_ID.search(mail)
        key = found[1].decode() if found else "-"
        self.kept.write(f"{self.recipient.decode()} {key}\n")
        self.kept.flush()
        if (self.folder / "mails").exists():
            (self.folder / "mails" / key).write_bytes(mail)
        if order == "stall-after":
            self.fall_silent()
            return
        if order == "late" or order in WAITS_S:
            self.later = True
            wait = WAITS_S.get(order, 0.0)
            asyncio.get_running_loop().call_later(wait, self.answer_late)
            return
        self.transport.write(b"250 2.0.0 kept\r\n")

    def fall_silent(self):
        self.mute = True
        with (self.folder / "silent").open("a") as silent:
            silent.write("one\n")

    def answer_late(self):
        if self.order() == "late":
            asyncio.get_running_loop().call_later(0.02, self.answer_late)
            return
        self.later = False
        self.transport.write(b"250 2.0.0 kept\r\n")
        self.go_on()

    def command(self, line):
        word = line[:4].upper()
        if word == b"EHLO":
            self.transport.write(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
        elif word == b"MAIL" and self.order() == "full":
            self.transport.write(b"421 4.3.2 come back later\r\n")
            self.mute = True
            self.transport.close()
        elif word == b"RCPT":
            self.recipient = line.split(b"<")[1].split(b">")[0]
            grey = self.order() == "grey"
            self.transport.write(b"451 4.7.1 later\r\n" if grey else b"250 2.1.5 ok\r\n")
        elif word == b"DATA" and self.order() == "grey":
            self.transport.write(b"503 5.5.1 no recipient\r\n")
        elif word == b"DATA":
            if self.order() == "hold":
                self.fall_silent()
                return
            self.in_data = True
            self.transport.write(b"354 go\r\n")
        elif word == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
        else:
            self.transport.write(b"250 ok\r\n")


async def serve(folder, kept):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(folder, kept), "127.0.0.1", 0)
    named = folder / "port.new"
    named.write_text(str(server.sockets[0].getsockname()[1]))
    named.rename(folder / "port")
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    place = Path(sys.argv[1])
    with (place / "kept").open("a") as kept_file:
        asyncio.run(serve(place, kept_file))
