"""A row that the database refuses to change, and what is done beside it all the same."""

from contextlib import contextmanager

from sqlalchemy import text

REFUSED = "this row is odd"


@contextmanager
def odd(db, table, row, *, on="UPDATE"):
    """Within the block whoever writes such a row fails: `row` is a condition on it, as `r.id = 1`."""
    held = row.replace("r.", "NEW.")
    with db() as work:
        refuse = f"BEGIN RAISE EXCEPTION '{REFUSED}'; END"
        work.session.execute(
            text(f"CREATE FUNCTION refuse_odd() RETURNS trigger LANGUAGE plpgsql AS $$ {refuse} $$")
        )
        work.session.execute(
            text(
                f"CREATE TRIGGER odd BEFORE {on} ON {table} FOR EACH ROW WHEN ({held})"
                " EXECUTE FUNCTION refuse_odd()"
            )
        )
    try:
        yield
    finally:
        with db() as work:
            work.session.execute(text("DROP FUNCTION refuse_odd() CASCADE"))
