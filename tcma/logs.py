"""Where logs go and how loud they are: standard error, one event a line."""

import contextlib
import logging
import re
import sys

import structlog
from structlog.typing import EventDict

_QUOTED = re.compile(
    r"DETAIL:.*?(?=\n(?:CONTEXT:|HINT:|\[SQL|\n|Traceback|The above)|\Z)", re.DOTALL
)


class StandardError:
    """Writes to whatever standard error is now: a captured or replaced one may be closed later."""

    def msg(self, line: str) -> None:
        """Write one event; on a full disk it is lost, and what it tells of goes on."""
        with contextlib.suppress(OSError):
            print(line, file=sys.stderr, flush=True)

    debug = info = warning = error = critical = exception = log = msg


def without_rows(logger: object, method: str, event: EventDict) -> EventDict:
    """Leave out of a traceback what the database quotes from a row: there are people in it."""
    del logger, method
    if isinstance(told := event.get("exception"), str):
        event["exception"] = _QUOTED.sub("DETAIL: left out", told)
    return event


def configure(*, level: int) -> None:
    """Let events of `level` and above through, ours and the libraries'; UTC times."""
    logging.basicConfig(
        level=max(level, logging.WARNING), format="%(asctime)s %(name)s %(levelname)s %(message)s"
    )
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: StandardError(),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_rows,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
    )
