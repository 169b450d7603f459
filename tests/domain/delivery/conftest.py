"""Mailings whose reactions are summed by days of different zones."""

import pytest
from sqlalchemy import text

from tests.builders import a_vendor
from tests.domain.delivery.summing import ZONES


@pytest.fixture
def mailings(db):
    """Three mailings, each of a vendor in another zone."""
    with db() as work:
        return [
            work.session.scalar(
                text(
                    "insert into mailing (vendor_id, kind, created_at) values (:v, 1, :at)"
                    " returning id"
                ),
                {"v": a_vendor(work, name=zone, zone=zone), "at": work.now},
            )
            for zone in ZONES
        ]
