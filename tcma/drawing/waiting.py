"""Pictures that are drawn while nobody waits: asked for, taken by a worker, told by a webhook."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from tcma.db.references import next_reference
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.drawing import keys
from tcma.drawing.calls import Call, drawn, locked
from tcma.drawing.keys import Scope
from tcma.drawing.models import ImageJob
from tcma.drawing.rules import KEPT, LEASE, LONGEST_DATA, MOST_TRIES, JobState
from tcma.drawing.signed import signed_address
from tcma.errors import Conflict, Invalid, NotFound, TcmaError, Unavailable
from tcma.jobs import Job
from tcma.library.pictures import Drawn
from tcma.outbox import actions as outbox
from tcma.outbox.queries import names as webhook_names
from tcma.outbox.rules import Event
from tcma.rendering.studio import Draws


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A picture that was asked for; `address` and facts stand there once it is drawn."""

    ref: str
    state: JobState
    echo: dict[str, Any]
    result: dict[str, Any]
    asked_at: datetime
    done_at: datetime | None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of drawing one: the picture's key and facts, or why it was refused."""

    job_id: UUID
    file_key: str
    result: dict[str, Any]


def ask_for(  # noqa: PLR0913 - what a caller may say
    work: Work,
    scope: Scope,
    call: Call,
    *,
    external_id: str = "",
    echo: Mapping[str, Any] | None = None,
    webhook: str = "",
) -> JobView:
    """Put a picture in line; the same `external_id` again is the same picture.

    Raises Conflict when it came before with another content, Invalid for an unknown webhook.
    """
    echo = dict(echo or {})
    refuse_long(echo)
    if webhook and webhook not in webhook_names(work.session, scope.vendor_id):
        message = f"There is no webhook “{webhook}”. The channel manager sets it up under Ways out."
        raise Invalid(message, code="images.webhook", fields={"webhook": message})
    key_id = found(scope.key_id)
    asked = [str(call.template), call.partner, call.language, call.values, echo, webhook]
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()
    known = external_id and work.session.scalar(
        select(ImageJob).where(ImageJob.key_id == key_id, ImageJob.external_id == external_id)
    )
    if known:
        if known.digest != digest:
            raise Conflict(
                "This id came before with another content.",
                code="images.id",
                remedy="Send a new id for a new picture.",
            )
        return _view(known)
    job = ImageJob(
        ref=next_reference(work, "PIC"),
        key_id=key_id,
        vendor_id=call.vendor_id,
        partner_id=call.partner_id,
        version_id=call.version_id,
        picture=call.image.name,
        language=call.language,
        slots=call.values,
        brand_id=call.brand_id,
        echo=echo,
        webhook=webhook,
        external_id=external_id or None,
        digest=digest,
        state=JobState.WAITING,
        result={"template": str(call.template)},
        due_at=work.now,
        asked_at=work.now,
    )
    work.session.add(job)
    work.wake(Job.IMAGE_DRAW)
    return _view(job, is_new=True)


def refuse_long(echo: Mapping[str, Any]) -> None:
    """Raise Invalid for more than may be echoed."""
    if len(json.dumps(echo).encode()) > LONGEST_DATA:
        message = f"At most {LONGEST_DATA} octets of JSON come back."
        raise Invalid(message, code="images.metadata", fields={"metadata": message})


def job_by_ref(work: Work, scope: Scope, ref: str) -> JobView:
    """Return a picture that was asked for; NotFound outside the scope."""
    return _view(_job(work, scope, ref))


def picture_of_job(work: Work, scope: Scope, ref: str) -> Drawn:
    """Return the picture itself; Conflict while it is not drawn, NotFound once it is recalled."""
    job = _job(work, scope, ref)
    if job.state != JobState.DONE:
        raise Conflict(
            f"This picture is {job.state}.", code="images.not_drawn",
            remedy="Ask for its state first.",
        )  # fmt: skip
    return drawn(work, _call(work, scope, job))


