"""Several relays: the next steps in for one that is away, and nobody gets two."""

import pytest

from tcma.adapters.mail_failover import Relays
from tcma.adapters.mail_smtp import SmtpRelay
from tcma.config import read_settings
from tcma.errors import Invalid, Unavailable
from tcma.ports import Result
from tcma.wiring import relay_of
from tests.adapters.test_mail_smtp import Book, mail
from tests.smtp import SmtpSink

AWAY = "smtp://127.0.0.1:1"


def sent(relays, batch):
    lines = relays.open(2)
    try:
        return {each.result for each in lines.send(batch, Book())}
    finally:
        lines.close()


def test_a_relay_that_is_away_is_stepped_in_for_and_rests(smtp_sink):
    relays = relay_of(f"{AWAY} {smtp_sink.url}")
    assert sent(relays, [mail(n) for n in range(4)]) == {Result.SENT}
    assert relays._order() == [1, 0]
    relays.rest = 0.0
    assert sent(relays, [mail(9)]) == {Result.SENT}
    relays._away_until[0] = 0.0
    assert relays._order() == [0, 1]
    assert len(smtp_sink.keys) == len(set(smtp_sink.keys)) == 5


def test_the_wanted_relay_is_used_while_it_answers(smtp_sink):
    with SmtpSink() as spare:
        assert sent(Relays([SmtpRelay(smtp_sink.url), SmtpRelay(spare.url)]), [mail(1)]) == {
            Result.SENT
        }
        assert (len(smtp_sink.kept), len(spare.kept)) == (1, 0)


def test_when_all_are_away_the_reason_is_told():
    with pytest.raises(Unavailable, match="does not answer"):
        Relays([SmtpRelay(AWAY), SmtpRelay(AWAY)]).open()


def test_each_of_several_addresses_is_judged(tmp_path):
    given = {"TCMA_DATA": str(tmp_path), "TCMA_SMTP_URL": " smtp://a.example  smtps://b.example "}
    assert read_settings(given).smtp_url == "smtp://a.example smtps://b.example"
    with pytest.raises(Invalid, match="TCMA_SMTP_URL"):
        read_settings(given | {"TCMA_SMTP_URL": "smtp://a.example http://b.example"})
