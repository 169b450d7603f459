"""The words of `tcma case`: check a case file, stamp its time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def case_commands(case: Any, add: Callable[..., Any]) -> None:
    """Add `tcma case verify` and `stamp`."""
    verify = add(
        case,
        "verify",
        "tcma.cli.case:verify",
        "check a signed case file, or what a launch sent, offline",
        "Names the first file that was changed, is missing or was added. Needs no database.",
    )
    verify.add_argument("file", metavar="FILE.zip", type=Path, help="case file or proof of locks")
    verify.add_argument("--key", metavar="PUBLIC", help="the key to trust: a PEM file or its text")
    verify.add_argument(
        "--authority",
        metavar="ROOT.pem",
        type=Path,
        help="the root certificate of a time authority; a case file without its stamp is not valid",
    )
    stamp = add(
        case,
        "stamp",
        "tcma.cli.case:stamp",
        "have the time of a case file stamped by the authority of TCMA_TSA_URL",
        "For one saved while the authority was away, or stamped so long ago that its certificate is"
        " no longer trusted. The file is written anew; needs no database.",
    )
    stamp.add_argument("file", metavar="FILE.zip", type=Path)
