"""The built-in mail catcher: real SMTP in, a mailbox to read out."""

import smtplib
import socket
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from tcma.embedded import catcher, mailbox
from tcma.embedded.mailbox import Mailbox
from tcma.errors import NotFound
from tcma.ids import new_id
from tcma.ports import Caught

MAIL = (
    b"From: a@acme.test\r\nTo: b@zeta.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n"
    b"Hello.\r\n.\r\n..dots\r\n"
)


@pytest.fixture
def caught(tmp_path):
    running = catcher.start(tmp_path)
    yield running
    running.stop()


def a_mail(number, recipient="b@zeta.test"):
    return Caught(
        key=str(new_id()),
        at=datetime(2026, 3, 2, tzinfo=UTC),
        sender="a@acme.test",
        recipient=recipient,
        subject=f"Mail {number}",
        size=3,
    )


def test_a_mail_can_be_found_and_read_as_it_came(caught):
    with smtplib.SMTP("127.0.0.1", caught.port) as smtp:
        smtp.sendmail("a@acme.test", ["b@zeta.test", "c@zeta.test"], MAIL)
    newest, older = caught.mailbox.newest()
    assert {newest.recipient, older.recipient} == {"b@zeta.test", "c@zeta.test"}
    assert newest.subject == "Grüße"
    assert caught.mailbox.read(newest.key) == MAIL
    assert caught.mailbox.newest(containing="C@ZETA")[0].recipient == "c@zeta.test"


def test_it_listens_on_this_machine_only(caught):
    assert caught.url == f"smtp://127.0.0.1:{caught.port}"
    [listening] = caught.controller.server.sockets
    assert listening.getsockname()[0] == "127.0.0.1"


def test_a_second_process_finds_the_first_ones_port(caught, tmp_path):
    code = (
        "import sys; from pathlib import Path; from tcma.embedded import catcher\n"
        "print(catcher.start(Path(sys.argv[1])).port)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(told.stdout) == caught.port


def test_pages_of_mails_follow_each_other(tmp_path):
    box = Mailbox(tmp_path)
    for number in range(25):
        box.add(a_mail(number), b"abc")
    first = box.newest(limit=10)
    second = box.newest(limit=10, before=first[-1].key)
    assert [m.subject for m in first + second] == [f"Mail {n}" for n in range(24, 4, -1)]


def test_only_the_newest_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(mailbox, "KEEP", 20)
    monkeypatch.setattr(mailbox, "SLACK", 5)
    box = Mailbox(tmp_path)
    mails = [a_mail(number) for number in range(60)]
    for mail in mails:
        box.add(mail, b"abc")
    assert 20 <= box.count() < 25
    assert box.newest()[0].subject == "Mail 59"
    with pytest.raises(NotFound):
        box.read(mails[0].key)
    assert box.count() == len(list(tmp_path.rglob("*.eml")))


def test_lines_longer_than_a_block_read_backwards(tmp_path, monkeypatch):
    monkeypatch.setattr(mailbox, "BLOCK", 64)
    box = Mailbox(tmp_path)
    for number in range(9):
        box.add(a_mail(number), b"abc")
    assert [m.subject for m in box.newest()] == [f"Mail {n}" for n in range(8, -1, -1)]


def test_a_half_written_line_is_passed_over(tmp_path):
    box = Mailbox(tmp_path)
    box.add(a_mail(1), b"abc")
    with box.index.open("a") as index:
        index.write('{"key": "half')
    assert [m.subject for m in box.newest()] == ["Mail 1"]


@pytest.mark.parametrize("key", ["../../secret", "", "a/b", "%2e"])
def test_a_strange_key_is_no_mail(tmp_path, key):
    with pytest.raises(NotFound):
        Mailbox(tmp_path).read(key)


@pytest.mark.parametrize(
    "wire",
    [
        b".\r\n",
        b"\r\n.\r\n",
        b"one line.\r\n.\r\n",
        b"ends in a dot.\r\n...\r\n.\r\n",
        b"..a dot first\r\n.\r\n",
        b"x" * 200_000 + b"\r\n.\r\n",
    ],
)
def test_the_text_is_taken_as_rfc_5321_says_and_the_next_command_is_heard(caught, wire):
    wanted = b"\r\n".join(
        line[1:] if line.startswith(b".") else line for line in wire[:-3].split(b"\r\n")
    )
    with socket.create_connection(("127.0.0.1", caught.port), timeout=30) as line:
        answers = line.makefile("rb")
        line.sendall(b"HELO me\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n")
        line.sendall(wire + b"NOOP\r\nQUIT\r\n")
        codes = [answer[:3] for answer in answers]
    assert codes == [b"220", b"250", b"250", b"250", b"354", b"250", b"250", b"221"]
    [mail] = caught.mailbox.newest()
    assert caught.mailbox.read(mail.key) == wanted
