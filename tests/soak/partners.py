"""Who sends in a soak: partners of one vendor, each pressing launch once, all of it through the verbs."""

from dataclasses import dataclass, field

from tcma.errors import Conflict, Unavailable
from tcma.launches import actions
from tests.faults.posting import START_S, until
from tests.faults.stage import Stage

POISONED = "p5@poison.example"
"""Whoever makes a mail to this address dies of it; one launch of a soak has it in its list."""


@dataclass
class Partners:
    """Launches in the order they were pressed, as (partner's stage, reference)."""

    db: object
    launches: list = field(default_factory=list)
    stages: list = field(default_factory=list)

    def press(self, count, *, poisoned=False):
        """One more partner launches, to `count` people nobody else has."""
        domain = "poison.example" if poisoned else f"l{len(self.stages)}.example"
        first = self.stages[0] if self.stages else None
        stage = Stage(self.db, count=count, domain=domain, beside=first)
        self.stages.append(stage)
        launch = stage, _asked(lambda: stage.planned(mails="first"))
        self.steer(launch, actions.start_launch)
        self.launches.append(launch)

    def domains(self, last):
        """Where the people of the last launches have their mail: partners' own get letters besides."""
        return tuple(f"@{stage.domain}" for stage, _ in self.launches[-last:])

    def steer(self, launch, verb):
        """Whether the verb was taken; what is over refuses."""
        stage, ref = launch

        def pressed():
            with self.db(stage.alice) as work:
                verb(work, ref)
            return True

        try:
            return _asked(pressed)
        except Conflict:
            return False


def _asked(verb):
    """What a person does whose page says «try again»: verbs are the same twice."""

    def tried():
        try:
            return verb()
        except Unavailable:
            return None

    return until(tried, START_S, every=0.2, what="an answer")
