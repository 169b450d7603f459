"""Reports over many launches: what the database does for a page, beside the same counted from rows."""

import time

from sqlalchemy import event, text

from tcma.delivery import reaction_sums
from tcma.reporting.launch_report import launch_report
from tcma.reporting.partner_report import partners_report
from tests.bench.figures import Figure, in_turn
from tests.bench.ground import settled
from tests.bench.limits import at_most
from tests.builders import mira
from tests.faults.stage import Stage

PEOPLE = 100
LAUNCHES_OF_PARTNER = 40
TURNS = 5
FILL = (
    """
    INSERT INTO partner SELECT (jsonb_populate_record(p, jsonb_build_object(
      'id', md5('partner ' || n)::uuid, 'slug', 'reported-' || n))).*
    FROM partner p, generate_series(1, :partners) n WHERE p.id = :partner
    """,
    """
    INSERT INTO enrolment SELECT (jsonb_populate_record(e, jsonb_build_object(
      'partner_id', md5('partner ' || n)::uuid))).*
    FROM enrolment e, generate_series(1, :partners) n WHERE e.partner_id = :partner
    """,
    """
    INSERT INTO mailing (vendor_id, partner_id, kind, state, expected_n, sent_n, failed_n, skipped_n,
      uncertain_n, cancelled_n, subject, created_at, finished_at)
    SELECT :vendor, md5('partner ' || 1 + n % :partners)::uuid, 1, 'finished', :people, :people,
      0, 0, 0, 0, 'launch ' || n, now() - n * interval '1 hour', now()
    FROM generate_series(1, :launches) n
    """,
    """
    INSERT INTO launch SELECT (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(),
      'ref', 'LCH-' || g.id, 'partner_id', g.partner_id, 'idempotency_key', g.subject,
      'state', 'finished', 'created_at', g.created_at))).*
    FROM launch l, mailing g WHERE l.ref = :ref AND g.subject LIKE 'launch %'
    """,
    """
    INSERT INTO launch_mail (launch_id, no, mail, audience, due_at, mailing_id)
    SELECT l.id, 1, 'mail', 'all', now(), g.id
    FROM launch l JOIN mailing g ON l.ref = 'LCH-' || g.id WHERE g.subject LIKE 'launch %'
    """,
    "SET LOCAL session_replication_role = replica",  # a message of the product never begins as sent
    """
    INSERT INTO message (mailing_id, contact_id, due_at, sent_at, state, address_hash, address)
    SELECT g.id, n, g.created_at, g.created_at, 3, sha256(int8send(n)), ''
    FROM mailing g, generate_series(1::bigint, :people) n WHERE g.subject LIKE 'launch %'
    """,
    "SET LOCAL session_replication_role = origin",
    """
    INSERT INTO message_reaction (message_id, mailing_id, opened_at, human_opened_at, clicked_at,
      human_clicked_at)
    SELECT id, mailing_id, at, CASE WHEN id % 3 > 0 THEN at END, CASE WHEN id % 5 = 0 THEN at END,
      CASE WHEN id % 7 = 0 THEN at END
    FROM (SELECT id, mailing_id, sent_at + id % 80 * interval '1 hour' AS at FROM message
      WHERE state = 3 AND id % 10 < 4) AS answered
    """,
)
COUNTED = text(
    """
    SELECT l.partner_id, count(DISTINCT l.id), count(*), count(r.human_opened_at),
      count(r.human_clicked_at), count(r.clicked_at), count(r.bounced_at), count(r.unsubscribed_at)
    FROM launch l JOIN launch_mail lm ON lm.launch_id = l.id
      JOIN message m ON m.mailing_id = lm.mailing_id AND m.state = 3
      LEFT JOIN message_reaction r ON r.message_id = m.id
    WHERE l.vendor_id = :vendor GROUP BY 1
    """
)


def measure(ground):
    """A vendor's partners, one launch, and the night's comparison of every sum with its rows."""
    count = ground.size.reported
    partners = max(1, count // LAUNCHES_OF_PARTNER)
    with ground.installation("reports") as db:
        stage = Stage(db, count=2)
        ref = stage.planned()
        about = {
            "partner": stage.partner_id, "vendor": stage.vendor_id, "ref": ref,
            "partners": partners, "launches": count, "people": PEOPLE,
        }  # fmt: skip
        with db() as work:
            who = mira(work, stage.vendor_id)
            for statement in FILL:
                work.session.execute(text(statement), about)
            one = work.session.scalar(text("select max(ref) from launch where state = 'finished'"))
        with db() as work:
            reaction_sums.roll(work)
        settled(db)
        found = in_turn(
            TURNS,
            page=lambda: _asked(db, who, partners_report),
            rows=lambda: _asked(db, who, lambda s, _: s.execute(COUNTED, about).all()),
            launch=lambda: _asked(db, who, lambda s, p: launch_report(s, p, one)),
            audit=lambda: _asked(
                db, who, lambda s, _: s.scalar(reaction_sums.COMPARE, {"since": None})
            ),
        )
    over = f"{count:,} launches of {partners:,} partners, {count * PEOPLE:,} mails"
    yield Figure(
        name=f"report.page: a vendor's partners, {over}", value=found["page"],
        unit="ms in the database", peer="the same counted from the rows", peer_value=found["rows"],
        bound=at_most(100, "ms"),
    )  # fmt: skip
    for name, what in (("launch", "report.page: one launch"), ("audit", "report.audit: all sums")):
        yield Figure(
            name=f"{what} of {over}", value=found[name], unit="ms in the database", peer=None,
            reason="no peer does this",
        )  # fmt: skip


def _asked(db, who, ask):
    """What the statements of a question take, in milliseconds."""
    spent = []

    def before(connection, cursor, statement, parameters, context, many):
        connection.info["began"] = time.perf_counter()

    def after(connection, cursor, statement, parameters, context, many):
        spent.append(time.perf_counter() - connection.info["began"])

    hooks = {"before_cursor_execute": before, "after_cursor_execute": after}
    for name, hook in hooks.items():
        event.listen(db.engine, name, hook)
    try:
        with db(who) as work:
            ask(work.session, who)
    finally:
        for name, hook in hooks.items():
            event.remove(db.engine, name, hook)
    return 1e3 * sum(spent)
