"""A launch that has gone out, with its page on the web: what strangers and machines then ask."""

import itertools
from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tcma.delivery.links import Purpose
from tcma.web.app import hits_of
from tests.lived_in import LivedIn
from tests.pages import app_of

_networks = itertools.count(1)


class Elsewhere(FlaskClient):
    """A browser in a network of its own: readers in one network within seconds are a scanner's."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        high, low = divmod(next(_networks), 256)
        self.environ_base["REMOTE_ADDR"] = f"10.{high}.{low}.1"


@dataclass
class Sent:
    """`client()` is a browser nobody is signed in to; each test takes a message of its own."""

    world: LivedIn
    folder: object
    messages: list = field(default_factory=list)
    app: object = None

    @property
    def db(self):
        return self.world.db

    def web(self, folder):
        """A web process of its own, whose visitors come from all over."""
        app = app_of(self.db, folder)
        app.test_client_class = Elsewhere
        return app

    def client(self):
        self.app = self.web(self.folder)
        return self.app.test_client()

    def bring_in(self):
        """What the last browser did with mailed links is in the tables after this."""
        return hits_of(self.app).bring_in()

    def message(self):
        """(number, address) of a mail that no other test has touched."""
        return self.messages.pop()

    def token(self, purpose, message, slot=0):
        return self.db.site.signer.message_token(Purpose(purpose), message, slot)

    def count(self, query, **values):
        with self.db() as work:
            return work.session.scalar(text(query), values)

    def events(self):
        return self.count("SELECT count(*) FROM event")


@pytest.fixture(scope="session")
def sent(lived_copy):
    with lived_copy(public_url="https://tcma.test") as world:
        made = Sent(world, world.services.settings.data)
        with world.db() as work:
            rows = work.session.execute(
                text("SELECT id, address FROM message WHERE address LIKE 'reader%' ORDER BY id")
            )
            made.messages = [tuple(row) for row in rows]
        yield made