def _job(work: Work, scope: Scope, ref: str) -> ImageJob:
    query = select(ImageJob).where(ImageJob.ref == ref, ImageJob.vendor_id == scope.vendor_id)
    job = found(work.session.scalar(query))
    own = keys.scope_of_key(work.session, job.key_id)
    mine = job.key_id == scope.key_id or (
        own is not None
        and own.campaign_id == scope.campaign_id
        and scope.picture in ("", job.picture)
        and scope.partner_id in (None, job.partner_id)
    )
    if not mine:
        raise NotFound
    return job


def take_due(work: Work) -> UUID | None:
    """Lease the picture that waits longest; None when none is due."""
    due = (
        select(ImageJob)
        .where(ImageJob.state == JobState.WAITING, ImageJob.due_at <= work.now)
        .order_by(ImageJob.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job = work.session.scalar(due)
    if job is None:
        return None
    job.due_at, job.attempts = work.now + LEASE, job.attempts + 1
    return job.id


def draw_job(work: Work, job_id: UUID, draw: Draws) -> Outcome:
    """Draw one; a refusal is an outcome, too. Nothing is claimed meanwhile.

    Raises Unavailable while files cannot be had: it is drawn later then (`take_due`), or given up.
    """
    job = work.session.get_one(ImageJob, job_id)
    scope = keys.scope_of_key(work.session, job.key_id)
    try:
        if scope is None:
            raise NotFound("The key was ended.", code="images.key")
        if job.attempts > MOST_TRIES:
            raise Conflict("It could not be drawn.", code="images.tries")
        call = _call(work, scope, job)
        made = drawn(work, call, draw)
    except Unavailable:
        raise
    except TcmaError as error:
        fields = error.fields if isinstance(error, Invalid) else {}
        problem = {"type": error.code, "title": error.message, "detail": error.remedy or ""}
        return Outcome(job_id, "", {"problem": problem | ({"fields": fields} if fields else {})})
    address, until = signed_address(work, scope, call)
    facts = facts_of(made) | {"url": address, "expires_at": until.isoformat()}
    return Outcome(job_id, made.key, facts)


def facts_of(made: Drawn) -> dict[str, Any]:
    """Return what a caller is told of a picture; the same input has the same `sha256`."""
    return {
        "width": made.width,
        "height": made.height,
        "media_type": made.media_type,
        "bytes": len(made.data),
        "sha256": hashlib.sha256(made.data).hexdigest(),
    }


def record(work: Work, outcome: Outcome) -> None:
    """Write down what came of one, once, and put it into the outbox of the webhook it named."""
    job = work.session.get(ImageJob, outcome.job_id, with_for_update=True)
    if job is None or job.state != JobState.WAITING:
        return
    job.state = JobState.DONE if outcome.file_key else JobState.REFUSED
    job.file_key, job.due_at, job.done_at = outcome.file_key or None, None, work.now
    job.result = job.result | outcome.result
    if job.webhook:
        outbox.publish_to(
            work,
            job.vendor_id,
            job.webhook,
            event=Event.IMAGE_DONE if outcome.file_key else Event.IMAGE_REFUSED,
            key=f"image:{job.ref}",
            data=told(_view(job)),
            subject_id=None,
        )


def told(view: JobView) -> dict[str, Any]:
    """Return a picture that was asked for as JSON says it, to whoever polls and to a webhook."""
    return {"id": view.ref, "state": view.state.value, "metadata": view.echo} | view.result


def drop_old(work: Work) -> None:
    """Forget pictures that were asked for long ago; what was drawn stays in the store."""
    work.session.execute(
        delete(ImageJob).where(
            ImageJob.state != JobState.WAITING, ImageJob.asked_at < work.now - KEPT
        )
    )


def _call(work: Work, scope: Scope, job: ImageJob) -> Call:
    return locked(
        work,
        scope,
        version_id=job.version_id,
        picture=job.picture,
        partner_id=job.partner_id,
        brand_id=job.brand_id,
        language=job.language,
        values=job.slots,
    )


def _view(job: ImageJob, *, is_new: bool = False) -> JobView:
    return JobView(
        ref=job.ref,
        state=JobState(job.state),
        echo=dict(job.echo),
        result=dict(job.result),
        asked_at=job.asked_at,
        done_at=job.done_at,
        is_new=is_new,
    )
