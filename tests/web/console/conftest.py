"""A partner's console: Fenwright with its people, Charlie of another partner, one campaign."""

from dataclasses import dataclass, field

import pytest

from tcma.permissions import Role
from tests.builders import a_campaign, a_list, a_partner, a_user, a_vendor
from tests.faults.posting import drained
from tests.pages import Visitor, app_of, services_of
from workers import main
from workers.runtime import Run

STAFF = {"Alice": Role.OWNER, "Tom": Role.PARTNER_MARKETER, "Sam": Role.SELLER}


@dataclass
class Desk:
    """`as_("Alice")` is her browser; `world("Alice")` her transaction; `drain()` does the jobs."""

    db: object
    app: object
    services: object
    people: dict = field(default_factory=dict)
    ids: dict = field(default_factory=dict)

    def as_(self, name):
        return Visitor(self.app, f"{name.lower()}@people.example" if name else None)

    def world(self, name):
        return self.db(self.people[name])

    def drain(self):
        main.import_handlers()
        run = Run(services=self.services, stopping=lambda: False)
        drained(self.db.queue, run)


@pytest.fixture
def desk(db, turns, tmp_path):
    """Corbelane's partner Fenwright without a campaign."""
    people, ids = turns.kept("desk", db, lambda: staffed(db))
    return Desk(db, app_of(db, tmp_path), services_of(db, tmp_path), people, ids)


def staffed(db):
    """The people as principals, and the parts they belong to."""
    people = {}
    with db() as work:
        vendor = a_vendor(work)
        fenwright = a_partner(work, vendor, name="Fenwright")
        other = a_partner(work, vendor, name="Ridgeline")
        ids = {"vendor": vendor, "fenwright": fenwright, "ridgeline": other}
        sides = {name: (role, {"partner_id": fenwright}) for name, role in STAFF.items()}
        sides["Charlie"] = Role.OWNER, {"partner_id": other}
        sides["Mira"] = Role.CHANNEL_MANAGER, {"vendor_id": vendor}
        for name, (role, side) in sides.items():
            email = f"{name.lower()}@people.example"
            people[name] = a_user(work, role, name=name, email=email, **side)
        ids["list"] = a_list(work, fenwright)
    return people, ids


@pytest.fixture
def stocked(desk):
    """The same with one published campaign in the library."""
    with desk.db() as work:
        desk.ids["campaign"] = a_campaign(work, desk.ids["vendor"]).campaign_id
    return desk
