"""What comes by itself in the demo world: a calendar that three partners joined, a run for many, and a
journey that begins by the end of each contract.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from tcma.contacts.models import ContactList
from tcma.delivery.models import Sender
from tcma.demo.past import Past, Side, the
from tcma.demo.people import FENWRIGHT, HELIANTHE, NORDHAGENER
from tcma.library import copies
from tcma.library.models import Campaign
from tcma.nurture.by_date import begin_by_dates
from tcma.nurture.starters import let_begin, starters, version_of
from tcma.on_behalf import advancing, calendars, orders, queries, runs
from tcma.on_behalf.calendars import CalendarFacts
from tcma.on_behalf.orders import NewOrder
from tcma.on_behalf.rules import Rhythm, morning, next_day, workday
from tcma.on_behalf.runs import RunPlan

VENDOR = "corbelane"
CAMPAIGNS = ("backup-recovery", "ai-ready-data", "briefing-series")
"""The calendar's campaigns, the first one soon enough to be announced."""
BY_DATE = "renewal-upsell"
"""Begins by a date of each contact."""


def build_ahead(past: Past, now: datetime) -> None:
    """Three partners answer once; one is paused, the others are told of what comes."""
    past.go(now - timedelta(days=12))
    slug = _calendar(past, now)
    for side in (FENWRIGHT, NORDHAGENER, HELIANTHE):
        _join(past, side, slug)
    for side in (NORDHAGENER, HELIANTHE):
        _join(past, side, "")
    with past.by(HELIANTHE.owner) as work:
        orders.pause(work, VENDOR, slug)
    past.go(now - timedelta(hours=3))
    _ring(past)
    with past.by("mira") as work:
        ref = runs.draft_run(
            work,
            RunPlan(
                campaign_slug="second-life",
                send_at=morning(workday((now + timedelta(days=6)).date()), "Europe/London"),
                pilots=1,
                wait_hours=48,
                words="The trade-in offer ends with the year.",
            ),
        )
    _ring(past)
    with past.by("mira") as work:
        rows = queries.run_by_ref(work.session, work.principal, ref).rows
        runs.schedule_run(work, ref, chosen=[row.ref for row in rows])
    _ring(past)
    with past.by("vera") as work:
        plan = RunPlan(campaign_slug=BY_DATE, send_at=past.now + timedelta(days=20))
        runs.draft_run(work, plan)
    _ring(past)
    _begin_by_date(past)


def _begin_by_date(past: Past) -> None:
    """One partner lets it begin: who has had the day since two weeks is inside, the others come day by day."""
    with past.by(NORDHAGENER.owner) as work:
        campaign_id = the(work, select(Campaign.id).where(Campaign.slug == BY_DATE))
        let_begin(work, copies.copy_of(work, campaign_id).id, begins=True)
    with past.house() as work:
        for starter in list(starters(work.session)):
            begin_by_dates(work, starter, version_of(work, starter))


def _calendar(past: Past, now: datetime) -> str:
    with past.by("vera") as work:
        slug = calendars.make_calendar(
            work,
            CalendarFacts(
                name="One campaign a quarter",
                words="The campaign that sold best, once a quarter, to the customers you choose.",
                rhythm=Rhythm.QUARTER,
                notice_days=7,
                rules={"tier": ["gold", "silver", "platinum"]},
            ),
        )
        day = workday((now + timedelta(days=5)).date())
        for campaign in CAMPAIGNS:
            calendars.set_day(work, slug, campaign, day)
            day = next_day(day, Rhythm.QUARTER)
    return slug


def _join(past: Past, side: Side, slug: str) -> None:
    with past.by(side.owner) as work:
        owner = work.principal.partner_id
        own = select(Sender.id).where(Sender.partner_id == owner, ~Sender.is_fallback)
        named = select(ContactList.id).where(
            ContactList.partner_id == owner, ContactList.name == side.customers
        )
        orders.join(
            work, VENDOR, slug,
            NewOrder(list_ids=(the(work, named),), sender_id=the(work, own), agreed=True),
        )  # fmt: skip


def _ring(past: Past) -> None:
    """Do what a worker would with what is due now."""
    while (row_id := _due(past)) is not None:
        with past.house() as work:
            advancing.advance(work, row_id)


def _due(past: Past) -> UUID | None:
    with past.house() as work:
        return advancing.claim_due(work)
