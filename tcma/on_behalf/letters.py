"""Letters about arranged launches: what comes, what it waits for, whether it may; and a pilot gone wrong."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select

from tcma.accounts import queries as accounts
from tcma.db.sentences import unpacked
from tcma.db.work import Work
from tcma.delivery.notices import Reader, day, tell_each, when
from tcma.launches.models import LaunchList, LaunchSegment
from tcma.library.models import Campaign
from tcma.on_behalf.acting import known_lists
from tcma.on_behalf.mailed_links import link_for
from tcma.on_behalf.models import (
    ArrangedLaunch,
    CalendarDay,
    CampaignCalendar,
    PartnerRun,
    StandingOrder,
)
from tcma.on_behalf.rules import AHEAD, HELD_FOR
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Permission
from tcma.words import joined, listed, say, say_n


def tell_ahead(work: Work, row: ArrangedLaunch) -> None:
    """Tell a partner's people what will be launched for them, and what is missing for it."""
    said = row.verdict
    reach = ""
    if said.get("people"):
        reach = say(
            "To {sendable:,} of {people:,} people in {lists}, from {sender}.",
            sendable=said["sendable"],
            people=said["people"],
            lists=listed(_lists(work, row)),
            sender=said["sender"],
        )
    _to_partner(
        work, row, "launch_ahead",
        {"who": _who(work, row), "reach": reach, "missing": _missing(row), "given": _given(work, row)},
    )  # fmt: skip


def tell_held(work: Work, row: ArrangedLaunch) -> None:
    """Tell a partner's people what keeps a launch from going, and until when it waits."""
    until = day((row.send_at + HELD_FOR).date())
    _to_partner(
        work, row, "launch_held",
        {"missing": _missing(row), "until": until, "given": _given(work, row)},
    )  # fmt: skip


def ask(work: Work, row: ArrangedLaunch, words: str) -> None:
    """Ask a partner's people whether their vendor may launch one campaign for them."""
    _to_partner(work, row, "launch_asked", {"words": words})


def tell_run_held(work: Work, run: PartnerRun) -> None:
    """Tell whoever arranges launches at a vendor that a pilot went wrong."""
    campaign = work.session.get_one(Campaign, run.campaign_id)
    rest = work.session.scalar(
        select(func.count()).where(
            ArrangedLaunch.run_id == run.id,
            ArrangedLaunch.state.in_(AHEAD),
            ~ArrangedLaunch.is_pilot,
        )
    )
    values = {
        "campaign": campaign.name, "reason": run.held_why or "",
        "rest": say_n("{n} partner", "{n} partners", rest or 0),
    }  # fmt: skip
    url = f"{work.site.public_url}/desk/launches/runs/{run.ref}"
    people = accounts.members_of(
        work.session, vendor_id=run.vendor_id, able_to=Permission.LAUNCH_ARRANGE
    )
    own = [p for p in people if p.user_id == run.created_by] or people
    letters = [(Reader.of(person), url, values) for person in own]
    tell_each(work, "run_held", letters, vendor_id=run.vendor_id)


def _to_partner(work: Work, row: ArrangedLaunch, template: str, values: Mapping[str, str]) -> None:
    """Each of them gets a link of their own."""
    firm = work.session.get_one(Partner, row.partner_id)
    known = {
        "campaign": work.session.get_one(Campaign, row.campaign_id).name,
        "on": when(row.send_at, firm.zone), **values,
    }  # fmt: skip
    letters = []
    for person in accounts.members_of(
        work.session, partner_id=row.partner_id, able_to=Permission.LAUNCH_PLAN
    ):
        token = link_for(work.site.signer, row, person.user_id)
        url = f"{work.site.public_url}/l/ahead/{token}"
        letters.append((Reader.of(person), url, known))
    tell_each(work, template, letters, vendor_id=row.vendor_id)


def _missing(row: ArrangedLaunch) -> str:
    return joined(*(part for *said, _ in unpacked(row.verdict.get("stops", [])) for part in said))


def _lists(work: Work, row: ArrangedLaunch) -> list[str]:
    names = known_lists(work.session, row.partner_id)
    ids: list[UUID] = [
        *work.session.scalars(
            select(LaunchList.list_id).where(LaunchList.launch_id == row.launch_id)
        ),
        *work.session.scalars(
            select(LaunchSegment.segment_id).where(LaunchSegment.launch_id == row.launch_id)
        ),
    ]
    return [names[each] for each in ids if each in names]


def _who(work: Work, row: ArrangedLaunch) -> str:
    if row.run_id:
        return work.session.get_one(Vendor, row.vendor_id).name
    return say("The calendar “{calendar}”", calendar=_calendar(work, row))


def _given(work: Work, row: ArrangedLaunch) -> str:
    order = work.session.get(StandingOrder, row.order_id) if row.order_id else None
    vendor = work.session.get_one(Vendor, row.vendor_id).name
    name = order.given_by_name if order else say("your company")
    if row.run_id:
        return say("{name} let {vendor} launch for you", name=name, vendor=vendor)
    calendar = _calendar(work, row)
    return say(
        "{name} joined the calendar “{calendar}” of {vendor}",
        name=name, calendar=calendar, vendor=vendor,
    )  # fmt: skip


def _calendar(work: Work, row: ArrangedLaunch) -> str:
    wanted = (
        select(CampaignCalendar.name)
        .join(CalendarDay, CalendarDay.calendar_id == CampaignCalendar.id)
        .where(CalendarDay.id == row.day_id)
    )
    return work.session.scalar(wanted) or ""
