"""What comes back by mail is taken in over real lines: SMTP, LMTP and a mailbox read by IMAP."""

import smtplib
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from tcma.db.session import make_engine
from tcma.delivery import feedback
from tcma.delivery.feedback_parse import classify
from tcma.delivery.links import Links
from tcma.embedded.process import free_port
from tcma.embedded.smtp_server import Limits, Server
from tcma.leads import ways_in
from tests.builders import a_campaign, a_partner, a_vendor, mira
from tests.faults.posting import a_mailing, posting, services_of
from tests.imap import ImapServer
from workers.postbox import Postbox, Reader

HOST = "mail.tcma.test"


@pytest.fixture
def house(db, tmp_path):
    db.site = replace(db.site, mail_host=HOST, takes_mail=True)
    return services_of(db, tmp_path, "smtp://127.0.0.1:1")


@pytest.fixture
def listening(house):
    """A post box that listens; `listening("lmtp")` returns its address."""
    boxes = []

    def listen(scheme="smtp"):
        address = f"{scheme}://127.0.0.1:{free_port()}"
        boxes.append(Postbox(house, [address]))
        boxes[-1].start()
        return address

    yield listen
    for each in boxes:
        each.stop()


def line_to(address):
    parts = urlsplit(address)
    kind = smtplib.LMTP if parts.scheme == "lmtp" else smtplib.SMTP
    return kind(parts.hostname, parts.port, timeout=20)


def count(db, what):
    with db() as work:
        return work.session.scalar(text(f"select count(*) from {what}"))


def sent_one(db, tmp_path, smtp_sink):
    """A mail that has left; returns what the relay got."""
    with db() as work:
        a_mailing(work, 1)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    return smtp_sink.kept[-1]


def number_of(kept):
    return kept.key.strip("<>").partition("@")[0]


def bounce_of(kept):
    return (
        "From: MAILER-DAEMON@mx.example.org\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {kept.recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize("scheme", ["smtp", "lmtp"])
def test_a_bounce_to_the_name_of_the_mail_stops_the_address_once(
    db, tmp_path, smtp_sink, listening, scheme
):
    kept = sent_one(db, tmp_path, smtp_sink)
    for _ in range(2):
        with line_to(listening(scheme)) as line:
            line.sendmail("", [f"{number_of(kept)}@bounce.partner.example"], bounce_of(kept))
    assert count(db, "suppression where reason = 'hard_bounce'") == 1
    assert count(db, "feedback_report where action = 'hard-suppress'") == 1


def test_every_mail_names_an_address_to_leave_by_and_writing_to_it_leaves(
    db, tmp_path, smtp_sink, listening, house
):
    kept = sent_one(db, tmp_path, smtp_sink)
    ways = kept.message["List-Unsubscribe"]
    mailbox = ways.partition("<mailto:")[2].partition("?")[0]
    assert mailbox.endswith(f"@{HOST}")
    assert kept.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with line_to(listening()) as line:
        line.sendmail("somebody@else.example", [mailbox], b"Subject: unsubscribe\r\n\r\n\r\n")
        forged = mailbox.replace("unsubscribe-", "unsubscribe-x")
        with pytest.raises(smtplib.SMTPDataError) as refused:
            line.sendmail("somebody@else.example", [forged], b"From: x@y.example\r\n\r\n")
        assert refused.value.smtp_code == 550
    assert count(db, "suppression where reason = 'unsubscribed'") == 1


def test_a_mail_server_may_write_the_address_to_leave_by_in_small_or_large_letters(
    db, tmp_path, smtp_sink, listening
):
    kept = sent_one(db, tmp_path, smtp_sink)
    mailbox = kept.message["List-Unsubscribe"].partition("<mailto:")[2].partition("?")[0]
    with line_to(listening()) as line:
        line.sendmail("x@y.example", [mailbox.upper()], b"Subject: unsubscribe\r\n\r\n")
    assert count(db, "suppression where reason = 'unsubscribed'") == 1


FORGED = (
    b"From: %(victim)s\r\nSubject: unsubscribe\r\n\r\n",
    (
        b'From: x@y.example\r\n\r\n{"RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1,'
        b' "ID": 7, "Email": "%(victim)s"}'
    ),
    (
        b"From: fbl@y.example\r\nContent-Type: multipart/report; report-type=feedback-report;"
        b' boundary="b"\r\n\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n'
        b"Original-Rcpt-To: %(victim)s\r\n\r\n--b--\r\n"
    ),
)


def test_what_anybody_can_write_stops_nobody_without_the_name_of_a_mail(
    db, tmp_path, smtp_sink, listening
):
    kept = sent_one(db, tmp_path, smtp_sink)
    victim = {b"victim": kept.recipient.encode()}
    forged = [*(each % victim for each in FORGED), bounce_of(kept)]
    assert all(any(one.recipient == kept.recipient for one in classify(each)) for each in forged)
    with line_to(listening()) as line:
        for each in forged:
            line.sendmail("x@y.example", ["postmaster@mail.tcma.test"], each)
            line.sendmail("x@y.example", ["a" * 30 + "@mail.tcma.test"], each + b"\r\n")
    assert count(db, "suppression") == 0
    assert count(db, "feedback_report") >= len(forged)


@pytest.mark.parametrize(
    "mail",
    [
        b"From: a\0b@c.example\r\nIn-Reply-To: <%(number)s@x>\r\n\r\nCall\0 me.",
        b"From: a@b.example\r\n\r\n" + b'{"a":' * 30_000,
    ],
    ids=["a NUL", "a nest"],
)
def test_no_mail_is_asked_for_for_ever(db, tmp_path, smtp_sink, listening, mail):
    kept = sent_one(db, tmp_path, smtp_sink)
    with line_to(listening()) as line:
        filled = mail % {b"number": number_of(kept).encode()}
        assert line.sendmail("", ["postmaster@x"], filled) == {}, "nobody is refused"


def taken(line, mail):
    code, words = line.data(mail)
    if code != 250:
        raise smtplib.SMTPDataError(code, words)


def test_a_crowd_and_an_endless_mail_are_turned_away(db, house):
    desk = Postbox(house, []).desk
    server = Server(desk, port=free_port(), ident="x", limits=Limits(mail=4_000, conversations=2))
    server.start()
    try:
        address = f"smtp://127.0.0.1:{server.port}"
        with line_to(address), line_to(address) as second:
            with pytest.raises(smtplib.SMTPConnectError) as full:
                line_to(address)
            assert full.value.smtp_code == 421
            second.ehlo()
            second.mail("a@b.example")
            second.rcpt("postmaster@mail.tcma.test")
            with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPServerDisconnected)):
                taken(second, b"x" * 20_000)
        with line_to(address) as again:
            assert again.noop()[0] == 250
    finally:
        server.stop(no_assert=True)


