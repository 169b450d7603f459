"""The installation at an instant of the past, acted on by the demo's people."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select

from tcma.accounts.models import Membership, UserAccount
from tcma.clock import FixedClock
from tcma.db.work import Work
from tcma.partners.models import Partner
from tcma.permissions import SYSTEM, Principal, Role
from tcma.wiring import Services

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Side:
    """A partner as the history needs it: who acts for it, whom it writes to, who invoices it."""

    slug: str
    owner: str
    seller: str
    customers: str
    currency: str
    legal_name: str
    supplier: str
    tax_percent: int


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who filled in a landing form; `worth` in major units when it became a deal."""

    first: str
    last: str
    firm: str
    phone: str
    country: str
    postcode: str
    worth: int = 0
    won: bool = False
    answer: str = ""


class Past:
    """The installation at an instant of the past, acted on by the demo's people."""

    def __init__(self, services: Services, now: datetime) -> None:
        self.clock = FixedClock(now)
        self.services = replace(services, clock=self.clock)
        with self.house() as work:
            rows = work.session.execute(
                select(
                    UserAccount.id,
                    UserAccount.name,
                    UserAccount.email,
                    Membership.role,
                    Membership.vendor_id,
                    Membership.partner_id,
                ).join(Membership, Membership.user_id == UserAccount.id)
            )
            self.people = {
                r.email.partition("@")[0]: Principal(
                    user_id=r.id,
                    name=r.name,
                    role=Role(r.role),
                    vendor_id=r.vendor_id,
                    partner_id=r.partner_id,
                )
                for r in rows
            }

    @property
    def now(self) -> datetime:
        """The instant this past stands at."""
        return self.clock.at

    def go(self, now: datetime) -> None:
        """Be at another instant."""
        self.clock.at = now

    def later(self, **lengths: float) -> None:
        """Let some time pass: `later(hours=2)`."""
        self.go(self.now + timedelta(**lengths))

    def house(self) -> AbstractContextManager[Work]:
        """One transaction of the house itself."""
        return self.services.transaction(SYSTEM)

    def by(self, name: str) -> AbstractContextManager[Work]:
        """One transaction of one of the people."""
        return self.services.transaction(self.people[name])


def the(work: Work, query: Select[UUID]) -> UUID:
    """Return the one id `query` finds; raises NoResultFound without one."""
    return work.session.scalars(query).one()


def partner_id_of(work: Work, slug: str) -> UUID:
    """Return the partner of a slug."""
    return the(work, select(Partner.id).where(Partner.slug == slug))


def workday(at: datetime) -> datetime:
    """Return `at`, or the same hour of the Friday before when it is a weekend."""
    while at.weekday() >= SATURDAY:
        at -= timedelta(days=1)
    return at
