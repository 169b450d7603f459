"""What a piece of work asks of the database, statement by statement."""

from contextlib import contextmanager

from sqlalchemy import event


@contextmanager
def statements(engine):
    """The texts that go to the server meanwhile, in their order; a list that grows."""
    said = []

    def note(_connection, _cursor, statement, *_rest):
        said.append(" ".join(statement.split()))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)
