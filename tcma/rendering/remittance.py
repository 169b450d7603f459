"""A remittance advice as PDF, typeset by Typst: tagged, archivable, the same input the same bytes."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.typesetter import Typesetter
from tcma.words import LANGUAGES, SOURCE, in_language, say

LAYOUT = (Path(__file__).parent / "remittance.typ").read_bytes()
MEDIA_TYPE = "application/pdf"
LETTER = frozenset({"US", "CA", "MX", "PH", "CL", "CO"})
"""Countries that print on US Letter."""
FONTS = ("Commissioner", "Readex Pro", "Noto Sans Hebrew", "Noto Sans Devanagari",
         "Noto Sans Thai", "Noto Sans JP", "Noto Sans SC", "Noto Sans KR")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Every word of the sheet, in the order it stands there, and the language it is told in."""

    title: str
    lead: str
    paper: str
    vendor: Sequence[str]
    partner: Sequence[str]
    facts: Sequence[tuple[str, str]]
    lines: Sequence[tuple[str, str, str, str, str]]
    total: str
    note: str
    footer: str
    language: str = SOURCE


def remittance_pdf(advice: Advice, *, at: datetime) -> bytes:
    """Return the sheet as PDF/A-2a and PDF/UA-1; `at` stands in the file as when it was made."""
    words = asdict(advice) | {
        "from": say("From"),
        "to": say("To"),
        "sum": say("Sum"),
        "columns": (say("Claim"), say("Activity"), say("Claimed"), say("Paid")),
    }
    known = advice.language if advice.language in LANGUAGES else SOURCE
    told = _told(words, advice.language) | {"lang": known, "fonts": FONTS}
    data = json.dumps(told, ensure_ascii=False)
    with tempfile.TemporaryDirectory(prefix="tcma-advice-") as folder:
        layout = Path(folder) / "remittance.typ"
        layout.write_bytes(LAYOUT)
        with Typesetter(BUILT_FONTS) as typesetter:
            return typesetter.pdf(layout, {"data": data}, at=at.replace(microsecond=0))


def _told(words: Any, language: str) -> Any:
    if isinstance(words, dict):
        return {name: _told(each, language) for name, each in words.items()}
    if isinstance(words, list | tuple):
        return [_told(each, language) for each in words]
    return in_language(words, language)
