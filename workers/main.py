"""Imports every handler; `python -m workers.main` works off the queues of TCMA_REDIS_URL."""

import ctypes
import gc
import importlib
import os
import pkgutil
import sys
import threading

import workers
from tcma.errors import Invalid
from workers import alive

IDLE_MS = 500  # how long an idle worker thread waits before it looks again
MALLOC = {-8: 2, -3: 256 * 1024, -1: 256 * 1024}
"""M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of malloc.h."""
MACHINERY = {
    "alive",
    "broker",
    "embedded",
    "lookout",
    "main",
    "office",
    "policies",
    "postbox",
    "runtime",
    "schedule",
    "scheduler",
}


def stay_small() -> None:
    """Have the C library give memory back: its threads share two heaps, and a large block goes back
    to the system when it is freed. Without it a worker stays as large as its largest job. Before
    anything else is imported, so that it holds for that, too.
    """
    settings = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc alone has it
    if settings is not None:
        for option, value in MALLOC.items():
            settings(option, value)
    _leave_out_rich()


def _leave_out_rich() -> None:
    """Import structlog without the console it would bring where `rich` is installed; whoever asks for
    `rich` afterwards, such as another package's transport, gets it.
    """
    if "structlog" in sys.modules or "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment] # what cannot be imported
    importlib.import_module("structlog")
    del sys.modules["rich"]


def import_handlers() -> None:
    """Import every module of this package, so that `runtime.HANDLERS` is complete.

    What is imported stays: it is not looked through for garbage again, which took a tenth of a batch.
    """
    for module in pkgutil.iter_modules(workers.__path__):
        if module.name not in MACHINERY:
            importlib.import_module(f"workers.{module.name}")
    gc.freeze()


def main() -> int:
    """Work until SIGTERM; then finish what is in hand and hand the rest back."""
    stay_small()
    from tcma.config import read_settings
    from tcma.wiring import installation
    from workers.broker import Crew, add_middleware, is_away, redis_broker
    from workers.lookout import Lookout
    from workers.policies import PATIENCE, SECOND
    from workers.runtime import Run, register
    from workers.scheduler import until_told

    settings = read_settings(os.environ)
    if settings.redis_url is None:
        raise Invalid(
            "TCMA_REDIS_URL is not set: without Redis the workers are threads of the web process",
            remedy="Set TCMA_REDIS_URL, or start everything with `make run`.",
        )
    import_handlers()
    broker = redis_broker(settings.redis_url)
    with installation(settings) as services:
        run = Run(services=services, stopping=add_middleware(broker))
        register(broker, run)
        crew = Crew(broker, timeout_ms=IDLE_MS)
        lookout = Lookout(run, lambda: is_away(broker))
        told = threading.Event()
        until_told(told.set)
        crew.start()
        lookout.start()
        alive.beat("worker")
        while not told.wait(alive.EVERY):
            alive.beat("worker")
        lookout.stop()
        crew.stop()
        lookout.join(PATIENCE / SECOND)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
