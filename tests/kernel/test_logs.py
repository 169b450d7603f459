"""What is told of the work must not stop it."""

import errno
import io
import sys

from tcma.logs import StandardError


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
