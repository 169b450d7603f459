"""Draws one SVG in a process of its own, because a drawing can be made to take for ever.

Run as a script: a JSON line {"width", "height", "fonts"} and the markup come in, a PNG goes out.
"""

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path

CPU_SECONDS = 4
WALL_SECONDS = 15
MEMORY = 1_500_000_000
TOO_LONG = "Drawing this SVG takes longer than 4 seconds."


class NotDrawnError(Exception):
    """The sentence for the person who uploaded it."""


def rasterise(markup: str, *, width: int | None, height: int | None, fonts: bool) -> bytes:
    """PNG of a checked SVG, at the size given or its own; raises NotDrawnError.

    The child may use 4 s of processor time (15 s by the clock, for a busy machine) and 1.5 GB of
    address space, and opens no network address: the markup was checked for that before. `fonts` loads the machine's typefaces.
    """
    head = json.dumps({"width": width, "height": height, "fonts": fonts})
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(Path(__file__))],
            input=f"{head}\n{markup}".encode(),
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise NotDrawnError(TOO_LONG) from late
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise NotDrawnError(TOO_LONG)
    if done.returncode != 0 or not done.stdout:
        reason = done.stderr.decode(errors="replace").strip().rsplit("\n", 1)[-1][:200]
        raise NotDrawnError(f"This SVG cannot be drawn. {reason}".strip())
    return done.stdout


def _child() -> None:
    import resvg_py

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    head, _, markup = sys.stdin.buffer.read().decode().partition("\n")
    order = json.loads(head)
    png = resvg_py.svg_to_bytes(
        svg_string=markup,
        width=order["width"],
        height=order["height"],
        dpi=96.0,
        skip_system_fonts=not order["fonts"],
    )
    sys.stdout.buffer.write(bytes(png))


if __name__ == "__main__":
    try:
        _child()
    except (ValueError, MemoryError) as broken:
        sys.exit(str(broken))
