"""Reports of servers that speak their own way: older transcripts, gateways, notices in a mail."""

import json

import pytest

from tcma.delivery.feedback_parse import classify
from tcma.delivery.feedback_reasons import Action
from tests.domain.delivery.test_feedback_parse import dsn, plain

HARD, SOFT = Action.HARD, Action.SOFT


@pytest.mark.parametrize(
    ("status", "words", "action"),
    [
        ("5.0.0", "an MX record indicated no SMTP service", HARD),
        ("5.4.4", "Illegal host/domain name found", HARD),
        ("5.0.0", "550 no mail box available for this person", HARD),
        ("5.0.0", "550 BAD_RECIPIENT see our help", HARD),
        ("5.7.27", "550 Host does not accept mail", HARD),
        ("5.3.2", "521 5.3.2 System not accepting network messages", HARD),
        ("4.0.0", "the domain example.org doesn't receive email: null MX", SOFT),
        ("5.3.2", "550 5.3.2 System not accepting network messages", SOFT),
        ("5.6.0", "550 5.6.0 <ada@example.org>: Recipient address rejected: Media error", SOFT),
        ("5.0.0", "550 5.0.0 <ada@example.org>: Recipient address rejected: On hold", SOFT),
        ("5.1.1", "550 5.1.1 <ada@example.org>: Recipient address rejected", HARD),
        ("5.1.1", "550 5.1.1 Recipient address rejected: undeliverable address", HARD),
        ("5.1.1", "x-unix; procmail: Couldn't create the folder: No such user", SOFT),
        ("5.5.0", "550 Too many invalid recipients from your network today", SOFT),
        ("5.7.17", "550 5.7.17 Mailbox owner has changed", HARD),
        ("5.7.18", "550 5.7.18 Domain owner has changed", HARD),
        ("5.7.1", "550 5.7.1 Sender not on the guest list", SOFT),
        (
            "5.0.0",
            "The account or domain may not exist, they may be blacklisted, or missing DNS entries.",
            HARD,
        ),
        ("5.1.1", "550 Unknown user ada@docomo.ne.jp", HARD),
        ("5.2.0", "550 Unknown user ada@docomo.ne.jp", SOFT),
        ("5.1.1", "Delivery has failed due to a full mailbox", SOFT),
        ("5.0.0", "550 user unknown (in reply to RCPT TO): the user(s) account is disabled", SOFT),
        ("5.1.1", "The account is disabled. 550 user unknown", HARD),
        ("5.5.0", "550 account is disabled or unknown user", HARD),
        ("5.5.0", "550 no such user here: Message contains [2] file attachments", HARD),
        ("5.0.0", "x-notes; ユーザー ada は社内ディレクトリには見つかりません", HARD),
    ],
)
def test_a_server_s_own_words_are_understood(status: str, words: str, action: Action) -> None:
    [found] = classify(dsn(status, words))
    assert found.action is action


def test_an_address_that_may_be_written_to_is_no_bounce() -> None:
    [found] = classify(dsn("2.1.5", "250 2.1.5 Ok", action="deliverable"))
    assert found.action is Action.DELIVERED


def test_each_refusal_of_an_old_transcript_is_about_the_recipient_that_ends_it() -> None:
    body = (
        "   ----- Transcript of session follows -----\n"
        "While talking to mx.kontor.example:\n>>> MAIL From:<partner@example.com>\n"
        "<<< 501 no access from an open relay\n554 <ada@kontor.example>... Remote protocol error\n"
        "550 gone.example (smtp)... 550 Host unknown\n"
        "554 <bob@gone.example>... 550 Host unknown (Authoritative answer)\n"
        "While talking to mx.werft.example:\n>>> RCPT To:<cid@werft.example>\n"
        "<<< 550 No such user here\n550 <cid@werft.example>... User unknown\n\n"
        "   ----- Unsent message follows -----\nFrom: partner@example.com\nTo: ada@kontor.example\n"
    )
    found = {one.recipient: one.action for one in classify(plain(body))}
    assert found == {
        "ada@kontor.example": SOFT,
        "bob@gone.example": HARD,
        "cid@werft.example": HARD,
    }


def test_a_recipient_that_the_server_dislikes_was_asked_for() -> None:
    body = (
        "<ada@example.org>:\n192.0.2.9 does not like recipient.\n"
        "Remote host said: 550 5.2.1 <ada@example.org>... User unknown\nGiving up on 192.0.2.9.\n"
    )
    [found] = classify(plain(body))
    assert found.action is HARD


def test_a_report_that_a_gateway_wrapped_is_read_inside() -> None:
    inner = dsn("5.1.1", "550 5.1.1 User unknown").decode()
    raw = plain(
        f"--w\nContent-Type: text/plain\n\nA message was returned — 不明\n\n"
        f"--w\nContent-Type: message/rfc822\n\n{inner}\n--w--\n",
        more='MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="w"\n',
    )
    [found] = classify(raw)
    assert (found.recipient, found.action) == ("ada@example.org", HARD)
    assert found.message_id == "m-1@example.com"


def test_a_host_in_the_place_of_the_recipient_gives_way_to_the_address_in_the_words() -> None:
    raw = dsn("5.1.2", "550 Host unknown").decode()
    raw = raw.replace("rfc822; ada@example.org", "rfc822; @mx.example.org")
    raw = raw.replace("could not be delivered.", "failed:\n<ada@example.org>\n")
    [found] = classify(raw.encode())
    assert (found.recipient, found.action) == ("ada@example.org", HARD)


