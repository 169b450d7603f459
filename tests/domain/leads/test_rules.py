"""Personal data hides until a lead is taken."""

import pytest

from tcma.leads.rules import LeadState, is_masked


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
