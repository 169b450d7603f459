"""Answer windows count working hours in the partner's zone; personal data hides until taken."""

from datetime import UTC, datetime

import pytest

from tcma.leads.rules import LeadState, answer_by, is_masked


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "due"),
    [
        ("2026-11-24 09:00", "Europe/London", "2026-11-24 13:00"),
        ("2026-11-24 15:00", "Europe/London", "2026-11-25 11:00"),
        ("2026-11-27 16:00", "Europe/London", "2026-11-30 12:00"),
        ("2026-11-28 12:00", "Europe/London", "2026-11-30 13:00"),
        ("2026-11-24 03:00", "Europe/London", "2026-11-24 13:00"),
        ("2026-11-24 09:00", "America/New_York", "2026-11-24 18:00"),
        ("2026-03-27 16:30", "Europe/Berlin", "2026-03-30 11:00"),
    ],
)
def test_four_working_hours_are_counted_where_the_partner_works(now, zone, due):
    assert answer_by(at(now), zone) == at(due)


@pytest.mark.parametrize(
    ("state", "holds", "masked"),
    [
        (LeadState.OFFERED, True, True),
        (LeadState.ACCEPTED, True, False),
        (LeadState.ACCEPTED, False, True),
        (LeadState.LOST, True, False),
        (LeadState.UNASSIGNED, False, True),
    ],
)
def test_name_and_phone_show_to_the_holder_once_it_has_accepted(state, holds, masked):
    assert is_masked(state, holds=holds) is masked
