"""Every job has a handler, every handler is found by a wake-up or a sweep."""

import ast

from tcma.jobs import Job, queue_of
from tests.architecture.sources import python_files, tree_of
from workers.main import import_handlers
from workers.policies import LANES
from workers.runtime import HANDLERS
from workers.schedule import SCHEDULE


def woken():
    """The jobs that a verb wakes somewhere."""
    return {
        ast.unparse(node.args[0])
        for path in python_files("tcma", "workers")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "wake"
        and node.args
    }


def test_every_job_has_a_handler():
    import_handlers()
    assert set(Job) - set(HANDLERS) == set()


def test_every_job_is_woken_or_looked_for():
    scheduled = {f"Job.{entry.job.name}" for entry in SCHEDULE}
    assert {f"Job.{job.name}" for job in Job} - scheduled - woken() == set()


def test_every_job_travels_in_a_lane_that_is_worked_off():
    assert {queue_of(job) for job in Job} <= set(LANES)
