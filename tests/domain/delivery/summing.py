"""Three mailings in three zones, what their rows say by a plain count, and what their sums say."""

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, text

from tcma.delivery.reaction_sums import REACTIONS, sums_in
from tcma.delivery.reaction_sums import reaction_sums as summed_rows

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ZONES = ("Europe/London", "Pacific/Auckland", "America/Los_Angeles")
UPSERT = (
    "insert into message_reaction as r (message_id, mailing_id, {0}_at) values (:id, :mailing, :at)"
    " on conflict (message_id) do update set {0}_at = coalesce(r.{0}_at, excluded.{0}_at)"
)
JUDGED = "update message_reaction set human_clicked_at = :at, human_opened_at = :at where message_id = :id"


def counted(session, mailings):
    """What the rows say, in a few lines."""
    zones = dict(zip(mailings, map(ZoneInfo, ZONES), strict=True))
    found = Counter()
    for row in session.execute(text("select * from message_reaction")).mappings():
        for name in REACTIONS:
            if at := row[f"{name}_at"]:
                found[row["mailing_id"], at.astimezone(zones[row["mailing_id"]]).date(), name] += 1
    return found


def told(session):
    """What the sums say; what comes to nothing is not told."""
    each = summed_rows()
    rows = session.execute(
        select(each.c.mailing_id, each.c.on_day, *sums_in(each)).group_by(
            each.c.mailing_id, each.c.on_day
        )
    ).mappings()
    cells = {
        (row["mailing_id"], row["on_day"], name): row[name] for row in rows for name in REACTIONS
    }
    return {cell: n for cell, n in cells.items() if n}


def agree(db, mailings):
    with db() as work:
        assert told(work.session) == counted(work.session, mailings)
