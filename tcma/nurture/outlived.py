"""Journeys that outlive what they are of: a campaign that ended or stays stopped, a partner that left."""

from sqlalchemy import text

from tcma.db.work import Work
from tcma.journeys.interpreter import TOO_OLD
from tcma.nurture.rules import BATCH, OPEN
from tcma.nurture.versions import version_by_id

VERSIONS = text("""
SELECT n.id, c.ended, c.stopped FROM (
  SELECT id, state = 'retired' AS ended, EXISTS (
    SELECT FROM campaign_stop s WHERE s.campaign_id = campaign.id AND s.lifted_at IS NULL
    AND s.stopped_at < :before) AS stopped FROM campaign) c
JOIN sequence q ON q.campaign_id = c.id JOIN sequence_version n ON n.sequence_id = q.id
WHERE (c.ended OR c.stopped)
  AND EXISTS (SELECT FROM nurture_run r WHERE r.version_id = n.id AND r.state = ANY(:open))
""")
OF_VERSIONS = text("""
SELECT id FROM nurture_run WHERE version_id = ANY(:versions) AND state = ANY(:open)
ORDER BY id LIMIT :most
""")
OF_PARTNERS_GONE = text("""
SELECT r.id FROM enrolment e JOIN nurture_run r
  ON r.partner_id = e.partner_id AND r.vendor_id = e.vendor_id
WHERE e.state = 'ended' AND r.state = ANY(:open) ORDER BY r.id LIMIT :most
""")


def outlived(work: Work, *, most: int = BATCH) -> list[int]:
    """Return open runs that must end because their campaign or their partnership did.

    A stop may be lifted, and then everything goes on; only one that has lasted as long as a mail may
    be late ends journeys.
    """
    session, open_ = work.session, [int(state) for state in OPEN]
    gone = list(session.scalars(OF_PARTNERS_GONE, {"open": open_, "most": most}))
    over = session.execute(VERSIONS, {"open": open_, "before": work.now - TOO_OLD}).all()
    named = []
    for row in over:
        exits = version_by_id(work, row.id).journey.exits
        if (row.ended and "expired" in exits) or (row.stopped and "stopped" in exits):
            named.append(row.id)
    values = {"versions": named, "open": open_, "most": most}
    return gone + (list(session.scalars(OF_VERSIONS, values)) if named else [])
