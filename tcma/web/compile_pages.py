"""Compiles every page beforehand, where those who serve them may not write: `python -m tcma.web.compile_pages`."""

import sys
from pathlib import Path

from jinja2 import Environment

from tcma.config import Settings
from tcma.web.app import routed
from tcma.web.kept_pages import fill


def environment() -> Environment:
    """Return the environment of every page, of no installation."""
    nowhere = Settings(
        database_url="", redis_url=None, files_url="", smtp_url="", public_url="http://localhost",
        secret=b"compiles-only", data=Path(), port=0,
    )  # fmt: skip
    return routed(nowhere, limits=False).jinja_env


def main() -> int:
    """Command line, without any option: say how many pages are kept."""
    print(f"{fill(environment())} pages compiled")
    return 0


if __name__ == "__main__":
    sys.exit(main())
