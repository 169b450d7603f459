"""The trained score beside boosted trees tuned by a grid: AUC and Brier of each set, whole."""

from tests.bench.figures import Figure
from tests.bench.limits import less_than_peer_by, more_than_peer_by
from tests.domain.leads.trained.parity import GRID, MADE, compared, sets

QUICK = {"max_iter": [30]}


def measure(ground):
    """Our score and the tuned one, set by set; quickly, only on what is made up here."""
    quick = ground.size.rounds == 1
    for one in MADE[:1] if quick else sets():
        ours, auc, brier = compared(one, most=600 if quick else None, grid=QUICK if quick else GRID)
        said = one["name"] if ours.ranking_shown else f"{one['name']} (no ranking is shown)"
        peer = "scikit-learn's boosted trees, the best of a grid"
        yield Figure(
            name=f"score.auc, {said}", value=ours.auc, unit="AUC", peer=peer, peer_value=auc,
            bound=less_than_peer_by(0.01),
        )  # fmt: skip
        yield Figure(
            name=f"score.brier, {said}", value=ours.brier, unit="Brier", peer=peer,
            peer_value=brier, bound=more_than_peer_by(0.005),
        )  # fmt: skip
