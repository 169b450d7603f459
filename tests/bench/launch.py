"""A whole launch: pressed, frozen, sent by real worker processes, every row accounted for."""

import itertools
import multiprocessing
import os
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from sqlalchemy import text

from tcma.delivery import claims
from tcma.delivery.building import Builder
from tcma.delivery.claims import Claimed
from tcma.delivery.links import Links
from tcma.delivery.rules import BATCH
from tcma.embedded.process import free_port, listens, spawn, wait_until
from tcma.launches import actions
from tcma.ports import Result, SendResult
from tcma.senders import actions as domains
from tcma.senders import pace, queries
from tcma.senders.records import Kind, Seen
from tests.bench.bounds import Watch, of, of_family, postmaster
from tests.bench.figures import Figure, in_turn
from tests.bench.ground import settled
from tests.bench.limits import at_least, at_most, of_peer
from tests.faults.posting import Plant, Sink, a_mailing, in_real_time, people, sums, until
from tests.faults.stage import Stage
from tests.services import World, engine_of

SESSIONS = 8
SIGNING = 2
CLAIMERS = 4
ED25519 = Kind.DKIM_ED25519
MOST_S = 600
UNSIGNED, FULL = of_peer(0.60), of_peer(0.35)
BARE_TAKE = """
    update message set state = 2, lease = %(lease)s, lease_until = now(), attempt = attempt + 1
    where id = any(array(
        select id from message where mailing_id = %(mailing)s and lane = 0 and state = 0
        and due_at <= now() order by due_at, id limit %(most)s for update skip locked))
    returning id, mailing_id, contact_id, address, attempt"""
BARE_ACKNOWLEDGE = """
    update message set state = 3, sent_at = now(), lease = null, lease_until = null
    where id = any(%(ids)s) and lease = %(lease)s returning id"""
WARM = 8
"""Rounds of one row each before a claim counts: statements are compiled, then prepared, by then."""


def measure(ground):
    """Messages a second from the press of the button to the last acknowledgement."""
    source = ground.tool("smtp-source")
    with ground.installation("launch") as db, sink(ground) as server:
        stage = Stage(db)
        for workers in ground.size.workers:
            folder = ground.folder / "launch" / f"{workers}"
            folder.mkdir(parents=True)
            with Plant(db, folder, ground.redis_url, server, begin=ground.size.begin) as plant:
                plant.start("workers.scheduler")
                for _ in range(workers):
                    plant.start()
                watch = watched(ground, server, plant.processes)
                yield beside(ground, stage, server, source, watch, workers=workers)
                if workers == 1:
                    yield memory(plant.processes[-1])
                    yield first_mail(ground, stage)
        with Plant(
            db, ground.folder / "launch", ground.redis_url, server, begin=ground.size.begin
        ) as plant:
            plant.start("workers.scheduler")
            for _ in range(SIGNING):
                plant.start()
            signing(stage)
            name = "launch.full: whole launch signed with RSA-2048"
            watch = watched(ground, server, plant.processes)
            yield beside(
                ground,
                stage,
                server,
                source,
                watch,
                workers=SIGNING,
                name=name,
                bound=FULL,
            )
        yield claimed(ground, db)


def signing(stage):
    """Let the sender's domain be proved, as if DNS showed its RSA key and its return path."""
    with stage.db(stage.alice) as work:
        name = domains.add_domain(work, "partner.example")
        domain = queries.domain_by_name(work.session, stage.alice, name)
        records = queries.records_of(work.session, domain, mail_host=work.site.mail_host)
        seen = {each.name: Seen([each.value]) for each in records if each.kind is not ED25519}
        domains.record_look(work, domain.id, seen)
        pace.set_pace(
            work, name, per_hour=None, is_warm=True
        )  # a warm-up's ceiling is not the wire


def watched(ground, server, processes):
    """Who works in a launch: database, workers, relay."""
    return Watch(
        PostgreSQL=of_family(postmaster(ground.databases.server)),
        workers=of(*(each.pid for each in processes)),
        sink=of(server.pid),
    )


