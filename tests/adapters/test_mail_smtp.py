"""One contract for lines to a mail server: lock-step to aiosmtpd, pipelined to the fast sink."""

import select
import socket
import threading
from functools import partial

import pytest

from tcma.adapters.egress import Egress
from tcma.adapters.mail_smtp import SmtpRelay
from tcma.adapters.smtp_talk import Talk
from tcma.adapters.smtp_wire import Wire, read_target
from tcma.errors import Unavailable
from tcma.ports import Halt, Outgoing, Result, SendResult
from tests.faults.posting import Sink
from tests.smtp import HANG_UP, SILENCE


class Book:
    """A journal that remembers the order of what it was told."""

    def __init__(self, *, halt_at=None):
        self.lines = []
        self.halt_at = halt_at

    def begun(self, ids):
        if self.halt_at in ids:
            raise Halt("told to")
        self.lines += [("B", each) for each in ids]

    def answered(self, ids):
        self.lines += [("S", each) for each in ids]


def mail(number, *, to=None, body=None, sender="a@partner.example"):
    text = body or f"Message-ID: <{number}@x>\r\nSubject: {number}\r\n\r\nHello\r\n".encode()
    return Outgoing(number, sender, f"p{number}@example.org" if to is None else to, [text])


def sent(url, batch, book=None, *, lines=1):
    """What became of each message; who was never taken is unsent."""
    sender = SmtpRelay(url).open(lines)
    try:
        answers = list(sender.send(batch, book or Book()))
    finally:
        sender.close()
    assert len({each.id for each in answers}) == len(answers), "answered twice"
    unsent = {each.id: SendResult(each.id, Result.UNSENT) for each in batch}
    return unsent | {each.id: each for each in answers}


@pytest.fixture
def fast(tmp_path):
    with Sink(tmp_path) as sink:
        yield sink


@pytest.fixture(params=["lock-step", "pipelined"])
def url(request):
    fixture = {"lock-step": "smtp_sink", "pipelined": "fast"}[request.param]
    return request.getfixturevalue(fixture).url


def test_every_message_is_answered_once_and_begun_before_it_is_answered(url):
    book = Book()
    answers = sent(url, [mail(n) for n in range(1, 6)], book)
    assert [answers[n].result for n in range(1, 6)] == [Result.SENT] * 5
    assert book.lines == [(mark, n) for n in range(1, 6) for mark in "BS"]


def test_several_lines_share_a_batch_and_nobody_gets_two(fast):
    answers = sent(fast.url, [mail(n) for n in range(1, 41)], lines=4)
    assert {each.result for each in answers.values()} == {Result.SENT}
    assert sorted(fast.kept().values()) == [1] * 40


@pytest.mark.parametrize("order", ["stall-before", "stall-after"])
def test_of_several_lines_each_has_one_message_in_doubt(fast, order):
    fast.order(order)
    book = Book()
    answers = sent(f"{fast.url}?answer=0.5", [mail(n) for n in range(1, 21)], book, lines=4)
    results = [each.result for each in answers.values()]
    assert results.count(Result.UNCERTAIN) == 4
    assert results.count(Result.UNSENT) == 16
    assert len(book.lines) == 4


def test_a_halt_lets_the_other_lines_hear_their_answer_and_then_leaves(fast):
    fast.order("slow")
    book = Book(halt_at=5)
    answers = sent(fast.url, [mail(n) for n in range(1, 21)], book, lines=4)
    results = [each.result for each in answers.values()]
    assert Result.UNCERTAIN not in results
    assert answers[5].result is Result.UNSENT
    assert results.count(Result.SENT) == len(fast.kept()) < 20


@pytest.mark.parametrize(
    ("order", "result"), [("go", Result.SENT), ("stall-after", Result.UNCERTAIN)]
)
def test_who_slept_beyond_the_patience_hears_what_came_meanwhile_before_it_doubts(
    fast, order, result
):
    fast.order(order)
    book, answers = Book(), []
    talk = Talk(Wire(read_target(fast.url)))
    talk.serve(iter([mail(1)]), book, answers)
    talk.begin()
    while ("B", 1) not in book.lines:
        heard(talk.wire, seconds=10)
        talk.turn(can_write=False)
    assert heard(talk.wire, seconds=10 if order == "go" else 0.5) is (order == "go")
    talk.check(talk.until + 300)
    assert [(each.id, each.result) for each in answers] == [(1, result)]
    talk.wire.drop()


