"""One lived-in world per test process, to be looked at and rehearsed on, never changed."""

import pytest

from tcma.adapters.storage_disk import DiskFiles
from tcma.clock import SystemClock
from tcma.db.work import Site
from tcma.embedded.process import free_port
from tcma.ids import Signer
from tests.lived_in import lived_in
from tests.services import World, engine_of
from tests.smtp import SmtpSink
from tests.web.rehearsal import rehearsal_of
from tests.web.routes import complete

SECRET = b"only-for-tests-only-for-tests-only-for-tests"


@pytest.fixture(scope="session")
def lived(postgres, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lived-in")
    with postgres.fresh() as url, engine_of(url) as engine, SmtpSink() as sink:
        address = f"http://127.0.0.1:{free_port()}"
        site = Site(public_url=address, signer=Signer(SECRET), secret=SECRET)
        clock, files = SystemClock(), DiskFiles(folder / "files")
        db = World(url=url, engine=engine, clock=clock, site=site, files=files)
        world = lived_in(db, folder, sink)
        complete(world)
        world.mails = list(sink.kept)
        yield world


@pytest.fixture(scope="session")
def rehearsal(lived):
    """The app over the lived-in world, and who is signed in to it; what is sent is undone."""
    return rehearsal_of(lived)
