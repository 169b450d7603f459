"""Harmless twins of ports: a queue that keeps what it was given."""

from dataclasses import dataclass, field

from tcma.jobs import Job


@dataclass
class KeptQueue:
    """JobQueue that keeps every wake-up in order; `of(job)` reads one kind back."""

    sent: list[tuple[Job, dict[str, str]]] = field(default_factory=list)

    def send(self, job, ids):
        self.sent.append((job, dict(ids)))

    def of(self, job):
        return [ids for kind, ids in self.sent if kind is job]
