"""The containers of compose.yaml as processes of this machine: same commands, same environment."""

import os
import shutil
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tcma.embedded.process import Child, free_port, spawn

ROOT = Path(__file__).parent.parent.parent
CHECK_S = 1.0
"""Between two looks at a service's health: each is a process, which takes from what it waits for."""
OURS = ("web", "worker", "scheduler", "postbox")


def composed():
    """compose.yaml as data."""
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


@dataclass
class ScaledOut:
    """The running processes; `base_url` is where people would go."""

    base_url: str
    environment: dict[str, str]
    folder: Path
    children: dict[str, Child]

    def start(self, service, *, name=None):
        """Start one more process of a service, as `--scale` would."""
        child = spawn(
            command_of(service),
            name=name or service,
            log=self.folder / f"{name or service}.log",
            env=self.environment,
        )
        self.children[name or service] = child
        return child

    def healthy(self, service, *, seconds=100):
        """Wait until the service's own health check of compose.yaml says yes."""
        deadline = time.monotonic() + seconds
        while not self._check(service):
            child = self.children[service]
            assert child.process.poll() is None, f"{service} ended: {child.said()}"
            assert time.monotonic() < deadline, f"{service} is not healthy: {child.said()}"
            time.sleep(CHECK_S)

    def once(self, service):
        """Run a one-shot service to its end; its exit code."""
        return self.start(service).process.wait(120)

    def stop(self):
        """End what still runs, the newest first."""
        return {name: child.stop() for name, child in reversed(self.children.items())}

    def _check(self, service):
        port = self.environment["PORT"]
        test = [
            word.replace(":8000/", f":{port}/")
            for word in composed()[service]["healthcheck"]["test"]
        ]
        child = spawn(
            on_this_machine(test[1:]),
            name=f"health of {service}",
            log=self.folder / "health.log",
            env=self.environment,
        )
        return child.process.wait(60) == 0


def command_of(service):
    return on_this_machine(composed()[service]["command"])


def on_this_machine(command):
    """The image's PATH begins with its virtual environment, and so does this."""
    beside = Path(sys.executable).parent / command[0]
    return [str(beside) if beside.exists() else shutil.which(command[0]), *command[1:]]


def environment_of(service, values):
    """The variables that compose.yaml gives a service, with this machine's values."""
    named = composed()[service]["environment"]
    assert set(named) == set(values), set(named) ^ set(values)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TCMA_") and k != "PORT"}
    return {**kept, **values}


@contextmanager
def scaled_out(
    *, database_url, redis_url, s3_url, smtp_url, folder, services=OURS, is_migrated=False
):
    """Migrated once, then web, worker and scheduler (or only `services`), each healthy."""
    port = free_port()
    values = {
        "TCMA_DATABASE_URL": database_url,
        "TCMA_REDIS_URL": redis_url,
        "TCMA_FILES_URL": s3_url,
        "TCMA_SMTP_URL": smtp_url,
        "TCMA_MAIL_HOST": "",
        "TCMA_RETURN_MAIL": f"smtp://127.0.0.1:{free_port()}",
        "TCMA_DNS": "",
        "TCMA_INSIDE_HOSTS": "",
        "TCMA_TSA_URL": "",
        "TCMA_TSA_ROOTS": "",
        "TCMA_PROOF_READER_URL": "",
        "TCMA_PROOF_READER_SECRET": "",
        "TCMA_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TCMA_SECRET": "only-for-tests-only-for-tests-only-for-tests",
        "TCMA_DATA": str(folder / "data"),
        "PORT": str(port),
    }
    environments = [environment_of(each, values) for each in (*OURS, "migrate")]
    assert all(each == environments[0] for each in environments)
    environment = environments[0] | {"TMPDIR": str(folder)}  # signs of life of others lie elsewhere
    out = ScaledOut(f"http://127.0.0.1:{port}", environment, folder, {})
    with ExitStack() as stack:
        stack.callback(out.stop)
        if not is_migrated:
            assert out.once("migrate") == 0, out.children["migrate"].said()
        for service in services:
            out.start(service)
        for service in services:
            out.healthy(service)
        yield out
