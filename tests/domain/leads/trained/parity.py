"""A stranger's score beside ours: boosted trees tuned by a grid on the columns that do not leak.

What they reach on part of each set stands in `peers.json`, with a digest of the rows and the grid it is of:
`python -m tests.domain.leads.trained.parity` reckons it anew, in some minutes.
"""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np

from tcma.leads.trained.evaluation import evaluate
from tcma.leads.trained.learning import one_thread
from tcma.leads.trained.measures import area, brier
from tcma.leads.trained.table import days_of, numbers_of, read_table, target_of
from tests.domain.leads.trained.made import leads, leaking

PUBLIC = Path(__file__).parents[5] / "shared" / "data" / "sales_data"
IN_TIME = {
    "uci_bank_full_temporal": "",
    "olist_marketing_funnel": "first_contact_date",
    "maven_crm_pipeline_closed": "engage_date",
}
"""Sets that are split by time, and their column of dates; the bank's rows are in order."""
JUDGED = 0.3
MADE = [
    {"name": "made up", "target": "won", "table": leads(2_000, seed=8)},
    {"name": "no signal", "target": "won", "table": leads(2_000, seed=9, signal=0.0)},
    {
        "name": "made up with leaks",
        "target": "won",
        "table": leaking(leads(2_400)),
        "leaking_columns": ["duration", "close_date", "Account no", "x7"],
        "id_columns_dropped": ["Lead ID", "Message", "Vendor"],
    },
]
GRID = {
    "learning_rate": [0.03, 0.1],
    "max_iter": [60, 150],
    "max_leaf_nodes": [7, 31],
    "min_samples_leaf": [20, 60],
}


def public():
    """The public sets with a target, where somebody has put them."""
    listed = PUBLIC / "README.json"
    return [s for s in json.loads(listed.read_text()) if s["target"]] if listed.exists() else []


def sets():
    """What is compared: two tables made up here, and the public ones."""
    return MADE + public()


MOST, QUICK, FOLDS = 4_000, {"max_iter": [60], "max_leaf_nodes": [7, 31], "learning_rate": [0.1]}, 3
WHOLE = {"uci_bank_full_temporal"}
"""Its rate moves so far along its rows that a part of them says nothing about the rest."""
STATED = Path(__file__).parent / "peers.json"


def part_of(one):
    """The rows of a set on which the peer was reckoned: those that teach and those that judge."""
    table = one.get("table") or read_table(PUBLIC / f"{one['name']}_train.csv.gz")
    return halves(one["name"], table, None if one["name"] in WHOLE else MOST)


def digest_of(one, parts):
    """What a stated figure is of: changed when rows, columns left out or grid are."""
    unfit = sorted(
        [one["target"], *one.get("leaking_columns", ()), *one.get("id_columns_dropped", ())]
    )
    said = [[sorted(part.columns.items()) for part in parts], unfit, QUICK, FOLDS]
    return sha256(json.dumps(said).encode()).hexdigest()


def stated(one, parts):
    """(AUC, Brier) of the peer; fails when what is stated is of other rows, or nothing is."""
    found = json.loads(STATED.read_text()).get(one["name"], {})
    assert found.get("of") == digest_of(one, parts), (
        f"no figure is stated for these rows of {one['name']}:"
        " run python -m tests.domain.leads.trained.parity"
    )
    return found["auc"], found["brier"]


def compared(one, *, most=None, grid=GRID, folds=4):
    """Both scores of a set, learnt from the older or drawn part and judged on the other."""
    table = one.get("table") or read_table(PUBLIC / f"{one['name']}_train.csv.gz")
    train, test = halves(one["name"], table, most)
    return evaluate(train, test, target=one["target"]), *peer(one, train, test, grid, folds)


def peer(one, train, test, grid, folds):
    """(AUC, Brier) of the tuned trees on the rows that judge."""
    y, came = (target_of(t.columns[one["target"]], name=one["target"]) for t in (train, test))
    unfit = {one["target"], *one.get("leaking_columns", ()), *one.get("id_columns_dropped", ())}
    gone = [name for name in train.columns if name in unfit]
    chance = tuned(train.without(gone), y, test.without(gone), grid=grid, folds=folds)
    return area(came, chance).auc, brier(came, chance)


def halves(name, table, most):
    """The rows that teach and those that judge; of a long table the newest, or drawn ones."""
    draw = np.random.default_rng(3)
    order = draw.permutation(table.rows)
    if name in IN_TIME:
        days = days_of(table.columns[IN_TIME[name]]) if IN_TIME[name] else np.arange(table.rows)
        order = np.argsort(days, kind="stable")
        order = np.sort(draw.choice(order.size, min(most or order.size, order.size), False))
        order = np.argsort(days, kind="stable")[order]
    order = order[: most or order.size]
    cut = int(order.size * (1 - JUDGED))
    return table.taking(np.sort(order[:cut])), table.taking(np.sort(order[cut:]))


def tuned(train, y, test, *, grid, folds):
    """Chances by scikit-learn's boosted trees, every column as it comes."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import GridSearchCV

    rows, other, is_level = matrices(train, test)
    trees = HistGradientBoostingClassifier(
        categorical_features=is_level, early_stopping=False, random_state=1
    )
    with one_thread():
        search = GridSearchCV(trees, grid, scoring="neg_log_loss", cv=folds).fit(rows, y)
        return search.predict_proba(other)[:, 1]


def matrices(train, test):
    """Numbers as they are, other columns as codes of the 250 commonest cells."""
    rows, other, is_level = [], [], []
    for name, cells in train.columns.items():
        numbers = numbers_of(cells)
        if not np.isnan(numbers[[bool(c) for c in cells]]).any():
            rows.append(numbers)
            other.append(numbers_of(test.columns[name]))
            is_level.append(False)
            continue
        names, counts = np.unique([c for c in cells if c], return_counts=True)
        codes = {str(names[at]): n for n, at in enumerate(np.argsort(-counts)[:250])}
        for kept, table in ((rows, train), (other, test)):
            kept.append(np.array([codes.get(c, np.nan) for c in table.columns[name]]))
        is_level.append(True)
    return np.column_stack(rows), np.column_stack(other), is_level


def main():
    """Reckon every peer and write what they reach."""
    found = {}
    for one in sets():
        parts = part_of(one)
        auc, off = peer(one, *parts, QUICK, FOLDS)
        found[one["name"]] = {
            "auc": round(auc, 4),
            "brier": round(off, 4),
            "of": digest_of(one, parts),
        }
        print(one["name"], found[one["name"]], flush=True)
    STATED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
