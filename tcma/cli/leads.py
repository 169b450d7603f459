"""Leads from the command line: judge a trained score on the reader's own files."""

import argparse
from dataclasses import asdict

from tcma.cli.main import GOOD, readable, say


def evaluate_score(args: argparse.Namespace) -> int:
    """Learn on one file, judge on another. «No ranking» is an answer, so it is good (0)."""
    from tcma.leads.trained.evaluation import evaluate
    from tcma.leads.trained.table import read_table

    train, test = read_table(readable(args.train)), read_table(readable(args.test))
    drop = [name.strip() for name in args.drop.split(",") if name.strip()]
    found = evaluate(train, test, target=args.target.strip(), drop=drop)
    answer = {
        key: round(value, 6) if isinstance(value, float) else value
        for key, value in asdict(found).items()
    }
    say(args, answer, _in_words(answer))
    return GOOD


def _in_words(found: dict[str, object]) -> str:
    figures = (
        f"AUC {found['auc']:.3f}, Brier {found['brier']:.4f}, average precision "
        f"{found['average_precision']:.3f}, best tenth {found['lift_10']:.2f} times the mean"
    )
    rows = f"learnt from {found['train_rows']} rows, judged on {found['test_rows']}"
    lines = [str(found["why"]), figures, f"{found['model']}, {rows}"]
    for title, key in (
        ("refused", "reasons"),
        ("doubtful", "doubtful"),
        ("set aside", "set_aside"),
    ):
        reasons = found[key]
        assert isinstance(reasons, dict)
        lines += [f"{title}: {column} ({reason})" for column, reason in reasons.items()]
    return "\n".join(lines)
