"""What a step does besides mails: tell and ask the partner's people, call a webhook, keep lists, stop
mailing somebody, send them on to another campaign's journey.
"""

from collections.abc import Callable
from dataclasses import replace

from tcma.contacts.enlisting import into_list, never_again, out_of_list
from tcma.db.work import Work
from tcma.jobs import Job
from tcma.journeys.document import Kind, Step
from tcma.journeys.interpreter import Move, Outcome
from tcma.journeys.timing import later
from tcma.leads import outgoing, tasks
from tcma.nurture.entering import send_on
from tcma.nurture.facts import Known

NO_LEAD = "they are no lead: nobody has asked anything"
"""Whoever began by a date is a contact of the partner and nothing more."""


def carry_out(work: Work, known: Known, move: Move) -> Move:
    """Do what a decided step says; the move, changed to say why where it could not be done."""
    step = known.journey.step(known.stand.step)
    act = _ACTS.get(step.kind) if step else None
    if step is None or act is None or not move.text:
        return move
    why = act(work, known, step)
    if not why:
        return move
    if move.outcome is Outcome.LEFT:
        return replace(move, why=f"{move.why}: {why}")
    return replace(move, outcome=Outcome.SKIPPED, why=why)


def _notify(work: Work, known: Known, step: Step) -> str:
    row = known.row
    if row.lead_id is None:
        return NO_LEAD
    tasks.notify(work, row.lead_id, step.text, partner_id=row.holder_id or row.partner_id)
    return ""


def _ask(work: Work, known: Known, step: Step) -> str:
    row = known.row
    if row.lead_id is None:
        return NO_LEAD
    due = later(work.now, step.due, row.partner_zone)
    tasks.ask(work, row.lead_id, step.text, due_at=due, source=f"{row.id}:{row.step_no}")
    return ""


def _call(work: Work, known: Known, step: Step) -> str:
    row = known.row
    if row.lead_id is None:
        return NO_LEAD
    key = f"journey:{row.id}:{row.step_no}"
    told = outgoing.tell_step(work, step.text, row.lead_id, step=row.node, key=key)
    return "" if told else f"there is no webhook “{step.text}”"


def _enlist(work: Work, known: Known, step: Step) -> str:
    row = known.row
    done = into_list(work, row.contact_id, step.text, partner_id=row.partner_id)
    return "" if done else "the partner has deleted this list"


def _unlist(work: Work, known: Known, step: Step) -> str:
    row = known.row
    done = out_of_list(work, row.contact_id, step.text, partner_id=row.partner_id)
    return "" if done else f"the partner has no list “{step.text}”"


def _stop(work: Work, known: Known, step: Step) -> str:
    row = known.row
    digest = bytes(row.address_hash)
    never_again(work, digest, step.text, partner_id=row.partner_id, vendor_id=row.vendor_id)
    work.wake(Job.NURTURE_STOP, contact_id=row.contact_id)  # other journeys of theirs
    return ""


def _send_on(work: Work, known: Known, step: Step) -> str:
    return send_on(work, known, step.text)


_ACTS: dict[Kind, Callable[[Work, Known, Step], str]] = {
    Kind.NOTIFY: _notify,
    Kind.TASK: _ask,
    Kind.WEBHOOK: _call,
    Kind.ENLIST: _enlist,
    Kind.UNLIST: _unlist,
    Kind.STOP: _stop,
    Kind.MOVE: _send_on,
}
"""What each kind of step does; the answer says why it could not be done, empty when it was."""
