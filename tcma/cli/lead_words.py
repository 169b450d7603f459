"""How the commands about leads are called: scores, routing rules, mails that become leads."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def lead_commands(leads: Any, group: Callable[..., Any], add: Callable[..., Any]) -> None:
    """Add them to the `tcma leads` group; `group` and `add` make a group and a command."""
    score = group(leads, "score", "the trained score")
    evaluate = add(
        score,
        "evaluate",
        "tcma.cli.leads:evaluate_score",
        "learn from one file of closed leads, judge on another; leaking columns are refused",
    )
    evaluate.add_argument("--train", metavar="FILE.csv[.gz]", type=Path, required=True)
    evaluate.add_argument("--test", metavar="FILE.csv[.gz]", type=Path, required=True)
    evaluate.add_argument("--target", metavar="COLUMN", required=True, help="the result: yes or no")
    evaluate.add_argument("--drop", metavar="A,B", default="", help="columns to leave out")
    route = group(leads, "route", "routing rules")
    check = add(
        route, "check", "tcma.cli.leads:check_rules", "find what is wrong in rules, by line"
    )
    check.add_argument("file", metavar="RULES.toml", type=Path)
    what_if = add(
        route, "what-if", "tcma.cli.leads:what_if", "who would have got last quarter's leads"
    )
    what_if.add_argument("file", metavar="RULES.toml", type=Path)
    what_if.add_argument("--vendor", metavar="SLUG", required=True)
    record = add(
        leads,
        "record",
        "tcma.cli.leads:record",
        "take a mail that somebody wrote in as a lead",
        "The same mail twice is one. What an automaton wrote is held back for the desk.",
    )
    record.add_argument(
        "file", metavar="FILE", type=Path, help="the mail; `-` reads a mail server's pipe"
    )
    record.add_argument(
        "--key", metavar="REF", required=True, help="the key it comes in by, like IN-2026-0001"
    )
