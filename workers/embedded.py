"""Workers and scheduler as threads of this process: the form of `make run`."""

import threading
from dataclasses import dataclass

from dramatiq import Broker

from tcma.wiring import Services
from workers import main
from workers.broker import Crew, add_middleware
from workers.runtime import Run, register
from workers.scheduler import Scheduler

WAKE_MS = 100  # an idle thread looks this often; the default second is felt


@dataclass(frozen=True, slots=True)
class Embedded:
    """The running threads."""

    crew: Crew
    scheduler: Scheduler
    clockwork: threading.Thread

    def stop(self) -> None:
        """End scheduler and workers; jobs in hand finish, waiting ones stay in their rows."""
        self.scheduler.stop()
        self.clockwork.join(10)
        self.crew.stop()


def start_embedded(services: Services, broker: Broker) -> Embedded:
    """Start threads on `broker`, the in-process one that `services.queue` sends to."""
    main.import_handlers()
    stopping = add_middleware(broker)
    register(broker, Run(services=services, stopping=stopping))
    crew = Crew(broker, timeout_ms=WAKE_MS)
    crew.start()
    scheduler = Scheduler(services.engine, services.queue)
    clockwork = threading.Thread(target=scheduler.run, name="scheduler", daemon=True)
    clockwork.start()
    return Embedded(crew=crew, scheduler=scheduler, clockwork=clockwork)
