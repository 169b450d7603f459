"""Who enters a campaign's journey besides those of a page: leads by key, list and mail, by consent."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tcma.contacts.consent import ConsentAct, Standing
from tcma.contacts.consent_ledger import NewLine, withdraw
from tcma.delivery.actions import ensure_sender
from tcma.jobs import Job
from tcma.leads.capturing import Origin, capture
from tcma.leads.intake import Capture
from tcma.leads.models import Lead
from tcma.nurture import actions, queries
from tcma.nurture.entering import why_outside
from tcma.nurture.models import NurtureRun
from tcma.nurture.rules import BARRED_WORDS, Barred, barred
from tests.builders import waiting_leads
from tests.domain.leads.conftest import ask, ground  # noqa: F401 - the same ground
from tests.domain.nurture.test_confirming import say_yes
from tests.faults.posting import rung
from workers.runtime import Run


@pytest.fixture
def comes(db, ground):  # noqa: F811
    """A lead by `source` for a partner, without a page; its id."""
    with db() as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign"))
        ensure_sender(work, partner_id=ground.first, from_name="F", from_address="hi@f.example")

    def come(source="api:IN-1", partner_id=ground.first, **facts):
        new = Capture(
            **{"source": source, "external_id": "1", "address": "nia@calder.example",
            "consent_given": True, "consent_text": "You may call me.", "consent_version": "v1",
            "page_url": "", "country": "GB"} | facts
        )  # fmt: skip
        origin = Origin(vendor_id=ground.vendor_id, campaign_id=campaign, partner_id=partner_id)
        with db() as work:
            return capture(work, origin, new).lead_id

    return come


def outside(db, lead_id, principal=None):
    with db(principal) if principal else db() as work:
        return why_outside(work, lead_id)


@pytest.mark.parametrize("source", ["api:IN-1", "mail:IN-1", "list:Leeds Expo"])
def test_a_lead_without_a_page_gets_the_first_mail_of_the_journey(db, comes, source):
    lead_id = comes(source)
    run = Run(services=db, stopping=lambda: False)
    rung(run, Job.NURTURE_ENROL, lead_id=str(lead_id))
    with db() as work:
        [walk] = work.session.scalars(work.session.query(NurtureRun).statement)
        mails = work.session.execute(
            text("SELECT count(*) FROM message WHERE contact_id > 0")
        ).scalar()
    assert (walk.lead_id, mails) == (lead_id, 1)
    assert outside(db, lead_id) == ""


def test_the_sweep_finds_it_when_its_wake_up_is_lost(db, comes):
    lead_id = comes()
    with db() as work:
        assert list(queries.not_enrolled(work.session, work.now)) == [lead_id]


def test_who_asked_long_ago_hears_nothing_out_of_the_blue(db, comes, clock):
    comes()
    clock.move(timedelta(days=8))
    with db() as work:
        assert list(queries.not_enrolled(work.session, work.now)) == []


def test_a_lead_of_the_vendor_alone_has_nobody_who_may_write(db, comes):
    lead_id = comes(partner_id=None)
    with db() as work:
        assert actions.enrol(work, lead_id) is None
        assert list(queries.not_enrolled(work.session, work.now)) == []
    assert outside(db, lead_id) == BARRED_WORDS[Barred.NO_SENDER]


def test_a_partner_without_the_campaign_sends_nothing(db, ground, comes):  # noqa: F811
    lead_id = comes(partner_id=ground.second)
    with db() as work:
        assert actions.enrol(work, lead_id) is None
        assert list(queries.not_enrolled(work.session, work.now)) == []
    assert outside(db, lead_id) == BARRED_WORDS[Barred.NO_COPY]


def test_where_the_law_asks_for_a_confirmation_it_waits_for_it(db, comes):
    lead_id = comes(country="DE")
    with db() as work:
        assert actions.enrol(work, lead_id) is None
        assert list(queries.not_enrolled(work.session, work.now)) == []
    assert outside(db, lead_id) == BARRED_WORDS[Barred.WAITS]


def test_who_took_consent_back_does_not_enter_and_only_their_partner_reads_why(db, ground, comes):  # noqa: F811
    lead_id = comes()
    with db() as work:
        lead = work.session.get_one(Lead, lead_id)
        withdraw(work, NewLine(
            partner_id=ground.first, contact_id=lead.contact_id, address_hash=lead.address_hash,
            act=ConsentAct.WITHDRAWN, source="by hand", evidence={},
        ))  # fmt: skip
    with db() as work:
        assert actions.enrol(work, lead_id) is None
    assert outside(db, lead_id, ground.sam) == BARRED_WORDS[Barred.WITHDRAWN]
    with db() as work:
        work.session.get_one(Lead, lead_id).source_partner_id = ground.second
    assert outside(db, lead_id, ground.sam) == ""


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({}, None),
        ({"has_sender": False}, Barred.NO_SENDER),
        ({"has_copy": False}, Barred.NO_COPY),
        ({"waits": True}, Barred.WAITS),
        ({"consent": Standing.SILENT}, Barred.NO_CONSENT),
        ({"consent": Standing.SILENT, "by_form": True}, None),
        ({"consent": Standing.WITHDRAWN, "by_form": True}, Barred.WITHDRAWN),
        ({"consent": Standing.ENDED}, Barred.ENDED),
    ],
)
def test_the_first_reason_against_it_counts(facts, why):
    plain = {"has_sender": True, "has_copy": True, "by_form": False, "waits": False,
             "consent": Standing.STANDS}  # fmt: skip
    assert barred(**plain | facts) is why


@pytest.fixture
def in_the_way(db, comes):
    """More newer leads than a sweep looks at, none of whom may enter: they have been in the journey."""

    def made(count):
        first = comes(source="api:IN-2", address="again@calder.example")
        with db() as work:
            assert actions.enrol(work, first)
            lead = work.session.get_one(Lead, first)
            facts = {
                "source_partner_id": lead.source_partner_id,
                "contact_id": lead.contact_id,
                "page_id": work.session.scalar(text("SELECT id FROM page")),
            }
            waiting_leads(work, lead.vendor_id, lead.campaign_id, count, **facts)

    return made


def has_entered(db, lead_id):
    with db() as work:
        walks = select(NurtureRun.id).where(NurtureRun.lead_id == lead_id)
        return work.session.scalar(walks) is not None


def test_the_sweep_comes_to_who_waits_behind_many_that_may_not_enter(db, comes, in_the_way):
    lead_id = comes()
    in_the_way(180)
    run = Run(services=db, stopping=lambda: False)
    for _ in range(4):
        assert not has_entered(db, lead_id)
        rung(run, Job.NURTURE_ENROL)
        if has_entered(db, lead_id):
            break
    assert has_entered(db, lead_id)


def test_a_confirmation_looks_at_its_own_lead_whoever_is_in_the_way(db, comes, in_the_way):
    lead_id = comes(country="DE")
    in_the_way(60)
    db.queue.sent.clear()
    say_yes(db)
    [ids] = db.queue.of(Job.NURTURE_ENROL)
    rung(Run(services=db, stopping=lambda: False), Job.NURTURE_ENROL, **ids)
    assert has_entered(db, lead_id)
