"""Decides again what was decided of a plan or claim, by its own rules and its own case."""

import argparse
from dataclasses import asdict

from tcma.cli.main import GOOD, WRONG, say, settings_here
from tcma.mdf.judging.replaying import replayed
from tcma.permissions import SYSTEM
from tcma.wiring import installation


def replay(args: argparse.Namespace) -> int:
    """Say of each kept decision whether it comes out the same, and what differs where not."""
    with installation(settings_here()) as services, services.transaction(SYSTEM) as work:
        found = replayed(work.session, args.ref)
    same = not any(each.differs for each in found)
    decisions = [asdict(each) | {"same": not each.differs} for each in found]
    lines = []
    for each in found:
        said = f"{each.decision}, {each.currency} {each.amount}, {each.programme} of {each.version}"
        lines.append(f"{each.event}: {said}: {'differs' if each.differs else 'the same again'}")
        lines += [f"  {one.at}: kept {one.kept!r}, now {one.now!r}" for one in each.differs]
    say(args, {"ref": args.ref, "same": same, "decisions": decisions}, "\n".join(lines))
    return GOOD if same else WRONG
