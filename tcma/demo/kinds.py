"""One fund of each kind beside the usual ones: a pot that partners share, a match, points."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from tcma.db.work import Work
from tcma.demo.past import partner_id_of
from tcma.mdf.funds import opening
from tcma.mdf.funds.opening import FundPlan
from tcma.money import Money

SHARED = ("nordhagener", "helianthe")
MATCHED = ("fenwright", Money(600_00, "GBP"))
POINTS = ("nordhagener", Money(900_00, "EUR"))
POT = "Evenings, shared"


def open_kinds(work: Work, vendor_id: UUID, begins: date, ends: date) -> None:
    """Open the three, and let partners of the demo plan with them."""
    half = FundPlan(
        name=f"{POT} {ends.year}",
        total=Money(6_000_00, "EUR"),
        starts_on=begins,
        ends_on=ends,
        share_bps=5_000,
        kind="pooled",
    )
    pot = opening.create_fund(work, half, vendor_id=vendor_id)
    opening.let_in(work, pot, [partner_id_of(work, slug) for slug in SHARED])
    others = (
        (
            replace(
                half,
                name=f"Pound for pound {ends.year}",
                total=Money(9_000_00, "GBP"),
                kind="matched",
            ),
            MATCHED,
        ),
        (
            replace(
                half, name=f"Corbelane points {ends.year}", kind="points", point=Decimal("0.10")
            ),
            POINTS,
        ),
    )
    for plan, (slug, amount) in others:
        fund = opening.create_fund(work, plan, vendor_id=vendor_id)
        opening.allocate(work, fund, partner_id_of(work, slug), amount)
