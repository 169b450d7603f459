"""A version's files back from the store, parsed once per process."""

from uuid import UUID

from sqlalchemy import select

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.library.models import CampaignFile, CampaignVersion
from tcma.recent import MB, Recent
from tcma.rendering.source import CampaignSource, load_files

parsed = Recent[CampaignSource](most=24, octets=24 * MB)


def file_key(sha256: str) -> str:
    """Return where the store keeps an author's file."""
    return f"campaigns/{sha256}"


def campaign_files(work: Work, version_id: UUID) -> dict[str, bytes]:
    """Return every file of a version by path."""
    rows = work.session.execute(
        select(CampaignFile.path, CampaignFile.sha256).where(CampaignFile.version_id == version_id)
    )
    return {path: work.files.get(file_key(sha256)) for path, sha256 in rows}


def source_of(work: Work, version_id: UUID) -> CampaignSource:
    """Return a version as its author wrote it; the same content is parsed once per process."""
    content_hash = found(
        work.session.scalar(
            select(CampaignVersion.content_hash).where(CampaignVersion.id == version_id)
        )
    )
    return parsed.get(content_hash) or parsed.keep(
        content_hash, load_files(campaign_files(work, version_id))
    )
