"""Starts and shows launches, through the same verbs as the console."""

import argparse
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from tcma.cli.alone import is_up
from tcma.cli.demo import fill
from tcma.cli.main import GOOD, WRONG, readable, say, settings_here
from tcma.contacts import imports
from tcma.contacts.importing import run_import
from tcma.contacts.rules import LawfulBasis
from tcma.db.work import Work
from tcma.delivery import sender_queries
from tcma.delivery.actions import ensure_fallback, ensure_sender
from tcma.embedded import catcher
from tcma.errors import Invalid, NotFound
from tcma.ids import random_token
from tcma.journeys.timing import instant
from tcma.launches import actions, preflight, queries
from tcma.launches.actions import LaunchPlan
from tcma.launches.choices import Choices, TrialChoice
from tcma.launches.hours import Hours
from tcma.launches.rules import LaunchState, Severity
from tcma.library import copies
from tcma.library import queries as library
from tcma.mdf.requests import paying
from tcma.partners.queries import partner_by_slug, partner_of
from tcma.permissions import SYSTEM, Principal, Role
from tcma.wiring import Services, build
from workers.embedded import start_embedded

DEMO_CAMPAIGN, DEMO_PARTNER = "cloud-migration", "fenwright"
OVER = (LaunchState.FINISHED, LaunchState.CANCELLED, LaunchState.FAILED)
LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose launch of what it is."""

    partner_id: UUID
    partner: Principal
    copy_id: UUID
    vendor_id: UUID


def start(args: argparse.Namespace) -> int:
    """Import the contacts, plan, check and start a launch; print its reference."""
    path = readable(args.contacts)
    with ExitStack() as running:
        services = ready(running, work_here=args.wait)
        wanted = resolve(services, args.partner or DEMO_PARTNER, args.campaign or DEMO_CAMPAIGN)
        key = args.key or random_token()
        ref = known_launch(services, wanted, key) or plan(services, wanted, path, key, args)
        if args.wait:
            wait(services, ref)
        answer = shown(services, ref) if args.wait else {"ref": ref}
    say(args, {"ref": ref, **answer}, words(ref, answer) if args.wait else ref)
    return GOOD


def ready(running: ExitStack, *, work_here: bool) -> Services:
    """Return the installation, migrated and filled; with workers of our own when nobody works.

    Workers elsewhere are a `tcma up` on the same data, or any worker of a configured Redis.
    """
    settings = settings_here()
    alone = settings.redis_url is None and not is_up(settings.data)
    if work_here and alone and settings.smtp_url is None:
        running.callback(catcher.start(settings.data).stop)
    services = build(settings)
    running.callback(services.close)
    fill(services)
    if work_here and alone:
        running.callback(start_embedded(services, services.queue.broker).stop)
    return services


def resolve(services: Services, partner_slug: str, campaign_slug: str) -> Wanted:
    """Return the partner and its copy of the campaign; Invalid (with the name) for unknown ones."""
    with services.transaction(SYSTEM) as work:
        try:
            partner = partner_by_slug(work.session, partner_slug)
        except NotFound:
            raise Invalid(f"There is no partner “{partner_slug}”.", code="config.partner") from None
        principal = Principal(
            user_id=None, name="tcma", role=Role.OWNER, partner_id=partner.id, via="cli"
        )
        cards = library.library_for(work.session, principal, today=work.now.date())
        card = next((c for c in cards if c.slug == campaign_slug), None)
        if card is None:
            raise Invalid(
                f"{partner.name} has no campaign “{campaign_slug}”.",
                code="config.campaign",
                remedy=f"Choose one of: {', '.join(c.slug for c in cards)}",
            )
        copy = copies.copy_of(work, card.campaign_id, partner_id=partner.id)
        return Wanted(partner.id, principal, copy.id, card.vendor_id)


def known_launch(services: Services, wanted: Wanted, key: str) -> str | None:
    """Return the launch of this idempotency key, if it exists already."""
    with services.transaction(SYSTEM) as work:
        return queries.ref_by_key(work.session, wanted.partner_id, key)


def plan(services: Services, wanted: Wanted, path: Path, key: str, args: argparse.Namespace) -> str:
    """Import the file into a list of its own, plan a launch for now and start it."""
    with services.transaction(wanted.partner) as work:
        import_id = imports.start(work, file_name=path.name, content=path.read_bytes())
        list_id = imports.confirm(
            work,
            import_id,
            basis=LawfulBasis.LEGITIMATE_INTEREST,
            list_name=f"{path.stem} {work.now:%Y-%m-%d %H:%M:%S}",
            source="command line",
            evidence="Given by whoever ran the command.",
        )
    run_import(lambda: services.transaction(SYSTEM), import_id)
    with services.transaction(wanted.partner) as work:
        sender_id = sender_of(work, wanted, args.sender)
        launched = actions.plan_launch(
            work,
            LaunchPlan(
                copy_id=wanted.copy_id,
                list_ids=(list_id,),
                sender_id=sender_id,
                send_at=instant(args.at, partner_of(work.session, wanted.partner_id).zone)
                if args.at
                else work.now,
                mails=args.mails,
                choices=choices_of(args),
            ),
            idempotency_key=key,
        )
    with services.transaction(wanted.partner) as work:
        stops = [
            f
            for f in preflight.preflight(work, launched.ref).findings
            if f.severity is Severity.STOP
        ]
        if stops:
            raise Invalid(
                f"{launched.ref} cannot start: {' '.join(f.message for f in stops)}",
                code="launch.preflight",
                remedy=" ".join(f.remedy for f in stops if f.remedy) or None,
            )
        actions.start_launch(work, launched.ref)
    return launched.ref


def choices_of(args: argparse.Namespace) -> Choices:
    """Return what the command chose beyond the three decisions."""
    test = (
        TrialChoice(subject=args.test_subject, hours=args.test_hours) if args.test_subject else None
    )
    return Choices(
        local_time=args.local_time, hours=Hours(args.hours), hold_out=args.hold_out, trial=test
    )


def sender_of(work: Work, wanted: Wanted, address: str | None) -> UUID:
    """Return the named sender of the partner, made when new; else its first."""
    ensure_fallback(
        work,
        partner_id=wanted.partner_id,
        vendor_id=wanted.vendor_id,
        from_name=partner_name(work, wanted.partner_id),
    )
    known = sender_queries.senders(
        work.session, wanted.partner, partner_id=wanted.partner_id, vendor_id=wanted.vendor_id
    )
    if address is None and not known:
        raise Invalid(
            "There is no address these mails could come from.",
            code="launch.sender",
            remedy="Name one with --sender, or set the vendor's own under Settings at the desk.",
        )
    if address is None:
        return known[0].id
    for one in known:
        if one.from_address == address.strip().lower():
            return one.id
    return ensure_sender(
        work,
        from_name=partner_name(work, wanted.partner_id),
        from_address=address.strip().lower(),
        partner_id=wanted.partner_id,
    )


def partner_name(work: Work, partner_id: UUID) -> str:
    """Return the partner's display name."""
    return partner_of(work.session, partner_id).name


