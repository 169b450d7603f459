"""A vendor's calendars: made, changed, their campaigns put on days and taken back, closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, count

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.library.models import Campaign, CampaignVersion
from tcma.library.rules import VersionState
from tcma.library.visibility import clean
from tcma.on_behalf.arranging import arrange, drop_draft
from tcma.on_behalf.models import ArrangedLaunch, CalendarDay, CampaignCalendar
from tcma.on_behalf.rules import AHEAD, NOTICE_DAYS, ArrangedState, Rhythm, morning, tell_at
from tcma.partners.models import Partner
from tcma.partners.rules import slug_of
from tcma.permissions import Permission
from tcma.words import say

A = ArrangedState
MOST_NAME, MOST_WORDS = 80, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFacts:
    """What a vendor says of a calendar; `rules` are those of `library.visibility`."""

    name: str
    words: str
    rhythm: Rhythm
    notice_days: int
    rules: Mapping[str, Sequence[str]]


def make_calendar(work: Work, facts: CalendarFacts) -> str:
    """Make a calendar without a campaign; return its name in addresses."""
    work.require(Permission.LAUNCH_ARRANGE)
    vendor_id = found(work.principal.vendor_id)
    _check(facts)
    stem = slug_of(facts.name)
    taken = set(
        work.session.scalars(
            select(CampaignCalendar.slug).where(CampaignCalendar.vendor_id == vendor_id)
        )
    )
    slug = next(s for s in chain((stem,), (f"{stem}-{n}" for n in count(2))) if s not in taken)
    calendar = CampaignCalendar(
        id=new_id(), vendor_id=vendor_id, slug=slug, created_by=work.principal.user_id,
        created_at=work.now, **_columns(facts),
    )  # fmt: skip
    work.session.add(calendar)
    work.audit("made", "campaign_calendar", slug, vendor_id=vendor_id)
    return slug


def change_calendar(work: Work, slug: str, facts: CalendarFacts) -> None:
    """Say it anew. Who has joined stays; a longer notice counts for what is not told yet."""
    calendar = _calendar(work, slug)
    _check(facts)
    for name, value in _columns(facts).items():
        setattr(calendar, name, value)
    for row in _rows(work, calendar, (A.WAITING,)):
        row.due_at = max(work.now, tell_at(row.send_at, facts.notice_days))
    work.audit("changed", "campaign_calendar", slug, vendor_id=calendar.vendor_id)


def set_day(work: Work, slug: str, campaign_slug: str, day: date) -> int:
    """Put a campaign on a day, or on another one; return to how many partners it comes.

    Who was told of the old day keeps it. Invalid for a day whose notice would be too short, NotFound
    for a campaign that is not published.
    """
    calendar = _calendar(work, slug)
    soonest = work.now.date() + timedelta(days=calendar.notice_days + 1)
    if calendar.closed_at is not None:
        raise Conflict(
            say("This calendar is closed."), code="calendar.closed", remedy=say("Open it again.")
        )
    if day < soonest:
        said = f"Partners are told {calendar.notice_days} days before, so choose {soonest:%-d %B} or later."
        raise Invalid(said, code="calendar.day", fields={"day": said})
    campaign_id = found(
        work.session.scalar(
            select(Campaign.id)
            .join(CampaignVersion, CampaignVersion.campaign_id == Campaign.id)
            .where(
                Campaign.vendor_id == calendar.vendor_id,
                Campaign.slug == campaign_slug,
                CampaignVersion.state == VersionState.PUBLISHED,
            )
        )
    )
    fresh = upsert(CalendarDay).values(
        id=new_id(), calendar_id=calendar.id, campaign_id=campaign_id, on_day=day
    )
    day_id = work.session.scalar(
        fresh.on_conflict_do_update(
            constraint="calendar_day_campaign_once", set_={"on_day": day, "taken_back_at": None}
        ).returning(CalendarDay.id)
    )
    for row in _rows(work, calendar, (A.WAITING, A.STOPPED)):
        if row.day_id == day_id and row.launch_id is None:
            zone = work.session.get_one(Partner, row.partner_id).zone
            row.send_at = morning(day, zone)
            row.state, row.due_at = A.WAITING, tell_at(row.send_at, calendar.notice_days)
    made = arrange(work, calendar.id)
    work.audit(
        "put on a day", "campaign_calendar", slug, vendor_id=calendar.vendor_id,
        campaign=campaign_slug, day=day.isoformat(),
    )  # fmt: skip
    return made


def take_day_back(work: Work, slug: str, campaign_slug: str) -> int:
    """Take a campaign out of a calendar; return from how many partners it is taken.

    What has been launched goes on. Twice is once.
    """
    calendar = _calendar(work, slug)
    day = found(
        work.session.scalar(
            select(CalendarDay)
            .join(Campaign, Campaign.id == CalendarDay.campaign_id)
            .where(CalendarDay.calendar_id == calendar.id, Campaign.slug == campaign_slug)
        )
    )
    if day.taken_back_at is not None:
        return 0
    day.taken_back_at = work.now
    spared = _stop(work, [r for r in _rows(work, calendar, AHEAD) if r.day_id == day.id])
    work.audit(
        "taken back",
        "campaign_calendar",
        slug,
        vendor_id=calendar.vendor_id,
        campaign=campaign_slug,
    )
    return spared


def close_calendar(work: Work, slug: str) -> int:
    """End a calendar: nobody joins, nothing more of it is launched; return how many that spares."""
    calendar = _calendar(work, slug)
    if calendar.closed_at is not None:
        return 0
    calendar.closed_at = work.now
    work.audit("closed", "campaign_calendar", slug, vendor_id=calendar.vendor_id)
    return _stop(work, _rows(work, calendar, AHEAD))


def open_again(work: Work, slug: str) -> None:
    """Take the end back: what is still to come comes to those who have joined."""
    calendar = _calendar(work, slug)
    if calendar.closed_at is None:
        return
    calendar.closed_at = None
    taken = set(
        work.session.scalars(
            select(CalendarDay.id).where(
                CalendarDay.calendar_id == calendar.id, CalendarDay.taken_back_at.is_not(None)
            )
        )
    )
    for row in _rows(work, calendar, (A.STOPPED,)):
        if row.send_at > work.now and row.day_id not in taken:
            row.state = A.WAITING
            row.due_at = max(work.now, tell_at(row.send_at, calendar.notice_days))
    arrange(work, calendar.id)
    work.audit("opened again", "campaign_calendar", slug, vendor_id=calendar.vendor_id)


def _stop(work: Work, rows: Sequence[ArrangedLaunch]) -> int:
    spared = 0
    for row in rows:
        if drop_draft(work, row):
            row.state, row.due_at = A.STOPPED, None
            spared += 1
    return spared


def _rows(
    work: Work, calendar: CampaignCalendar, states: Sequence[ArrangedState]
) -> Sequence[ArrangedLaunch]:
    wanted = (
        select(ArrangedLaunch)
        .join(CalendarDay, CalendarDay.id == ArrangedLaunch.day_id)
        .where(CalendarDay.calendar_id == calendar.id, ArrangedLaunch.state.in_(states))
        .order_by(ArrangedLaunch.id)
    )
    return work.session.scalars(wanted.with_for_update(of=ArrangedLaunch)).all()


def _calendar(work: Work, slug: str) -> CampaignCalendar:
    work.require(Permission.LAUNCH_ARRANGE)
    wanted = visible(select(CampaignCalendar), work.principal, CampaignCalendar).where(
        CampaignCalendar.slug == slug
    )
    row: CampaignCalendar = found(work.session.scalar(wanted.with_for_update()))
    return row


def _columns(facts: CalendarFacts) -> dict[str, object]:
    return {
        "name": " ".join(facts.name.split()), "words": " ".join(facts.words.split()),
        "rhythm": facts.rhythm, "notice_days": facts.notice_days, "visibility": clean(facts.rules),
    }  # fmt: skip


def _check(facts: CalendarFacts) -> None:
    wrong = {}
    if not 0 < len(facts.name.strip()) <= MOST_NAME:
        wrong["name"] = f"Give it a name of 1 to {MOST_NAME} characters."
    if len(facts.words) > MOST_WORDS:
        wrong["words"] = f"At most {MOST_WORDS} characters."
    if facts.notice_days not in NOTICE_DAYS:
        wrong["notice_days"] = f"Choose {', '.join(map(str, NOTICE_DAYS))} days."
    if wrong:
        raise Invalid(next(iter(wrong.values())), code="calendar.facts", fields=wrong)
