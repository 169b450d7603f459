"""Sums of first reactions by mailing and day: kept, read, compared with the rows and mended.

Triggers of `message_reaction` write down what each statement changed, in the same transaction: a
first open is one more on its day, a verdict that changes takes one away and adds one, whatever is
late lands on its own day. `roll` moves these changes into the sums. It takes rows away and adds
them up in one statement, so whoever reads sums and changes together, in one statement too, reads
what the rows say at every moment: before, while and after it ran, however many run, wherever one is
killed. No transaction id is kept anywhere: a long transaction holds back its own changes and no
others, and a restored dump needs nothing. Erasing a person and letting old people go empty
addresses and agents; their reactions stay, so sums do too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Label, Subquery, func, select, text, union_all
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.delivery.models import ReactionAudit, ReactionChange, ReactionDay

REACTIONS = (
    "opened", "human_opened", "clicked", "human_clicked", "bounced", "complained",
    "unsubscribed", "replied",
)  # fmt: skip
"""The first reactions that are summed."""
MOST = 20_000
"""Changes of one turn: under a second, so that a turn that is killed has little to do again."""
LATE = timedelta(seconds=60)
"""A change that waits longer says that nobody rolls; a transaction that is open longer, that something hangs."""
AUDITED = timedelta(days=7)
ONE_AT_A_TIME = 4_117_004  # advisory lock: two who mend would mend twice

_NAMES = ", ".join(REACTIONS)


def _each(shape: str, between: str = ", ") -> str:
    return between.join(shape.format(name=name) for name in REACTIONS)


ROLL = text(
    f"""
    WITH taken AS (
      DELETE FROM reaction_change WHERE id = ANY (ARRAY(
        SELECT id FROM reaction_change ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED))
      RETURNING mailing_id, on_day, {_NAMES}
    ), rolled AS (
      INSERT INTO reaction_day AS d (mailing_id, on_day, {_NAMES})
      SELECT mailing_id, on_day, {_each("sum({name})")} FROM taken GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (mailing_id, on_day) DO UPDATE SET {_each("{name} = d.{name} + excluded.{name}")}
    )
    SELECT count(*) FROM taken
    """  # noqa: S608 - names of ours
)
"""In the order of the key, so that two who roll wait for each other in one direction."""

_DIFFERENCES = f"""
    WITH counted AS (
      SELECT r.mailing_id, (e.at AT TIME ZONE coalesce(v.zone, 'UTC'))::date AS on_day,
        {_each("count(*) FILTER (WHERE e.name = '{name}') AS {name}")}
      FROM message_reaction r
        LEFT JOIN mailing g ON g.id = r.mailing_id LEFT JOIN vendor v ON v.id = g.vendor_id
        CROSS JOIN LATERAL (VALUES {_each("('{name}', r.{name}_at)")}) AS e (name, at)
      WHERE e.at >= coalesce(CAST(:since AS date) - 1, '-infinity') GROUP BY 1, 2
    ), summed AS (
      SELECT mailing_id, on_day, {_each("-{name} AS {name}")} FROM reaction_day
      UNION ALL SELECT mailing_id, on_day, {_each("-{name}")} FROM reaction_change
    )
    SELECT mailing_id, on_day, {_each("sum({name}) AS {name}")}
    FROM (SELECT * FROM counted UNION ALL SELECT * FROM summed) AS each
    WHERE on_day >= coalesce(CAST(:since AS date), '-infinity')
    GROUP BY 1, 2 HAVING {_each("sum({name}) <> 0", " OR ")}
"""  # noqa: S608 - names of ours
COMPARE = text(f"SELECT count(*) FROM ({_DIFFERENCES}) AS wrong")  # noqa: S608 - names of ours
MEND = text(
    f"""
    INSERT INTO reaction_change (mailing_id, on_day, {_NAMES}) {_DIFFERENCES} RETURNING id
    """
)
"""What is missing is one more change: nobody has to stand still for it."""


def roll(work: Work, *, most: int = MOST) -> int:
    """Move the next changes into the sums; return how many. Others that roll take others."""
    return work.session.scalar(ROLL, {"most": most}) or 0


def audit(work: Work, *, since: date | None = None, mend: bool = False) -> int:
    """Count the rows again and return how many days of mailings differ from the sums.

    `since` names the first day that is looked at, None for all. With `mend` the differences are
    added, so that nothing differs afterwards. One statement sees one moment: writers and rollers
    go on meanwhile.
    """
    work.session.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
    found = work.session.execute(MEND if mend else COMPARE, {"since": since})
    wrong = len(found.all()) if mend else found.scalar_one()
    work.session.add(ReactionAudit(at=work.now, since=since, wrong=wrong, mended=mend))
    if mend and wrong:
        work.audit("mended", "sums", "reactions", words=f"{wrong} days of mailings")
    return wrong


def audit_nightly(work: Work) -> int | None:
    """Compare the last seven days, once a day of UTC; None when that was done today."""
    newest = _newest(work.session)
    if newest is not None and newest.at.date() >= work.now.date():
        return None
    return audit(work, since=(work.now - AUDITED).date())


@dataclass(frozen=True, slots=True)
class Standing:
    """How the sums stand: `waiting_s` is the age of the oldest change, `open_s` of a transaction.

    `open_s` is that of the longest open transaction that has written; `wrong` days of mailings
    differed when they were last compared, at `audited_at`, and were not mended since.
    """

    waiting_s: int
    open_s: int
    audited_at: datetime | None
    wrong: int

    @property
    def is_late(self) -> bool:
        """Whether nobody rolls."""
        return self.waiting_s > LATE.total_seconds()

    @property
    def is_held(self) -> bool:
        """Whether a transaction keeps what it wrote to itself for too long."""
        return self.open_s > LATE.total_seconds()


def differing(wrong: int) -> str:
    """Say how many sums are not what their rows say: a sum is one day of one mailing."""
    return "1 sum differs from its rows" if wrong == 1 else f"{wrong:,} sums differ from their rows"


AGES = text(
    """
    SELECT coalesce((SELECT extract(epoch FROM now() - min(at)) FROM reaction_change), 0)::bigint,
      coalesce((SELECT extract(epoch FROM clock_timestamp() - min(xact_start)) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'
          AND backend_xid IS NOT NULL), 0)::bigint
    """
)


def standing(session: Session) -> Standing:
    """Return how the sums stand now."""
    waiting, is_open = session.execute(AGES).one()
    newest = _newest(session)
    wrong = newest.wrong if newest is not None and not newest.mended else 0
    return Standing(waiting, is_open, newest.at if newest else None, wrong)


def _newest(session: Session) -> ReactionAudit | None:
    return session.scalars(select(ReactionAudit).order_by(ReactionAudit.id.desc()).limit(1)).first()


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def reaction_sums() -> Subquery:
    """Return sums and changes in one: `mailing_id`, `on_day` and a column for each reaction.

    Exact when one statement sums it.
    """
    parts = (
        select(table.mailing_id, table.on_day, *(getattr(table, name) for name in REACTIONS))
        for table in (ReactionDay, ReactionChange)
    )
    return union_all(*parts).subquery("reactions")


def sums_in(summed: Subquery, names: Sequence[str] = REACTIONS) -> list[Label[int]]:
    """Return a sum of each of these reactions, by its name."""
    return [func.sum(summed.c[name]).label(name) for name in names]
