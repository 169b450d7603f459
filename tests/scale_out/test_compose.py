"""compose.yaml is well-formed, says what the code reads, and its processes work together."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import text

from tcma.adapters.queue_dramatiq import to_redis
from tcma.config import VARIABLES
from tcma.embedded.process import free_port, spawn
from tcma.jobs import Job
from tests.scale_out.processes import OURS, ROOT, command_of, composed
from tests.services import engine_of


def test_it_fits_the_compose_schema():
    tool = Path(sys.executable).parent / "check-jsonschema"
    told = subprocess.run(
        [tool, "--builtin-schema", "vendor.compose-spec", ROOT / "compose.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout


def test_every_service_has_a_health_check_or_runs_once():
    unchecked = [name for name, service in composed().items() if "healthcheck" not in service]
    assert unchecked == ["migrate"]


def test_everyone_waits_for_the_migration():
    for name in OURS:
        waits = composed()[name]["depends_on"]["migrate"]
        assert waits == {"condition": "service_completed_successfully"}


def test_it_names_every_variable_of_the_configuration_and_no_other():
    assert set(composed()["web"]["environment"]) == {each.name for each in VARIABLES}


def test_the_secret_must_be_given():
    assert re.match(r"\$\{TCMA_SECRET:\?", composed()["web"]["environment"]["TCMA_SECRET"])


@pytest.mark.timeout(400)
def test_the_processes_work_together_and_stop_when_asked(scaled_out):
    with urllib.request.urlopen(f"{scaled_out.base_url}/healthz", timeout=30) as answer:
        assert answer.status == 200
    with Redis.from_url(scaled_out.environment["TCMA_REDIS_URL"]) as redis:
        deadline = time.monotonic() + 60
        while (
            redis.keys("dramatiq:__acks__*") == [] and redis.keys("dramatiq:__heartbeats__") == []
        ):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    for service in ("web", "postbox", "scheduler", "worker"):
        child = scaled_out.children[service]
        code = child.stop(patience=20)
        assert code == 0, f"{service} ended with {code}: {child.said()}"


def test_a_web_process_asked_to_stop_while_it_starts_stops(nobody_yet, tmp_path):
    child = spawn(
        command_of("web"),
        name="hasty web",
        log=tmp_path / "hasty.log",
        env={**nobody_yet.environment, "PORT": str(free_port())},
    )
    deadline = time.monotonic() + 60
    while "Spawning worker-2" not in child.said():
        assert time.monotonic() < deadline, child.said()
        time.sleep(0.005)
    assert child.stop(patience=20) == 0, child.said()


@pytest.mark.timeout(400)
def test_a_job_of_a_killed_worker_is_done_by_another(a_worker):
    """Redis hands the dead worker's wake-up on after the heartbeat timeout."""
    with engine_of(a_worker.environment["TCMA_DATABASE_URL"]) as engine:
        purge = Job.SESSIONS_PURGE
        with engine.connect() as holding:
            holding.execute(text("lock table sign_in_session in access exclusive mode"))
            to_redis(a_worker.environment["TCMA_REDIS_URL"]).send(purge, {})
            wait_until(lambda: waiting_for_a_lock(engine))
            first = waiting_for_a_lock(engine)
            os.kill(a_worker.children["worker"].process.pid, signal.SIGKILL)
            a_worker.start("worker", name="second worker")
            wait_until(lambda: waiting_for_a_lock(engine) - first, seconds=100)
            second = waiting_for_a_lock(engine) - first
        wait_until(lambda: not waiting_for_a_lock(engine))
        assert second, "only the dead worker's own wait was seen"
        assert a_worker.children["second worker"].process.poll() is None


def waiting_for_a_lock(engine):
    with engine.connect() as connection:
        waits = (
            "select pid from pg_locks join pg_stat_activity using (pid)"
            " where not granted and datname = current_database()"
        )
        return set(connection.scalars(text(waits)))


def wait_until(condition, *, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
