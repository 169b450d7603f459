"""What a launch rests on in law: terms its partner accepted, the basis of its lists, consents that end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.contacts.models import ContactList
from tcma.contacts.rules import LawfulBasis
from tcma.delivery.rules import Reason
from tcma.launches.audience import of_launch
from tcma.launches.models import Launch, LaunchList
from tcma.launches.rules import Area, Finding, Fix, Severity
from tcma.partners.terms import why_refused
from tcma.partners.terms_rules import REMEDY, Act
from tcma.words import listed, say, say_n

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Lists without a word on what their mail rests on, and how many consents end within `SOON`."""

    without_basis: tuple[str, ...] = ()
    ending: int = 0


def ground_of(session: Session, launch: Launch, *, now: datetime) -> Ground:
    """Return what a launch's lists rest on; segments rest on the lists of their people."""
    without = session.scalars(
        select(ContactList.name)
        .join(LaunchList, LaunchList.list_id == ContactList.id)
        .where(LaunchList.launch_id == launch.id, ContactList.basis == LawfulBasis.UNKNOWN)
        .order_by(ContactList.name)
    )
    at = max(launch.due_at, now)
    ended = _ended(session, launch, at=at)
    return Ground(
        without_basis=tuple(without),
        ending=max(_ended(session, launch, at=at + SOON) - ended, 0),
    )


def findings(ground: Ground, *, barred: bool) -> list[Finding]:
    """Return what the preflight says of it; nothing beside a partner that may not launch at all."""
    if barred:
        return []
    found: list[Finding] = []
    if ground.without_basis:
        names: Sequence[str] = [f"“{name}”" for name in ground.without_basis]
        words = say("For {names} it is not said what your mail rests on.", names=listed(names))
        remedy = say("Say where the consent comes from.")
        found.append(Finding(Area.LAW, Severity.LOOK, words, Fix.LIST, remedy))
    if ground.ending:
        words = say_n("The consent of {n} person in Canada ends within 30 days.", "The consents of {n} people in Canada end within 30 days.", ground.ending)  # fmt: skip
        remedy = say("Ask them to confirm while you may still write to them.")
        found.append(Finding(Area.LAW, Severity.LOOK, words, Fix.LIST, remedy))
    if not found:
        words = say("Every list says what its mail rests on; each mail has your postal address and a way out.")  # fmt: skip
        found.append(Finding(Area.LAW, Severity.GOOD, words))
    return found


def of_terms(session: Session, launch: Launch) -> list[Finding]:
    """Return what stops a launch whose partner has not accepted the vendor's terms."""
    why = why_refused(session, launch.vendor_id, launch.partner_id, Act.LAUNCH)
    return [Finding(Area.LAW, Severity.STOP, why, Fix.TERMS, REMEDY)] if why else []


def _ended(session: Session, launch: Launch, *, at: datetime) -> int:
    named = of_launch(session, launch, now=at).subquery("named")
    ended = select(func.count(named.c[0].distinct())).where(named.c[1] == int(Reason.CONSENT_ENDED))
    return session.scalar(ended) or 0
