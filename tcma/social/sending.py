"""Posts on their way: the intent before the wire, what came of it after, never twice.

Between the two nothing is held. Who dies in between leaves `sending`; after the lease the network is
asked for the post before anything is sent again. Whether a post may leave is decided as it is taken:
one that may not any more is at most looked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select

from tcma.db.work import Work
from tcma.errors import NotFound
from tcma.jobs import Job
from tcma.library.models import CampaignStop, Page
from tcma.library.rules import PageState
from tcma.library.stops import is_off_the_web
from tcma.partners.standing import is_barred, why_barred
from tcma.ports import SocialAccess, SocialDraft, SocialError, SocialFault, SocialPublished
from tcma.social.accounts import access_of, note_trouble
from tcma.social.models import SocialAccount, SocialPost
from tcma.social.rules import LEASE, SKEW, PostState, next_try
from tcma.words import say

BATCH = 4
GONE = say("Its picture is no longer there.")
ANEW = say("Write the post again.")


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do at a network: publish a draft (after looking for it from `seek` on), or remove.

    Without `may_publish` it is only looked for: an answer was lost, and meanwhile it must not leave.
    """

    post_id: UUID
    account_id: UUID
    access: SocialAccess | None
    draft: SocialDraft | None
    seek: datetime | None
    remove: str = ""
    may_publish: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an errand: where the post stands, that it is gone, or what was wrong. `sought` says
    that the network was asked and has no such post.
    """

    errand: Errand
    published: SocialPublished | None = None
    trouble: SocialError | None = None
    sought: bool = False


def take_due(work: Work, *, batch: int = BATCH) -> list[Errand]:
    """Take what is due, oldest first, and commit to it by the lease."""
    doubt = or_(SocialPost.state == PostState.SENDING, SocialPost.may_stand)
    leaves = _may_leave()
    due = (
        select(SocialPost, leaves)
        .join(SocialAccount, SocialAccount.id == SocialPost.account_id)
        .where(
            SocialPost.due_at <= work.now,
            SocialAccount.ended_at.is_(None),
            or_(SocialPost.state == PostState.POSTED, doubt, leaves),
        )
        .order_by(SocialPost.due_at)
        .limit(batch)
        .with_for_update(skip_locked=True, of=SocialPost)
    )
    taken = (_taken(work, post, may_publish=may) for post, may in work.session.execute(due))
    return [errand for errand in taken if errand]


def _may_leave() -> ColumnElement[bool]:
    """A post goes while its campaign runs, its page is there and its partner may publish."""
    live = exists().where(Page.copy_id == SocialPost.copy_id, Page.state == PageState.LIVE)
    stopped = exists().where(
        CampaignStop.campaign_id == SocialPost.campaign_id, CampaignStop.lifted_at.is_(None)
    )
    return and_(live, ~stopped, ~is_barred(SocialPost.vendor_id, SocialPost.partner_id))


def stop_barred(work: Work) -> int:
    """Stop what waits of partners that their vendor has suspended or parted from, with the reason; return
    how many. What may stand already is looked for first.
    """
    rows = work.session.scalars(
        select(SocialPost)
        .where(
            SocialPost.state == PostState.SCHEDULED,
            SocialPost.due_at.is_not(None),
            ~SocialPost.may_stand,
            is_barred(SocialPost.vendor_id, SocialPost.partner_id),
        )
        .with_for_update(skip_locked=True)
    ).all()
    for post in rows:
        post.state, post.due_at, post.remedy = PostState.STOPPED, None, ""
        post.said = why_barred(work.session, post.vendor_id, post.partner_id)
        _told(work, post, "stopped before it left", reason=post.said)
    return len(rows)


def _taken(work: Work, post: SocialPost, *, may_publish: bool) -> Errand | None:
    account_id = post.account_id
    assert account_id is not None
    access = access_of(work, account_id)
    post.due_at, post.attempts = work.now + LEASE, post.attempts + 1
    if post.state == PostState.POSTED:
        return Errand(post.id, account_id, access, None, None, remove=post.number)
    picture = _picture(work, post)
    died = post.state == PostState.SENDING
    if picture is None and not (died or post.may_stand):
        post.state, post.due_at, post.said, post.remedy = PostState.REFUSED, None, GONE, ANEW
        _told(work, post, "could not be published on a network")
        return None
    seek = post.tried_at if died or post.may_stand else None
    post.state, post.may_stand = PostState.SENDING, seek is not None
    post.tried_at = seek or work.now
    draft = SocialDraft(words=post.words, picture=picture or b"", alt=post.alt)
    since = seek - SKEW if seek else None
    may_publish = may_publish and picture is not None
    return Errand(post.id, account_id, access, draft, since, may_publish=may_publish)


def _picture(work: Work, post: SocialPost) -> bytes | None:
    """Return what a post shows, nothing for one of words; None when the store has it no more."""
    try:
        return work.files.get(post.picture_key) if post.picture_key else b""
    except NotFound:
        return None


def record(work: Work, outcome: Outcome) -> None:
    """Write down what came of an errand."""
    errand = outcome.errand
    post = work.session.get_one(SocialPost, errand.post_id, with_for_update=True)
    note_trouble(work, errand.account_id, _of_the_account(outcome.trouble))
    if errand.draft is None:
        _removed(work, post, outcome)
    elif outcome.published:
        post.state, post.due_at = PostState.POSTED, None
        post.number, post.address = outcome.published.id, outcome.published.address
        post.posted_at, post.may_stand = work.now, False
        post.said = post.remedy = ""
        post.attempts = 0
        _told(work, post, "published on a network")
        work.wake(Job.PROOF_COLLECT)
    elif outcome.trouble:
        _failed(work, post, outcome.trouble, sought=outcome.sought)
    else:  # it is not there, and must not leave now
        post.state, post.due_at, post.may_stand = PostState.SCHEDULED, work.now, False


def _failed(work: Work, post: SocialPost, trouble: SocialError, *, sought: bool) -> None:
    """Say why it does not stand yet, and what is done about it."""
    lost = trouble.fault is SocialFault.LOST or (post.may_stand and not sought)
    again = next_try(post.attempts, work.now, wait_s=trouble.wait_s)
    given_up = trouble.fault in (SocialFault.DENIED, SocialFault.INVALID) or again is None
    post.said, post.remedy, post.may_stand = trouble.words[:300], trouble.remedy, lost
    if given_up:
        post.state, post.due_at = (PostState.UNCERTAIN if lost else PostState.REFUSED), None
        _told(work, post, "could not be published on a network")
        return
    post.state = PostState.SCHEDULED
    post.due_at = max(again, work.now + LEASE) if lost and again else again


def _removed(work: Work, post: SocialPost, outcome: Outcome) -> None:
    trouble = outcome.trouble
    if trouble is None:
        post.state, post.due_at, post.said, post.remedy = PostState.REMOVED, None, "", ""
        _told(work, post, "removed from a network")
        return
    post.said, post.remedy = trouble.words[:300], trouble.remedy
    once_more = trouble.fault not in (SocialFault.DENIED, SocialFault.INVALID)
    post.due_at = next_try(post.attempts, work.now, wait_s=trouble.wait_s) if once_more else None


def _of_the_account(trouble: SocialError | None) -> SocialError | None:
    return trouble if trouble and trouble.fault is SocialFault.DENIED else None


def _told(work: Work, post: SocialPost, verb: str, **facts: Any) -> None:
    work.audit(
        verb,
        "partner_copy",
        post.copy_id,
        vendor_id=post.vendor_id,
        partner_id=post.partner_id,
        network=post.network,
        address=post.address,
        **facts,
    )


def recall(work: Work) -> int:
    """Let posts of recalled pages be removed where they stand; return how many."""
    gone = exists().where(
        Page.copy_id == SocialPost.copy_id,
        or_(Page.state == PageState.RECALLED, is_off_the_web(Page.campaign_id)),
    )
    rows: Sequence[SocialPost] = work.session.scalars(
        select(SocialPost)
        .where(
            SocialPost.state == PostState.POSTED,
            SocialPost.number != "",
            SocialPost.due_at.is_(None),
            SocialPost.attempts == 0,
            gone,
        )
        .limit(50)
        .with_for_update(skip_locked=True)
    ).all()
    for post in rows:
        post.due_at = work.now
    return len(rows)
