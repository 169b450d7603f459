"""sharp, the picture library of Node, as a peer: installed from npm for the bench alone, and asked
for one banner at a time.
"""

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tcma.embedded.node import path_with_node
from tcma.errors import Unavailable

VERSION = "0.34.5"
SCRIPT = Path(__file__).with_name("peer_sharp.mjs")


@dataclass(slots=True)
class Peer:
    """sharp ready to draw, or `running` None and the `reason` it is not."""

    running: subprocess.Popen | None = None
    reason: str | None = None
    versions: dict[str, str] = field(default_factory=dict)

    def milliseconds(self, times):
        """Draw `times` banners; return the processor time of one."""
        self.running.stdin.write(f"{times}\n")
        self.running.stdin.flush()
        return float(self.running.stdout.readline())


@contextmanager
def sharp(folder, *, art, logo):
    """Start sharp with a banner's art and logo; the package stays in `folder` for the next time."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        environment = dict(os.environ) | {"PATH": path_with_node()}
    except Unavailable as missing:
        yield Peer(reason=f"could not be measured: {missing.message}")
        return
    said = _installed(folder, environment)
    if said:
        yield Peer(reason=f"could not be measured: {said}")
        return
    (folder / "art.jpg").write_bytes(art)
    (folder / "logo.png").write_bytes(logo)
    running = subprocess.Popen(
        ["node", str(SCRIPT), str(folder)],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Peer(running)
    finally:
        running.stdin.close()
        running.wait(timeout=60)
        running.stdout.close()


def _installed(folder, environment):
    """Install; return why it could not be done, else None."""
    if (folder / "node_modules" / "sharp").exists():
        return None
    try:
        done = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), f"sharp@{VERSION}"],
            env=environment, cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "npm install took too long"
    return (
        (done.stderr.strip().splitlines() or ["npm install failed"])[-1]
        if done.returncode
        else None
    )
