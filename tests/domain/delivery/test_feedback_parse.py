"""What comes back for a mail, judged from whole reports as servers write them."""

import json
from pathlib import Path

import pytest

from tcma.delivery.feedback_parse import classify, classify_file
from tcma.delivery.feedback_reasons import Action

DSN = """Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: b-token@bounce.example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.
For further assistance, please send mail to postmaster.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; ada@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--b
Content-Type: message/rfc822

Message-ID: <m-1@example.com>
From: partner@example.com
To: ada@example.org
Subject: Spam filters for viruses: our blocklist offer

Hello
--b--
"""


def dsn(status: str, words: str, *, action: str = "failed") -> bytes:
    return DSN.format(status=status, words=words, action=action).encode()


def plain(body: str, *, sender: str = "MAILER-DAEMON@mx.example.net", subject: str = "failure notice",
          more: str = "") -> bytes:  # fmt: skip
    head = f"From: {sender}\nTo: b-token@bounce.example.com\nSubject: {subject}\n{more}"
    return f"{head}\n{body}".encode()


HARD, SOFT = Action.HARD, Action.SOFT


@pytest.mark.parametrize(
    ("status", "words", "action"),
    [
        ("5.1.1", "550 5.1.1 <ada@example.org>... User unknown", HARD),
        ("5.1.1", "550 No such user here", HARD),
        ("5.0.0", "550 5.1.1 The email account that you tried to reach does not exist", HARD),
        ("5.1.2", "550 5.1.2 Bad destination system address", HARD),
        ("5.4.4", "Host or domain name not found. Name service error", HARD),
        ("5.1.6", "551 5.1.6 recipient no longer on server", HARD),
        ("5.1.10", "556 5.1.10 Recipient domain has a null MX", HARD),
        ("5.2.2", "552 5.2.2 Mailbox full", SOFT),
        ("4.2.2", "452 4.2.2 The recipient's inbox is out of storage space", SOFT),
        ("5.1.1", "550 5.1.1 <ada@example.org>: user is over quota", SOFT),
        ("5.3.4", "552 5.3.4 Message size exceeds fixed limit", SOFT),
        ("5.7.1", "550 5.7.1 Message rejected due to content, user unknown to our filter", SOFT),
        ("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example", SOFT),
        ("5.7.26", "550 5.7.26 Unauthenticated mail is prohibited, DMARC", SOFT),
        ("5.0.0", "550 Access denied, your IP is listed at http://www.spamhaus.org/query/bl?ip=1", SOFT),
        ("5.7.1", "550 5.7.1 Relaying denied", SOFT),
        ("5.1.8", "553 5.1.8 Domain of sender address does not exist", SOFT),
        ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled", SOFT),
        ("4.4.1", "connect to mx.example.org: Connection timed out", SOFT),
        ("4.7.1", "450 4.7.1 Greylisted, try again later", SOFT),
        ("5.0.0", "", SOFT),
    ],
)  # fmt: skip
def test_the_status_decides_first_and_the_words_second(
    status: str, words: str, action: Action
) -> None:
    [found] = classify(dsn(status, words))
    assert (found.recipient, found.action) == ("ada@example.org", action)
    assert found.message_id == "m-1@example.com"
    assert found.envelope == "b-token@bounce.example.com"


@pytest.mark.parametrize(
    ("action", "verdict"),
    [("delivered", Action.DELIVERED), ("relayed", Action.DELIVERED), ("delayed", SOFT)],
)
def test_a_success_is_ignored_and_a_delay_is_never_hard(action: str, verdict: Action) -> None:
    [found] = classify(dsn("5.1.1", "550 5.1.1 user unknown", action=action))
    assert found.action is verdict


def test_unknown_user_after_the_mail_was_read_is_a_filter_not_a_dead_address() -> None:
    after = "host said: 550 Unknown user ada@example.org (in reply to end of DATA command)"
    before = "host said: 550 Unknown user ada@example.org (in reply to RCPT TO command)"
    assert classify(dsn("5.0.0", after))[0].action is SOFT
    assert classify(dsn("5.0.0", before))[0].action is HARD


def test_a_plain_bounce_names_each_recipient_with_its_own_fate() -> None:
    body = (
        "Sorry, I wasn't able to deliver your message to the following addresses.\n\n"
        "<ada@example.org>:\n192.0.2.9 said: 550 5.1.1 <ada@example.org>... User unknown\n\n"
        "<bob@example.org>:\n192.0.2.9 said: 552 5.2.2 <bob@example.org>... Mailbox full\n\n"
        "--- Below this line is a copy of the message.\n\nReturn-Path: <partner@example.com>\n"
        "From: partner@example.com\nTo: ada@example.org, bob@example.org\n"
        "Message-ID: <m-2@example.com>\n\nHello\n"
    )
    found = {one.recipient: one.action for one in classify(plain(body))}
    assert found == {"ada@example.org": HARD, "bob@example.org": SOFT}


def test_a_failed_recipients_header_names_the_recipient() -> None:
    raw = plain("550 5.1.1 unknown user", more="X-Failed-Recipients: ada@example.org\n")
    assert [(f.recipient, f.action) for f in classify(raw)] == [("ada@example.org", HARD)]