def beside(
    ground,
    stage,
    server,
    source,
    watch,
    *,
    workers,
    name="launch.unsigned: whole launch",
    bound=UNSIGNED,
):
    """One figure: launches and smtp-source in turn, the same size of mail, the same sink."""
    count = ground.size.messages
    octets = size_of_mail(stage.db, launched(stage, 50)[0])
    cases = {"ours": lambda: watch.during(lambda: launched(stage, count)[1])}
    if source.path:
        cases["peer"] = lambda: sourced(source, server.port, count, octets)
    found = in_turn(ground.size.rounds, **cases)
    plural = "process" if workers == 1 else "processes"
    return Figure(
        name=f"{name}, {workers} worker {plural}, {octets / 1000:.0f} kB mails into {server.name}",
        value=found["ours"],
        unit="messages/s",
        peer=f"smtp-source -s {SESSIONS} -d" if source.path else None,
        peer_value=found.get("peer"),
        reason=source.reason,
        bound=bound,
        bounded_by=watch.words(),
    )


def first_mail(ground, stage):
    """Seconds from the press of the button to the first mail that the relay has taken."""
    waited = sorted(launched(stage, ground.size.messages)[2] for _ in range(ground.size.rounds))
    return Figure(
        name="launch.first_mail: from the press of the button to the first mail at the relay",
        value=waited[len(waited) // 2],
        unit="s",
        peer=None,
        reason="no peer does this",
        bound=at_most(3, "s"),
    )


def memory(process):
    """The most that a worker held in memory while it sent all that."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return Figure(
        name="launch.rss: most memory of the worker process",
        value=peak / 1024,
        unit="MB",
        peer=None,
        reason="no peer does this",
        bound=at_most(150, "MB"),
    )


def claimed(ground, db):
    """Rows a second from claim to acknowledgement, the relay taken for granted; beside them the
    same two updates by psycopg alone, which ask nothing about anybody.
    """
    cases = {"ours": _claims, "bare": _bare_updates}
    found = in_turn(
        ground.size.rounds,
        **{name: lambda case=case: _raced(ground, db, case) for name, case in cases.items()},
    )
    return Figure(
        name=f"claim.rows: claim with intent, acknowledgement, in two commits, {CLAIMERS} processes",
        value=found["ours"],
        unit="rows/s",
        peer="the two updates alone, psycopg",
        peer_value=found["bare"],
        bound=at_least(15_000),
    )


def _raced(ground, db, case):
    """Let several processes take one mailing through `case`; return rows a second."""
    count = ground.size.messages
    with db() as work:
        domain = f"claim{time.monotonic_ns()}.example"
        mailing_id = a_mailing(work, count, domain=domain)
        warm_id = a_mailing(work, WARM * CLAIMERS, domain=f"warm.{domain}")
        workers = [
            claims.register_worker(work, host="bench", pid=0, journal=f"bench {domain} {n}")
            for n in range(CLAIMERS)
        ]
    settled(db)
    context = multiprocessing.get_context("forkserver")  # what is imported once serves all
    context.set_forkserver_preload([__name__])
    gate = context.Barrier(CLAIMERS + 1)
    running = [
        context.Process(target=case, args=(db.url, warm_id, mailing_id, worker, gate))
        for worker in workers
    ]
    for each in running:
        each.start()
    gate.wait()
    begun = time.perf_counter()
    for each in running:
        each.join()
    took = time.perf_counter() - begun
    assert sums(db, mailing_id).sent == count
    return count / took


def _claims(url, warm_id, mailing_id, worker, gate):
    leases = itertools.count(worker << 32 | 1)
    with engine_of(url) as engine:
        db = in_real_time(World(url=url, engine=engine, clock=None, site=None, files=None))
        for _ in range(WARM):
            _one_batch(db, warm_id, next(leases), most=1)
        gate.wait()
        while _one_batch(db, mailing_id, next(leases)):
            pass


def _one_batch(db, mailing_id, lease, *, most=4 * BATCH):
    with db() as work:
        rows = claims.take(work, mailing_id, lease=lease, most=most)
    with db() as work:
        answers = [SendResult(row.id, Result.SENT, 250, "2.0.0 queued") for row in rows]
        claims.acknowledge(work, answers, {row.id: row.later for row in rows}, lease=lease)
    return len(rows)


def _bare_updates(url, warm_id, mailing_id, worker, gate):
    with engine_of(url) as engine, engine.connect() as held:
        raw = held.connection.driver_connection
        for _ in range(WARM):
            _one_bare(raw, warm_id, worker << 32, most=1)
        gate.wait()
        while _one_bare(raw, mailing_id, worker << 32):
            pass


def _one_bare(raw, mailing_id, lease, *, most=4 * BATCH):
    given = {"mailing": mailing_id, "most": most, "lease": lease}
    rows = raw.execute(BARE_TAKE, given).fetchall()
    raw.commit()
    given["ids"] = [row[0] for row in rows]
    raw.execute(BARE_ACKNOWLEDGE, given)
    raw.commit()
    return len(rows)


def launched(stage, count):
    """Launch to `count` new people; return the mailing's number, messages a second, and the seconds
    to the first mail.
    """
    db = stage.db
    key = f"{time.monotonic_ns()}"
    with db() as work:
        list_id = people(work, stage.partner_id, count, domain=f"b{key}.example")
    ref = stage.planned(key=key, list_ids=(list_id,))
    pressed, begun = datetime.now(UTC), time.perf_counter()
    with db(stage.alice) as work:
        actions.start_launch(work, ref)
    mailing_id = until(lambda: _mailing_of(db, ref), MOST_S, what="the freeze")
    until(lambda: not _waits(db, mailing_id), MOST_S, every=0.05, what="the end")
    took = time.perf_counter() - begun
    found = sums(db, mailing_id)
    assert found.holds
    assert (found.expected, found.sent) == (count, count), found
    query = "select min(sent_at) from message where mailing_id = :m"
    with db() as work:
        first = work.session.scalar(text(query), {"m": mailing_id})
    return mailing_id, count / took, (first - pressed).total_seconds()


def _mailing_of(db, ref):
    query = (
        "select m.mailing_id from launch_mail m join launch l on l.id = m.launch_id"
        " where l.ref = :ref and m.mailing_id is not null"
    )
    with db() as work:
        return work.session.scalar(text(query), {"ref": ref})


def _waits(db, mailing_id):
    """Whether anybody waits, by the indexes, whose last entry is the last to leave: to count all took most
    of a processor from the workers, to begin where all have left a twentieth.
    """
    query = (
        "select coalesce((select true from message where mailing_id = :m and lane = 0 and state = 0"
        " order by due_at desc, id desc limit 1), exists(select from message where state in (1, 2)"
        " and mailing_id = :m))"
    )
    with db() as work:
        return work.session.scalar(text(query), {"m": mailing_id})


def size_of_mail(db, mailing_id):
    """Return the octets of one message of a mailing as it goes over the wire."""
    query = "select id, contact_id, address from message where mailing_id = :m limit 1"
    with db() as work:
        row = work.session.execute(text(query), {"m": mailing_id}).one()
        builder = Builder(work.files, Links(work.site.signer, work.site.public_url))
        claimed = [Claimed(row.id, mailing_id, row.contact_id, row.address, 1)]
        material = builder.read(work.session, mailing_id, claimed)
        return len(next(builder.make(material, claimed, now=work.now)).body)


def sourced(tool, port, count, octets):
    """Messages a second by smtp-source, which makes nothing and remembers nothing."""
    begun = time.perf_counter()
    subprocess.run(
        [
            tool.path, "-d", "-s", str(SESSIONS), "-m", str(count), "-l", str(octets),
            "-f", "a@example.net", "-t", "b@example.org", f"127.0.0.1:{port}",
        ],
        env=tool.environment, check=True, timeout=MOST_S,
    )  # fmt: skip
    return count / (time.perf_counter() - begun)


@contextmanager
def sink(ground):
    """A server that takes mail and throws it away: postfix's smtp-sink, else our own."""
    tool = ground.tool("smtp-sink")
    if tool.path is None:
        with Sink(ground.folder / "sink") as own:
            own.name, own.pid = "our own sink", own.process.pid
            yield own
        return
    port = free_port()
    unprivileged = ["-u", "nobody"] if os.getuid() == 0 else []
    child = spawn(
        [tool.path, *unprivileged, f"127.0.0.1:{port}", "256"],
        name="smtp-sink",
        log=ground.folder / "smtp-sink.log",
        env=tool.environment,
    )
    wait_until(child, lambda: listens(port))
    try:
        url = f"smtp://127.0.0.1:{port}"
        yield SimpleNamespace(url=url, port=port, name="smtp-sink", pid=child.process.pid)
    finally:
        child.stop(patience=2)
