"""Requests pressed against a server of this machine: wrk, else threads of our own."""

import http.client
import itertools
import os
import re
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 16
OWN_THREADS = 4
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}
_SCRIPT = """
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local n = 0
request = function()
  n = n + 1
  return wrk.format("GET", paths[1 + n %% #paths], { Cookie = "%s" })
end
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """Requests, requests a second, milliseconds within which 99 of 100 were answered."""

    count: int
    rate: float
    p99: float


def pressed(tool, port, paths, *, seconds, cookie, folder):
    """Ask for `paths` in turn for so long; every answer must be a 200."""
    check(port, paths[0], cookie)
    if tool.path is None:
        return _by_threads(port, paths, seconds, cookie)
    folder.mkdir(parents=True, exist_ok=True)
    listed, script = folder / "paths", folder / "ask.lua"
    listed.write_text("\n".join(paths) + "\n", encoding="ascii")
    script.write_text(_SCRIPT % (listed, cookie), encoding="ascii")
    done = subprocess.run(
        [
            tool.path, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--latency",
            "--timeout", "30s",
            "-s", str(script), f"http://127.0.0.1:{port}",
        ],
        env=tool.environment, capture_output=True, text=True, check=True, timeout=seconds + 60,
    )  # fmt: skip
    return _read(done.stdout)


def check(port, path, cookie):
    """Fail with what the server says, unless it is a 200; return the body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, answer.status, body[:500])
        return body
    finally:
        connection.close()


def _read(said):
    assert "Non-2xx" not in said, said
    assert "Socket errors" not in said, said
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", said).groups()
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
    count = int(re.search(r"(\d+) requests in", said)[1])
    return Answered(count, rate, float(number) * _UNITS[unit])


def _by_threads(port, paths, seconds, cookie):
    turns = itertools.cycle(paths)
    lock, took, failed = threading.Lock(), [], []
    end = time.perf_counter() + seconds

    def press():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.perf_counter() < end:
            with lock:
                path = next(turns)
            begun = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            took.append(1e3 * (time.perf_counter() - begun))
            if answer.status != 200:
                failed.append(answer.status)
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(OWN_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed[:5]
    assert len(took) > 1, "no answer in time"
    return Answered(len(took), len(took) / seconds, statistics.quantiles(took, n=100)[98])


def processor_s(pid):
    """Seconds of processor that a process and its children have used; 0 without /proc."""
    tree, used = {pid}, 0.0
    ticks = os.sysconf("SC_CLK_TCK")
    for stat in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda path: int(path.parts[2])):
        try:
            facts = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        number = int(stat.parts[2])
        if number in tree or int(facts[1]) in tree:
            tree.add(number)
            used += (int(facts[11]) + int(facts[12])) / ticks
    return used
