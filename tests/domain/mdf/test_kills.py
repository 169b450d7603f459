"""M3: whoever is killed between two statements leaves books as they were, or as they shall be."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.mdf import queries
from tcma.mdf.payments import batches
from tests.services import ROOT

MOVES = {
    "approve_claim": (
        "submitted",
        "approved",
        {"reserved": -100_000, "accrued": 80_000, "fund": 20_000},
    ),
    "settle": ("exported", "settled", {"accrued": -80_000, "paid": 80_000}),
}
"""Each verb: the state before, the state after, and what it moves between pots."""


def about_to_happen(house):
    """A claim to approve, a batch to settle: (act, by whom, to what)."""
    claim = house.claimed(house.proven(house.approved(1_000)), ("1", 800))
    yield "approve_claim", house.mira, claim
    paid = house.decided(house.claimed(house.proven(house.approved(1_000)), ("2", 800)))
    with house.db(house.finn) as work:
        batch = batches.make_batch(work, [queries.claim_by_ref(work.session, house.finn, paid)])
        batches.export_batch(work, batch, payouts=PayoutsPain())
    yield "settle", house.finn, batch.ref


def killed_again_and_again(house):
    """What stood before each act and after each attempt at it, by act."""
    acts = [
        {"act": act, "ref": ref, "who": {k: str(v) if v else None for k, v in asdict(who).items()}}
        for act, who, ref in about_to_happen(house)
    ]
    given = {
        "url": house.db.url,
        "at": house.db.clock.now().isoformat(),
        "files": str(house.db.files.folder),
        "acts": acts,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.domain.mdf.killed"],
        input=json.dumps(given), capture_output=True, text=True, cwd=ROOT, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(zip((each["act"] for each in acts), lines, strict=True))


def test_m3_a_kill_between_any_two_statements_changes_nothing_or_everything(house):
    for act, (before, *killed, lived) in killed_again_and_again(house).items():
        state, state_after, moves = MOVES[act]
        assert len(killed) > 10
        assert [each["killed"] for each in killed] == [True] * len(killed)
        assert before["state"] == state
        for each in killed:
            assert each == before | {"killed": True}
        assert (before["faults"], lived["faults"], lived["state"]) == ([], [], state_after)
        moved = Counter(lived["balances"])
        moved.subtract(before["balances"])
        assert {kind: by for kind, by in moved.items() if by} == moves
