"""A vendor with two partners in the north, one live page, and the people who answer."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from tcma.leads.capturing import capture, of_page
from tcma.leads.intake import Capture
from tcma.leads.models import RoutingVersion
from tcma.library.compiling import publish_page
from tcma.library.copy_queries import page_by_path
from tests.builders import a_campaign, a_copy, a_partner, a_vendor, alice, sam


@dataclass
class Ground:
    vendor_id: UUID
    first: UUID
    second: UUID
    alice: Any
    sam: Any
    path: str


@pytest.fixture
def ground(db, turns):
    return turns.kept("ground", db, lambda: laid_out(db))


def laid_out(db):
    with db() as work:
        vendor_id = a_vendor(work)
        first = a_partner(work, vendor_id, name="Fenwright", territories=("GB-N",))
        second = a_partner(work, vendor_id, name="Ridgeline", territories=("GB-N",))
        copy = a_copy(work, first, a_campaign(work, vendor_id))
        page = publish_page(work, copy)
        return Ground(vendor_id, first, second, alice(work, first), sam(work, first), page.path)


@pytest.fixture
def ask(db, ground):
    """Fill in the form: `ask(number)`; the same number is the same submission."""

    def asked(number=1, *, address="ida@brackwater.example", **more):
        with db() as work:
            page = page_by_path(work.session, ground.path)
            return captured(work, page, number, address, more)

    return asked


def captured(work, page, number, address, more):
    facts = {
        "source": "page",
        "external_id": str(number),
        "address": address,
        "consent_given": True,
        "consent_text": "You may call me.",
        "consent_version": "v1",
        "page_url": "https://tcma.test/go/x",
        "first_name": "Ida",
        "last_name": "Brook",
        "company": "Brackwater Joinery",
        "phone": "0113 496 0199",
        "country": "GB",
        "postcode": "FW1 2AB",
    }
    return capture(work, of_page(page), Capture(**facts | more))


def rules_are(db, ground, source, *, no=1):
    """Put a routing document in force."""
    with db() as work:
        work.session.add(
            RoutingVersion(
                vendor_id=ground.vendor_id,
                no=no,
                source=source,
                valid_from=work.now,
                note="",
                made_by="",
                made_at=work.now,
            )
        )
