"""Every reason that routing keeps with an offer is told in another language, with its values."""

import pytest
from sqlalchemy import select

from tcma.leads import offers
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.routing.reasons import REASONS, told_anew
from tcma.leads.story import turns
from tcma.words import Words, in_language

VALUES = {"place": "GB LS, north", "company": "brackwater.example", "name": "Mira {Okafor} chose"}


@pytest.mark.parametrize("reason", REASONS)
def test_a_kept_reason_comes_back_with_its_values(reason):
    kept = reason.filled(**{k: v for k, v in VALUES.items() if f"{{{k}}}" in reason.message})
    again = told_anew(str(kept))
    assert (again.message, dict(again.values)) == (reason.message, dict(kept.values))
    assert again == str(kept)
    for language in ("de", "fr", "es", "ja"):
        told = in_language(again, language)
        assert told != str(kept)
        for value in kept.values.values():
            assert value in told


def test_what_nobody_says_any_more_stays_as_it_stands():
    assert told_anew("your colleague drew it from a hat") == "your colleague drew it from a hat"


def test_what_routing_says_is_among_them(db, ground, ask):
    lead_id = ask().lead_id
    with db() as work:
        offers.route(work, lead_id)
        offer = work.session.scalars(select(LeadOffer)).one()
        assert isinstance(told_anew(offer.reason), Words)
        [turn] = turns(work.session, work.session.get_one(Lead, lead_id).id)
        assert isinstance(turn.reason, Words)
        assert turn.reason == offer.reason
