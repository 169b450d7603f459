"""Pictures and prints made in a process of its own: decoded art and what is kept of it (some fifty
megabytes a campaign) end with it, so that a process that lives for months stays as small as it was.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any, ParamSpec, Protocol, TypeVar

from tcma.errors import TcmaError, Unavailable

P = ParamSpec("P")
T = TypeVar("T")
_ROOT = Path(__file__).resolve().parents[2]


class Draws(Protocol):
    """Where something is drawn: `here`, or in a `Studio`."""

    def __call__(self, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `make` makes, raise what it raises."""
        ...


def here(make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Draw in this process."""
    return make(*args, **kwargs)


class Studio(AbstractContextManager["Studio"]):
    """Draws until the block ends; the process starts with the first piece."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __exit__(self, *_: object) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def __call__(self, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `make` makes, raise its refusal; Unavailable when the process has ended: the next
        piece begins another.
        """
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=_ROOT,
            )
        asks, answers = self._process.stdin, self._process.stdout
        assert asks is not None
        assert answers is not None
        try:
            _say(asks, (make, args, kwargs))
            made, refusal = pickle.load(answers)  # noqa: S301 - our own process
        except (BrokenPipeError, EOFError) as error:
            self.__exit__()
            self._process = None
            raise Unavailable(
                "It could not be drawn: what draws it has stopped.", code="rendering.studio"
            ) from error
        if refusal is not None:
            raise refusal
        drawn: T = made
        return drawn


def _say(line: IO[bytes], what: object) -> None:
    pickle.dump(what, line)
    line.flush()


def main() -> None:
    """Draw until nobody asks any more; what is sent meanwhile goes first."""
    os.nice(10)
    while True:
        try:
            make, args, kwargs = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own process
        except EOFError:
            return
        made: tuple[Any, TcmaError | None]
        try:
            made = make(*args, **kwargs), None
        except TcmaError as error:
            made = None, error
        _say(sys.stdout.buffer, made)


if __name__ == "__main__":
    main()