def heard(wire, *, seconds):
    """Whether something came from the other side in this time."""
    return bool(select.select([wire], [], [], seconds)[0])


def test_a_relay_that_takes_fewer_callers_gets_fewer(smtp_sink):
    smtp_sink.script.connect = ["", "", "421 4.7.0 too many"]
    answers = sent(smtp_sink.url, [mail(n) for n in range(1, 9)], lines=4)
    assert {each.result for each in answers.values()} == {Result.SENT}
    assert smtp_sink.script.connect == []


def test_a_message_larger_than_the_kernel_takes_arrives_whole(url, request):
    line = b"0123456789 the quick brown fox jumps over the lazy dog\r\n"
    pieces = [b"Message-ID: <1@x>\r\n\r\n", *[line * 1_000] * 200]
    big = Outgoing(1, "a@partner.example", "p1@example.org", pieces, is_wired=True)
    answers = sent(url, [big, mail(2)])
    assert [answers[n].result for n in (1, 2)] == [Result.SENT, Result.SENT]


def test_what_was_never_taken_was_never_made(smtp_sink):
    made = []

    def batch():
        for number in range(1, 9):
            made.append(number)
            yield mail(number)

    smtp_sink.script.rcpt["p1@example.org"] = ["421 4.3.2 closing"]
    sender = SmtpRelay(smtp_sink.url).open()
    answers = list(sender.send(batch(), Book()))
    sender.close()
    assert [(each.id, each.result) for each in answers] == [(1, Result.UNSENT)]
    assert made == [1]


def test_a_halt_stops_before_the_dot_and_leaves_the_rest_unsent(url):
    book = Book(halt_at=3)
    answers = sent(url, [mail(n) for n in range(1, 6)], book)
    assert [answers[n].result for n in range(1, 6)] == [Result.SENT] * 2 + [Result.UNSENT] * 3
    assert ("B", 3) not in book.lines


@pytest.mark.parametrize(
    ("said", "result", "code", "at_recipient"),
    [
        ("550 5.1.1 nobody", Result.REFUSED, 550, True),
        ("451 4.7.1 later", Result.LATER, 451, True),
        ("421 4.3.2 closing", Result.UNSENT, 421, False),
    ],
)
def test_a_refused_recipient_does_not_hurt_the_next(smtp_sink, said, result, code, at_recipient):
    smtp_sink.script.rcpt["p2@example.org"] = [said]
    answers = sent(smtp_sink.url, [mail(1), mail(2), mail(3)])
    assert answers[1].result is Result.SENT
    assert (answers[2].result, answers[2].code, answers[2].at_recipient) == (
        result, code, at_recipient,
    )  # fmt: skip
    assert answers[3].result is (Result.UNSENT if code == 421 else Result.SENT)


def test_a_refusal_after_the_text_is_about_that_message_only(smtp_sink):
    smtp_sink.script.data = ["554 5.7.1 no", "451 4.3.0 busy"]
    answers = sent(smtp_sink.url, [mail(1), mail(2), mail(3)])
    assert [answers[n].result for n in (1, 2, 3)] == [Result.REFUSED, Result.LATER, Result.SENT]
    assert not answers[1].at_recipient


@pytest.mark.parametrize("fault", [HANG_UP, SILENCE, "421 4.3.0 going down"])
def test_no_clear_answer_after_the_dot_is_doubt_for_that_message_and_unsent_for_the_rest(
    smtp_sink, fault
):
    smtp_sink.script.after = [fault]
    answers = sent(f"{smtp_sink.url}?answer=0.5", [mail(1), mail(2)])
    assert [answers[n].result for n in (1, 2)] == [Result.UNCERTAIN, Result.UNSENT]


def test_pipelined_doubt_is_one_message_too(fast):
    fast.order("stall-after")
    answers = sent(f"{fast.url}?answer=0.5", [mail(n) for n in range(1, 5)])
    assert [answers[n].result for n in range(1, 5)] == [Result.UNCERTAIN] + [Result.UNSENT] * 3


