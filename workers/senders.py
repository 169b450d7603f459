"""Looks at the DNS records of sending domains when a look is due; asks outside any transaction."""

from functools import partial
from uuid import UUID

import structlog

from tcma.delivery.sender_domains import record_look
from tcma.jobs import Job
from tcma.senders import pace, queries
from tcma.senders.looking import look
from workers.runtime import Run, apart, once, runs

AT_MOST = 50
"""Domains of one run; the next comes within a minute."""

log = structlog.get_logger(__name__)


@runs(Job.SENDER_CHECK)
def check(run: Run, **ids: str) -> None:
    """Look at every domain that is due, each on its own."""
    del ids
    with run.transaction() as work:
        due = queries.due_domains(work.session, work.now, most=AT_MOST)
    apart(run, [partial(once, run, pace.forget_old), *(partial(_look, run, each) for each in due)])


def _look(run: Run, domain_id: UUID) -> None:
    with run.transaction() as work:
        domain = queries.domain_by_id(work.session, domain_id)
        records = queries.records_of(work.session, domain, mail_host=work.site.mail_host)
    seen = look(run.services.names, records, domain=domain.name)
    with run.transaction() as work:
        change = record_look(work, domain_id, seen)
    if change.after is not change.before:
        log.info("sending domain", name=change.name, was=change.before, now=change.after)
