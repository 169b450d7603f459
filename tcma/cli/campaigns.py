"""Campaigns across partners from the command line: stopped, let go on, listed."""

import argparse
from typing import Any

from tcma.cli.main import GOOD, say, settings_here
from tcma.db.work import Work
from tcma.errors import Invalid, NotFound
from tcma.launches import stopping
from tcma.partners.queries import vendor_by_slug
from tcma.permissions import SYSTEM, Principal, Role
from tcma.wiring import Services, installation


def stop(args: argparse.Namespace) -> int:
    """Stop a campaign for every partner; say what that holds back."""
    with (
        installation(settings_here()) as services,
        services.transaction(acting(services, args.vendor)) as work,
    ):
        campaign = known(work, args.slug)
        stopping.stop_campaign(work, args.slug, reason=args.reason, recall_pages=args.recall_pages)
    it = campaign.concerned
    answer = {"campaign": args.slug, "partners": it.partners, "launches": it.launches}
    answer |= {"waiting": campaign.waiting, "pages": it.pages if args.recall_pages else 0}
    words = (
        f"“{campaign.name}” is stopped: {it.launches} launches and {campaign.waiting} mails wait."
    )
    say(args, answer, words)
    return GOOD


def resume(args: argparse.Namespace) -> int:
    """Let a stopped campaign go on."""
    with (
        installation(settings_here()) as services,
        services.transaction(acting(services, args.vendor)) as work,
    ):
        campaign = known(work, args.slug)
        stopping.lift_stop(work, args.slug)
    say(args, {"campaign": args.slug}, f"“{campaign.name}” goes on.")
    return GOOD


def under_way(args: argparse.Namespace) -> int:
    """List what is under way, and what is stopped with the reason."""
    with installation(settings_here()) as services:
        principal = acting(services, args.vendor)
        with services.transaction(principal) as work:
            rows = stopping.stoppable(work.session, principal)
    answer = [
        {
            "campaign": row.slug, "launches": row.concerned.launches, "waiting": row.waiting,
            "pages": row.concerned.pages, "stopped": row.stop.reason if row.stop else None,
        }
        for row in rows
    ]  # fmt: skip
    lines = [
        f"{row.slug}: {row.concerned.launches} launches, {row.waiting} mails wait"
        + (f". Stopped: {row.stop.reason}" if row.stop else "")
        for row in rows
    ]
    say(args, answer, "\n".join(lines) or "Nothing is under way.")
    return GOOD


def acting(services: Services, slug: str) -> Principal:
    """Return who acts: the house at the named vendor; Invalid (misused) for an unknown one."""
    with services.transaction(SYSTEM) as work:
        try:
            vendor = vendor_by_slug(work.session, slug)
        except NotFound:
            raise Invalid(f"There is no vendor “{slug}”.", code="config.vendor") from None
    return Principal(
        user_id=None, name="tcma", role=Role.ADMINISTRATOR, vendor_id=vendor.id, via="cli"
    )


def known(work: Work, slug: str) -> Any:
    """Return the campaign; Invalid (with the names there are) for an unknown one."""
    try:
        return stopping.stoppable_campaign(work.session, work.principal, slug)
    except NotFound:
        there = ", ".join(each.slug for each in stopping.stoppable(work.session, work.principal))
        raise Invalid(
            f"There is no campaign “{slug}”.",
            code="config.campaign",
            remedy=f"Under way: {there}" if there else None,
        ) from None
