"""`tcma up` as a person starts it: a process with its own data folder, port and caught mail."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from tcma.embedded import catcher
from tcma.embedded.mailbox import Mailbox
from tcma.embedded.process import Child, free_port, spawn, wait_until
from tests.fakes import BROKER
from tests.services import ROOT

TCMA = Path(sys.executable).parent / "tcma"
LINK = re.compile(r"https?://[^\s\"'<>)]+")


@dataclass(frozen=True)
class Installation:
    """A running product: where it answers, where its data is."""

    base_url: str
    data: Path
    environment: dict
    child: Child

    def mails_to(self, address):
        """Every caught mail to an address, oldest first."""
        box = Mailbox(catcher.folder_of(self.data))
        found = box.newest(limit=500, containing=address)
        return [message_from_bytes(box.read(each.key), policy=policy.default) for each in found][
            ::-1
        ]

    def wait_for_mail(self, address, *, having="", seconds=30):
        """The first mail to an address whose plain text holds `having`."""
        deadline = time.monotonic() + seconds
        while True:
            for mail in self.mails_to(address):
                if having in plain(mail):
                    return mail
            assert time.monotonic() < deadline, f"no mail to {address} with “{having}”"
            time.sleep(0.2)

    def command(self, *words):
        """Run the command line on the same data; the answer of `--json`."""
        told = subprocess.run(
            [TCMA, *words, "--json"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        return json.loads(told.stdout)


def plain(mail):
    part = mail.get_body(("plain",))
    return part.get_content() if part else ""


def link_in(mail, path):
    """The local address of the first link of a mail whose path begins with `path`."""
    body = plain(mail) + mail.get_body(("html", "plain")).get_content().replace("&amp;", "&")
    for url in LINK.findall(body):
        local = "/" + url.split("/", 3)[-1]
        if local.startswith(path):
            return local
    raise AssertionError(f"no link to {path} in “{mail['Subject']}”")


@contextmanager
def installation(folder):
    """Start `tcma up`, lend it, end it as Ctrl-C would; it must end cleanly."""
    port = free_port()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TCMA_")}
    environment = {**kept, "TCMA_DATA": str(folder / "data"), "PORT": str(port)}
    product = [TCMA]
    if BROKER.is_unruly:
        product = [sys.executable, "-m", "tests.journeys.unruly"]
        environment |= {"UNRULY_BROKER": str(BROKER.seed), "PYTHONPATH": str(ROOT)}
    child = spawn([*product, "up"], name="tcma up", log=folder / "up.log", env=environment)
    base_url = f"http://127.0.0.1:{port}"
    try:
        wait_until(child, lambda: answers(f"{base_url}/healthz"), seconds=300)
        yield Installation(base_url, folder / "data", environment, child)
    finally:
        code = child.stop(patience=30)
    assert code == 0, child.said()
    assert "Traceback" not in child.log.read_text(), child.said()


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
