"""Three thousand mails under random faults, as `make soak` sends a million: everybody accounted for."""

import random
import tempfile
from pathlib import Path

import pytest

from tests.soak.running import Plan, soak


@pytest.mark.timeout(600)
def test_s5_s30_whatever_happens_nobody_gets_two_and_nobody_is_lost():
    seed = random.SystemRandom().randrange(10**6)
    plan = Plan(messages=3_000, launch=1_000, workers=2, every_s=0.8, seed=seed)
    with tempfile.TemporaryDirectory(prefix="tcma-soak-") as folder:
        found = soak(plan, Path(folder))
    print(f"seed {seed}\n{found.table()}")
    assert found.wrong == [], (
        f"python -m tests.soak --messages 3000 --launch 1000 --every 0.8 --seed {seed}"
    )
    assert found.kept + sum(row[5] for row in found.rows) >= 3_000
    assert found.faults
