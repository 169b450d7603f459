"""Pictures and prints made in a process of its own: decoded art and what is kept of it (some fifty
megabytes a campaign) end with it, so that a process that lives for months stays as small as it was.
"""

import atexit
import contextlib
import os
import pickle
import select
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any, ParamSpec, Protocol, TypeVar

from tcma.errors import TcmaError, Unavailable

P = ParamSpec("P")
T = TypeVar("T")
_ROOT = Path(__file__).resolve().parents[2]
IDLE_S = 10.0
"""How long a process waits for the next piece before it ends, seconds: it takes a third of one to begin."""
MOST_PIECES = 200
"""After so many pieces a process is not lent again: those of a dozen campaigns are in its memory."""


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
        self.pieces = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __exit__(self, *_: object) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def __call__(self, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `make` makes, raise its refusal; Unavailable when the process has ended: the next
        piece begins another.
        """
        self.pieces += 1
        if self._process is not None and self._process.poll() is not None:
            self.__exit__()
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-m", __name__, str(IDLE_S)],
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
            raise Unavailable(
                "It could not be drawn: what draws it has stopped.", code="rendering.studio"
            ) from error
        if refusal is not None:
            raise refusal
        drawn: T = made
        return drawn


_resting: deque[Studio] = deque()


@contextlib.contextmanager
def lent() -> Iterator[Studio]:
    """Lend a studio that has just worked for another job, or a new one; it ends when nobody has
    needed it for `IDLE_S`.
    """
    try:
        studio = _resting.pop()
    except IndexError:
        studio = Studio()
    with contextlib.ExitStack() as until_it_fails:
        until_it_fails.push(studio)
        yield studio
        until_it_fails.pop_all()
        if studio.pieces < MOST_PIECES:
            _resting.append(studio)
        else:
            studio.__exit__()


@atexit.register
def _close() -> None:
    while _resting:
        _resting.pop().__exit__()


def _say(line: IO[bytes], what: object) -> None:
    pickle.dump(what, line)
    line.flush()


def main() -> None:
    """Draw until nobody asks any more; what is sent meanwhile goes first."""
    os.nice(10)
    patience = float(sys.argv[1])
    while select.select([sys.stdin.buffer], [], [], patience)[0]:
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
