"""What is told of the work must not stop it."""

import errno
import io
import sys

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from structlog.processors import format_exc_info

from tcma.logs import StandardError, without_rows


class FullDisk(io.StringIO):
    asked = 0

    def write(self, _):
        self.asked += 1
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_event_that_a_full_disk_does_not_take_is_lost_and_nothing_else(monkeypatch):
    disk = FullDisk()
    monkeypatch.setattr(sys, "stderr", disk)
    StandardError().warning("event=full")
    assert disk.asked


def test_a_failed_statement_is_told_of_without_the_people_in_it(db):
    who = "somebody@private.example"
    twice = text("insert into address_change (a) values (:who)")
    with db.engine.connect() as connection:
        connection.execute(text("create temporary table address_change (a text primary key)"))
        connection.execute(twice, {"who": who})
        try:
            connection.execute(twice, {"who": who})
        except IntegrityError as error:
            said = format_exc_info(None, "error", {"exc_info": error})
    assert who in said["exception"]
    told = without_rows(None, "error", said)["exception"]
    assert who not in told
    assert "duplicate key value violates unique constraint" in told
    assert "insert into address_change" in told
