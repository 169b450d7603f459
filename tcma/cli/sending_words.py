"""How the commands about sending are called: launches, campaigns stopped, runs for many partners, destinations paced,
what comes back.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any


def launch_commands(launch: Any, add: Callable[..., Any]) -> None:
    """Add `tcma launch start`, `show` and `check`."""
    start = add(
        launch,
        "start",
        "tcma.cli.launch:start",
        "launch a campaign to the people of a file",
        "Prints the launch's reference. What you leave out comes from the demo world, which is"
        " made when the installation is empty.",
    )
    start.add_argument("--campaign", metavar="SLUG", help="default: cloud-migration")
    start.add_argument(
        "--partner", metavar="REF", help="the partner's short name; default: fenwright"
    )
    start.add_argument(
        "--contacts",
        metavar="FILE.csv",
        type=Path,
        required=True,
        help="CSV or XLSX with addresses",
    )
    start.add_argument("--sender", metavar="ADDRESS", help="default: the partner's first address")
    start.add_argument(
        "--mails",
        choices=("first", "all"),
        default="first",
        help="only the first mail (default), or the whole series",
    )
    _add_choices(start)
    start.add_argument("--wait", action="store_true", help="return when everybody is accounted for")
    start.add_argument(
        "--key", metavar="TEXT", help="a name for this call: the same key twice is one launch"
    )
    show = add(launch, "show", "tcma.cli.launch:show", "show the state and the sum of a launch")
    show.add_argument("ref", metavar="REF", help="like LCH-2026-0031")
    check = add(
        launch,
        "check",
        "tcma.cli.launch:check",
        "check a planned launch: what stops it, what is worth a look",
        "Leaves with 1 when something stops it. With --json each finding has its area, severity,"
        " message and remedy.",
    )
    check.add_argument("ref", metavar="REF", help="like LCH-2026-0031")


def _add_choices(start: Any) -> None:
    start.add_argument(
        "--at",
        metavar="'YYYY-MM-DD HH:MM'",
        type=datetime.fromisoformat,
        help="when, by the partner's clock; default: now",
    )
    start.add_argument(
        "--local-time", action="store_true", help="by each recipient's own clock instead"
    )
    start.add_argument(
        "--hours",
        choices=("any", "working", "daytime"),
        default="any",
        help="only on working days 8 to 18, or every day 8 to 20, by the recipient's clock",
    )
    start.add_argument(
        "--hold-out",
        type=int,
        choices=(0, 5, 10, 20),
        default=0,
        metavar="N",
        help="of a hundred, how many get nothing, to measure: 5, 10 or 20",
    )
    start.add_argument(
        "--test-subject",
        metavar="TEXT",
        help="test this subject line against the mail's own on 30 of 100; the rest gets the winner",
    )
    start.add_argument(
        "--test-hours", type=int, choices=(4, 24, 72), default=24, help="until A goes on anyway"
    )


def campaign_commands(campaign: Any, add: Callable[..., Any]) -> None:
    """Add `tcma campaign stop`, `resume` and `list`."""
    stop = add(
        campaign,
        "stop",
        "tcma.cli.campaigns:stop",
        "stop a campaign for every partner",
        "No mail of it begins to leave after this answers; nobody is lost. Twice is once.",
    )
    stop.add_argument("--reason", metavar="TEXT", required=True, help="every partner reads it")
    stop.add_argument("--recall-pages", action="store_true", help="take its pages off the web too")
    resume = add(
        campaign,
        "resume",
        "tcma.cli.campaigns:resume",
        "let a stopped campaign go on where it was",
        "What a partner paused itself stays paused.",
    )
    for one in (stop, resume):
        one.add_argument("slug", metavar="SLUG", help="the campaign's short name")
    under_way = add(
        campaign,
        "list",
        "tcma.cli.campaigns:under_way",
        "list the campaigns that are under way or stopped",
    )
    for one in (stop, resume, under_way):
        one.add_argument("--vendor", metavar="SLUG", required=True, help="whose campaign it is")


def destination_commands(destination: Any, add: Callable[..., Any]) -> None:
    """Add `tcma destination list` and `pace`."""
    add(
        destination,
        "list",
        "tcma.cli.destinations:show",
        "list large mailbox providers and their pace",
        "Mail to their domains leaves at that pace, shared by all workers and all launches.",
    )
    pace = add(
        destination,
        "pace",
        "tcma.cli.destinations:set_pace",
        "say how many mails a second a provider gets",
    )
    pace.add_argument("name", metavar="NAME", help="like Gmail; see `list`")
    pace.add_argument("per_second", metavar="N", help="mails a second, or none for no limit")


def limit_command(verbs: Any, add: Callable[..., Any]) -> None:
    """Add `tcma limit`."""
    limit = add(
        verbs,
        "limit",
        "tcma.cli.limit:limit",
        "say or set how many mails one person gets from all vendors together",
        "Without a number it says what holds. A vendor that takes no part neither counts nor waits.",
    )
    limit.add_argument("often", metavar="MAILS/DAYS", nargs="?", help="like 6/30, or off")
    limit.add_argument(
        "--everybody", action="store_true", help="for every vendor, not only those that take part"
    )


def run_commands(run: Any, add: Callable[..., Any]) -> None:
    """Add `tcma run show`, `stop` and `release`."""
    for name, words in (
        ("show", "say where each partner of a run stands"),
        ("stop", "stop a run for every partner"),
        ("release", "let the rest go, whatever the pilot says"),
    ):
        one = add(run, name, f"tcma.cli.runs:{name}", words)
        one.add_argument("ref", metavar="REF", help="the run's reference, RUN-2026-0001")
        one.add_argument("--vendor", metavar="SLUG", required=True, help="whose run it is")


def feedback_commands(feedback: Any, add: Callable[..., Any]) -> None:
    """Add `tcma feedback record`, `addresses` and `classify`."""
    record = add(
        feedback,
        "record",
        "tcma.cli.feedback:record",
        "take a bounce, complaint, answer or provider notice in, and let it act",
        "The same report twice is one.",
    )
    record.add_argument(
        "file", metavar="FILE", type=Path, help="the report; `-` reads a mail server's pipe"
    )
    add(
        feedback,
        "addresses",
        "tcma.cli.feedback:addresses",
        "say where providers and mail servers send what comes back",
        "Whoever knows the address of the webhooks can report bounces: give it to your provider only.",
    )
    classify = add(
        feedback,
        "classify",
        "tcma.cli.checks:feedback",
        "say what a bounce, complaint or provider notice means for each recipient",
        "Nothing is written down.",
    )
    classify.add_argument(
        "file", metavar="FILE", type=Path, help="a mail (.eml) or a notice (.json)"
    )


def bot_commands(bots: Any, add: Callable[..., Any]) -> None:
    """Add `tcma bots again`."""
    again = add(
        bots,
        "again",
        "tcma.cli.bots:again",
        "judge stored opens and clicks again by the rules of this version",
        "After an upgrade whose notes say that verdicts changed. Safe to repeat.",
    )
    again.add_argument("--days", type=int, default=90, help="how far back; default: 90")
