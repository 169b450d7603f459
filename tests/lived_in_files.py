"""Files that came to the lived-in world: sales and partners were imported, parts only looked at."""

from tcma.bulk import files
from tcma.bulk.part_rows import PARTS
from tcma.bulk.partner_rows import PARTNERS
from tcma.mdf.funds import sales
from tcma.mdf.queries import fund_by_ref


def filed(world):
    """Keep a file of each kind."""
    with world.as_("Finn") as work:
        fund = fund_by_ref(work.session, work.principal, world.parts["fund"])
        rows = b"partner,date,amount,reference\nNobody,2026-01-05,1000.00,INV-1\n"
        sold = sales.import_sales(work, fund, file_name="january.csv", content=rows)
        world.parts["sales"] = sold.ref
        rows = b"partner,amount,reference\nNobody,100.00,Q-1\n"
        made = files.take(work, PARTS, fund.id, file_name="parts.csv", content=rows)
        world.parts["parts_file"] = made.ref
    with world.as_("Mira") as work:
        rows = b"reference,name,country\nP-1,Nobody Ltd,Nowhere\n"
        vendor = work.principal.vendor_id
        made = files.take(work, PARTNERS, vendor, file_name="partners.csv", content=rows)
        files.carry_out(work, PARTNERS, made)
        world.parts["partners_file"] = made.ref
