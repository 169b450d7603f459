"""The whole sending side as processes of its own: servers, relay, scheduler, workers; each can be hurt."""

import os
import resource
import signal
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sqlalchemy import make_url, text

from tcma.adapters.queue_dramatiq import to_redis
from tcma.adapters.storage_disk import DiskFiles
from tcma.db.migrate import upgrade
from tcma.embedded import postgres, redis
from tcma.errors import Unavailable
from tests.faults.nursery import POISON
from tests.faults.posting import Plant, Sink, in_real_time
from tests.services import Databases, World, engine_of
from tests.soak.partners import POISONED, Partners

WAIT_S = 60


class House:
    """What the faults fall upon; `db` opens transactions of the installation."""

    def __init__(self, *, server, redis_folder, running, plant, db, sink, workers):
        self.server, self.redis_folder, self.redis = server, redis_folder, running
        self.plant, self.db, self.sink = plant, db, sink
        self.scheduler = plant.start("workers.scheduler")
        self.workers = [plant.start() for _ in range(workers)]
        self.partners = Partners(db)
        self.cancelled = set()
        self.deaths = 0

    # ── processes ────────────────────────────────────────────────────────────────────────────

    def kill(self, worker, *, clock_off_s=0):
        """Kill a worker with -9 and start another, on a machine whose clock may be off."""
        self.workers.remove(worker)
        worker.kill()
        worker.wait()
        self.plant.processes.remove(worker)
        self.workers.append(self.plant.start(clock_off_s=clock_off_s))

    def stop(self, worker):
        """Tell a worker to stop, as who deploys does, and start another at once; return its exit code."""
        self.workers.remove(worker)
        worker.send_signal(signal.SIGTERM)
        self.workers.append(self.plant.start())
        worker.wait(WAIT_S)
        self.plant.processes.remove(worker)
        return worker.poll()

    def replace_the_dead(self):
        """Start another worker for each that died of what it was making."""
        for worker in [each for each in self.workers if each.poll() is not None]:
            self.deaths += 1
            self.kill(worker)

    def fill_disk(self, worker, seconds):
        """Let a worker have no room for another byte in any file for a while."""
        for most in (0, resource.RLIM_INFINITY):
            resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
            time.sleep(seconds if most == 0 else 0)

    def kill_scheduler(self):
        """Kill the scheduler with -9 and start another."""
        self.scheduler.kill()
        self.scheduler.wait()
        self.plant.processes.remove(self.scheduler)
        self.scheduler = self.plant.start("workers.scheduler")

    def freeze(self, worker, seconds):
        """Stop a worker in the middle of whatever it does, and let it go on."""
        worker.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        worker.send_signal(signal.SIGCONT)

    # ── servers ──────────────────────────────────────────────────────────────────────────────

    def restart_database(self):
        """Stop PostgreSQL at once, as a crash does, and start it again."""
        number = int((self.server.folder / "cluster" / "postmaster.pid").read_text().split()[0])
        os.kill(number, signal.SIGQUIT)
        end = time.monotonic() + WAIT_S
        while postgres.is_running(self.server) and time.monotonic() < end:
            time.sleep(0.05)
        postgres.revive(self.server)

    def flush_redis(self):
        """Forget every wake-up and every lock."""
        self.plant.queue.broker.client.flushall()

    def restart_redis(self, seconds):
        """Have no Redis for some seconds, then an empty one."""
        self.redis.stop()
        time.sleep(seconds)
        self.redis = redis.start(self.redis_folder, port=self.redis.port)

    def end_redis(self):
        """Stop the Redis that runs now."""
        self.redis.stop()

    # ── launches ─────────────────────────────────────────────────────────────────────────────

    def running(self):
        """The launches that send now, as `Partners` knows them."""
        refs = {row[0] for row in self.ask("SELECT ref FROM launch WHERE state = 'sending'")}
        return [each for each in self.partners.launches if each[1] in refs]

    # ── what is known ────────────────────────────────────────────────────────────────────────

    def ask(self, sql, **values):
        """Return rows, asking again while the database is away."""
        end = time.monotonic() + WAIT_S
        while True:
            try:
                with self.db() as work:
                    return work.session.execute(text(sql), values).all()
            except Unavailable:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def memory_mb(self):
        """Return what each worker that lives holds now, the largest first."""
        found = []
        for worker in self.workers:
            with suppress(FileNotFoundError):
                status = Path(f"/proc/{worker.pid}/status").read_text()
                lines = [each for each in status.splitlines() if each.startswith("VmRSS")]
                found += [int(each.split()[1]) // 1024 for each in lines]
        return sorted(found, reverse=True)


@contextmanager
def house(folder, *, workers):
    """Start everything in a folder; PostgreSQL with the settings of the product."""
    with ExitStack() as stack:
        server = postgres.start(folder / "pg", settings=postgres.SAFE, database=None)
        stack.callback(postgres.stop, server)
        running = redis.start(folder / "redis")
        template = stack.enter_context(Databases(server, "").empty())
        upgrade(template)
        databases = Databases(server, make_url(template).database)
        url = stack.enter_context(databases.fresh())
        engine = stack.enter_context(engine_of(url))
        queue = to_redis(running.url)
        stack.callback(queue.broker.close)
        files = DiskFiles(folder / "files")
        db = in_real_time(
            World(url=url, engine=engine, clock=None, site=None, files=files, queue=queue)
        )
        sink = stack.enter_context(Sink(folder / "sink"))
        plant = stack.enter_context(Plant(db, folder, running.url, sink, **{POISON: POISONED}))
        made = House(
            server=server, redis_folder=folder / "redis", running=running, plant=plant, db=db,
            sink=sink, workers=workers,
        )  # fmt: skip
        stack.callback(made.end_redis)
        yield made
