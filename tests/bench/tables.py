"""Rows in bulk: a contact file imported, recipients frozen, beside PostgreSQL's own fastest way."""

import io
import multiprocessing
import time
from pathlib import Path

from sqlalchemy import text

from tcma.adapters.storage_disk import DiskFiles
from tcma.contacts import imports, segments
from tcma.contacts.conditions import Condition, Op, Row, checked
from tcma.contacts.importing import run_import
from tcma.contacts.rules import LawfulBasis
from tcma.delivery.freezing import freeze
from tcma.delivery.models import Mailing
from tcma.launches.audience import of_lists
from tests.bench.figures import Figure, in_turn
from tests.bench.ground import raw_connection, settled
from tests.bench.limits import at_least, at_most, of_peer
from tests.builders import a_partner, a_vendor, alice
from tests.faults.posting import a_mailing, in_real_time
from tests.services import World, engine_of

COLUMNS = (
    "partner_id, address, address_hash, first_name, last_name, company, country, phone, language,"
    " fields, import_id, created_at"
)
TYPED = (
    Condition((Row("company", Op.IS, "Firm 7"),)),
    Condition((Row("company", Op.CONTAINS, "irm 7"),)),
    Condition((Row("country", Op.IS, "GB"), Row("first_name", Op.STARTS, "First1"))),
    Condition((Row("company", Op.IS, "Firm 7"), Row("last_name", Op.CONTAINS, "99")), every=False),
    Condition((Row("tags", Op.EMPTY), Row("first_name", Op.IS_NOT, "First1"))),
)
EMPTY = "truncate contact, list_member, message cascade"


