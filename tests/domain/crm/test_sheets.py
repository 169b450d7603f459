"""The CRM that is a sheet: what is handed out comes back, and says what it could not read."""

import pytest

from tcma.crm import actions
from tcma.crm.rules import System
from tcma.errors import Invalid
from tcma.leads import crm_queries, crm_sheets
from tcma.ports import CrmKind
from tests.adapters.crm_stands import Salesforce, Served
from tests.builders import mira
from tests.domain.crm.conftest import House, ask, ground, house  # noqa: F401 - fixtures


@pytest.fixture(scope="module")
def served():
    with Served(Salesforce) as stand:
        yield stand


@pytest.fixture
def desk(house):  # noqa: F811 - the fixture
    with house.db(house.ground.alice) as work:
        house.ref = actions.connect(work, house.run.services.web, System.SHEET, secrets={})
    return house


def handed_out(desk, kind=CrmKind.DEAL):
    with desk.db(desk.ground.alice) as work:
        rows = crm_queries.sheet(
            work.session, desk.ground.alice, desk.ref, kind, public_url="https://tcma.test"
        )
        return b"".join(rows).decode()


def read_back(desk, text):
    with desk.db(desk.ground.alice) as work:
        return crm_sheets.read_back(work, desk.ref, text.encode(), name="back.csv")


def test_a_sheet_carries_what_the_partner_holds_and_nothing_else(desk):
    ref = desk.deal(1)
    desk.ask(2, address="mo@other.example")  # nobody's yet
    deals, people = handed_out(desk), handed_out(desk, CrmKind.LEAD)
    assert deals.splitlines()[0].startswith("tcma_ref,Opportunity,Stage,Amount,Currency")
    assert f"{ref},Move,Qualified,4800.00,GBP" in deals
    assert ("ida1@" in people, "mo@other" in people) == (True, False)


def test_a_sheet_that_comes_back_is_taken_once_and_says_what_it_could_not_read(desk):
    ref = desk.deal()
    text = handed_out(desk).replace("Qualified,4800.00", "proposal,5100.00").splitlines()
    sheet = "\n".join([f"{text[0]},Owner", f"{text[1]},Ola Berg", f"OPP-1999-0001{',' * 10}"])
    got = read_back(desk, sheet)
    assert (got.rows, got.changed) == (2, 1)
    assert got.refused == [(3, "OPP-1999-0001 is no opportunity of yours.")]
    one = desk.here(ref)
    assert (one.stage, one.worth.minor, desk.link().owner) == ("proposal", 510_000, "Ola Berg")
    assert read_back(desk, sheet).changed == 0


def test_a_vendors_sheet_is_taken_though_its_people_answer_no_leads(desk):
    ref = desk.deal()
    with desk.db() as work:
        boss = mira(work, desk.ground.vendor_id)
    with desk.db(boss) as work:
        own = actions.connect(work, desk.run.services.web, System.SHEET, secrets={})
    with desk.db(boss) as work:
        sheet = f"tcma_ref,Stage\n{ref},Negotiation\n".encode()
        got = crm_sheets.read_back(work, own, sheet, name="back.csv")
    assert (got.changed, got.refused) == (1, [])
    assert desk.here(ref).stage == "negotiation"


def test_what_a_cell_does_not_tell_is_left_alone(desk):
    ref = desk.deal()
    got = read_back(desk, f"tcma_ref,Stage,Amount,Close date\n{ref},Somewhere,a lot,soon\n")
    assert got.changed == 0
    [(row, why)] = got.refused
    assert row == 2
    assert all(word in why for word in ("Somewhere", "a lot", "soon"))
    assert desk.here(ref).worth.minor == 480_000


def test_a_file_without_our_column_is_refused_at_its_field(desk):
    with pytest.raises(Invalid) as refused:
        read_back(desk, "Opportunity,Stage\nMove,Won\n")
    assert "tcma_ref" in refused.value.fields["file"]
