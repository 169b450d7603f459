"""The lived-in world: made once per run through the verbs, copied for each process that works in it."""

import fcntl
import pickle
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from tcma.adapters.mail_smtp import SmtpRelay
from tcma.adapters.storage_disk import DiskFiles
from tcma.clock import SystemClock
from tcma.db.work import Site
from tcma.embedded.process import free_port
from tcma.ids import Signer
from tests.lived_in import LivedIn, lived_in
from tests.pages import services_of
from tests.services import World, engine_of
from tests.smtp import SmtpSink
from tests.web.routes import complete

SECRET = b"only-for-tests-only-for-tests-only-for-tests"


@dataclass(frozen=True)
class Told:
    """What is known of a world beside its database and its files."""

    database: str
    public_url: str
    emails: dict
    people: dict
    parts: dict
    mails: list


@contextmanager
def one_of(databases, shared, folder, *, public_url=None):
    """A copy of one's own, with its mails in `world.sink` and `world.mails`.

    `shared` is a folder of the run, `folder` one of the process. Without a public address it is one
    of this machine, on a port that was free when the world was made.
    """
    kept = made_in(databases, shared, public_url)
    told = pickle.loads((kept / "told").read_bytes())  # noqa: S301 - written below
    shutil.copytree(kept / "data", folder, dirs_exist_ok=True)
    with (
        replace(databases, template=told.database).fresh() as url,
        engine_of(url) as engine,
        SmtpSink() as sink,
    ):
        sink.kept += told.mails
        db = _installation(url, engine, folder, told.public_url)
        services = services_of(db, folder, relay=SmtpRelay(sink.url))
        world = LivedIn(db, services, dict(told.emails), dict(told.people), dict(told.parts))
        world.sink, world.mails = sink, told.mails
        yield world


def made_in(databases, shared, public_url):
    """The folder of this run's world; the first who asks makes it, the others wait."""
    kept = shared / f"lived-in-{urlsplit(public_url or '').hostname or 'here'}"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "told").exists():
            here = f"http://127.0.0.1:{free_port()}"
            told = _make(databases, kept / "data", public_url or here)
            (kept / "told").write_bytes(pickle.dumps(told))
    return kept


def _make(databases, folder, public_url):
    url = databases.template_to_be()
    with engine_of(url) as engine, SmtpSink() as sink:
        world = lived_in(_installation(url, engine, folder, public_url), folder, sink)
        complete(world)
    name = engine.url.database
    return Told(name, public_url, world.emails, world.people, world.parts, list(sink.kept))


def _installation(url, engine, folder, public_url):
    site = Site(public_url=public_url, signer=Signer(SECRET), secret=SECRET)
    files = DiskFiles(folder / "files")
    return World(url=url, engine=engine, clock=SystemClock(), site=site, files=files)
