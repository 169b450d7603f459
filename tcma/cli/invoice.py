"""Reads an invoice file without a database: the verdict, the reason, the fields."""

import argparse
import json
from decimal import Decimal
from typing import Any

from tcma.cli.main import GOOD, WRONG, readable
from tcma.invoices import reading
from tcma.invoices.record import REJECT


def read(args: argparse.Namespace) -> int:
    """Judge one file and say what stands in it; null where nothing was read."""
    found = reading.read(readable(args.file).read_bytes(), patience=1).read
    fields = found.fields
    answer: dict[str, Any] = {
        "verdict": found.verdict,
        "reason": found.reason,
        "issuer": fields.issuer,
        "number": fields.number,
        "date": fields.date.isoformat() if fields.date else None,
        "currency": fields.currency,
        "net": as_number(fields.net),
        "tax": as_number(fields.tax),
        "total": as_number(fields.total),
    }
    if args.json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        lines = [f"{found.verdict}: {found.reason}"]
        lines += [
            f"{name}: {answer[name]}" for name in list(answer)[2:] if answer[name] is not None
        ]
        print("\n".join(lines))
    return WRONG if found.verdict == REJECT else GOOD


def as_number(amount: Decimal | None) -> float | None:
    """Return an amount as a JSON number; it is shown, never counted with."""
    return None if amount is None else float(amount)