def wait(services: Services, ref: str) -> None:
    """Return when the launch is over: every recipient settled."""
    while LaunchState(shown(services, ref)["state"]) not in OVER:
        time.sleep(LOOK_EVERY)


def shown(services: Services, ref: str) -> dict[str, Any]:
    """Return state and sum of a launch."""
    with services.transaction(SYSTEM) as work:
        detail = queries.launch_detail(work.session, SYSTEM, ref, now=work.now)
    total = detail.equation
    return {
        "state": detail.line.state.value,
        "expected": total.expected,
        "sent": total.sent,
        "failed": total.failed,
        "skipped": total.skipped,
        "uncertain": total.uncertain,
        "cancelled": total.cancelled,
        "why_waiting": detail.why_waiting,
    }


def show(args: argparse.Namespace) -> int:
    """Print state and sum of a launch."""
    with ExitStack() as running:
        services = build(settings_here())
        running.callback(services.close)
        try:
            answer = shown(services, args.ref)
        except NotFound:
            said = f"There is no launch {args.ref}."
            say(args, {"error": "not_found", "message": said}, said)
            return WRONG
    say(args, answer, words(args.ref, answer))
    return GOOD


def words(ref: str, answer: dict[str, Any]) -> str:
    """Return a launch's sum as people read it."""
    terms = ("sent", "failed", "skipped", "uncertain", "cancelled")
    total = " + ".join(f"{answer[t]} {t}" for t in terms)
    line = f"{ref}: {answer['state']}. {answer['expected']} people = {total}"
    return f"{line}\n{answer['why_waiting']}" if answer["why_waiting"] else line


def check(args: argparse.Namespace) -> int:
    """Print the preflight of a planned launch; 1 when something stops it."""
    with ExitStack() as running:
        services = build(settings_here())
        running.callback(services.close)
        try:
            with services.transaction(SYSTEM) as work:
                verdict = paying.preflight(work, args.ref)
        except NotFound:
            said = f"There is no launch {args.ref}."
            say(args, {"error": "not_found", "message": said}, said)
            return WRONG
    lines = [
        f"{each.severity.value:5}{each.message} {each.remedy}".rstrip() for each in verdict.findings
    ]
    head = f"{args.ref}: {'ready' if verdict.ready else 'not ready'}."
    say(args, verdict.as_json(), "\n".join([head, *lines]))
    return GOOD if verdict.ready else WRONG
