"""What a verb reads of its vendor and its partner, it reads once."""

from tcma.mdf import queries
from tcma.mdf.claims import filing
from tests.counted import statements


def test_a_claim_that_is_sent_reads_its_vendor_and_its_partner_once(house):
    ref = house.claimed(house.proven(house.approved()), ("1", 500), submit=False)
    with house.db(house.alice) as work, statements(house.db.engine) as said:
        filing.submit(work, queries.claim_by_ref(work.session, house.alice, ref))
    for table in ("vendor", "partner"):
        by_key = [each for each in said if f"FROM {table} WHERE {table}.id = " in each]
        assert len(by_key) == 1, table
