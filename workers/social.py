"""Social posts: what is due leaves outside any transaction, one by one; then it is written down."""

from collections.abc import Iterator
from functools import partial
from itertools import chain

import structlog

from tcma.jobs import Job
from tcma.ports import SocialError, SocialFault
from tcma.social import sending
from tcma.social.sending import Errand, Outcome
from tcma.wiring import Services
from workers.runtime import Run, apart, once, runs

log = structlog.get_logger(__name__)
MOST_BATCHES = 10


@runs(Job.SOCIAL_SEND)
def send(run: Run) -> None:
    """Publish and remove what is due, each post on its own."""
    begun = [partial(once, run, sending.recall), partial(once, run, sending.stop_barred)]
    apart(run, chain(begun, (partial(_send, run, each) for each in _taken(run))))


def _taken(run: Run) -> Iterator[Errand]:
    for _ in range(MOST_BATCHES):
        with run.transaction() as work:
            due = sending.take_due(work, batch=1)
        if not due:
            return
        yield from due


def _send(run: Run, errand: Errand) -> None:
    outcome = done(run.services, errand)
    with run.transaction() as work:
        sending.record(work, outcome)


def done(services: Services, errand: Errand) -> Outcome:
    """Do one errand; whatever comes of it is an outcome. After a lost answer it looks first."""
    if errand.access is None:
        trouble = SocialError(
            SocialFault.DENIED, "Its token does not open.", remedy="Connect the page again."
        )
        return Outcome(errand, trouble=trouble)
    network, sought = services.social(errand.access), False
    try:
        if errand.draft is None:
            network.remove(errand.remove)
            return Outcome(errand)
        if errand.seek:
            known = network.find(errand.draft.words, since=errand.seek)
            if known:
                return Outcome(errand, published=known)
            sought = True
        published = network.publish(errand.draft) if errand.may_publish else None
        return Outcome(errand, published=published, sought=sought)
    except SocialError as error:
        return Outcome(errand, trouble=error, sought=sought)
    except Exception as error:
        log.exception("a network cannot be spoken to", post_id=str(errand.post_id))
        words = f"A fault here: {type(error).__name__}."
        return Outcome(errand, trouble=SocialError(SocialFault.LOST, words), sought=sought)