def measure_import(ground):
    """Rows a second of a CSV file; each round begins with empty tables."""
    count = ground.size.import_rows
    content = _file(count)
    with ground.installation("import") as db:
        with db() as work:
            partner_id = a_partner(work, a_vendor(work))
            owner = alice(work, partner_id)
        halves = []
        _imported(db, owner, content, count, halves)
        block = _dumped(db)
        with raw_connection(db) as raw:
            raw.execute("create table contact_bare (like contact including defaults)")
            raw.execute("alter table contact_bare alter id drop not null")
        found = in_turn(
            ground.size.rounds,
            ours=lambda: _imported(db, owner, content, count, halves),
            same=lambda: _copied(db, "contact", block, count),
            bare=lambda: _copied(db, "contact_bare", block, count),
        )
    run = sorted(halves)[len(halves) // 2]
    for name, value, peer, peer_value, bound in (
        ("the worker's part", run, "binary COPY, same table with indexes", "same", of_peer(0.25)),
        ("upload to last row", found["ours"], "the same", "same", None),
        ("the worker's part", run, "binary COPY, table without indexes", "bare", None),
    ):
        yield Figure(
            name=f"import.copy: a CSV file, {name}", value=value, unit="rows/s",
            peer=peer, peer_value=found[peer_value], bound=bound,
        )  # fmt: skip


def measure_import_memory(ground):
    """The most that a process held which took a whole file of people in, from the upload to the end."""
    count = ground.size.most_rows
    with ground.installation("import-memory") as db:
        with db() as work:
            partner_id = a_partner(work, a_vendor(work))
            owner = alice(work, partner_id)
        upload = ground.folder / "upload.csv"
        upload.write_bytes(_file(count))
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        told, tell = context.Pipe(duplex=False)
        given = (db.url, db.files.folder, owner, upload, count, tell)
        process = context.Process(target=_import_all, args=given)
        process.start()
        seconds, peak = told.recv()
        process.join()
        settled(db)
        yield counted_while_typing(db, owner, count)
    yield Figure(
        name=f"import.rss: most memory of the process that imports {count:,} people in {seconds:,.0f} s",
        value=peak / 1024, unit="MB", peer=None, reason="no peer does this", bound=at_most(500, "MB"),
    )  # fmt: skip


def counted_while_typing(db, owner, count):
    """The longest of some conditions, each counted as the builder's page does while somebody types."""
    spent, exact = [], 0
    with db(owner) as work:
        fields = segments.fields_of(work.session, owner.partner_id)
        for condition in TYPED:
            met = segments.compiled(checked(condition, fields), fields)
            taken = []
            for _ in range(3):
                begun = time.perf_counter()
                said = segments.count_people(
                    work.session, owner.partner_id, met, patience_ms=segments.PATIENCE_MS
                )
                taken.append(1_000 * (time.perf_counter() - begun))
            spent.append(sorted(taken)[1])
            exact += not said.about
    return Figure(
        name=f"segment.count: the slowest of {len(TYPED)} conditions over {count:,} people, {exact} exact, the rest"
        " estimated",
        value=max(spent), unit="ms", peer=None, reason="no peer does this", bound=at_most(150, "ms"),
    )  # fmt: skip


def _import_all(url, folder, owner, upload, count, tell):
    """What an upload and its worker do, in one process whose memory is looked at."""
    content = upload.read_bytes()
    with engine_of(url) as engine:
        db = World(url=url, engine=engine, clock=None, site=None, files=DiskFiles(folder))
        begun = time.perf_counter()
        _imported(in_real_time(db), owner, content, count, [])
        took = time.perf_counter() - begun
    told = Path("/proc/self/status").read_text().splitlines()
    tell.send((took, int(next(line.split()[1] for line in told if line.startswith("VmHWM:")))))


def _file(count):
    out = io.StringIO()
    out.write("E-mail,First name,Last name,Company,Country,City,Phone\r\n")
    for n in range(count):
        out.write(
            f"person{n}@firm{n % 997}.example,First{n % 300},Last{n % 1000},Firm {n % 997},GB,"
            f"Leeds,+44 113 496 {n % 10_000:04}\r\n"
        )
    return out.getvalue().encode()


def _imported(db, owner, content, count, halves):
    _emptied(db)
    begun = time.perf_counter()
    with db(owner) as work:
        import_id = imports.start(work, file_name="people.csv", content=content)
    with db(owner) as work:
        name = f"People {time.monotonic_ns()}"
        imports.confirm(work, import_id, basis=LawfulBasis.CONSENT, list_name=name)
    confirmed = time.perf_counter()
    run_import(db, import_id)
    ended = time.perf_counter()
    with db() as work:
        assert work.session.scalar(text("select count(*) from list_member")) == count
    halves.append(count / (ended - confirmed))
    return count / (ended - begun)


def _emptied(db):
    with raw_connection(db) as raw:
        raw.execute(EMPTY)


def _dumped(db):
    """Return the imported rows as PostgreSQL's binary block."""
    copy = f"copy (select {COLUMNS} from contact) to stdout (format binary)"
    with raw_connection(db) as raw, raw.cursor().copy(copy) as rows:
        return b"".join(bytes(each) for each in rows)


def _copied(db, table, block, count):
    with raw_connection(db) as raw:
        raw.execute(f"truncate {table} cascade")
        raw.commit()
        begun = time.perf_counter()
        with raw.cursor() as cursor:
            with cursor.copy(f"copy {table} ({COLUMNS}) from stdin (format binary)") as rows:
                rows.write(block)
            assert cursor.rowcount == count
        raw.commit()
        return count / (time.perf_counter() - begun)


def measure_freeze(ground):
    """Recipients frozen a second: stops looked up, doubles folded, one row each."""
    count = ground.size.frozen_rows
    with ground.installation("freeze") as db:
        with db() as work:
            mailing_id = a_mailing(work, 1, start=False)
            list_id = work.session.scalar(text("select id from contact_list"))
            _crowd(work, list_id, count - 1)
        settled(db)
        found = in_turn(
            ground.size.rounds,
            ours=lambda: _frozen(db, mailing_id, list_id, count),
            peer=lambda: _inserted(db, mailing_id, list_id, count),
        )
    yield Figure(
        name="freeze.rows: recipients frozen",
        value=found["ours"],
        unit="rows/s",
        peer="bare INSERT … SELECT, same table with indexes",
        peer_value=found["peer"],
        bound=at_least(100_000),
    )


def _crowd(work, list_id, count):
    """Make `count` more people of the list in the database itself."""
    work.session.execute(
        text(
            "with made as (insert into contact"
            " (partner_id, address, address_hash, first_name, fields, created_at)"
            " select l.partner_id, 'crowd' || n || '@example.org',"
            "  sha256(('crowd' || n)::bytea), 'Person ' || n, '{}', now()"
            " from contact_list l, generate_series(1, :n) n where l.id = :list returning id)"
            " insert into list_member (list_id, contact_id) select :list, id from made"
        ),
        {"n": count, "list": list_id},
    )


def _frozen(db, mailing_id, list_id, count):
    with raw_connection(db) as raw:
        raw.execute("truncate message")
    begun = time.perf_counter()
    with db() as work:
        vendor_id = work.session.get_one(Mailing, mailing_id).vendor_id
        people = of_lists([list_id], vendor_id=vendor_id, now=work.now)
        assert freeze(work, mailing_id, people) == count
    return count / (time.perf_counter() - begun)


def _inserted(db, mailing_id, list_id, count):
    with raw_connection(db) as raw:
        raw.execute("truncate message")
    begun = time.perf_counter()
    with db() as work:
        done = work.session.execute(
            text(
                "insert into message (mailing_id, contact_id, due_at, state, address_hash, address)"
                " select :m, c.id, now(), 0, c.address_hash, c.address from contact c"
                " join list_member i on i.contact_id = c.id where i.list_id = :list"
            ),
            {"m": mailing_id, "list": list_id},
        )
        assert done.rowcount == count
    return count / (time.perf_counter() - begun)
