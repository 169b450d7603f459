"""A sheet that comes back from a CRM: its rows compared with what stands here, by the same rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from tcma.contacts.imports import on_disk
from tcma.contacts.reading import open_table
from tcma.crm.actions import connection
from tcma.crm.carrying import read_shared
from tcma.crm.defaults import OWNER_COLUMN
from tcma.crm.models import CrmConnection, CrmLink
from tcma.crm.rules import KEY_FIELD, SHARED, Fields, LinkState, fields_of, settle
from tcma.db.scope import visible
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.ids import new_id
from tcma.leads.handing_over import deal_facts, take
from tcma.leads.models import Lead, Opportunity
from tcma.words import say

MOST_ROWS = 5_000


@dataclass(slots=True)
class ReadBack:
    """What a sheet brought: how many rows, which changed something here, which could not be read."""

    rows: int = 0
    changed: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def read_back(work: Work, ref: str, content: bytes, *, name: str) -> ReadBack:
    """Take stages, sums, days and owners from a sheet; reading it twice changes nothing twice.

    Raises Invalid for a file that is no table or has no column of our references.
    """
    one = connection(work, ref)
    fields, result = fields_of(one.fields), ReadBack()
    with on_disk(content) as path:
        table = open_table(path, name=name)
        columns = [each.strip().casefold() for each in table.columns]
        if KEY_FIELD not in columns:
            raise Invalid(
                say("This file has no column {key_field}.", key_field=KEY_FIELD),
                code="crm.sheet",
                remedy=say("Keep the first column of the file that was downloaded here."),
                fields={
                    "file": say(
                        "It has no column {key_field}: keep the first column as it came.",
                        key_field=KEY_FIELD,
                    )
                },
            )
        for number, cells in table.rows():
            result.rows += 1
            if result.rows > MOST_ROWS:
                raise Invalid(say("A sheet holds {most_rows} rows at most.", most_rows=MOST_ROWS), code="crm.sheet",
                              fields={"file": say("Split it into several files.")})  # fmt: skip
            row = {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}
            why = _row(work, one, fields, row, result)
            if why:
                result.refused.append((number, why))
    work.audit("read back a sheet of", "crm", ref, rows=result.rows, changed=result.changed)
    return result


def _row(
    work: Work, one: CrmConnection, fields: Fields, row: Mapping[str, str], result: ReadBack
) -> str:
    """Settle one row; return why it could not be taken, empty when it was."""
    key = row[KEY_FIELD].lstrip("'")
    query = visible(select(Opportunity, Lead), work.principal, Opportunity)
    pair = work.session.execute(
        query.outerjoin(Lead, Lead.id == Opportunity.lead_id).where(Opportunity.ref == key)
    ).first()
    if pair is None:
        return f"{key or 'An empty cell'} is no opportunity of yours."
    deal, lead = pair
    link = _link(work, one.id, deal)
    ours = deal_facts(lead, deal, "", "", "")
    told = {
        name: row.get(place.field.casefold(), "")
        for name, place in fields.deal.items()
        if name in SHARED
    }
    theirs, said = read_shared(fields, told, ours)
    before = link.base.get("both", {})
    settled = settle(fields.wins, before, {n: ours[n] for n in SHARED}, theirs)
    both = dict(settled.both)
    if settled.take:
        why = take(work, deal, settled.take, one)
        if why:
            both = settled.without_taking(before)
        said = f"{said} {why}".strip()
        result.changed += not why
    link.base = {**link.base, "both": both}
    link.owner = row.get(OWNER_COLUMN.casefold(), "") or link.owner
    link.state, link.even_at, link.said = LinkState.EVEN, work.now, said
    return said


def _link(work: Work, connection_id: UUID, deal: Opportunity) -> CrmLink:
    whose: dict[str, UUID | None] = (
        {"lead_id": deal.lead_id} if deal.lead_id else {"opportunity_id": deal.id}
    )
    fresh = insert(CrmLink).values(
        id=new_id(), connection_id=connection_id, state=LinkState.EVEN, base={}, **whose
    )
    work.session.execute(fresh.on_conflict_do_nothing())
    query = select(CrmLink).filter_by(connection_id=connection_id, **whose)
    return work.session.scalars(query).one()
