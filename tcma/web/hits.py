"""Brings what came back by mailed links from disk into the database: by a thread of each web
process, in batches, each hit once whatever is killed or away.
"""

import threading
from pathlib import Path

import structlog

from tcma.adapters.hits import HitFiles, read
from tcma.errors import Unavailable
from tcma.permissions import SYSTEM
from tcma.tracking import actions
from tcma.web.mailed_links import KnownTargets
from tcma.wiring import Services

log = structlog.get_logger(__name__)
EVERY_S = 0.25
"""A stop by one click holds within this, and the transaction."""
LOOK_ROUND = 20
"""Every so many turns: what dead processes left, and the links of new mailings."""
MOST = 500


class Hits:
    """What one web process knows of mailed links; `start` before it serves, `stop` after."""

    def __init__(self, services: Services) -> None:
        self.files = HitFiles(services.settings.data / "hits")
        self.targets = KnownTargets(services)
        self._services = services
        self._asked = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to bring hits in, until the process ends or `stop`."""
        self._thread = threading.Thread(target=self._run, name="hits", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Bring in what is there, if the database lets us; the rest waits on disk."""
        self._asked.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def bring_in(self, *, every_file: bool = True, leaving: bool = False) -> int:
        """Write all waiting hits; return how many. Raises Unavailable when the database is away."""
        done = 0
        for path in self.files.waiting() if every_file else self.files.mine():
            with self.files.held(path) as is_ours:
                if is_ours:
                    done += self._bring(path, leaving=leaving)
        return done

    def _run(self) -> None:
        turn = 0
        while not self._asked.wait(EVERY_S):
            self._try(every_file=turn % LOOK_ROUND == 0)
            if turn % LOOK_ROUND == 0:
                self.targets.learn()
            turn += 1
        self._try(every_file=True, leaving=True)

    def _try(self, *, every_file: bool, leaving: bool = False) -> None:
        try:
            self.bring_in(every_file=every_file, leaving=leaving)
        except Unavailable as error:
            log.warning("hits wait on disk", reason=error.message)
        except Exception:
            log.exception("hits wait on disk")

    def _bring(self, path: Path, *, leaving: bool) -> int:
        done, most, more, end = 0, MOST, True, 0
        while more and path.exists():
            try:
                written, more, end = self._batch(path, most)
                done += written
            except Unavailable:
                raise
            except Exception:
                if most > 1:
                    most = 1  # one of them is bad: the others do not suffer for it
                    continue
                log.exception("a hit that cannot be written is passed over", file=path.name)
                self._pass_over(path)
        if not more and self.files.remove(path, read_to=end, all_of_it=leaving):
            with self._services.transaction(SYSTEM) as work:
                actions.forget_file(work, path.name)
        return done

    def _batch(self, path: Path, most: int) -> tuple[int, bool, int]:
        with self._services.transaction(SYSTEM) as work:
            start = actions.read_to(work, path.name)
            hits, end = read(path, start=start, most=most)
            if end > start:
                actions.record_hits(work, hits)
                actions.have_read(work, path.name, end)
        return len(hits), end > start, end

    def _pass_over(self, path: Path) -> None:
        with self._services.transaction(SYSTEM) as work:
            _, end = read(path, start=actions.read_to(work, path.name), most=1)
            actions.have_read(work, path.name, end)
