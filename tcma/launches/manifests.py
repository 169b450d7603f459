"""Signed manifests of what a launch really sent: made once it has begun, kept, given as one archive."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.launches.content import pinned
from tcma.launches.models import Launch, LaunchMail, RenderManifest
from tcma.launches.trial import Arm
from tcma.library.manifests import assets_of
from tcma.library.models import Page, PartnerCopy
from tcma.rendering.studio import Draws, here
from tcma.sealed.keys import signing_key
from tcma.sealed.render_manifest import archive, signed


@dataclass(frozen=True, slots=True)
class Manifest:
    """One asset that left, by its path in the archive."""

    path: str
    sha256: str
    signed_at: datetime


def sign(work: Work, launch_id: UUID, *, draw: Draws = here) -> int:
    """Sign every asset of a launch that has begun; what is signed stays. Return how many are new.

    `draw` makes the pictures and prints that nobody has looked at yet.
    """
    launch = found(work.session.get(Launch, launch_id))
    if launch.started_at is None or _signed(work.session, launch_id):
        return 0
    frozen = work.session.execute(
        select(LaunchMail.mail, LaunchMail.artefact_key)
        .where(
            LaunchMail.launch_id == launch_id,
            LaunchMail.artefact_key.is_not(None),
            LaunchMail.arm == Arm.REST,
        )
        .order_by(LaunchMail.no)
    ).all()
    mails = {mail: str(key).rpartition("/")[2] for mail, key in frozen}
    page = work.session.get(Page, launch.page_id) if launch.page_id else None
    copy = pinned(launch, found(work.session.get(PartnerCopy, launch.copy_id)))
    key = signing_key(work.site.secret)
    rows = []
    page_key = page.key if page else None
    for asset in assets_of(
        work, copy, brand_id=launch.brand_id, page_key=page_key, mails=mails, draw=draw
    ):
        manifest = signed(asset, key=key, at=work.now)
        mark = sha256(asset.content).hexdigest()
        work.files.put(_asset_key(mark), asset.content, "application/octet-stream")
        rows.append(
            {
                "launch_id": launch_id,
                "path": asset.path,
                "sha256": mark,
                "manifest": manifest.decode(),
                "signed_at": work.now,
            }
        )
    work.session.execute(insert(RenderManifest).on_conflict_do_nothing(), rows)
    return len(rows)


def unsigned(session: Session, *, limit: int = 20) -> list[UUID]:
    """Return some launches that have begun and whose assets are not signed yet: any, so that those which
    cannot be keep none of the others waiting.
    """
    has = select(RenderManifest.path).where(RenderManifest.launch_id == Launch.id)
    some = select(Launch.id).where(Launch.started_at.is_not(None), ~has.exists())
    return list(session.scalars(some.order_by(func.random()).limit(limit)))


def manifests_of(session: Session, launch_id: UUID) -> list[Manifest]:
    """Return what is signed of a launch, by path."""
    return [Manifest(row.path, row.sha256, row.signed_at) for row in _signed(session, launch_id)]


def archive_of(work: Work, launch_id: UUID) -> bytes | None:
    """Return a launch's assets and manifests as one zip; None before they are signed."""
    rows = _signed(work.session, launch_id)
    if not rows:
        return None
    files = {
        row.path: (work.files.get(_asset_key(row.sha256)), row.manifest.encode()) for row in rows
    }
    return archive(files, signing_key(work.site.secret).public_key())


def _signed(session: Session, launch_id: UUID) -> list[RenderManifest]:
    wanted = select(RenderManifest).where(RenderManifest.launch_id == launch_id)
    return list(session.scalars(wanted.order_by(RenderManifest.path)))


def _asset_key(mark: str) -> str:
    return f"sent/{mark}"
