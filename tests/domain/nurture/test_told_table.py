"""Numbers of people by two sides and their sums: each small one could be another, by all that a vendor reads."""

import random
from itertools import product

import pytest

from tcma.delivery.small_cells import FEWEST, is_few
from tcma.nurture.told import Untold
from tcma.nurture.told_table import margins, summed, told_table
from tcma.permissions import SYSTEM, Role
from tests.builders import a_user, a_vendor
from tests.domain.nurture.rank import follows


@pytest.fixture
def vendor(db):
    with db() as work:
        return a_user(work, Role.VENDOR_MARKETER, vendor_id=a_vendor(work))


def lines(full):
    """Each row and column with its sum, as the cells of an equation."""
    ones, others = {one for one, _ in full}, {other for _, other in full}
    by_row = [[(one, other) for other in others if (one, other) in full] for one in ones]
    by_column = [[(one, other) for one in ones if (one, other) in full] for other in others]
    return by_row + by_column


@pytest.mark.parametrize("seed", range(40))
def test_no_row_or_column_gives_a_small_number_away(vendor, seed):
    drawn = random.Random(seed)
    sides = product(range(drawn.randint(1, 4)), range(drawn.randint(1, 4)))
    cells = {each: drawn.choice([0, 1, 2, 4, 5, 6, 9, 40]) for each in sides}
    full, seen = summed(cells), told_table(vendor, cells)
    for key, people in full.items():
        assert isinstance(seen[key], Untold) or (seen[key] == people and not is_few(people))
    for line in lines(full):
        hidden = [key for key in line if isinstance(seen[key], Untold)]
        assert len(hidden) != 1
        parts = [key for key in hidden if key not in {(line[0][0], None), (None, line[0][1])}]
        if parts == hidden != []:
            assert sum(full[key] for key in parts) >= FEWEST
    assert told_table(SYSTEM, cells) == full


@pytest.mark.parametrize("seed", range(120))
def test_no_small_number_follows_from_all_that_is_told(vendor, seed):
    drawn = random.Random(seed)
    sides = [range(most) for most in drawn.choice([(3, 4), (4, 4), (2, 4, 2), (3, 4, 2)])]
    cells = {each: drawn.choice([0, 1, 2, 4, 5, 6, 9, 40]) for each in product(*sides)}
    full, seen = summed(cells), told_table(vendor, cells)
    of = {key: [cell for cell in cells if key in margins(cell)] for key in full}
    known = [of[key] for key in full if not isinstance(seen[key], Untold)]
    given = [key for key, n in full.items() if is_few(n) and follows(cells, known, of[key])]
    assert given == []


def test_what_is_large_everywhere_is_told_as_it_is(vendor):
    cells = {(1, "n2"): 7, (1, "w"): 0, (2, "n2"): 12}
    assert told_table(vendor, cells) == summed(cells)
