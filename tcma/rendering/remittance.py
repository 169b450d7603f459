"""A remittance advice as PDF, typeset by Typst: tagged, archivable, the same input the same bytes."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.typesetter import Typesetter

LAYOUT = (Path(__file__).parent / "remittance.typ").read_bytes()
MEDIA_TYPE = "application/pdf"
LETTER = frozenset({"US", "CA", "MX", "PH", "CL", "CO"})
"""Countries that print on US Letter."""
FONTS = ("Commissioner", "Readex Pro", "Noto Sans Hebrew", "Noto Sans Devanagari",
         "Noto Sans Thai", "Noto Sans JP", "Noto Sans SC", "Noto Sans KR")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Every word of the sheet, in the order it stands there; sums are spoken already."""

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


def remittance_pdf(advice: Advice, *, at: datetime) -> bytes:
    """Return the sheet as PDF/A-2a and PDF/UA-1; `at` stands in the file as when it was made."""
    words = {"from": "From", "to": "To", "sum": "Sum", "lang": "en", "fonts": FONTS,
             "columns": ("Claim", "Activity", "Claimed", "Paid")}  # fmt: skip
    data = json.dumps(asdict(advice) | words, ensure_ascii=False)
    with tempfile.TemporaryDirectory(prefix="tcma-advice-") as folder:
        layout = Path(folder) / "remittance.typ"
        layout.write_bytes(LAYOUT)
        with Typesetter(BUILT_FONTS) as typesetter:
            return typesetter.pdf(layout, {"data": data}, at=at.replace(microsecond=0))
