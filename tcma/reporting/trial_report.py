"""What tests of two variants brought over all partners of a vendor, campaign by campaign."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.launches.models import Launch, LaunchMail, LaunchTrial
from tcma.launches.trial import Arm, Pool, winner_of
from tcma.launches.trials import pool_of
from tcma.library.models import Campaign
from tcma.permissions import Principal
from tcma.rendering.tokens import fill_text

FEW = 5
"""Counts below this are not told across partners: they would point at single people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledTest:
    """A test that several launches may share, with what all of them brought."""

    campaign: str
    subject_a: str
    subject_b: str
    pool: Pool
    launches: int
    winner: Arm | None

    @property
    def is_told(self) -> bool:
        """Whether enough people answered both variants to be told of."""
        return min(self.pool.a.did, self.pool.b.did) >= FEW


def pooled_tests(session: Session, principal: Principal) -> list[PooledTest]:
    """Return a vendor's tests that have begun, by campaign and age."""
    subject = func.max(LaunchMail.subject)
    rows = session.execute(
        visible(
            select(
                LaunchTrial.mark,
                Campaign.name,
                subject.filter(LaunchMail.arm == Arm.A).label("a"),
                subject.filter(LaunchMail.arm == Arm.B).label("b"),
                func.count(Launch.id.distinct()).label("launches"),
            )
            .join(Launch, Launch.id == LaunchTrial.launch_id)
            .join(Campaign, Campaign.id == Launch.campaign_id)
            .join(LaunchMail, LaunchMail.launch_id == Launch.id),
            principal,
            Launch,
        )
        .where(LaunchTrial.mark.is_not(None), LaunchMail.arm != Arm.REST)
        .group_by(LaunchTrial.mark, Campaign.name)
        .order_by(Campaign.name, func.min(Launch.started_at))
    ).all()
    found = []
    for row in rows:
        pool = pool_of(session, row.mark)
        found.append(
            PooledTest(
                campaign=row.name, subject_a=fill_text(row.a, {}), subject_b=fill_text(row.b, {}),
                pool=pool, launches=row.launches, winner=winner_of(pool.a.did, pool.b.did),
            )
        )  # fmt: skip
    return found