@pytest.mark.parametrize(
    "address",
    [
        "x@example.org>\r\nRCPT TO:<y@example.org",
        "x@example.org\n",
        "two words@example.org",
        "<x@example.org",
        "no-at",
        "",
    ],
)
def test_an_address_that_smuggles_is_refused_before_the_wire(smtp_sink, address):
    answers = sent(smtp_sink.url, [mail(1, to=address), mail(2), mail(3, sender=address)])
    assert [answers[n].result for n in (1, 2, 3)] == [Result.REFUSED, Result.SENT, Result.REFUSED]
    assert [each.recipient for each in smtp_sink.kept] == ["p2@example.org"]


@pytest.mark.parametrize(
    "body",
    [
        b"Subject: x\r\n\r\n.\r\n..\r\n.hidden\r\nend\r\n",
        b"Subject: x\n\n.\nMAIL FROM:<evil@example.org>\n",
        b"Subject: x\r\n\r\nno end",
        b".first\r\n\r\n.",
    ],
)
def test_dots_and_bare_line_ends_arrive_as_text(smtp_sink, body):
    sent(smtp_sink.url, [mail(1, body=body)])
    whole = b"\r\n".join(body.replace(b"\r\n", b"\n").split(b"\n"))
    kept = smtp_sink.kept[0].data
    assert kept.rstrip(b"\r\n") == whole.rstrip(b"\r\n")
    assert len(smtp_sink.kept) == 1


@pytest.mark.parametrize(
    ("shape", "words", "code"),
    [
        ("smtp://127.0.0.1:{port}", "554", "relay.refused"),
        ("smtp://127.0.0.1:1", "does not answer", "relay.closed"),
        ("smtp+starttls://127.0.0.1:{port}", "STARTTLS", "relay.no_tls"),
        ("smtp://me:word@127.0.0.1:{port}", "refuses", "relay.no_login"),
        ("smtp://nobody.invalid:{port}", "does not answer", "relay.name"),
    ],
)
def test_a_relay_that_is_not_there_or_refuses_is_unavailable_with_its_reason(
    smtp_sink, shape, words, code
):
    if code == "relay.refused":
        smtp_sink.script.connect = ["554 not today"]
    with pytest.raises(Unavailable, match=words) as refused:
        SmtpRelay(shape.format(port=smtp_sink.port)).open()
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("shape", "says", "code"),
    [
        ("smtps://127.0.0.1:{port}", b"220 in clear\r\n", "relay.not_tls"),
        ("smtp://127.0.0.1:{port}?whole=0.2", b"220-I talk\r\n", "relay.timeout"),
    ],
)
def test_one_that_talks_past_us_is_left_with_the_reason(shape, says, code):
    def talk():
        line, _ = server.accept()
        with line:
            line.sendall(says)
            line.recv(1024)

    with socket.create_server(("127.0.0.1", 0)) as server:
        talker = threading.Thread(target=talk)
        talker.start()
        with pytest.raises(Unavailable) as refused:
            SmtpRelay(shape.format(port=server.getsockname()[1])).open()
        talker.join()
    assert refused.value.code == code


def test_a_place_that_people_named_is_judged_before_anybody_connects(smtp_sink):
    guard = partial(Egress().mail_server, in_clear=False)
    with pytest.raises(Unavailable) as refused:
        SmtpRelay("smtps://127.0.0.1:465", guard).open()
    assert refused.value.code == "egress.refused"
    inside = partial(Egress(inside=("localhost",)).mail_server, in_clear=True)
    SmtpRelay(f"smtp://localhost:{smtp_sink.port}", inside).open().close()


def test_international_addresses_go_only_where_they_are_understood(smtp_sink, fast):
    batch = [mail(1, to="zoë@example.org")]
    assert sent(fast.url, batch)[1].result is Result.REFUSED


@pytest.mark.parametrize(
    ("url", "port", "user", "answer"),
    [
        ("smtp://h", 25, "", 60.0),
        ("smtps://me:pa%40ss@h", 465, "me", 60.0),
        ("smtp+starttls://h:2525?answer=5", 2525, "", 5.0),
    ],
)
def test_the_relays_address_is_read(url, port, user, answer):
    target = read_target(url)
    assert (target.port, target.user, target.answer) == (port, user, answer)
    assert not user or target.password == "pa@ss"
