"""Opens and clicks by signed link: written once, judged, and proof that a doubtful mail arrived."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery.links import Links, Purpose
from tcma.delivery.queries import reaction_counts
from tcma.errors import NotFound
from tcma.tracking.actions import record_click, record_open
from tcma.tracking.queries import events_of
from tcma.tracking.rules import Kind
from tests.faults.posting import a_mailing, posting, rows, sums

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36"
)


@pytest.fixture
def sent(db, tmp_path, smtp_sink, clock):
    """A sent message's number, ten minutes ago."""
    with db() as work:
        mailing_id = a_mailing(work, 2)
        work.session.execute(
            text("insert into mailing_link values (:m, 2, 'https://two.example'),"
                 " (:m, 3, 'https://three.example')"), {"m": mailing_id},
        )  # fmt: skip
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    clock.move(timedelta(minutes=10))
    return rows(db, mailing_id)[0]


def token(db, purpose, message, slot=0):
    return db.site.signer.message_token(purpose, message["id"], slot)


def counts(db, message):
    with db() as work:
        return reaction_counts(work.session, [message["mailing_id"]])


def test_a_click_leads_where_the_row_says_and_counts_once(db, sent):
    for _ in range(2):
        with db() as work:
            url = record_click(work, token(db, Purpose.CLICK, sent, 1), user_agent=BROWSER)
            assert url == "https://partner.example/offer"
    found = counts(db, sent)
    assert (found["clicked"], found["human_clicked"], found["opened"]) == (1, 1, 1)
    with db() as work:
        assert len(events_of(work.session, sent["id"])) == 2


def test_a_changed_link_row_changes_where_sent_mails_lead(db, sent):
    with db() as work:
        work.session.execute(
            text("update mailing_link set url = 'https://new.example' where slot = 1")
        )
    with db() as work:
        url = record_click(work, token(db, Purpose.CLICK, sent, 1), user_agent=BROWSER)
    assert url == "https://new.example"


@pytest.mark.parametrize(
    "forge",
    [
        lambda db, m: token(db, Purpose.OPEN, m, 1),
        lambda db, m: token(db, Purpose.CLICK, m, 1)[:-2],
        lambda db, m: token(db, Purpose.CLICK, m, 1)[:-1] + "A",
        lambda db, m: token(db, Purpose.CLICK, m, 9),
        lambda db, m: token(db, Purpose.CLICK, {"id": 10**9}, 1),
        lambda db, m: "//evil.example",
        lambda db, m: "https://evil.example",
        lambda db, m: "javascript:alert(1)",
        lambda db, m: "%0d%0aLocation:",
        lambda db, m: "",
    ],
)
def test_a_forged_or_foreign_token_leads_nowhere_and_writes_nothing(db, sent, forge):
    good = token(db, Purpose.CLICK, sent, 1)
    forged = forge(db, sent)
    if forged == good:
        forged = good[:-1] + "B"
    with db() as work, pytest.raises(NotFound):
        record_click(work, forged, user_agent=BROWSER)
    with db() as work:
        assert not work.session.scalar(text("select count(*) from event"))


def test_a_head_request_is_a_machine_and_no_human_click(db, sent):
    with db() as work:
        record_click(work, token(db, Purpose.CLICK, sent, 1), user_agent=BROWSER, method="HEAD")
    found = counts(db, sent)
    assert (found["clicked"], found["human_clicked"]) == (1, 0)


def test_three_links_at_once_unmask_the_first_two_as_well(db, sent):
    for slot in (1, 2, 3):
        with db() as work:
            record_click(work, token(db, Purpose.CLICK, sent, slot), user_agent=BROWSER)
    assert counts(db, sent)["human_clicked"] == 0
    with db() as work:
        verdicts = {seen.verdict for seen in events_of(work.session, sent["id"])}
    assert verdicts == {Kind.SCANNER}


def test_a_person_who_clicks_before_a_scanner_stays_a_person(db, sent, clock):
    with db() as work:
        record_click(work, token(db, Purpose.CLICK, sent, 1), user_agent=BROWSER)
    clock.move(timedelta(minutes=1))
    for slot in (1, 2, 3):
        with db() as work:
            record_click(work, token(db, Purpose.CLICK, sent, slot), user_agent=BROWSER)
    assert counts(db, sent)["human_clicked"] == 1


def test_an_open_proves_that_a_doubtful_mail_arrived(db, tmp_path, smtp_sink):
    smtp_sink.script.after = ["hang up"]
    with db() as work:
        mailing_id = a_mailing(work, 1)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    assert sums(db, mailing_id).uncertain == 1
    message = rows(db, mailing_id)[0]
    with db() as work:
        record_open(work, token(db, Purpose.OPEN, message), user_agent=BROWSER)
    assert (sums(db, mailing_id).uncertain, sums(db, mailing_id).sent) == (0, 1)


def test_the_mailed_links_are_those_that_are_read(db, sent, smtp_sink):
    links = Links(db.site.signer, db.site.public_url)
    of_mailing = sent["mailing_id"]
    link = links.values(frozenset({"link:1"}), sent["id"], mailing_id=of_mailing)["link:1"]
    token = link.rpartition("/")[2]
    assert db.site.signer.read_message_token(Purpose.CLICK, token) == (sent["id"], 1, of_mailing)
    assert link in smtp_sink.kept[0].message.get_body(("html",)).get_content()
