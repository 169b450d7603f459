"""One table: what is looked for, and how often. A sweep finds what no wake-up announced."""

from dataclasses import dataclass

from tcma.jobs import Job


@dataclass(frozen=True, slots=True)
class Every:
    """A job sent without ids each `seconds`; its handler looks for due rows."""

    seconds: int
    job: Job


SCHEDULE = (
    Every(2, Job.NURTURE_ADVANCE),
    Every(2, Job.LAUNCH_START),
    Every(5, Job.MAILING_SEND),
    Every(5, Job.MESSAGE_RECOVER),
    Every(5, Job.LAUNCH_SETTLE),
    Every(10, Job.LEAD_ROUTE),
    Every(10, Job.LEAD_TELL),
    Every(10, Job.LEAD_EXPIRE),
    Every(10, Job.LEAD_REPLIED),
    Every(10, Job.NURTURE_ENROL),
    Every(10, Job.OUTBOX_SEND),
    Every(10, Job.IMAGE_DRAW),
    Every(10, Job.CRM_SYNC),
    Every(10, Job.SOCIAL_SEND),
    Every(10, Job.ADS_FETCH),
    Every(10, Job.LAUNCH_ARRANGE),
    Every(10, Job.REACTIONS_ROLL),
    Every(15, Job.CONTACTS_IMPORT),
    Every(15, Job.CONTACTS_UNDO),
    Every(15, Job.CONTACTS_FIELD),
    Every(15, Job.INVOICE_READ),
    Every(15, Job.PROOF_LOOK),
    Every(30, Job.NURTURE_STOP),
    Every(60, Job.MESSAGE_SWEEP),
    Every(60, Job.CAMPAIGN_TURN),
    Every(60, Job.COPY_REBASE),
    Every(60, Job.PROOF_COLLECT),
    Every(60, Job.PAGE_DRAW),
    Every(60, Job.SENDER_CHECK),
    Every(60, Job.HOST_CHECK),
    Every(60, Job.FUNDS_RELEASE),
    Every(300, Job.LEAD_IDLE),
    Every(300, Job.NURTURE_BEGIN),
    Every(3_600, Job.FUNDS_REMIND),
    Every(3_600, Job.LEDGER_VERIFY),
    Every(3_600, Job.DECISIONS_REPLAY),
    Every(3_600, Job.REACTIONS_AUDIT),
    Every(3_600, Job.SCORE_LEARN),
    Every(3_600, Job.SESSIONS_PURGE),
    Every(3_600, Job.PARTNER_NUDGE),
)