def arf(kind: str) -> bytes:
    return (
        "From: fbl@provider.example\nTo: fbl@example.com\nSubject: FW: Offer\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nThis is an email abuse report.\n\n"
        f"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nVersion: 1\n"
        "Original-Rcpt-To: ada@example.org\nOriginal-Rcpt-To: bob@example.org\n\n"
        "--b\nContent-Type: message/rfc822\n\nMessage-ID: <m-3@example.com>\n"
        "To: undisclosed\n\nHi\n--b--\n"
    ).encode()


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("abuse", Action.COMPLAINT), ("fraud", Action.COMPLAINT), ("opt-out", Action.UNSUBSCRIBE),
        ("auth-failure", Action.IGNORE), ("not-spam", Action.IGNORE),
    ],
)  # fmt: skip
def test_a_feedback_report_is_judged_by_its_type_for_every_recipient(
    kind: str, action: Action
) -> None:
    found = classify(arf(kind))
    assert [(f.recipient, f.action) for f in found] == [
        ("ada@example.org", action), ("bob@example.org", action),
    ]  # fmt: skip
    assert found[0].message_id == "m-3@example.com"


@pytest.mark.parametrize(
    ("subject", "more", "action"),
    [
        ("Automatic reply: Offer", "", Action.AUTO_REPLY),
        ("Abwesenheitsnotiz: Offer", "", Action.AUTO_REPLY),
        ("Re: Offer", "Auto-Submitted: auto-replied\n", Action.AUTO_REPLY),
        ("unsubscribe", "", Action.UNSUBSCRIBE),
        ("Abmelden", "", Action.UNSUBSCRIBE),
        ("unsubscribe", "Auto-Submitted: auto-replied\nX-Apple-Unsubscribe: true\n", Action.UNSUBSCRIBE),
    ],
)  # fmt: skip
def test_replies_are_about_their_sender(subject: str, more: str, action: Action) -> None:
    raw = plain("Thanks.\n", sender="Ada <ada@example.org>", subject=subject, more=more)
    assert [(f.recipient, f.action) for f in classify(raw)] == [("ada@example.org", action)]


def test_a_letter_from_a_person_is_nothing() -> None:
    raw = plain("Can we talk on Monday?\n", sender="Ada <ada@example.org>", subject="Re: Offer")
    assert classify(raw) == []


SES = {
    "notificationType": "Bounce",
    "mail": {"messageId": "ses-1"},
    "bounce": {
        "bounceType": "Permanent", "bounceSubType": "General", "feedbackId": "f-1",
        "bouncedRecipients": [{
            "emailAddress": "ada@example.org", "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 user unknown",
        }],
    },
}  # fmt: skip
TRANSIENT = {**SES, "bounce": {**SES["bounce"], "bounceType": "Transient"}}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("body", "action"),
    [
        (SES, HARD),
        ({"Type": "Notification", "Message": json.dumps(SES)}, HARD),
        (TRANSIENT, SOFT),
        ({"notificationType": "Complaint", "mail": {}, "complaint": {
            "complainedRecipients": [{"emailAddress": "ada@example.org"}]}}, Action.COMPLAINT),
        ({"eventType": "Delivery", "mail": {}, "delivery": {"recipients": ["ada@example.org"]}}, Action.DELIVERED),
        ([{"event": "bounce", "email": "ada@example.org", "status": "5.1.1", "reason": "550 5.1.1 unknown user"}], HARD),
        ([{"event": "bounce", "email": "ada@example.org", "status": "5.2.2", "reason": "mailbox full"}], SOFT),
        ([{"event": "spamreport", "email": "ada@example.org"}], Action.COMPLAINT),
        ([{"event": "open", "email": "ada@example.org"}], Action.IGNORE),
        ({"event-data": {"event": "failed", "severity": "permanent", "recipient": "ada@example.org",
          "delivery-status": {"code": 550, "message": "5.1.1 no such user"}}}, HARD),
        ({"event-data": {"event": "failed", "severity": "temporary", "recipient": "ada@example.org"}}, SOFT),
        ({"event-data": {"event": "unsubscribed", "recipient": "ada@example.org"}}, Action.UNSUBSCRIBE),
        ({"RecordType": "Bounce", "Type": "HardBounce", "Email": "ada@example.org"}, HARD),
        ({"RecordType": "Bounce", "Type": "SoftBounce", "Email": "ada@example.org"}, SOFT),
        ({"RecordType": "SpamComplaint", "Email": "ada@example.org"}, Action.COMPLAINT),
        ([{"event": "hard_bounce", "msg": {"email": "ada@example.org"}}], HARD),
        ([{"msys": {"message_event": {"type": "bounce", "bounce_class": "10", "rcpt_to": "ada@example.org"}}}], HARD),
    ],
)  # fmt: skip
def test_a_provider_notice_is_read_in_its_own_fields(body: object, action: Action) -> None:
    found = classify(json.dumps(body).encode())
    assert [(f.recipient, f.action) for f in found] == [("ada@example.org", action)]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[1, null]",
        b"\xff\xfe\x00",
        b"Content-Type: multipart/mixed\n\n",
        b"{}",
        b"null",
    ],
)
def test_any_bytes_are_answered_without_an_error(raw: bytes) -> None:
    assert classify(raw) == []


def test_a_file_is_answered_in_the_printed_shape(tmp_path: Path) -> None:
    file = tmp_path / "bounce.eml"
    file.write_bytes(dsn("5.1.1", "550 5.1.1 user unknown"))
    assert classify_file(file) == [{
        "recipient": "ada@example.org", "action": "hard-suppress", "status": "5.1.1",
        "reason": "user unknown",
    }]  # fmt: skip


@pytest.mark.parametrize("lines", [0, 150_000], ids=["deep", "deep and long"])
def test_a_mail_of_a_thousand_covers_is_read_without_them(lines: int) -> None:
    covers = [f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(1000)]
    [found] = classify(plain("\n<ada@example.org>: 550 5.1.1 User unknown\n" + "x\n" * lines,
                             more="".join(covers)))  # fmt: skip
    assert (found.recipient, found.action) == ("ada@example.org", HARD)
