"""Frequency caps by constraint: a mail takes a free slot of its period, and there are only so many."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, text

from tcma.db.work import Work
from tcma.journeys.document import Cap, Period
from tcma.nurture.models import CapHit
from tcma.nurture.rules import CAPS_KEPT

Key = tuple[UUID, bytes, int]
"""Whose cap it is (vendor or partner), the hash of the address, the first day of the period."""

TAKE = text("""
INSERT INTO cap_hit (scope_id, address_hash, period, slot)
SELECT w.scope, decode(w.hash, 'hex'), w.period, free.slot
FROM json_to_recordset(cast(:wanted AS json))
     AS w (scope uuid, hash text, period int, cap int, wanted int)
CROSS JOIN LATERAL (
  SELECT s AS slot FROM generate_series(1, w.cap) s
  WHERE NOT EXISTS (
    SELECT FROM cap_hit h WHERE h.scope_id = w.scope AND h.address_hash = decode(w.hash, 'hex')
      AND h.period = w.period AND h.slot = s)
  ORDER BY s LIMIT w.wanted) free
ORDER BY 1, 2, 3, 4
ON CONFLICT DO NOTHING
RETURNING scope_id, address_hash, period
""")
HOLD = text("""
SELECT pg_advisory_xact_lock(h) FROM (
  SELECT DISTINCT hashtextextended(k, 0) AS h FROM string_to_table(:keys, E'\\n') k ORDER BY 1) x
""")
"""One after the other for the same person, always in the same order: nobody waits in a circle."""
GIVE_BACK = text("""
DELETE FROM cap_hit c USING (
  SELECT h.*, u.unused, row_number() OVER (PARTITION BY h.scope_id, h.address_hash, h.period ORDER BY h.slot DESC) AS n
  FROM json_to_recordset(cast(:unused AS json)) AS u (scope uuid, hash text, period int, unused int)
  JOIN cap_hit h ON h.scope_id = u.scope AND h.address_hash = decode(u.hash, 'hex') AND h.period = u.period) last
WHERE last.n <= last.unused AND c.scope_id = last.scope_id AND c.address_hash = last.address_hash
  AND c.period = last.period AND c.slot = last.slot
""")


def key_of(scope_id: UUID, address_hash: bytes, at: datetime, zone: str, of: Period) -> Key:
    """Return the key of the period an instant is in."""
    return scope_id, address_hash, first_day(at, zone, of)


@lru_cache(maxsize=512)
def first_day(at: datetime, zone: str, of: Period) -> int:
    """Return the ordinal of the first day of the period an instant is in."""
    local = at.astimezone(ZoneInfo(zone))
    return local.toordinal() - (local.weekday() if of is Period.WEEK else 0)


def opens(at: datetime, zone: str, of: Period) -> datetime:
    """Return when the next period begins."""
    wall = at.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    days = 7 - wall.weekday() if of is Period.WEEK else 1
    return (wall + timedelta(days=days)).astimezone(at.tzinfo)


def take(
    work: Work, wanted: Mapping[Key, tuple[int, Cap]], *, ruled: Iterable[bytes] = ()
) -> Counter[Key]:
    """Take so many slots of each key; return how many were had, never more than the cap holds.

    Whoever is `ruled`, by the hash of the address, is held for what is asked of them next: until the
    transaction ends nobody else counts their mails, no launch either (`frequency.one_after_the_other`).

    Who loses a race for a slot tries the next one: as often as there are slots, for each look sees
    what the others have committed meanwhile.
    """
    had = Counter[Key]()
    named = {key: (str(key[0]), key[1].hex()) for key in wanted}
    keys = [f"cap {scope} {digest} {key[2]}" for key, (scope, digest) in named.items()]
    keys += [digest.hex() for digest in ruled]
    work.session.execute(HOLD, {"keys": "\n".join(keys)})
    left = {key: count for key, (count, _) in wanted.items() if count}
    for _ in range(max((cap.mails for _, cap in wanted.values()), default=0)):
        if not left:
            break
        rows = [
            {"scope": named[key][0], "hash": named[key][1], "period": key[2],
             "cap": wanted[key][1].mails, "wanted": count}
            for key, count in left.items()
        ]  # fmt: skip
        taken = work.session.execute(TAKE, {"wanted": json.dumps(rows)})
        got = Counter((row.scope_id, bytes(row.address_hash), row.period) for row in taken)
        had += got
        left = {key: count - got[key] for key, count in left.items() if count > got[key]}
    return had


def give_back(work: Work, unused: Mapping[Key, int]) -> None:
    """Free so many slots of each key that this transaction took and could not use."""
    rows = [
        {"scope": str(scope), "hash": digest.hex(), "period": day, "unused": slots}
        for (scope, digest, day), slots in unused.items()
        if slots > 0
    ]
    if rows:
        work.session.execute(GIVE_BACK, {"unused": json.dumps(rows)})


def forget(work: Work) -> None:
    """Delete the slots of periods that are over for good."""
    before = (work.now - CAPS_KEPT).toordinal()
    work.session.execute(delete(CapHit).where(CapHit.period < before))
