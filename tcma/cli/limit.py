"""The limit of mails for one person from all vendors together, from the command line: shown, set, taken away."""

import argparse
import re

from tcma.cli.main import GOOD, say, settings_here
from tcma.delivery import shared_limit
from tcma.delivery.counting import Often
from tcma.errors import Invalid
from tcma.permissions import SYSTEM
from tcma.wiring import installation

OFF = "off"


def limit(args: argparse.Namespace) -> int:
    """Say what holds, after setting it where something was given."""
    wanted = often_of(args.often) if args.often not in (None, OFF) else None
    with installation(settings_here()) as services, services.transaction(SYSTEM) as work:
        if args.often is not None:
            shared_limit.set_limit(work, wanted, everybody=args.everybody)
        row = shared_limit.limit_of(work.session)
        taking = shared_limit.taking_part(work.session)
        answer = {
            "mails": row.mails if row else None, "days": row.days if row else None,
            "everybody": bool(row and row.everybody), "taking_part": taking,
        }  # fmt: skip
    who = "every vendor" if answer["everybody"] else f"{taking} vendors that take part"
    words = (
        f"{answer['mails']} mails in {answer['days']} days for one person, of {who}."
        if row
        else "No limit: each vendor’s own rule holds."
    )
    say(args, answer, words)
    return GOOD


def often_of(text: str) -> Often:
    """Return «6/30» as mails and days; Invalid for anything else."""
    match = re.fullmatch(r"(\d{1,3})/(\d{1,3})", text)
    if match is None:
        raise Invalid(
            f"“{text}” is no limit.",
            code="usage",
            remedy="Write 6/30 for 6 mails in 30 days, or off.",
        )
    return Often(int(match[1]), int(match[2]))
