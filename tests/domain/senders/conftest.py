"""A real name server with an empty zone, and a look through it."""

import pytest

from tcma.adapters.dns import Dns
from tcma.delivery.sender_domains import record_look
from tcma.embedded import names
from tcma.permissions import SYSTEM
from tcma.senders import queries
from tcma.senders.looking import look


class Zone:
    """`zone.publish(db, owner, name)` writes what must stand; `zone.look(db, name)` looks once."""

    def __init__(self, server):
        self.server = server
        self.names = Dns((server.address,), patience=1.0)

    def records(self, db, name):
        with db() as work:
            domain = queries.domain_by_name(work.session, SYSTEM, name)
            return domain.id, queries.records_of(
                work.session, domain, mail_host=work.site.mail_host
            )

    def add(self, name, kind, value):
        names.add(self.server.file, name, kind, value)

    def clear(self):
        self.server.file.write_text("")

    def publish(self, db, name, *, leave_out=()):
        for record in self.records(db, name)[1]:
            if record.kind not in leave_out:
                self.add(record.name, record.type, record.value)

    def look(self, db, name):
        domain_id, records = self.records(db, name)
        seen = look(self.names, records, domain=name)
        with db() as work:
            return record_look(work, domain_id, seen)


@pytest.fixture
def zone(tmp_path):
    server = names.start(tmp_path / "zone.txt")
    yield Zone(server)
    server.stop()
