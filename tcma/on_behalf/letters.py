"""Letters about arranged launches: what comes, what it waits for, whether it may; and a pilot gone wrong."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select

from tcma.accounts import queries as accounts
from tcma.db.work import Work
from tcma.delivery.letters import write_letter
from tcma.delivery.notices import day, house_of, queue_letters, when
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


def tell_ahead(work: Work, row: ArrangedLaunch) -> None:
    """Tell a partner's people what will be launched for them, and what is missing for it."""
    said = row.verdict
    reach = ""
    if said.get("people"):
        lists = ", ".join(_lists(work, row))
        reach = f"To {said['sendable']:,} of {said['people']:,} people in {lists}, from {said['sender']}."
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
    house, foot = house_of(work, run.vendor_id)
    values = {
        "vendor": house, "campaign": campaign.name, "reason": run.held_why or "",
        "rest": "1 partner" if rest == 1 else f"{rest or 0} partners",
    }  # fmt: skip
    url = f"{work.site.public_url}/desk/launches/runs/{run.ref}"
    letter = write_letter("run_held", values, house=house, url=url, foot=foot)
    people = accounts.members_of(
        work.session, vendor_id=run.vendor_id, able_to=Permission.LAUNCH_ARRANGE
    )
    own = [p for p in people if p.user_id == run.created_by] or people
    queue_letters(work, [(p.email, letter) for p in own], vendor_id=run.vendor_id)


def _to_partner(work: Work, row: ArrangedLaunch, template: str, values: Mapping[str, str]) -> None:
    """Each of them gets a link of their own."""
    house, foot = house_of(work, row.vendor_id)
    firm = work.session.get_one(Partner, row.partner_id)
    known = {
        "vendor": house, "campaign": work.session.get_one(Campaign, row.campaign_id).name,
        "on": when(row.send_at, firm.zone), **values,
    }  # fmt: skip
    letters = []
    for person in accounts.members_of(
        work.session, partner_id=row.partner_id, able_to=Permission.LAUNCH_PLAN
    ):
        token = link_for(work.site.signer, row, person.user_id)
        url = f"{work.site.public_url}/l/ahead/{token}"
        letters.append(
            (person.email, write_letter(template, known, house=house, url=url, foot=foot))
        )
    queue_letters(work, letters, vendor_id=row.vendor_id)


def _missing(row: ArrangedLaunch) -> str:
    return " ".join(f"{said} {remedy}".strip() for said, remedy, _ in row.verdict.get("stops", ()))


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
    return f"The calendar “{_calendar(work, row)}”"


def _given(work: Work, row: ArrangedLaunch) -> str:
    order = work.session.get(StandingOrder, row.order_id) if row.order_id else None
    vendor = work.session.get_one(Vendor, row.vendor_id).name
    if row.run_id:
        return f"{order.given_by_name if order else 'your company'} let {vendor} launch for you"
    name = order.given_by_name if order else "Your company"
    return f"{name} joined the calendar “{_calendar(work, row)}” of {vendor}"


def _calendar(work: Work, row: ArrangedLaunch) -> str:
    wanted = (
        select(CampaignCalendar.name)
        .join(CalendarDay, CalendarDay.calendar_id == CampaignCalendar.id)
        .where(CalendarDay.id == row.day_id)
    )
    return work.session.scalar(wanted) or ""
