"""The product's own mails: what they say, that they go first, and that nobody writes into them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from tcma.delivery import launch_notices, lead_notices, notices, webhook_notices
from tcma.delivery.lead_notices import LeadOffered, leads_offered
from tcma.delivery.notices import Reader, tell
from tcma.money import Money
from tcma.words import in_language
from tests.builders import a_vendor
from tests.faults.posting import posting

AT = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
URL = "https://tcma.test/l/x"
ANN = Reader(email="ann@people.example", name="Ann")

LETTERS = {
    "lead_offered": {
        "company": "Hartwell Dental", "campaign": "A safe server room", "place": "GB LS1",
        "reason": "LS1 is in your territory, and it is your turn.", "answer_by": AT,
        "zone": "Europe/Berlin",
    },
    "lead_timed_out": {"company": "Hartwell Dental", "at": AT, "zone": "Europe/London"},
    "lead_taken_back": {"company": "Hartwell Dental", "why": "They asked for Ridgeline."},
    "lead_waits": {"company": "Hartwell Dental", "answer_by": AT, "zone": "Europe/London"},
    "lead_idle": {"company": "Hartwell Dental", "days": 5, "until": AT, "zone": "Europe/London"},
    "deal_lapses": {
        "company": "Hartwell Dental", "deal": "Server move", "until": AT, "zone": "Europe/London",
    },
    "deal_lapsed": {"company": "Hartwell Dental", "deal": "Server move"},
    "lead_reminder": {"company": "Hartwell Dental", "words": "Call them today."},
    "webhook_given_up": {"webhook": "crm", "tries": 9, "said": "500 Oh."},
    "lead_unassigned": {"company": "Hartwell", "campaign": "Safe", "tries": 3},
    "launch_paused": {"launch": "Passwords are over", "reason": "Too many came back.",
                      "waiting": 1291},
    "launch_stopped": {"launch": "Passwords are over", "reason": "The mail could not be made."},
}  # fmt: skip


FUNDS = {
    "request_filed": {
        "partner": "Brightwater", "reference": "MDF-2026-0042", "title": "Autumn",
        "amount": "£1,350.00", "decide_by": "Mon 9 Mar 2026",
    },
    "request_decided": {
        "reference": "MDF-2026-0042", "outcome": "approved", "decided_by": "Mira",
        "sentence": "£1,350.00 is reserved for you.", "note": "Good plan.",
    },
    "claim_filed": {
        "partner": "Brightwater", "reference": "CLM-2026-0187", "amount": "£0.01",
        "decide_by": "Mon 9 Mar 2026",
    },
    "claim_decided": {
        "reference": "CLM-2026-0187", "outcome": "approved in part", "decided_by": "Finn",
        "sentence": "£1,350.00 of £1,470.00 is approved.", "note": "",
    },
    "fund_change_waits": {
        "fund": "Growth 2026", "change": "Close the fund", "asked_by": "Finn",
        "reason": "The year is over.",
    },
    "fund_change_answered": {
        "fund": "Growth 2026", "change": "Close the fund", "outcome": "confirmed",
        "decided_by": "Mira",
    },
    "more_time_asked": {
        "partner": "Brightwater", "reference": "MDF-2026-0042", "title": "Spring campaign",
        "last": "Sun 24 May 2026", "wanted": "Sat 13 Jun 2026", "answer_by": "Tue 10 Mar 2026",
        "words": "Late bills.",
    },
    "payment_kept": {
        "reference": "PAY-2026-0003", "claims": "CLM-2026-0187", "bank_reference": "ABC",
        "amount": "£0.00",
    },
    "payment_given": {
        "reference": "PAY-2026-0003", "claims": "CLM-2026-0187", "numbers": "CRN-2026-0001",
        "amount": "¥135,000",
    },
    "payment_sent": {
        "reference": "PAY-2026-0003", "claims": "CLM-2026-0187", "bank_reference": "ABC",
        "amount": "¥135,000",
    },
    "funds_ending": {
        "partner": "Brightwater", "amount": "£1,800.00", "ends_on": "Thu 31 Dec 2026"
    },
    "account_stated": {"account": "GB29 … 6819", "changed_by": "Bob"},
    "account_to_check": {"account": "GB29 … 6819", "changed_by": "Bob", "holder": "Brightwater"},
}  # fmt: skip
"""Letters that are written to a reader by their name, with all values as words."""


@pytest.mark.parametrize("letter", [*LETTERS, *FUNDS])
def test_every_notice_arrives_with_one_button_and_says_why_it_came(db, tmp_path, smtp_sink, letter):
    with db() as work:
        vendor_id = a_vendor(work, name="Larkspur")
        facts = LETTERS.get(letter, {}) | {"url": URL}
        if letter in FUNDS:
            tell(work, letter, FUNDS[letter], ANN, url=URL, vendor_id=vendor_id)
        elif letter == "lead_offered":
            leads_offered(work, [LeadOffered(reader=ANN, **facts)], vendor_id=vendor_id)
        else:
            homes = (launch_notices, webhook_notices, lead_notices, notices)
            write = next(getattr(home, letter) for home in homes if hasattr(home, letter))
            write(work, ANN, vendor_id=vendor_id, **facts)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    mail = smtp_sink.kept[0].message
    html = mail.get_body(("html",)).get_content()
    plain = mail.get_body(("plain",)).get_content()
    assert html.count("<a ") == 1
    assert f'href="{URL}"' in html
    assert URL in plain
    assert "You get this mail because" in plain
    assert "{{" not in html + plain + mail["Subject"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None


def test_times_and_sums_are_the_readers(db):
    assert notices.when(AT, "Europe/Berlin") == "Tue 3 Mar, 15:00 (CET)"
    told = in_language(notices.when(AT, "Europe/Berlin"), "de")
    assert told == "Di., 3. März, 15:00 (CET)"
    assert in_language(notices.day(AT.date()), "ja") == "2026年3月3日(火)"
    assert notices.money(Money(135_000, "JPY")) == "JP¥135,000"
    assert notices.money(Money(135_000, "GBP")) == "£1,350.00"


def test_what_strangers_typed_is_text_and_nothing_else(db, tmp_path, smtp_sink):
    evil = 'Evil "<script>x</script>\r\nBcc: all@example.org [[unsubscribe_url]] {{ 7*7 }}'
    with db() as work:
        notices.invitation(
            work, ANN, organisation=evil, invited_by=evil,
            role="Owner", until=AT, url=URL,
        )  # fmt: skip
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    mail = smtp_sink.kept[0].message
    assert mail["Bcc"] is None
    assert "[[unsubscribe_url]] {{ 7*7 }}" in mail["Subject"]
    html = mail.get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "[[unsubscribe_url]] {{ 7*7 }}" in html


def test_notices_of_one_vendor_share_one_running_mailing_and_nobody_unsubscribes_from_them(
    db, tmp_path, smtp_sink
):
    with db() as work:
        vendor_id = a_vendor(work)
        work.session.execute(
            text(
                "insert into suppression (address_hash, vendor_id, reason, at)"
                " values (:h, :v, 'unsubscribed', now())"
            ),
            {"h": _hash(work, "ann@people.example"), "v": vendor_id},
        )
        for _ in range(2):
            notices.lead_timed_out(
                work, ANN, vendor_id=vendor_id, url=URL, **LETTERS["lead_timed_out"]
            )
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    assert len(set(smtp_sink.keys)) == 2
    with db() as work:
        assert work.session.scalar(text("select count(*) from mailing")) == 1


def test_a_dead_address_gets_no_notice_either(db, tmp_path, smtp_sink):
    with db() as work:
        work.session.execute(
            text(
                "insert into suppression (address_hash, reason, at)"
                " values (:h, 'hard_bounce', now())"
            ),
            {"h": _hash(work, "ann@people.example")},
        )
        notices.password_reset(work, ANN, url=URL)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    assert not smtp_sink.kept


def _hash(work, address):
    from tcma.contacts.rules import address_hash, normal_address

    return address_hash(work.site.secret, normal_address(address))
