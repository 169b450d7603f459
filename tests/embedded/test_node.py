"""Node for the bundle: the wheel's stands in where the machine has none."""

import os
import subprocess
import sys


def test_without_a_node_on_the_machine_npm_comes_from_the_wheel(tmp_path):
    told = subprocess.run(
        [sys.executable, "-m", "tcma.embedded.node", "npm", "--version"],
        env={**os.environ, "PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    # npm's own start script asks for /bin/sh only, by its full path
    assert told.returncode == 0, told.stderr
    assert int(told.stdout.split(".")[0]) >= 9


def test_the_exit_code_is_the_commands():
    code = "import sys; sys.exit(7)"
    told = subprocess.run(
        [sys.executable, "-m", "tcma.embedded.node", "run", sys.executable, "-c", code], check=False
    )
    assert told.returncode == 7
