"""Migrations run up, down and up again, and leave what the tables in code say."""

from sqlalchemy import text

from tcma.db import migrate
from tests.services import engine_of

LEFT = """
select 'table ' || relname from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'S', 'm')
    and relname not like 'alembic_version%'
union all select 'function ' || proname from pg_proc where pronamespace = 'public'::regnamespace
union all select 'type ' || typname from pg_type
  where typnamespace = 'public'::regnamespace and typtype in ('e', 'd')
"""


def what_is_left(url):
    with engine_of(url) as engine, engine.connect() as connection:
        return sorted(connection.scalars(text(LEFT)))


def test_tables_in_code_and_in_the_database_are_the_same(database_url):
    assert migrate.drift(database_url) == []


def test_they_run_up_down_and_up_again(postgres):
    with postgres.empty() as url:
        assert not migrate.is_current(url)
        migrate.upgrade(url)
        assert migrate.is_current(url)
        first = what_is_left(url)
        migrate.downgrade(url)
        assert what_is_left(url) == []
        migrate.upgrade(url)
        assert what_is_left(url) == first
        assert len(first) > 10


def test_running_them_twice_changes_nothing(database_url):
    before = what_is_left(database_url)
    migrate.upgrade(database_url)
    assert what_is_left(database_url) == before