def test_it_is_no_open_door(listening):
    with line_to(listening()) as line:
        line.ehlo()
        line.mail("a@b.example")
        assert line.rcpt("ann@elsewhere.example")[0] == 550
        assert line.rcpt("postmaster@mail.tcma.test")[0] == 250
        assert line.rcpt("abuse@mail.tcma.test")[0] == 452


def test_nothing_is_acknowledged_while_the_database_is_away(db, tmp_path, smtp_sink, house):
    kept = sent_one(db, tmp_path, smtp_sink)
    gone = make_engine(f"postgresql+psycopg://127.0.0.1:{free_port()}/gone")
    address = f"smtp://127.0.0.1:{free_port()}"
    box = Postbox(replace(house, engine=gone), [address])
    box.start()
    with line_to(address) as line, pytest.raises(smtplib.SMTPDataError) as refused:
        line.sendmail("", [f"{number_of(kept)}@bounce.partner.example"], bounce_of(kept))
    box.stop()
    assert refused.value.smtp_code == 451
    assert count(db, "feedback_report") == 0


def test_a_mail_to_the_address_of_a_key_is_a_lead(db, listening):
    with db() as work:
        vendor_id = a_vendor(work)
        partner_id = a_partner(work, vendor_id)
        campaign = a_campaign(work, vendor_id)
        people = mira(work, vendor_id)
    with db(people) as work:
        ways_in.make_key(
            work, name="info@", campaign_id=campaign.campaign_id, partner_id=partner_id
        )
        ref = ways_in.keys(work.session, people)[0].ref
        mailbox = ways_in.mailbox_of(work.site.signer, ref)
    mail = (
        b"From: Ines Prado <ines@klinik.example>\r\nMessage-ID: <1@klinik.example>\r\n"
        b"Subject: A question\r\n\r\nDo you back up two sites?\r\n"
    )
    with line_to(listening()) as line:
        for _ in range(2):
            line.sendmail("ines@klinik.example", [f"{mailbox.upper()}@{HOST}"], mail)
        guessed = f"leads-{ref.lower()}-000000000000@{HOST}"
        with pytest.raises(smtplib.SMTPDataError) as refused:
            line.sendmail("ines@klinik.example", [guessed], mail)
        assert refused.value.smtp_code == 550
    assert count(db, "lead") == 1


def test_a_mailbox_is_read_and_each_mail_marked_when_it_is_taken(db, tmp_path, smtp_sink, house):
    kept = sent_one(db, tmp_path, smtp_sink)
    to_us = f"Delivered-To: {number_of(kept)}@bounce.partner.example\r\n".encode()
    with ImapServer([to_us + bounce_of(kept), b"From: a@b.example\r\n\r\nHello"]) as server:
        reader = Reader(house, server.url)
        assert reader.look() == 2
        assert server.seen == {1, 2}
        assert reader.look() == 0
    assert count(db, "suppression where reason = 'hard_bounce'") == 1


def test_a_mail_that_we_stumble_over_is_flagged_and_those_behind_it_are_taken(
    db, tmp_path, smtp_sink, house, monkeypatch
):
    kept = sent_one(db, tmp_path, smtp_sink)
    to_us = f"Delivered-To: {number_of(kept)}@bounce.partner.example\r\n".encode()
    stumbles = feedback.record_raw

    def record(work, source, raw, **how):
        if b"stumble" in raw:
            raise RuntimeError
        return stumbles(work, source, raw, **how)

    monkeypatch.setattr(feedback, "record_raw", record)
    with ImapServer([to_us + b"\r\nstumble", to_us + bounce_of(kept)]) as server:
        Reader(house, server.url).look()
        assert (server.seen, server.flagged) == ({1, 2}, {1})
    assert count(db, "suppression where reason = 'hard_bounce'") == 1


def test_a_person_who_answers_to_the_return_path_has_answered(db, tmp_path, smtp_sink, listening):
    kept = sent_one(db, tmp_path, smtp_sink)
    answer = (
        f"From: {kept.recipient}\r\nIn-Reply-To: {kept.key}\r\nMessage-ID: <a@b.example>\r\n"
        "Subject: Re: Hello\r\n\r\nPlease call me.\r\n"
    ).encode()
    with line_to(listening()) as line:
        line.sendmail(kept.recipient, [f"{number_of(kept)}@bounce.partner.example"], answer)
    assert count(db, "message_reaction where replied_at is not null") == 1


def test_the_way_out_by_mail_is_left_away_where_nobody_takes_mail_in(db):
    assert Links(db.site.signer, "https://tcma.test").way_out_by_mail(1) == ""
