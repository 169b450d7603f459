"""What every way to send mail must do, whoever wrote it: one contract, one stand for each."""

from importlib.metadata import entry_points

import pytest

from tcma.config import RELAY_SCHEMES
from tcma.errors import Unavailable
from tcma.ports import Result
from tcma.wiring import RELAYS, relay_of
from tests.adapters import ses as recorded
from tests.adapters.test_mail_smtp import Book, mail
from tests.smtp import HANG_UP


class SmtpStand:
    """A real SMTP server as the other side."""

    def __init__(self, request):
        self.sink = request.getfixturevalue("smtp_sink")
        self.url, self.away = self.sink.url, "smtp://127.0.0.1:1"

    def kept(self):
        return [(each.recipient, each.data) for each in self.sink.kept]

    def refuse(self, to):
        self.sink.script.rcpt[to] = ["550 5.1.1 no such user"]

    def slow_down(self, to):
        self.sink.script.rcpt[to] = ["421 4.7.0 too many"]

    def cut(self, to):
        del to
        self.sink.script.after = [HANG_UP]


class SesStand:
    """The requests of Amazon SES over real HTTP."""

    def __init__(self, request):
        self.ses = recorded.Ses()
        self.ses.__enter__()
        request.addfinalizer(lambda: self.ses.__exit__(None, None, None))
        self.url = self.ses.url
        self.away = "ses://key:secret@eu-central-1?endpoint=http://127.0.0.1:1"

    def kept(self):
        return self.ses.kept

    def refuse(self, to):
        self.ses.says[to] = "refuse"

    def slow_down(self, to):
        self.ses.says[to] = "slow down"

    def cut(self, to):
        self.ses.says[to] = recorded.HANG_UP


STANDS = {"smtp": SmtpStand, "ses": SesStand}
FOREIGN = {each.name: each for each in entry_points(group="tcma.transport_stands")}
"""Stands that installed packages bring beside their transports (`tcma.transports`)."""


@pytest.fixture(params=[*STANDS, *FOREIGN])
def stand(request):
    made = STANDS.get(request.param) or FOREIGN[request.param].load()
    return made(request)


def sent(stand, batch, book=None, *, lines=1):
    """What became of each message; one that was never taken is not in it."""
    opened = relay_of(stand.url).open(lines)
    try:
        answers = list(opened.send(batch, book or Book()))
    finally:
        opened.close()
    assert len({each.id for each in answers}) == len(answers), "answered twice"
    return {each.id: each.result for each in answers}


def test_every_message_arrives_as_it_is_and_is_answered_once(stand):
    texts = [
        b"Subject: plain\r\n\r\nHello\r\n",
        b"Subject: dots\r\n\r\n.\r\n..two\r\n.\r\n",
        b"Subject: long\r\n\r\n" + b"x" * 900 + b"\r\n",
        "Subject: eight\r\n\r\nGrüße\r\n".encode(),
    ]
    book = Book()
    answers = sent(stand, [mail(n, body=text) for n, text in enumerate(texts, 1)], book)
    assert answers == dict.fromkeys(range(1, 5), Result.SENT)
    assert [to for to, _ in stand.kept()] == [f"p{n}@example.org" for n in range(1, 5)]
    assert [body for _, body in stand.kept()] == texts
    for n in range(1, 5):
        assert book.lines.index(("B", n)) < book.lines.index(("S", n))


def test_several_lines_double_nobody(stand):
    answers = sent(stand, [mail(n) for n in range(1, 31)], lines=4)
    assert set(answers.values()) == {Result.SENT}
    assert sorted(to for to, _ in stand.kept()) == sorted(f"p{n}@example.org" for n in range(1, 31))


def test_a_refused_message_ends_alone(stand):
    stand.refuse("p2@example.org")
    answers = sent(stand, [mail(n) for n in (1, 2, 3)])
    assert answers == {1: Result.SENT, 2: Result.REFUSED, 3: Result.SENT}


def test_asked_to_slow_down_nothing_more_leaves_and_nobody_is_in_doubt(stand):
    stand.slow_down("p1@example.org")
    book = Book()
    answers = sent(stand, [mail(n) for n in (1, 2, 3)], book)
    assert set(answers.values()) <= {Result.UNSENT}
    assert stand.kept() == []
    assert ("S", 1) not in book.lines


def test_an_answer_that_is_cut_off_is_doubt_for_that_message_only(stand):
    stand.cut("p1@example.org")
    book = Book()
    answers = sent(stand, [mail(n) for n in (1, 2, 3)], book)
    assert answers.pop(1) is Result.UNCERTAIN
    assert set(answers.values()) <= {Result.UNSENT}
    assert [to for to, _ in stand.kept()] == ["p1@example.org"]
    assert book.lines == [("B", 1)]


def test_a_halt_of_the_journal_keeps_the_message_here(stand):
    answers = sent(stand, [mail(n) for n in (1, 2, 3)], Book(halt_at=2))
    assert answers.pop(1) is Result.SENT
    assert set(answers.values()) <= {Result.UNSENT}
    assert [to for to, _ in stand.kept()] == ["p1@example.org"]


def test_who_is_not_there_is_unavailable_when_it_is_opened(stand):
    with pytest.raises(Unavailable):
        relay_of(stand.away).open()


@pytest.mark.parametrize(
    ("order", "result"), [("suspended", Result.UNSENT), ("broken", Result.UNCERTAIN)]
)
def test_ses_is_left_alone_when_its_trouble_is_not_about_the_message(order, result):
    with recorded.Ses() as ses:
        ses.says["p1@example.org"] = order
        opened = relay_of(ses.url).open()
        answers = [each.result for each in opened.send([mail(1), mail(2)], Book())]
        opened.close()
        assert answers == [result]
        assert ses.kept == []


@pytest.mark.parametrize(
    ("asked", "returns"), [("", None), ("&forward=1", "a@partner.example")], ids=["sns", "forward"]
)
def test_a_senders_own_account_lets_each_mail_fail_back_to_its_own_address(asked, returns):
    with recorded.Ses() as ses:
        opened = relay_of(ses.url + asked).open()
        assert [each.result for each in opened.send([mail(1)], Book())] == [Result.SENT]
        opened.close()
        assert ses.returns == [returns]


def test_an_account_that_may_not_send_is_unavailable():
    with recorded.Ses() as ses:
        ses.may_send = False
        with pytest.raises(Unavailable, match="paused"):
            relay_of(ses.url).open()


def test_each_scheme_that_may_be_configured_has_a_sender():
    assert tuple(RELAYS) == RELAY_SCHEMES
