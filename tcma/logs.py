"""Where logs go and how loud they are: standard error, one event a line."""

import contextlib
import logging
import sys

import structlog


class StandardError:
    """Writes to whatever standard error is now: a captured or replaced one may be closed later."""

    def msg(self, line: str) -> None:
        """Write one event; on a full disk it is lost, and what it tells of goes on."""
        with contextlib.suppress(OSError):
            print(line, file=sys.stderr, flush=True)

    debug = info = warning = error = critical = exception = log = msg


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
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
    )
