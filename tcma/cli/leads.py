"""Leads from the command line: judge a trained score, read routing rules, ask them what if."""

import argparse
from dataclasses import asdict
from pathlib import Path

from tcma.cli.main import GOOD, WRONG, readable, say, settings_here

PIPE = Path("-")


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


def check_rules(args: argparse.Namespace) -> int:
    """Read routing rules without a database: faults by line, else what they say."""
    from tcma.leads.routing.reading import read
    from tcma.leads.routing.words import sentences

    document = read(readable(args.file).read_text(encoding="utf-8"))
    faults = [asdict(f) for f in document.faults]
    said = sentences(document.rules) if document.rules else []
    words = [str(f) for f in document.faults]
    words += [f"{title}: {sentence}" for title, sentence in said]
    say(args, {"faults": faults, "sentences": said}, "\n".join(words))
    return WRONG if faults else GOOD


def what_if(args: argparse.Namespace) -> int:
    """Decide a vendor's leads of the last quarter again by other rules; nothing is written."""
    from dataclasses import replace

    from tcma.leads import routing_versions
    from tcma.partners.queries import vendor_by_slug
    from tcma.permissions import SYSTEM
    from tcma.wiring import installation

    source = readable(args.file).read_text(encoding="utf-8")
    with installation(settings_here()) as services, services.transaction(SYSTEM) as work:
        vendor = vendor_by_slug(work.session, args.vendor)
        house = replace(SYSTEM, vendor_id=vendor.id)
        trial = routing_versions.try_out(work.session, house, source, now=work.now)
    moved = trial.outcome.changes if trial.outcome else ()
    answer = {
        "ready": trial.ready,
        "faults": [asdict(f) for f in trial.faults],
        "tests": [asdict(t) for t in trial.tests],
        "leads": trial.outcome.leads if trial.outcome else 0,
        "shares": trial.outcome.shares if trial.outcome else [],
        "changes": [asdict(c) for c in moved],
    }
    words = [str(f) for f in trial.faults]
    words += [f"{'passes' if t.ok else 'fails'}: {t.name}: {t.words}" for t in trial.tests]
    words += [f"{c.ref} {c.company}: {c.before} → {c.after}" for c in moved]
    words.append(f"{len(moved)} of {answer['leads']} leads would have gone elsewhere")
    say(args, answer, "\n".join(words))
    return GOOD if trial.ready else WRONG


def record(args: argparse.Namespace) -> int:
    """Take a mail in as a lead; the same mail twice is one."""
    import sys

    from tcma.leads import ways_in
    from tcma.permissions import SYSTEM
    from tcma.wiring import installation

    raw = sys.stdin.buffer.read() if args.file == PIPE else readable(args.file).read_bytes()
    with installation(settings_here()) as services, services.transaction(SYSTEM) as work:
        ref, origin = ways_in.origin_of_ref(work.session, args.key)
        new, done = ways_in.by_mail(work, ref, origin, raw)
        lead = ways_in.lead_ref(work.session, done) if done else None
    answer = {"lead": lead, "new": bool(done and done.is_new), "held": done is None,
              "receipt": new.digest().hex()}  # fmt: skip
    say(args, answer, f"lead {lead}" if lead else "held back: see the desk, Leads, Ways in")
    return GOOD
