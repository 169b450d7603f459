"""Amazon SES as others read its documentation: moto takes our requests, beside the recorded stand
that carries the contract (moto has no GetAccount and nobody who is slow, away or hangs up).
"""

import boto3
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from tcma.adapters.mail_ses import SesLines
from tcma.ports import Result
from tests.adapters.test_mail_smtp import Book, mail

REGION = "eu-central-1"


@pytest.fixture
def ses(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield boto3.client("sesv2", region_name=REGION)


def sent(ses, *messages):
    book = Book()
    lines = SesLines(ses, lines=2, configuration_set="launches")
    try:
        return book, {each.id: each for each in lines.send(messages, book)}
    finally:
        lines.close()


def letter(number, *, to):
    head = f"From: Ann Pell <ann@partner.example>\r\nTo: {to}\r\nSubject: {number}\r\n\r\n"
    return mail(number, to=to, body=f"{head}Grüße\r\n".encode())


def test_a_raw_mail_of_a_known_sender_is_taken_for_its_recipient(ses):
    ses.create_email_identity(EmailIdentity="partner.example")
    book, answers = sent(ses, letter(1, to="p1@example.org"), letter(2, to="p2@example.org"))
    assert {each.result for each in answers.values()} == {Result.SENT}
    assert all(each.text for each in answers.values()), "its number at SES is kept"
    kept = sorted(
        ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages, key=lambda each: each.destinations
    )
    assert [{*each.destinations} for each in kept] == [{"p1@example.org"}, {"p2@example.org"}]
    assert sorted(book.lines) == [("B", 1), ("B", 2), ("S", 1), ("S", 2)]


def test_a_sender_that_was_never_verified_is_refused_for_good(ses):
    book, answers = sent(ses, letter(1, to="p1@example.org"))
    assert answers[1].result is Result.REFUSED
    assert "authority" in answers[1].text
    assert book.lines == [("B", 1)]
