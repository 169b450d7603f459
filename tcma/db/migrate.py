"""Brings a database to the newest schema, and says where tables and migrations differ."""

import importlib
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, pool, text

import tcma
from tcma.db.base import Model

FOLDER = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 4_117_001  # advisory lock: several processes may start at once


def all_tables() -> MetaData:
    """Return the metadata with every feature's tables in it."""
    root = Path(tcma.__file__).parent
    for path in sorted(
        [*root.glob("*/models*.py"), *root.glob("*/models/*.py"), *root.glob("db/*.py")]
    ):
        if path.stem not in {"__init__", "migrate"}:
            importlib.import_module(
                ".".join(("tcma", *path.relative_to(root).with_suffix("").parts))
            )
    return Model.metadata


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection, "metadata": all_tables()})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config


def upgrade(url: str, *, to: str = "head") -> None:
    """Run the missing migrations; waits for another process that is at it."""
    with _connect(url) as connection:
        connection.execute(text(f"select pg_advisory_lock({ONE_AT_A_TIME})"))
        connection.commit()
        command.upgrade(_config(connection), to)
        connection.execute(text(f"select pg_advisory_unlock({ONE_AT_A_TIME})"))
        connection.commit()


def downgrade(url: str, *, to: str = "base") -> None:
    """Run migrations backwards; data of the tables that go is lost."""
    with _connect(url) as connection:
        command.downgrade(_config(connection), to)
        connection.commit()


def drift(url: str) -> list[Any]:
    """Return what the tables in code have that the database has not, and the reverse."""
    with _connect(url) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, all_tables()))


def is_current(url: str) -> bool:
    """Say whether the database stands at the newest migration."""
    with _connect(url) as connection:
        heads = set(ScriptDirectory.from_config(_config(connection)).get_heads())
        return set(MigrationContext.configure(connection).get_current_heads()) == heads


def write_migration(url: str, message: str) -> None:
    """Write the next numbered version from what differs; a person reads and completes it."""
    with _connect(url) as connection:
        config = _config(connection)
        number = 1 + len(list(ScriptDirectory.from_config(config).walk_revisions()))
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")


def _connect(url: str) -> Connection:
    return create_engine(url, poolclass=pool.NullPool).connect()
