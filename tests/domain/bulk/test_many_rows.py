"""A file of ten thousand rows asks no more than one of a few: what each row needs is asked for once for all."""

import pytest

from tcma.bulk import files
from tcma.bulk.part_rows import PARTS
from tcma.bulk.partner_rows import PARTNERS
from tcma.bulk.reading import MOST_ROWS
from tcma.errors import LimitReached
from tcma.ids import new_id
from tcma.mdf import queries
from tcma.mdf.funds import parts
from tcma.mdf.ledger import booking
from tcma.mdf.ledger.many import Gift
from tests.counted import statements
from tests.domain.bulk import test_parts as of_parts
from tests.domain.bulk.test_partners import mates, of, taken
from tests.domain.mdf.conftest import gbp
from tests.domain.mdf.test_fund_kinds import opened

FEW, MORE = 3, 40


def partners(house, few, first):
    rows = (
        f"{first}-{n},{first} {n},,,,,,,,DE-N,Ann {n},ann{n}@{first}.example\n" for n in range(few)
    )
    return taken(house, "".join(rows))


def asked(house, act):
    with statements(house.db.engine) as said:
        act()
    return len(said)


def acts(house, kind, who, find, ref):
    """How much doing and undoing a file asks of the database."""

    def do(verb):
        with house.db(who) as work:
            verb(work, kind, find(house, work, ref))

    return asked(house, lambda: do(files.carry_out)), asked(house, lambda: do(files.undo))


def test_partners_and_their_letters_are_asked_for_once_for_all(areas):
    few = acts(areas, PARTNERS, areas.mira, of, partners(areas, FEW, "ash"))
    more = acts(areas, PARTNERS, areas.mira, of, partners(areas, MORE, "birch"))
    assert (more[0] <= few[0], more[1]) == (True, few[1])  # the first letter opens a stream of them
    again = acts(areas, PARTNERS, areas.mira, of, partners(areas, MORE, "birch"))
    assert again[0] <= more[0] + 5
    assert {each.state for each in mates(areas).values() if each.partner_slug[:5] == "birch"} == {
        "ended"
    }


def test_parts_are_booked_and_taken_back_in_one_go_and_the_books_prove(house):
    opened(house, "discretionary")

    def file(few, first):
        rows = "".join(f"Brightwater IT;0.50;{first}-{n};GBP\n" for n in range(few))
        return of_parts.taken(house, rows)

    few = acts(house, PARTS, house.finn, of_parts.of, file(FEW, "A"))
    more = acts(house, PARTS, house.finn, of_parts.of, file(MORE, "B"))
    assert more == few
    assert of_parts.free(house) == (gbp(1_000), gbp(0))
    with house.db() as work:
        assert booking.verify(work.session) == []
        assert booking.entries(work.session) >= 2 * (FEW + MORE)


def test_more_than_a_fund_has_gives_nobody_anything(house):
    opened(house, "discretionary")
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        gifts = [Gift(house.partner, gbp(600), new_id()) for _ in range(2)]
        with pytest.raises(LimitReached, match="£1,000"):
            parts.give(work, budget, gifts)
    assert of_parts.free(house) == (gbp(1_000), gbp(0))


def test_a_file_may_have_ten_thousand_rows(house):
    assert MOST_ROWS == 10_000
    rows = "".join(f"P-{n},Nobody {n},,??,,,,,,,,\n" for n in range(MOST_ROWS))
    ref = taken(house, rows)
    with house.db(house.mira) as work:
        found = files.rows_of(work.session, of(house, work, ref))
        assert len(found) == MOST_ROWS
        assert {row.fault for row in found} == {"“??” is no country: write two letters, as in GB."}
