"""Two vendors' studios: Vera authors at one, Rui at the other; a campaign as a draft."""

from dataclasses import dataclass, field

import pytest

from tcma.permissions import Role
from tests.builders import a_campaign, a_partner, a_user, a_vendor
from tests.pages import Visitor, app_of

SLUG = "cloud-migration"


@dataclass
class Studio:
    """`as_("Vera")` is her browser; Rui works for another vendor."""

    db: object
    app: object
    ids: dict = field(default_factory=dict)

    def as_(self, name):
        return Visitor(self.app, f"{name.lower()}@people.example")


@pytest.fixture
def studio(db, turns, tmp_path):
    return Studio(db, app_of(db, tmp_path), turns.kept("studio", db, lambda: staffed(db)))


def staffed(db):
    with db() as work:
        vendor, other = a_vendor(work), a_vendor(work, name="Quillon")
        partner = a_partner(work, vendor, name="Fenwright")
        for name, role, firm in (
            ("Vera", Role.VENDOR_MARKETER, vendor),
            ("Finn", Role.FINANCE, vendor),
            ("Rui", Role.VENDOR_MARKETER, other),
        ):
            email = f"{name.lower()}@people.example"
            a_user(work, role, name=name, email=email, vendor_id=firm)
    return {"vendor": vendor, "partner": partner}


@pytest.fixture
def drafted(studio):
    with studio.db() as work:
        a_campaign(work, studio.ids["vendor"], slug=SLUG, published=False)
    return studio
