"""What tests of two variants brought over all partners of a vendor, campaign by campaign."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.delivery.small_cells import FEWEST
from tcma.launches.models import Launch, LaunchMail, LaunchTrial
from tcma.launches.trial import Arm, Pool, winner_of
from tcma.launches.trials import pool_of
from tcma.launches.voices import VOICE_WORDS, Voice
from tcma.library.models import Campaign
from tcma.permissions import Principal
from tcma.rendering.tokens import fill_text
from tcma.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledTest:
    """A test that several launches may share, with what all of them brought. A and B are told by
    their subjects; where the senders are tested by who speaks, or by the one partner's own names.
    """

    campaign: str
    shown_a: str
    shown_b: str
    pool: Pool
    launches: int
    winner: Arm | None

    @property
    def is_told(self) -> bool:
        """Whether enough people answered both variants to be told of."""
        return min(self.pool.a.did, self.pool.b.did) >= FEWEST


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
                func.max(LaunchTrial.shown_a).label("from_a"),
                func.max(LaunchTrial.shown_b).label("from_b"),
                func.max(LaunchTrial.voice_a).label("voice_a"),
                func.max(LaunchTrial.voice_b).label("voice_b"),
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
                campaign=row.name, shown_a=_shown(row.a, row.from_a, row.voice_a),
                shown_b=_shown(row.b, row.from_b, row.voice_b),
                pool=pool, launches=row.launches, winner=winner_of(pool.a.did, pool.b.did),
            )
        )  # fmt: skip
    return found


def _shown(subject: str, sender: str, voice: str) -> str:
    """What tells a variant from the other."""
    if voice:
        return say("from {whom}", whom=VOICE_WORDS[Voice(voice)])
    return sender or fill_text(subject, {})
