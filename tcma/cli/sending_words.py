"""How the commands about sending across partners are called: campaigns stopped, destinations paced."""

from collections.abc import Callable
from typing import Any


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
