"""Files a partner's social posts: address, words and picture as they were, into the case file of what
paid for them.
"""

import hashlib
import io
import zipfile
from uuid import UUID

from sqlalchemy import String, cast, exists, func, select
from sqlalchemy.orm import Session

from tcma.db.documents import store_document
from tcma.db.sentences import with_words
from tcma.db.work import Work
from tcma.mdf.case_files.evidence import Evidence
from tcma.mdf.case_files.proofs import attach
from tcma.mdf.models.funding import FundActivity, FundRequest, Proof
from tcma.mdf.rules import PROOF_WORDS, ActivityState, ProofKind, RequestState
from tcma.partners.models import Vendor
from tcma.social.models import SocialPost
from tcma.social.rules import HABITS, Network
from tcma.words import say

BEGAN = "post:"
"""How the source of a proof begins that a post wrote."""


def to_file(session: Session, *, limit: int = 50) -> list[tuple[UUID, UUID]]:
    """Return posts and the approved activities they belong to and are not filed in: same campaign and
    partner, published on a day of the activity by the vendor's clock.
    """
    filed = exists().where(
        Proof.activity_id == FundActivity.id,
        Proof.kind == ProofKind.SOCIAL,
        Proof.source == BEGAN + cast(SocialPost.id, String),
    )
    day = func.date(func.timezone(Vendor.zone, SocialPost.posted_at))
    some = (
        select(SocialPost.id, FundActivity.id)
        .join(
            FundActivity,
            (FundActivity.campaign_id == SocialPost.campaign_id)
            & (FundActivity.partner_id == SocialPost.partner_id),
        )
        .join(FundRequest, FundRequest.id == FundActivity.request_id)
        .join(Vendor, Vendor.id == FundActivity.vendor_id)
        .where(
            SocialPost.posted_at.is_not(None),
            FundRequest.state == RequestState.APPROVED,
            FundActivity.state == ActivityState.APPROVED,
            day.between(FundActivity.starts_on, FundActivity.ends_on),
            ~filed,
        )
        .order_by(SocialPost.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(some)]


def file_post(work: Work, post_id: UUID, activity_id: UUID) -> None:
    """Put a post into a case file; twice is once."""
    post = work.session.get_one(SocialPost, post_id)
    activity = work.session.get_one(FundActivity, activity_id)
    made = evidence_of(work, post)
    document = store_document(
        work,
        kind=f"proof:{made.kind}",
        file_name=made.file_name,
        media_type=made.media_type,
        content=made.content,
        vendor_id=activity.vendor_id,
        partner_id=activity.partner_id,
    )
    detail = with_words(made.words) | {"address": post.address, "sha256": document.sha256}
    source = f"{BEGAN}{post.id}"
    attach(work, activity, document, (made.kind, PROOF_WORDS[made.kind], source, detail))


def evidence_of(work: Work, post: SocialPost) -> Evidence:
    """Return a post as an archive: what was said and where, the picture, and their hashes."""
    name = HABITS[Network(post.network)].name
    said = (
        f"Network: {name}\nAddress: {post.address}\nPublished: {post.posted_at:%Y-%m-%d %H:%M} UTC,"
        f" as {post.posted_by} says\nLeads to: {post.link}\n\n{post.words}\n"
    )
    files = {"post.txt": said.encode()}
    if post.picture_key:
        ending = post.picture_key.rpartition(".")[2]
        files[f"picture.{ending}"] = work.files.get(post.picture_key)
    sums = [f"{hashlib.sha256(data).hexdigest()}  {each}" for each, data in files.items()]
    files["SHA256SUMS"] = ("\n".join(sums) + "\n").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for each, data in files.items():
            archive.writestr(zipfile.ZipInfo(each), data)
    return Evidence(
        ProofKind.SOCIAL,
        f"{post.network}-post-{post.posted_at:%Y-%m-%d}.zip",
        "application/zip",
        out.getvalue(),
        say(
            "{network}, {day:%-d %b %Y}, {address}",
            network=name,
            day=post.posted_at,
            address=post.address,
        ),
    )
