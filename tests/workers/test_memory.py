"""A worker does not look through what it has imported for garbage."""

import subprocess
import sys

from tests.services import ROOT

CODE = """
import gc
from workers.main import import_handlers
import_handlers()
print(gc.get_freeze_count(), len(gc.get_objects()))
"""


def test_what_a_worker_has_imported_is_left_out_of_every_look_for_garbage():
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    frozen, watched = map(int, done.stdout.split())
    assert frozen > 100_000 > 10 * watched
