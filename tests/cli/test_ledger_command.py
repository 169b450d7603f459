"""`tcma ledger verify` finds what a superuser changed behind the product's back."""

import json

import pytest
from sqlalchemy import text

from tests.domain.mdf.conftest import house  # noqa: F401 - the fixture

EDITS = {
    "an amount": "update ledger_transfer set amount = amount + 100 where seq = 2",
    "a cause": "update ledger_transfer set reason = 'something else' where seq = 2",
    "a balance": "update ledger_account set balance = balance + 100 where kind = 'fund'",
    "an entry that is gone": "delete from ledger_transfer where seq = 1",
}


@pytest.fixture
def verify(house, here):  # noqa: F811 - the fixture
    def found():
        code, out, _ = here("ledger", "verify", "--json", TCMA_DATABASE_URL=house.db.url)
        return code, json.loads(out)

    return found


@pytest.mark.parametrize("edit", EDITS)
def test_a_hand_edit_is_found_and_named(house, verify, edit):  # noqa: F811 - the fixture
    house.approved(1_000)
    with house.db.engine.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        connection.execute(text(EDITS[edit]))
    code, found = verify()
    assert (code, found["whole"]) == (1, False)
    assert found["faults"][0]["fund"] == house.fund_ref
    assert found["faults"][0]["fault"]


def test_an_untouched_ledger_is_whole(house, verify):  # noqa: F811 - the fixture
    house.approved(1_000)
    code, found = verify()
    assert (code, found["whole"], found["faults"]) == (0, True, [])
    assert found["entries"] >= 3
