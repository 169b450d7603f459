"""Health: what answers, what is late, whether the books add up."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.delivery import destinations, house_sender, reaction_sums, recovery
from tcma.errors import NotFound, TcmaError
from tcma.launches import queries as launches
from tcma.launches.rules import LaunchState
from tcma.leads import due
from tcma.mdf.ledger import booking
from tcma.permissions import Permission
from tcma.senders import queries as sending
from tcma.senders.relays import vendors_relays
from tcma.senders.rules import DomainState
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.unit_of_work import services, work

PROBE = "probe/none"


@dataclass(frozen=True, slots=True)
class Answer:
    """One system: whether it answers, and in what words."""

    name: str
    ok: bool
    words: str


@desk.get("/health")
@allows(Permission.SYSTEM_HEALTH)
def health() -> ResponseReturnValue:
    """Ask every part, and look for what is late."""
    answers = [
        Answer("Database", True, "It answers: this page is made from it."),
        files(),
        relay(),
        mailings(),
        sender(),
        own_relays(),
        books(),
        overdue(),
        routing(),
        results(),
    ]
    stopped = launches.launches(
        work().session, work().principal, states=(LaunchState.FAILED, LaunchState.PAUSED)
    ).rows
    return render_template(
        "desk/health/index.html",
        answers=answers,
        stopped=stopped,
        lanes=destinations.lanes(work().session),
    )


def answered(name: str, ask: Callable[[], object], words: str) -> Answer:
    """Ask one part; a refusal becomes its words."""
    try:
        ask()
    except NotFound:
        return Answer(name, True, words)
    except TcmaError as error:
        return Answer(name, False, error.advice)
    return Answer(name, True, words)


def files() -> Answer:
    """Ask the file store."""
    return answered("Files", lambda: services().files.exists(PROBE), "The store answers.")


def relay() -> Answer:
    """Open a line to the mail relay and close it."""
    return answered("Mail", lambda: services().relay.open().close(), "The relay takes mail.")


def mailings() -> Answer:
    """Say how many mailings get no further: relays and disks are the workers' own, so rows tell."""
    stuck = recovery.stands_still(
        work().session, vendor_id=work().principal.vendor_id, now=work().now
    )
    if not stuck:
        return Answer("Mailings", True, "None waits for a relay, a disk or a worker.")
    words = (
        f"{stuck} of yours get no further: the relay takes no mail, a worker’s disk is full, or no"
        " worker runs. The worker’s log says which; they go on by themselves."
    )
    return Answer("Mailings", False, words)


def sender() -> Answer:
    """Say which address notices come from and partners borrow."""
    own = house_sender.house_sender(work().session, found(work().principal.vendor_id))
    if own is None:
        return Answer(
            "Sender",
            False,
            "You have no address to write from: notices come from the installation's own, and"
            " partners without a domain cannot launch. Set it under Settings.",
        )
    broken = [
        each.name
        for each in sending.partners_domains(work().session, work().principal)
        if each.state in (DomainState.BROKEN, DomainState.FAILING)
    ]
    if broken:
        words = f"A record is gone at {', '.join(broken)}. Their partners have been told by mail."
        return Answer("Sender", False, words)
    return Answer("Sender", True, f"Notices come from {own[1]}; partners without a domain too.")


def own_relays() -> Answer:
    """Say which relays of senders' own took no mail the last time; none is asked for that."""
    kept = vendors_relays(work().session, work().principal)
    away = [each for each in kept if each.trouble]
    if not kept:
        return Answer(
            "Own relays", True, "No sender has any: all mail leaves by the installation’s."
        )
    if not away:
        return Answer("Own relays", True, f"All {len(kept)} took mail when they were last asked.")
    words = "; ".join(
        f"{each.host} of {each.domain} since {each.away_since:%-d %b, %H:%M} UTC" for each in away
    )
    return Answer(
        "Own relays", False, f"Taking no mail: {words}. Their senders see why and what to do."
    )


def books() -> Answer:
    """Prove every book of the ledger."""
    faults = booking.verify(work().session)
    if faults:
        return Answer("Ledger", False, f"{len(faults)} entries do not add up. Stop paying.")
    return Answer(
        "Ledger", True, f"Chain verified now, {booking.entries(work().session):,} entries."
    )


def overdue() -> Answer:
    """Count offers past their time: the clock job moves them on within seconds."""
    late = len(due.overdue_offer_ids(work().session, now=work().now))
    words = f"{late} offers are past their time." if late else "No offer is past its time."
    return Answer("Lead clock", not late, words)


def routing() -> Answer:
    """Count leads that wait for the router."""
    waiting = due.waiting_count(work().session)
    words = f"{waiting} leads wait for the router." if waiting else "No lead waits."
    return Answer("Lead routing", not waiting, words)


def results() -> Answer:
    """Say whether opens, clicks and answers are summed as their rows say, and in time."""
    state = reaction_sums.standing(work().session)
    if state.wrong:
        words = (
            f"Of opens, clicks and answers {reaction_sums.differing(state.wrong)}. Whoever runs the"
            " installation brings them in step with “tcma sums mend”."
        )
        return Answer("Results", False, words)
    if state.is_held:
        words = (
            f"Something has kept the database waiting for {state.open_s // 60} minutes: what it wrote"
            " is in no number until it ends."
        )
        return Answer("Results", False, words)
    if state.is_late:
        words = (
            f"The sums are {state.waiting_s // 60} minutes behind. Numbers are right, pages may be"
            " slow: see that the workers run."
        )
        return Answer("Results", False, words)
    return Answer(
        "Results", True, "Opens, clicks and answers are summed; they are counted again each night."
    )
