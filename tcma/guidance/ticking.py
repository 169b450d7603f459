"""Saying that a step of a playbook is done, taking that back, and reminding of what is due."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from tcma.accounts.queries import members_of
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery.notices import Reader, day, tell_each
from tcma.errors import Invalid
from tcma.guidance.models import PlayNudge, PlayTick
from tcma.guidance.playbook import NEEDS, StandState, StepStand
from tcma.guidance.playbooks import Playbook, playbook_of, playbooks
from tcma.guidance.rules import is_hour_for_mail
from tcma.launches.models import Launch
from tcma.permissions import Permission
from tcma.words import joined, say


def tick(work: Work, ref: str, key: str) -> StepStand:
    """Say that a step is done; twice is once.

    Raises NotFound for an unknown launch or step, Invalid for one that the product sees by itself.
    """
    book, stand = _own_step(work, ref, key)
    fresh = work.session.scalar(
        upsert(PlayTick)
        .values(
            launch_id=book.launch_id,
            step=key,
            vendor_id=book.vendor_id,
            partner_id=book.partner_id,
            ticked_by=work.principal.name,
            at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(PlayTick.step)
    )
    if fresh:
        _audit(work, book, f"ticked “{stand.step.title}”")
    return stand


def take_back(work: Work, ref: str, key: str) -> StepStand:
    """Say that a step is not done after all; twice is once. Raises as `tick`."""
    book, stand = _own_step(work, ref, key)
    gone = work.session.scalar(
        delete(PlayTick)
        .where(PlayTick.launch_id == book.launch_id, PlayTick.step == key)
        .returning(PlayTick.step)
    )
    if gone:
        _audit(work, book, f"took back “{stand.step.title}”")
    return stand


def _own_step(work: Work, ref: str, key: str) -> tuple[Playbook, StepStand]:
    work.require(Permission.PLAYBOOK_FOLLOW)
    book = found(playbook_of(work.session, work.principal, ref, now=work.now))
    stand = book.step(key)
    if not stand.step.is_by_hand:
        raise Invalid(
            say("Nobody needs to tick this: it shows as done when it is."),
            code="guidance.seen",
        )
    return book, stand


def _audit(work: Work, book: Playbook, words: str) -> None:
    work.audit(words, "launch", book.ref, vendor_id=book.vendor_id, partner_id=book.partner_id)


def launches_to_nudge(work: Work) -> list[str]:
    """Return the launches with steps that are due and of which nobody was told."""
    books = [
        book
        for book in playbooks(work.session, work.principal, now=work.now)
        if book.asked and is_hour_for_mail(work.now, book.zone)
    ]
    told = _told(work, [book.launch_id for book in books])
    return [book.ref for book in books if _untold(book, told)]


def nudge(work: Work, ref: str) -> tuple[str, ...]:
    """Mail a partner's people about the steps that are due, each step once; return their keys.

    The launch is locked: two clocks that ring at once send one mail.
    """
    held = select(Launch.id).where(Launch.ref == ref)
    held = held.with_for_update(key_share=True, skip_locked=True)
    launch_id = work.session.scalar(held)
    book = playbook_of(work.session, work.principal, ref, now=work.now) if launch_id else None
    if book is None or not is_hour_for_mail(work.now, book.zone):
        return ()
    due = _untold(book, _told(work, [book.launch_id]))
    for who, needs in NEEDS.items():
        steps = [stand for stand in due if stand.step.who is who]
        if steps:
            _mail(work, book, steps, needs)
    if due:
        rows = [{"launch_id": book.launch_id, "step": s.step.key, "at": work.now} for s in due]
        work.session.execute(insert(PlayNudge), rows)
    return tuple(stand.step.key for stand in due)


def _told(work: Work, launch_ids: Sequence[UUID]) -> set[tuple[UUID, str]]:
    known = select(PlayNudge.launch_id, PlayNudge.step).where(PlayNudge.launch_id.in_(launch_ids))
    return {(row.launch_id, row.step) for row in work.session.execute(known)}


def _untold(book: Playbook, told: set[tuple[UUID, str]]) -> list[StepStand]:
    return [s for s in book.asked if (book.launch_id, s.step.key) not in told]


def _mail(work: Work, book: Playbook, steps: list[StepStand], needs: Permission) -> None:
    values = {
        "campaign": book.name,
        "ask": steps[0].step.title,
        "why": steps[0].step.why,
        "lines": joined(*(line_of(each) for each in steps)),
        "done": str(book.done),
        "all": str(len(book.needed)),
    }
    url = f"{work.site.public_url}/console/launches/{book.ref}/playbook#step-{steps[0].step.key}"
    people = members_of(work.session, partner_id=book.partner_id, able_to=needs)
    letters = [(Reader.of(person), url, values) for person in people]
    tell_each(work, "playbook_due", letters, vendor_id=book.vendor_id)


def line_of(each: StepStand) -> str:
    """Return one step and its day as the letter lists it."""
    if each.state is StandState.LATE:
        return say("{ask}: was due on {due_on}.", ask=each.step.title, due_on=day(each.due_on))
    return say("{ask}: due today.", ask=each.step.title)
