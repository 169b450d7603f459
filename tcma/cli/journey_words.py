"""How `tcma journey` is called: its two commands, their arguments and help."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any


def journey_commands(journey: Any, add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add `check` and `run` with `add`, as all commands are added."""
    check = add(
        journey,
        "check",
        "tcma.cli.journeys:check",
        "find what is wrong in a journey, by line, and run its tests",
        "Says in sentences what it does.",
    )
    run = add(
        journey,
        "run",
        "tcma.cli.journeys:run",
        "walk a journey to its end for one contact, on the virtual clock",
        "Nothing is sent.",
    )
    for one in (check, run):
        where = "a journey, or a campaign's folder"
        one.add_argument("file", metavar="FILE|DIR", type=Path, help=where)
    contact = "country=GB,score=60 or a TOML or JSON file; default: somebody unknown"
    run.add_argument("--contact", metavar="CONTACT", default="", help=contact)
    event = "day3:click, day4:click:mail.link, day5:reply, day2:accept …; may be repeated"
    run.add_argument("--event", metavar="EVENT", action="append", default=[], help=event)
    begins = "local time, 2026-03-27 09:00; default: a Monday at ten"
    run.add_argument("--begins", metavar="TIME", default="", help=begins)
