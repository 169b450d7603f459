"""Reads a paper: in a process of its own that may be stopped, so no file can stop the house."""

import base64
import datetime as dt
import json
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tcma.invoices.proofs import ProofSeen, packed, seen_of
from tcma.invoices.record import ACCEPT, NAMES, REJECT, Belief, Fields, Read

SECONDS = 3
"""How long one file may take, in seconds of the clock and of the processor."""
_ROOT = str(Path(__file__).resolve().parents[2])
_SAID_MOST = 6_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, with the preview and the marks that find a second copy."""

    read: Read
    picture: bytes = b""
    picture_mark: str = ""
    words_mark: str = ""
    doubt: str = ""


def read_proof(content: bytes, logos: list[bytes], *, patience: int = 0) -> ProofSeen:
    """Return what a proof shows and whether one of `logos` (PNG) stands in it; its limits are those of `read`."""
    said, stopped = _said(content, wanted="proof", patience=patience, beside=packed(logos))
    return seen_of(said, _broken(stopped=stopped))


def draw_proof(content: bytes, *, patience: int = 0) -> ProofSeen:
    """Return what a proof looks like, unread; its limits are those of `read`."""
    said, stopped = _said(content, wanted="drawn", patience=patience)
    return seen_of(said, _broken(stopped=stopped))


def read(content: bytes, *, picture: bool = False, patience: int = 0) -> Reading:
    """Read one file; never raises for what is in it, never takes longer than its seconds.

    `patience` are seconds of the clock beyond `SECONDS`, for a machine that has much to do.
    """
    said, stopped = _said(content, wanted="picture" if picture else "fields", patience=patience)
    if "refused" in said:
        return Reading(Read(REJECT, said["refused"], kind=said.get("kind", "")))
    if "fields" not in said:
        return Reading(Read(REJECT, _broken(stopped=stopped), kind=said.get("kind", "")))
    doubt = said.get("doubt", "")
    return Reading(
        Read(
            ACCEPT,
            " ".join(filter(None, (said["source"], doubt))),
            kind=said["kind"],
            source=said["source"],
            pages=said["pages"],
            fields=fields_from(said["fields"]),
        ),
        picture=base64.b64decode(said.get("picture", "")),
        picture_mark=said.get("mark", ""),
        words_mark=said.get("words", ""),
        doubt=doubt,
    )


def _broken(*, stopped: bool) -> str:
    what = "takes too long to open" if stopped else "breaks what reads it"
    return f"The file {what}. Save it as a plain PDF."


def _said(
    content: bytes, *, wanted: str, patience: int, beside: bytes = b""
) -> tuple[dict[str, Any], bool]:
    command = [sys.executable, "-s", "-B", "-m", "tcma.invoices.child", str(SECONDS)]
    stopped = False
    try:
        done = subprocess.run(
            [*command, wanted, str(len(content))],
            input=content + beside,
            capture_output=True,
            timeout=SECONDS + patience,
            check=False,
            cwd="/",
            env={
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "PYTHONPATH": _ROOT,
                "LC_ALL": "C.UTF-8",
                "OPENBLAS_NUM_THREADS": "1",
            },
        )
        out = done.stdout
        stopped = done.returncode < 0
    except subprocess.TimeoutExpired as late:
        out, stopped = late.stdout or b"", True
    said: dict[str, Any] = {}
    for line in out[:_SAID_MOST].splitlines():
        try:
            said.update(json.loads(line))
        except ValueError:
            break
    return said, stopped


def fields_from(plain: dict[str, Any]) -> Fields:
    """Return the fields of their plain form."""
    values: dict[str, Any] = {name: plain.get(name) for name in NAMES}
    for name in ("net", "tax", "total"):
        values[name] = None if values[name] is None else Decimal(values[name])
    if values["date"]:
        values["date"] = dt.date.fromisoformat(values["date"])
    belief = {name: Belief(word) for name, word in plain.get("belief", {}).items()}
    return Fields(**values, credit_note=bool(plain.get("credit_note")), belief=belief)


def plain_of(fields: Fields) -> dict[str, Any]:
    """Return fields as they are stored: text, and None where nothing was read."""
    values = {name: getattr(fields, name) for name in NAMES}
    plain: dict[str, Any] = {k: None if v is None else str(v) for k, v in values.items()}
    plain["belief"] = {name: word.value for name, word in fields.belief.items()}
    plain["credit_note"] = fields.credit_note
    return plain
