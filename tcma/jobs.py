"""The names of all jobs and the queue each travels in; a job carries ids only."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Queue(StrEnum):
    """Three lanes: an answer to a person overtakes everything, bulk mail yields."""

    URGENT = "urgent"
    DEFAULT = "default"
    BULK = "bulk"


class Job(StrEnum):
    """Every kind of wake-up, `noun.verb`."""

    LAUNCH_ARRANGE = "launch.arrange"
    LAUNCH_START = "launch.start"
    LAUNCH_SETTLE = "launch.settle"
    MAILING_SEND = "mailing.send"
    MESSAGE_RECOVER = "message.recover"
    MESSAGE_SWEEP = "message.sweep"
    REACTIONS_ROLL = "reactions.roll"
    REACTIONS_AUDIT = "reactions.audit"
    LEAD_ROUTE = "lead.route"
    LEAD_TELL = "lead.tell"
    LEAD_EXPIRE = "lead.expire"
    LEAD_REPLIED = "lead.replied"
    LEAD_IDLE = "lead.idle"
    SCORE_LEARN = "score.learn"
    NURTURE_ENROL = "nurture.enrol"
    NURTURE_BEGIN = "nurture.begin"
    NURTURE_ADVANCE = "nurture.advance"
    NURTURE_STOP = "nurture.stop"
    OUTBOX_SEND = "outbox.send"
    IMAGE_DRAW = "image.draw"
    CRM_SYNC = "crm.sync"
    SOCIAL_SEND = "social.send"
    ADS_FETCH = "ads.fetch"
    CONTACTS_IMPORT = "contacts.import"
    CONTACTS_UNDO = "contacts.undo"
    CONTACTS_FIELD = "contacts.field"
    CAMPAIGN_TURN = "campaign.turn"
    COPY_REBASE = "copy.rebase"
    PROOF_COLLECT = "proof.collect"
    PAGE_DRAW = "page.draw"
    PROOF_LOOK = "proof.look"
    INVOICE_READ = "invoice.read"
    FUNDS_REMIND = "funds.remind"
    FUNDS_RELEASE = "funds.release"
    LEDGER_VERIFY = "ledger.verify"
    DECISIONS_REPLAY = "decisions.replay"
    SENDER_CHECK = "sender.check"
    HOST_CHECK = "host.check"
    SESSIONS_PURGE = "sessions.purge"
    PARTNER_NUDGE = "partner.nudge"


QUEUES: dict[Job, Queue] = {
    Job.MAILING_SEND: Queue.BULK,
    Job.REACTIONS_AUDIT: Queue.BULK,
    Job.DECISIONS_REPLAY: Queue.BULK,
    Job.CONTACTS_IMPORT: Queue.BULK,
    Job.CONTACTS_UNDO: Queue.BULK,
    Job.CONTACTS_FIELD: Queue.BULK,
    Job.OUTBOX_SEND: Queue.BULK,
    Job.CRM_SYNC: Queue.BULK,
    Job.SOCIAL_SEND: Queue.BULK,
    Job.LEAD_ROUTE: Queue.URGENT,
    Job.LEAD_TELL: Queue.URGENT,
    Job.LEAD_REPLIED: Queue.URGENT,
    Job.NURTURE_ENROL: Queue.URGENT,
    Job.NURTURE_STOP: Queue.URGENT,
    Job.MESSAGE_RECOVER: Queue.URGENT,
}
"""Where a job does not travel in the default lane."""


def queue_of(job: Job) -> Queue:
    """Return the lane of `job`."""
    return QUEUES.get(job, Queue.DEFAULT)


@dataclass(frozen=True, slots=True)
class Wake:
    """A wake-up waiting for its transaction to commit."""

    job: Job
    ids: dict[str, str] = field(default_factory=dict)


def wake(job: Job, **ids: UUID | int | str) -> Wake:
    """Build a wake-up; ids travel as text."""
    return Wake(job, {name: str(value) for name, value in ids.items()})
