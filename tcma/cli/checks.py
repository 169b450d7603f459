"""Judges without a database: images, contact lists, bounces, user agents."""

import argparse
from dataclasses import asdict
from typing import Any

from tcma.cli.main import GOOD, WRONG, readable, say
from tcma.contacts import reading
from tcma.delivery import feedback_parse
from tcma.rendering import logos
from tcma.tracking import rules as tracking


def image(args: argparse.Namespace) -> int:
    """Say whether a picture is taken as it is, taken after changes, or refused."""
    path = readable(args.file)
    verdict = logos.check(path.read_bytes(), name=path.name)
    found = asdict(verdict)
    say(args, found, f"{found['verdict']}: {found['reason']}")
    return WRONG if found["verdict"] == "reject" else GOOD


def contacts(args: argparse.Namespace) -> int:
    """Say how a list would be read: encoding, columns, mapping, verdict per row."""
    found: dict[str, Any] = reading.check_file(readable(args.file))
    lines = [
        f"{r['row']}: {r['verdict']} {r['address'] or ''} {r['reason']}" for r in found["rows"]
    ]
    say(args, found, "\n".join(lines))
    return GOOD


def feedback(args: argparse.Namespace) -> int:
    """Say what a bounce, complaint or webhook means for each recipient."""
    found = feedback_parse.classify_file(readable(args.file))
    say(args, found, "\n".join(f"{r['action']} {r['recipient']} {r['reason']}" for r in found))
    return GOOD


def bots(args: argparse.Namespace) -> int:
    """Judge user agents, one a line."""
    text = readable(args.file).read_text(encoding="utf-8", errors="replace")
    found = tracking.check_user_agents(text.splitlines())
    say(args, found, "\n".join(f"{r['verdict']}\t{r['user_agent']}" for r in found))
    return GOOD
