"""Runs for many partners from the command line: how far each partner is, stopped, the rest let go."""

import argparse

from tcma.cli.campaigns import acting
from tcma.cli.main import GOOD, say, settings_here
from tcma.db.work import Work
from tcma.errors import Invalid, NotFound
from tcma.on_behalf import queries, runs
from tcma.on_behalf.queries import RunView
from tcma.wiring import installation


def show(args: argparse.Namespace) -> int:
    """Say where each partner of a run stands, and the sum over all their mails."""
    with (
        installation(settings_here()) as services,
        services.transaction(acting(services, args.vendor)) as work,
    ):
        run = known(work, args.ref)
    e = run.equation
    answer = {
        "run": run.ref, "campaign": run.campaign_slug, "state": run.shown_state,
        "held": run.held_why or None,
        "expected": e.expected, "sent": e.sent, "failed": e.failed, "skipped": e.skipped,
        "uncertain": e.uncertain, "cancelled": e.cancelled, "waiting": e.waiting,
        "partners": [
            {
                "partner": row.partner_slug, "state": row.shown[1], "pilot": row.is_pilot,
                "launch": row.launch.ref if row.launch else None,
                "missing": [stop.message for stop in row.stops],
            }
            for row in run.rows
        ],
    }  # fmt: skip
    lines = [f"{run.ref}, {run.campaign}: {run.shown_state}. {run.held_why}".strip()]
    lines += [
        f"  {row.partner}: {row.shown[1]}" + "".join(f" · {stop.message}" for stop in row.stops)
        for row in run.rows
    ]
    lines.append(
        f"  {e.sent} sent + {e.failed} failed + {e.skipped} skipped + {e.uncertain} uncertain"
        f" + {e.cancelled} cancelled + {e.waiting} waiting = {e.expected}"
    )
    say(args, answer, "\n".join(lines))
    return GOOD


def stop(args: argparse.Namespace) -> int:
    """Stop a run for every partner."""
    with (
        installation(settings_here()) as services,
        services.transaction(acting(services, args.vendor)) as work,
    ):
        run = known(work, args.ref)
        stopped = runs.stop_run(work, run.ref)
    say(args, {"run": run.ref, "stopped": stopped}, f"{run.ref} is stopped for {stopped} partners.")
    return GOOD


def release(args: argparse.Namespace) -> int:
    """Let the rest of a run go, whatever the pilot says."""
    with (
        installation(settings_here()) as services,
        services.transaction(acting(services, args.vendor)) as work,
    ):
        run = known(work, args.ref)
        runs.release_run(work, run.ref)
    say(args, {"run": run.ref}, f"The rest of {run.ref} goes.")
    return GOOD


def known(work: Work, ref: str) -> RunView:
    """Return the run; Invalid (with those there are) for an unknown one."""
    try:
        return queries.run_by_ref(work.session, work.principal, ref)
    except NotFound:
        there = ", ".join(each.ref for each in queries.runs(work.session, work.principal))
        raise Invalid(
            f"There is no run “{ref}”.",
            code="config.run",
            remedy=f"There are: {there}" if there else None,
        ) from None