def test_a_notice_whose_lines_a_mail_program_broke_is_read() -> None:
    told = json.dumps({
        "notificationType": "Complaint",
        "complaint": {"complainedRecipients": [{"emailAddress": "ada@example.org"}],
                      "complaintFeedbackType": "abuse", "feedbackId": "f-1"},
        "mail": {"messageId": "m-1", "subject": "A long subject"},
    })  # fmt: skip
    half = told.index("long")
    body = f"{told[:half]}\n {told[half:]}\n\n--\nTo stop these notices, follow the link.\n"
    [found] = classify(plain(body, sender="no-reply@sns.example.com", subject="Notification"))
    assert (found.recipient, found.action) == ("ada@example.org", Action.COMPLAINT)


def test_a_phone_network_that_answers_with_re_is_a_server() -> None:
    body = (
        "Error: invalid address\n\n550 - Requested action not taken: no such user here\n\n"
        "  MAIL FROM: partner@example.com\n  RCPT TO: ada@example.org\n"
    )
    [found] = classify(plain(body, sender="post_master@phone.example", subject="Re:Our offer"))
    assert (found.recipient, found.action) == ("ada@example.org", HARD)


def test_whom_one_may_ask_is_not_the_one_that_failed() -> None:
    body = (
        "Your message could not be delivered.\nFor help contact <desk@relay.example>.\n"
        "Questions go to <desk@relay.example> with this report.\n\n"
        "The original message follows\n\nFrom: partner@example.com\nTo: ada@example.org\n"
        "Subject: Offer\n"
    )
    [found] = classify(plain(body))
    assert found.recipient == "ada@example.org"


def test_the_recipient_of_an_exchange_report_may_stand_in_an_old_address() -> None:
    body = (
        "Your message\n\n  To:      partners@list.example\n  Subject: Offer\n\n"
        "did not reach the following recipient(s):\n\n"
        "c=US;a= ;p=KONTOR;o=House;dda:SMTP=ada@example.org; on Fri, 4 Oct 2002 17:12:28\n"
        "    The recipient name is not recognized\n"
    )
    [found] = classify(plain(body, subject="Undeliverable: Offer"))
    assert (found.recipient, found.action) == ("ada@example.org", HARD)


def test_a_recipient_in_brackets_is_the_one_that_failed() -> None:
    body = (
        'Delivery has failed to these recipients:\n\nServer "192.0.2.7:25" returned an error:\n'
        "\t* [ada@example.org]: 550 ada@example.org...User account is overquota\n\n"
        "Original message details:\n\t* From: partner@example.com\n\t* To: list@example.net\n"
    )
    [found] = classify(plain(body, subject="Undeliverable: Offer"))
    assert (found.recipient, found.action) == ("ada@example.org", SOFT)


OLD = (
    "   ----- The following addresses had permanent fatal errors -----\n<ada@example.org>\n\n"
    "   ----- Transcript of session follows -----\n... while talking to mx.example.org.:\n"
)


def test_a_transcript_s_refusal_is_of_the_command_above_it() -> None:
    asked = OLD + ">>> RCPT To:<ada@example.org>\n<<< 550 Unknown user\n>>> DATA\n<<< 503 No RCPT\n"
    read = OLD + ">>> DATA\n<<< 354 Go on\n<<< 550 Unknown user\n>>> RCPT To:<ada@example.org>\n"
    assert [one.action for one in classify(plain(asked)) + classify(plain(read))] == [HARD, SOFT]


def test_an_old_report_that_a_gateway_wrapped_is_read_inside() -> None:
    raw = plain(
        "--w\nContent-Type: text/plain\n\nThe mail below could not be delivered to somebody.\n\n"
        "--w\nContent-Type: message/rfc822\n\nFrom: partner@example.com\nTo: ada@example.org\n"
        f"Subject: News\n\n{OLD}>>> RCPT To:<ada@example.org>\n"
        "<<< 550 5.1.1 <ada@example.org>... Invalid recipient\n\n--w--\n",
        more='MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="w"\n',
    )
    assert [(one.recipient, one.action) for one in classify(raw)] == [("ada@example.org", HARD)]


@pytest.mark.parametrize(
    "subject", ["Fwd: Returned mail: see transcript", "WG: Unzustellbar: News"]
)
def test_a_report_that_somebody_passed_on_counts(subject: str) -> None:
    told = OLD + ">>> DATA\n<<< 550 5.1.1 <ada@example.org>... User unknown\n"
    fields = "Final-Recipient: RFC822; ada@example.org\nAction: failed\nStatus: 5.1.1\n"
    quoted = "".join(f"> {line}\n" for line in f"{told}\n{fields}".splitlines())
    head = f"From: Bob <bob@example.com>\nTo: bounce@example.com\nSubject: {subject}\n\n"
    [found] = classify(f"{head}Please look.\n\n{quoted}".encode())
    assert (found.recipient, found.action) == ("ada@example.org", HARD)


def test_what_somebody_quotes_under_another_subject_is_no_report() -> None:
    quoted = "".join(f"> {line}\n" for line in OLD.splitlines())
    head = "From: Bob <bob@example.com>\nTo: bounce@example.com\nSubject: Fwd: lunch\n\n"
    assert HARD not in [one.action for one in classify(f"{head}{quoted}".encode())]
