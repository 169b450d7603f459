"""What all tables share: the base, constraint names, the UTC column, money columns, scope."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Dialect, LargeBinary, MetaData, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

from tcma.ids import new_id


class Instant(TypeDecorator[datetime]):
    """`timestamptz`; refuses a naive value."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the hook's signature
        """Let only aware instants through."""
        if value is not None and value.tzinfo is None:
            raise TypeError("an instant without a zone")
        return value

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """Let a time span be added to an instant."""
        return self if isinstance(value, datetime) else DateTime().coerce_compared_value(op, value)


class Model(DeclarativeBase):
    """Base of every table; constraint names are PostgreSQL's own, so drift checks stay quiet."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - read by SQLAlchemy as a class attribute
        datetime: Instant(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
        bytes: LargeBinary(),
        str: String(),
    }


Key = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
"""A UUIDv7 primary key, chosen before the insert."""

Minor = Annotated[int, mapped_column(BigInteger())]
"""Integer minor units of the row's currency."""

Number = Annotated[int, mapped_column(BigInteger(), primary_key=True, autoincrement=True)]
"""A mass row's key; never leaves the house bare."""
