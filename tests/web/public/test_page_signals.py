"""Who comes to a page by a mail has been seen there, once a day; a machine, or a forged mark, has not."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tcma.leads import points
from tcma.leads.models import Lead
from tests.builders import waiting_leads
from tests.web.public.test_hits import HUMAN, click_of


@pytest.fixture
def browser(sent):
    return sent.client()


@pytest.fixture
def path(sent):
    return f"/go/{sent.world.parts['page']}"


def signals(sent, message):
    with sent.db() as work:
        query = text("SELECT did FROM page_signal WHERE message_id = :id ORDER BY did")
        return list(work.session.scalars(query, {"id": message}))


def test_a_visit_and_a_download_count_once_a_day(sent, browser, path):
    message, _ = sent.message()
    mark = {"m": click_of(sent, message)[3:]}
    with sent.db() as work:
        name = work.session.scalar(text("SELECT slug FROM campaign LIMIT 1"))
    assert name
    for _ in range(2):
        assert browser.get(path, query_string=mark, headers=HUMAN).status_code == 200
    assert signals(sent, message) == ["visited"]
    for _ in range(2):
        sheet = browser.get(f"{path}/datasheet.pdf", query_string=mark, headers=HUMAN)
        assert (sheet.status_code, sheet.mimetype) == (200, "application/pdf")
    assert sheet.data.startswith(b"%PDF-")
    assert signals(sent, message) == ["downloaded", "visited"]


def test_what_is_no_person_or_no_mark_of_ours_is_not_seen(sent, browser, path):
    message, _ = sent.message()
    mark = click_of(sent, message)[3:]
    browser.get(path, query_string={"m": mark}, headers={"User-Agent": "Googlebot/2.1"})
    browser.head(path, query_string={"m": mark}, headers=HUMAN)
    assert (
        browser.get(path, query_string={"m": mark[:-3] + "AAA"}, headers=HUMAN).status_code == 200
    )
    assert browser.get(f"{path}/datasheet.pdf", headers=HUMAN).status_code == 200
    assert browser.get(f"{path}/nothing.pdf", headers=HUMAN).status_code == 404
    assert signals(sent, message) == []


def test_it_is_points_once_the_click_is_a_persons(sent, browser, path):
    message, _ = sent.message()
    with sent.db() as work:
        row = work.session.execute(
            text("SELECT c.vendor_id, m.contact_id, c.id AS campaign FROM message m, campaign c"
                 " WHERE m.id = :id"), {"id": message},
        ).first()  # fmt: skip
        [lead_id] = waiting_leads(work, row.vendor_id, row.campaign, 1, contact_id=row.contact_id)

    def did():
        with sent.db() as work:
            leads = work.session.scalars(select(Lead).where(Lead.id == lead_id)).all()
            now = work.now + timedelta(days=1)
            return {deed: len(ages) for deed, ages in
                    points.deeds_of(work.session, leads, now=now).get(lead_id, {}).items()}  # fmt: skip

    browser.get(path, query_string={"m": click_of(sent, message)[3:]}, headers=HUMAN)
    assert did() == {}
    browser.get(click_of(sent, message), headers=HUMAN)
    sent.bring_in()
    assert did() == {"click": 1, "visit": 1}
