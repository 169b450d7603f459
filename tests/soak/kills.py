"""Thirty thousand mails by two workers, one of them killed six times: `make soak`.

Not collected by `make test`; its file is named on the command line. TCMA_SOAK=2 doubles it.
"""

import random
import time

import pytest

from tests.faults.posting import a_mailing, until
from tests.faults.test_kills import accounted, at_rest
from workers.lines import LINES

MAILS, KILLS, WORKERS = 30_000, 6, 2
MOST_S = 1_800


@pytest.mark.timeout(MOST_S + 300)
def test_thirty_thousand_mails_survive_six_kills(real, plant, sink, soak):
    seed = random.SystemRandom().randrange(10**6)
    dice = random.Random(seed)
    print("seed", seed)
    count = MAILS * soak
    with real() as work:
        mailing_id = a_mailing(work, count, size=100)
    plant.start("workers.scheduler")
    workers = [plant.start() for _ in range(WORKERS)]
    begun = time.monotonic()
    for due in sorted(dice.sample(range(count // 50, count - count // 10), KILLS)):
        until(lambda due=due: sink.count() >= due, MOST_S, every=0.01, what=f"mail {due}")
        time.sleep(dice.uniform(0.0, 0.25))
        victim = workers.pop(dice.randrange(len(workers)))
        victim.kill()
        victim.wait()
        workers.append(plant.start())
        print(f"killed at {sink.count()} after {time.monotonic() - begun:.1f} s")
    until(lambda: at_rest(real), MOST_S, every=0.5, what="rest")
    found = accounted(real, mailing_id, sink, expected=count, doubtful=KILLS * LINES)
    print(f"{time.monotonic() - begun:.0f} s, sent {found.sent}, uncertain {found.uncertain}")
