"""Which version of a journey somebody enters, and a version as it is walked, read once per process."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.journeys.document import Journey
from tcma.journeys.reading import read
from tcma.library.queries import campaign_source
from tcma.nurture.models import Sequence, SequenceVersion
from tcma.recent import MB, Recent

SLUG = "nurture"
_read = Recent["JourneyVersion"](most=200, octets=8 * MB)


@dataclass(frozen=True, slots=True)
class JourneyVersion:
    """A version that never changes, ready to be walked."""

    id: UUID
    sequence_id: UUID
    no: int
    journey: Journey


def version_by_id(work: Work, version_id: UUID) -> JourneyVersion:
    """Return a version; the same one is read once per process."""
    mark = str(version_id)
    return _read.get(mark) or _read.keep(
        mark, _made(work, work.session.get_one(SequenceVersion, version_id))
    )


def _made(work: Work, row: SequenceVersion) -> JourneyVersion:
    if row.source is None:
        journey = campaign_source(work, row.campaign_version_id).nurture
    else:
        journey = found(read(row.source).journey)
    return JourneyVersion(row.id, row.sequence_id, row.no, journey)


def sequence_of(work: Work, *, vendor_id: UUID, campaign_id: UUID) -> UUID:
    """Return the journey of a campaign, made when it has none yet."""
    fresh = insert(Sequence).values(
        vendor_id=vendor_id, campaign_id=campaign_id, slug=SLUG, created_at=work.now
    )
    work.session.execute(fresh.on_conflict_do_nothing(constraint="sequence_slug"))
    return found(sequence_id_of(work.session, campaign_id))


def sequence_id_of(session: Session, campaign_id: UUID) -> UUID | None:
    """Return the journey of a campaign, None while nobody has entered or published one."""
    return session.scalar(
        select(Sequence.id).where(Sequence.campaign_id == campaign_id, Sequence.slug == SLUG)
    )


def entered(work: Work, sequence_id: UUID, campaign_version_id: UUID) -> JourneyVersion:
    """Return the version that somebody of a page of this campaign version enters.

    The newest that was published and whose mails this campaign version has; without one, what the
    campaign's own nurture.toml says.
    """
    fits = _published_for(work, sequence_id, campaign_version_id)
    return fits or version_by_id(work, own_version(work, sequence_id, campaign_version_id))


def journey_of(work: Work, *, campaign_id: UUID, campaign_version_id: UUID) -> Journey:
    """Return the journey that somebody of a page of this campaign version would enter; writes nothing."""
    sequence_id = sequence_id_of(work.session, campaign_id)
    fits = sequence_id and _published_for(work, sequence_id, campaign_version_id)
    return fits.journey if fits else campaign_source(work, campaign_version_id).nurture


def _published_for(
    work: Work, sequence_id: UUID, campaign_version_id: UUID
) -> JourneyVersion | None:
    has = mails_of(work, campaign_version_id)
    newest_first = (version_by_id(work, each) for each in published(work.session, sequence_id))
    return next((version for version in newest_first if version.journey.mails <= has), None)


def mails_of(work: Work, campaign_version_id: UUID) -> frozenset[str]:
    """Return the nurture mails that a campaign version has."""
    source = campaign_source(work, campaign_version_id)
    return frozenset(mail.key for mail in source.mails if mail.kind == "nurture")


def published(session: Session, sequence_id: UUID) -> list[UUID]:
    """Return the versions published in the studio, newest first."""
    return list(
        session.scalars(
            select(SequenceVersion.id)
            .where(
                SequenceVersion.sequence_id == sequence_id,
                SequenceVersion.published_at.is_not(None),
            )
            .order_by(SequenceVersion.no.desc())
        )
    )


def own_version(work: Work, sequence_id: UUID, campaign_version_id: UUID) -> UUID:
    """Return the version that a campaign version's nurture.toml is, numbered at its first use."""
    own = select(SequenceVersion.id).where(
        SequenceVersion.sequence_id == sequence_id,
        SequenceVersion.campaign_version_id == campaign_version_id,
        SequenceVersion.source.is_(None),
    )
    known = work.session.scalar(own)
    if known is not None:
        return known
    row = SequenceVersion(
        sequence_id=sequence_id,
        vendor_id=work.session.get_one(Sequence, sequence_id).vendor_id,
        campaign_version_id=campaign_version_id,
        no=next_no(work, sequence_id),
        made_at=work.now,
    )
    known = work.session.scalar(own)  # somebody may have been faster while we waited for the number
    if known is not None:
        return known
    work.session.add(row)
    work.session.flush()  # runs name it
    return row.id


def next_no(work: Work, sequence_id: UUID) -> int:
    """Return the next version's number; whoever asks waits until the one before has committed."""
    work.session.execute(select(Sequence.id).where(Sequence.id == sequence_id).with_for_update())
    newest = work.session.scalar(
        select(func.max(SequenceVersion.no)).where(SequenceVersion.sequence_id == sequence_id)
    )
    return (newest or 0) + 1
