"""Brings what came back by mailed links from disk into the database: by a thread of each web
process, in batches, each hit once whatever is killed or away.
"""

import threading
import time
from pathlib import Path

import structlog

from tcma.adapters.hits import HitFiles
from tcma.delivery.queries import newest_targets, targets_of
from tcma.errors import TcmaError, Unavailable
from tcma.permissions import SYSTEM
from tcma.recent import MB, Recent
from tcma.tracking import actions
from tcma.wiring import Services

log = structlog.get_logger(__name__)
EVERY_S = 0.25
"""A stop by one click holds within this, and the transaction."""
LOOK_ROUND = 20
"""Every so many turns: what dead processes left, and the links of new mailings."""
MOST = 250
CROWD_S = 400
"""Hits a second that are a crowd: then answers come first, a batch each so many turns, and the tables
follow when it has gone.
"""
CROWD_TURNS = 4
KEPT = 4_096
FRESH_S = 60.0
"""After so long the links of a mailing that is clicked are read anew: one that was mended leads right
a few seconds later.
"""
Targets = dict[int, str]


class KnownTargets:
    """Where the links of mailings lead, kept; those that were known stay so without a database."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known = Recent[tuple[float, Targets]](KEPT, 32 * MB)
        self._newest = 0
        self._stale: set[int] = set()

    def of(self, mailing_id: int, slot: int) -> str | None:
        """Return an address; None when the mailing has no such link or nobody knows.

        Asks the database for a mailing it never heard of, else never: a click does not wait for one
        that hangs.
        """
        kept = self._known.get(mailing_id)
        if kept is None:
            self._keep([mailing_id])
            kept = self._known.get(mailing_id)
        elif kept[0] < time.monotonic():
            self._stale.add(mailing_id)
        return kept[1].get(slot) if kept else None

    def learn(self) -> None:
        """Read the links of mailings that are new, and anew those of clicked ones that are old."""
        stale, self._stale = self._stale, set()
        self._keep(list(stale), new=True)

    def _keep(self, mailing_ids: list[int], *, new: bool = False) -> None:
        found: dict[int, Targets] = {number: {} for number in mailing_ids}
        try:
            with self._services.transaction(SYSTEM) as work:
                found |= targets_of(work.session, mailing_ids)
                if new:
                    found |= newest_targets(work.session, after=self._newest, most=KEPT // 2)
        except TcmaError as error:
            log.warning("links not read", reason=error.message)
            return
        until = time.monotonic() + FRESH_S
        for number, urls in found.items():
            self._known.keep(number, (until, urls))
        self._newest = max(self._newest, *found, 0)


class Hits:
    """What one web process knows of mailed links; `start` before it serves, `stop` after."""

    def __init__(self, services: Services) -> None:
        folder = services.settings.data / "hits"
        self.files, self.stops = HitFiles(folder), HitFiles(folder, ".stops")
        self.targets = KnownTargets(services)
        self._services = services
        self._asked = threading.Event()
        self._thread: threading.Thread | None = None
        self._looked, self._seen, self._crowded = time.monotonic(), 0, False
        self._passed = 0

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

    def bring_in(self) -> int:
        """Write all waiting hits; return how many. Raises Unavailable when the database is away."""
        return self._turn(every_file=True)

    def _turn(self, *, every_file: bool, leaving: bool = False, yields: bool = False) -> int:
        done = 0
        wanted = [self.stops, self.files]  # nobody's stop waits behind a crowd's pixels
        if yields and self._crowd():
            self._passed = (self._passed + 1) % CROWD_TURNS
            wanted = wanted[:1] if self._passed else wanted
        for files in wanted:
            for path in files.waiting() if every_file else files.mine():
                with files.held(path) as is_ours:
                    if is_ours:
                        done += self._bring(files, path, leaving=leaving, yields=yields)
        return done

    def _run(self) -> None:
        turn = 0
        while not self._asked.wait(EVERY_S):
            self._try(every_file=turn % LOOK_ROUND == 0, yields=True)
            if turn % LOOK_ROUND == 0:
                self.targets.learn()
            turn += 1
        self._try(every_file=True, leaving=True)

    def _crowd(self) -> bool:
        """Say whether a crowd comes now; also in the middle of what the last one left."""
        now = time.monotonic()
        took = now - self._looked
        if took > EVERY_S / 2:
            came, self._seen, self._looked = (
                self.files.written - self._seen,
                self.files.written,
                now,
            )
            self._crowded = came > CROWD_S * took
        return self._crowded

    def _try(self, *, every_file: bool, leaving: bool = False, yields: bool = False) -> None:
        try:
            self._turn(every_file=every_file, leaving=leaving, yields=yields)
        except Unavailable as error:
            log.warning("hits wait on disk", reason=error.message)
        except Exception:
            log.exception("hits wait on disk")

    def _bring(self, files: HitFiles, path: Path, *, leaving: bool, yields: bool) -> int:
        done, most, more, end = 0, MOST, True, 0
        while more and path.exists() and not (done and yields and self._crowd()):
            try:
                written, more, end = self._batch(files, path, most)
                done += written
            except Unavailable:
                raise
            except Exception:
                if most > 1:
                    most = 1  # one of them is bad: the others do not suffer for it
                    continue
                log.exception("a hit that cannot be written is passed over", file=path.name)
                self._pass_over(files, path)
        if not more and files.remove(path, read_to=end, all_of_it=leaving):
            with self._services.transaction(SYSTEM) as work:
                actions.forget_file(work, path.name)
        return done

    def _batch(self, files: HitFiles, path: Path, most: int) -> tuple[int, bool, int]:
        with self._services.transaction(SYSTEM) as work:
            start = actions.read_to(work, path.name)
            hits, end = files.read(path, start=start, most=most)
            if end > start:
                actions.record_hits(work, hits)
                actions.have_read(work, path.name, end)
        return len(hits), end > start, end

    def _pass_over(self, files: HitFiles, path: Path) -> None:
        with self._services.transaction(SYSTEM) as work:
            _, end = files.read(path, start=actions.read_to(work, path.name), most=1)
            actions.have_read(work, path.name, end)
