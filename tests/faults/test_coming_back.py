"""What comes back from outside in crowds, twice and in any order: scanners, reports, receipts."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery import feedback
from tcma.delivery.feedback_parse import Feedback
from tcma.delivery.feedback_reasons import Action
from tcma.delivery.links import Purpose
from tcma.tracking.actions import record_click
from tcma.tracking.queries import VERDICTS
from tcma.tracking.rules import Kind
from tcma.web.app import hits_of
from tests.faults.posting import a_mailing, posting, rows
from tests.pages import app_of

SCANNER = VERDICTS[Kind.SCANNER]
MAILS, LINKS = 400, (1, 2, 3)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"


def sent(db, tmp_path, sink, count):
    """So many mails with three links that have left; their rows."""
    with db() as work:
        mailing_id = a_mailing(work, count)
        work.session.execute(
            text(
                "insert into mailing_link (mailing_id, slot, url)"
                " select :m, n, 'https://partner.example/' || n from generate_series(2, 3) n"
            ),
            {"m": mailing_id},
        )
    with posting(db, tmp_path, sink.url) as ring:
        ring()
    return rows(db, mailing_id)


@pytest.mark.timeout(300)
def test_t1_a_scanner_that_follows_every_link_of_every_mail_opts_nobody_out_and_is_no_click(
    db, tmp_path, smtp_sink, clock
):
    mails = sent(db, tmp_path, smtp_sink, MAILS)
    clock.move(timedelta(minutes=5))
    app = app_of(db, tmp_path)
    browser, hits, signer = app.test_client(), hits_of(app), db.site.signer
    hits.targets.learn()

    def click(message, slot):
        return f"/c/{signer.message_token(Purpose.CLICK, message, slot, mails[0]['mailing_id'])}"

    for n, each in enumerate(mails):
        here = {"environ_base": {"REMOTE_ADDR": f"203.0.113.{n % 250}"}}
        agent = {"User-Agent": BROWSER}
        for slot, ask in itertools.product(LINKS, (browser.head, browser.get)):
            assert ask(click(each["id"], slot), headers=agent, **here).status_code == 302
        pages = [Purpose.UNSUBSCRIBE, Purpose.PREFERENCES, Purpose.VIEW] if n % 20 == 0 else []
        for purpose, ask in itertools.product(pages, (browser.head, browser.get)):
            token = signer.message_token(purpose, each["id"])
            assert ask(f"/{purpose.value}/{token}", headers=agent, **here).status_code == 200
    while hits.bring_in():
        pass

    def one(sql):
        with db() as work:
            return work.session.scalar(text(sql))

    assert one("select count(*) from suppression") == 0
    human = "select count(*) from message_reaction where human_clicked_at is not null"
    assert one(human) == 0
    clicks = one("select count(*) from event where slot > 0")
    assert clicks == 2 * MAILS * len(LINKS)
    scanned = f"select count(*) from event where slot > 0 and verdict = {SCANNER}"
    assert one(scanned) >= 0.95 * clicks
    clock.move(timedelta(hours=3))
    for n, each in enumerate(mails[:20]):  # people, one by one, from elsewhere
        home = {"environ_base": {"REMOTE_ADDR": f"198.51.{n}.7"}}
        browser.get(click(each["id"], 1), headers={"User-Agent": BROWSER}, **home)
        clock.move(timedelta(minutes=3))
    while hits.bring_in():
        pass
    assert one(human) == 20


REPORTS = (Action.DELIVERED, Action.SOFT, Action.COMPLAINT, Action.HARD, Action.AUTO_REPLY)
LEFT = """
    select m.state, m.reason, r.delivered_at is not null, r.complained_at is not null,
      r.bounced_at is not null, r.clicked_at is not null, r.opened_at is not null,
      (select string_agg(reason, ',' order by reason) from suppression s
       where s.address_hash = m.address_hash),
      (select count(*) from feedback_report f where f.message_id = m.id)
    from message m left join message_reaction r on r.message_id = m.id order by m.id"""


def test_t6_reports_that_come_twice_and_in_any_order_count_once_and_take_nothing_back(
    db, tmp_path, smtp_sink, clock
):
    orders = list(itertools.permutations((*REPORTS, "click")))[::89]
    mails = sent(db, tmp_path, smtp_sink, len(orders))
    for mail, order in zip(mails, orders, strict=True):
        for step in (*order, *reversed(order)):
            clock.move(timedelta(seconds=1))
            with db() as work:
                comes_back(work, mail, step)
    with db() as work:
        ends = {tuple(row) for row in work.session.execute(text(LEFT))}
    assert ends == {
        (3, 0, True, True, True, True, True, "complaint,hard_bounce", len(REPORTS)),
    }


def comes_back(work, mail, step):
    signer = work.site.signer
    if step == "click":
        token = signer.message_token(Purpose.CLICK, mail["id"], 1, mail["mailing_id"])
        record_click(work, token, user_agent=BROWSER)
        return
    key = f"<{signer.message_token(Purpose.MESSAGE_ID, mail['id'])}@partner.example>"
    item = Feedback(recipient=mail["address"], action=step, message_id=key)
    feedback.record(work, "webhook", f"{mail['id']}-{step}", [item])
