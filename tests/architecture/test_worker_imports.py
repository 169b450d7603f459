"""What a worker does not hold: parts of 1 to 8 MB that only other processes or few jobs use."""

import subprocess
import sys

ELSEWHERE = {
    "boto3",
    "charset_normalizer",
    "dns",
    "flask",
    "holidays",
    "markdown_it",
    "numpy",
    "phonenumbers",
    "pikepdf",
    "playwright",
    "puremagic",
    "pygments",
    "python_calamine",
    "rich",
    "segno",
    "sklearn",
    "typst",
    "werkzeug",
    "wtforms",
}
AS_A_WORKER = """
import sys
from workers import main
main.stay_small()
from tcma import wiring
from workers import broker, runtime, scheduler
main.import_handlers()
print(*(name for name, module in sys.modules.items() if module and "." not in name))
told = open("/proc/self/status").read().split("VmHWM:")[1] if sys.platform == "linux" else "0"
print(told.split()[0])
"""
MOST_MB = 128
"""What a worker holds before its first job, 123 on x86-64; sending adds some 22, 150 is the bound."""


def test_a_worker_holds_nothing_that_it_does_not_send_with():
    told = subprocess.run(
        [sys.executable, "-c", AS_A_WORKER], capture_output=True, text=True, check=True
    )
    names, peak = told.stdout.splitlines()
    held = set(names.split())
    assert {"dramatiq", "redis", "tcma", "structlog"} <= held
    assert held & ELSEWHERE == set()
    assert int(peak) / 1024 < MOST_MB


def test_what_is_left_out_can_still_be_asked_for():
    """Another package's transport may use what our own worker does without."""
    asks = "from workers import main; main.stay_small(); import structlog, rich"
    subprocess.run([sys.executable, "-c", asks], check=True)
