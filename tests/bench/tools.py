"""Other people's measuring tools: the machine's own, else Debian's packages unpacked aside.

Unpacked, never installed: postfix as a package would put a mail server on the machine.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass

PLACES = ("usr/sbin", "usr/bin")
LIBRARIES = ("usr/lib/postfix", f"usr/lib/{os.uname().machine}-linux-gnu")
NEEDS = {
    "smtp-source": ("postfix",),
    "smtp-sink": ("postfix",),
    "wrk": ("wrk", "libluajit-5.1-2"),
}
SAYS_ITSELF = {"smtp-source": [], "smtp-sink": [], "wrk": ["-v"]}


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that runs here, or `path` None and the `reason` it does not."""

    name: str
    path: str | None
    environment: dict[str, str]
    reason: str | None = None


def find(name, folder):
    """Return a tool that starts; unpacks its Debian package into `folder` when there is none."""
    own = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if own:
        return Tool(name, own, dict(os.environ))
    root = folder / "root"
    path = _in(root, name)
    reason = None
    if path is None:
        reason = _unpack(NEEDS[name], folder, root)
        path = _in(root, name)
    if path is None:
        return Tool(name, None, {}, f"{name} is not on this machine ({reason})")
    found = os.pathsep.join(str(root / each) for each in LIBRARIES)
    environment = dict(os.environ) | {"LD_LIBRARY_PATH": found}
    said = _starts(path, SAYS_ITSELF[name], environment)
    if said:
        return Tool(name, None, {}, f"{name} does not start here: {said}")
    return Tool(name, str(path), environment)


def _in(root, name):
    for place in PLACES:
        if (root / place / name).exists():
            return root / place / name
    return None


def _unpack(packages, folder, root):
    """Unpack; return why it could not be done, else None."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return "no apt-get to fetch it with"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            ["apt-get", "download", *packages],
            cwd=folder, capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "apt-get download took too long"
    if done.returncode:
        return f"apt-get download: {done.stderr.strip().splitlines()[-1]}"
    for package in packages:
        for file in folder.glob(f"{package}_*.deb"):
            subprocess.run(["dpkg-deb", "-x", str(file), str(root)], check=True)
    return "its package does not hold it"


def _starts(path, arguments, environment):
    """Return what the loader misses, else None."""
    done = subprocess.run(
        [str(path), *arguments], env=environment, capture_output=True, text=True, check=False
    )
    words = done.stderr.strip()
    return words.splitlines()[-1] if "shared librar" in words else None


def versions(folder):
    """Return the versions of the packages that were unpacked."""
    names = [path.name.split("_")[:2] for path in sorted(folder.glob("*.deb"))]
    return {name: version.replace("%3a", ":") for name, version in names}
