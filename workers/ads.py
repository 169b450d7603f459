"""Lead ads: what was told by number is asked for outside any transaction, then taken in."""

import structlog

from tcma.adapters.lead_ads import AdsFault, LeadAds
from tcma.jobs import Job
from tcma.leads import ads
from workers.runtime import Run, runs

log = structlog.get_logger()
MOST_BATCHES = 10


@runs(Job.ADS_FETCH)
def fetch(run: Run) -> None:
    """Ask for what is due, batch by batch; each lead is a transaction of its own."""
    networks: LeadAds = run.services.lead_ads
    for _ in range(MOST_BATCHES):
        if run.stopping():
            return
        with run.transaction() as work:
            due = ads.take_due(work)
        if not due:
            return
        for errand in due:
            try:
                ask(run, networks, errand)
            except Exception:  # an odd answer holds up no other lead, and is given up in the end
                log.exception("an answer of a network was not read", notice=str(errand.notice_id))
                with run.transaction() as work:
                    ads.not_answered(work, errand.notice_id, ads.NOT_READ, denied=False, gone=False)


def ask(run: Run, networks: LeadAds, errand: ads.Errand) -> None:
    """Ask for one lead and write down what came of it."""
    try:
        said = networks.answers(errand.network, errand.external_id, errand.token)
    except AdsFault as fault:
        with run.transaction() as work:
            ads.not_answered(
                work, errand.notice_id, fault.words, denied=fault.denied, gone=fault.gone
            )
        return
    with run.transaction() as work:
        ads.answered(work, errand.notice_id, said)
