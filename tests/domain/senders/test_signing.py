"""Mail of a launch as it leaves: signed for a proved domain, from the vendor's without one."""

import re

import dkim
import pytest
from sqlalchemy import text

from tcma.delivery.actions import ensure_sender
from tcma.delivery.feedback import record
from tcma.delivery.feedback_parse import classify
from tcma.senders import actions
from tcma.senders.rules import Policy
from tests.builders import acting, alice
from tests.faults.posting import a_mailing, posting, sums

NAME = "partner.example"
HOUSE = "partners@mail.vendor.example"


@pytest.fixture
def mailing(db):
    """A running mailing to three people from ann@partner.example, whose domain is set up."""
    with db() as work:
        number = a_mailing(work, 3)
        row = work.session.execute(
            text("select vendor_id, partner_id from mailing where id = :m"), {"m": number}
        ).one()
        owner = alice(work, row.partner_id)
        actions.add_domain(acting(work, owner), NAME)
    return number, row.vendor_id


def lent(db, vendor_id):
    with db() as work:
        ensure_sender(
            work, vendor_id=vendor_id, from_name="Vendor", from_address=HOUSE, is_fallback=True
        )


def send(db, tmp_path, sink):
    with posting(db, tmp_path, sink.url) as ring:
        ring()
    return [mail for mail in sink.kept if mail.recipient.endswith("@example.org")]  # no notices


def test_mail_of_a_proved_domain_is_signed_twice_and_fails_back_to_us(
    db, tmp_path, smtp_sink, zone, mailing
):
    zone.publish(db, NAME)
    zone.look(db, NAME)
    mails = send(db, tmp_path, smtp_sink)
    assert len(mails) == 3

    def published(name, timeout=5):
        return "".join(zone.names.ask(name.decode().rstrip("."), "TXT").values).encode()

    for mail in mails:
        marks = mail.message.get_all("DKIM-Signature")
        assert [re.search(r"a=([a-z0-9-]+)", mark)[1] for mark in marks] == [
            "rsa-sha256", "ed25519-sha256",
        ]  # fmt: skip
        judge = dkim.DKIM(mail.data)
        assert [judge.verify(idx=n, dnsfunc=published) for n in (0, 1)] == [True, True]
        signed = re.sub(r"\s", "", re.search(r"h=([^;]*);", marks[0])[1]).split(":")
        assert signed.count("from") == 2
        assert {"list-unsubscribe", "list-unsubscribe-post", "list-id"} <= set(signed)
        token = mail.message["Message-ID"].strip("<>").removesuffix(f"@{NAME}")
        assert mail.sender == f"{token}@bounce.{NAME}"
        assert mail.message["From"] == f"Ann <ann@{NAME}>"
        assert mail.message["List-Id"].endswith(f".{NAME}>")


def test_a_mail_that_comes_back_to_its_own_address_is_known_by_it(
    db, tmp_path, smtp_sink, zone, mailing
):
    zone.publish(db, NAME)
    zone.look(db, NAME)
    mail = send(db, tmp_path, smtp_sink)[0]
    bounce = (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {mail.sender}\r\nSubject: Undelivered Mail\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nno such user\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; hidden@elsewhere.example\r\nAction: failed\r\n"
        "Status: 5.1.1\r\n\r\n--b--\r\n"
    )
    with db() as work:
        found = record(work, "mailbox", "1", classify(bounce.encode()))
        address = work.session.scalar(
            text("select address from message where id = :m"), {"m": found[0].message_id}
        )
    assert address == mail.recipient


def test_without_a_proved_domain_the_vendor_lends_its_address(db, tmp_path, smtp_sink, mailing):
    lent(db, mailing[1])
    mails = send(db, tmp_path, smtp_sink)
    assert len(mails) == 3
    for mail in mails:
        assert mail.message["From"] == f"Ann <{HOUSE}>"
        assert mail.message["Reply-To"] == f"ann@{NAME}"
        assert (mail.sender, mail.message["DKIM-Signature"]) == (HOUSE, None)


@pytest.mark.parametrize("held_because", ["the vendor wants it", "the vendor has no address"])
def test_mail_that_nobody_lends_for_waits_and_goes_on_by_itself(
    db, tmp_path, smtp_sink, zone, mailing, held_because
):
    if held_because == "the vendor wants it":
        lent(db, mailing[1])
        with db() as work:
            work.session.execute(text("update vendor set sender_policy = :p"), {"p": Policy.HOLD})
    assert not send(db, tmp_path, smtp_sink)
    assert sums(db, mailing[0]).waiting == 3
    zone.publish(db, NAME)
    zone.look(db, NAME)
    assert {m.message["From"] for m in send(db, tmp_path, smtp_sink)} == {f"Ann <ann@{NAME}>"}
    assert sums(db, mailing[0]).sent == 3
