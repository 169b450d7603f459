"""A headless Chromium: the machine's, else Debian's package as root, else Playwright's own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tcma.errors import Unavailable

NAMES = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
)  # fmt: skip
"""The one without windows first: it starts with half the work and draws with two thirds of it."""
PACKAGES = ("chromium-headless-shell", "chromium")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
)  # fmt: skip


def find() -> str | None:
    """Return the path of a Chromium that is already here, or None."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return _of_playwright()


def ensure() -> str:
    """Return the path of a Chromium, installing one when there is none.

    Raises Unavailable with what was tried, what each said, and the remedy.
    """
    if path := find():
        return path
    tried: list[str] = []
    for command in _ways():
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
        if done.returncode == 0 and (path := find()):
            return path
        tried.append(f"`{' '.join(command)}`: {(done.stderr or done.stdout).strip()[-300:]}")
    raise Unavailable(
        "no Chromium on this machine and none could be installed. " + " ".join(tried),
        remedy="install the package `chromium` (apt install chromium), then run the command again",
    )


def main() -> int:
    """Install a Chromium when there is none; part of `make test`."""
    try:
        print(ensure())
    except Unavailable as error:
        print(f"{error.message}\n{error.remedy}", file=sys.stderr)
        return 1
    return 0


def _ways() -> list[list[str]]:
    ways = []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install = "apt-get install -y --no-install-recommends"
        said = " || ".join(f"{install} {name}" for name in PACKAGES)
        ways += [["sh", "-c", said], ["sh", "-c", f"apt-get update && ({said})"]]
    return [*ways, [sys.executable, "-m", "playwright", "install", "chromium"]]


def _of_playwright() -> str | None:
    """Playwright's own download, when it is there and its libraries are too."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    code = (
        "from playwright.sync_api import sync_playwright as s\n"
        "with s() as p: print(p.chromium.executable_path)"
    )
    del sync_playwright  # its loop must not start in this process
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    path = told.stdout.strip()
    if not path or not Path(path).exists():
        return None
    starts = subprocess.run(
        [path, "--headless", "--no-sandbox", "--version"], capture_output=True, check=False
    )
    return path if starts.returncode == 0 else None


if __name__ == "__main__":
    raise SystemExit(main())
