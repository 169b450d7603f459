"""A file names an address that was merged into another contact: its row is that contact's."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_ANY = text("""
SELECT EXISTS (SELECT FROM contact_merge m JOIN import_stage s ON s.address_hash = m.other_hash
  WHERE m.partner_id = :partner)
""")
_HOME = text("""
WITH one AS (
  SELECT DISTINCT ON (c.address_hash) s.address_hash AS was, c.address_hash AS home, c.address
  FROM import_stage s
    JOIN contact_merge m ON m.partner_id = :partner AND m.other_hash = s.address_hash
    JOIN contact c ON c.id = m.kept_id
  WHERE NOT EXISTS (SELECT FROM import_stage k WHERE k.address_hash = c.address_hash)
  ORDER BY c.address_hash, s.stopped DESC
)
UPDATE import_stage s SET address_hash = one.home, address = one.address
FROM one WHERE s.address_hash = one.was
""")
_STOP_HOME = text("""
UPDATE import_stage k SET stopped = true
FROM import_stage s JOIN contact_merge m ON m.partner_id = :partner AND m.other_hash = s.address_hash
  JOIN contact c ON c.id = m.kept_id
WHERE s.stopped AND k.address_hash = c.address_hash
""")
_SECOND = text("""
WITH gone AS (
  DELETE FROM import_stage s USING contact_merge m
  WHERE m.partner_id = :partner AND m.other_hash = s.address_hash RETURNING s.stopped
)
SELECT count(*) FILTER (WHERE NOT stopped) AS known, count(*) FILTER (WHERE stopped) AS stopped
FROM gone
""")


@dataclass(frozen=True, slots=True)
class Twice:
    """Rows whose person stands in the same chunk already, by another address."""

    known: int = 0
    stopped: int = 0


def lead_merged_home(session: Session, partner_id: UUID) -> Twice:
    """Give staged rows of merged addresses to the contact they became; count those left over.

    Who unsubscribed by one of the addresses has unsubscribed.
    """
    scope = {"partner": partner_id}
    if not session.scalar(_ANY, scope):
        return Twice()
    session.execute(_HOME, scope)
    session.execute(_STOP_HOME, scope)
    row = session.execute(_SECOND, scope).one()
    return Twice(known=row.known, stopped=row.stopped)
