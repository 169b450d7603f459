"""How the command about partners' pages is called."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def page_commands(page: Any, add: Callable[..., Any]) -> None:
    """Add `tcma page export`."""
    export = add(
        page,
        "export",
        "tcma.cli.pages:export",
        "write a partner's pages as one zip for any web server",
        "Forms go to this installation and wait in the visitor's browser while it is away.",
    )
    export.add_argument("partner", metavar="PARTNER", help="the partner's short name")
    export.add_argument("--out", metavar="FILE.zip", type=Path, help="else PARTNER-pages.zip")
