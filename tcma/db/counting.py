"""How many rows a statement changed, where the rows themselves are of no interest."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CursorResult, Executable
from sqlalchemy.orm import Session


def changed(
    session: Session, statement: Executable, values: Mapping[str, Any] | None = None
) -> int:
    """Execute an INSERT, UPDATE or DELETE; return how many rows it changed."""
    counted = {"preserve_rowcount": True}  # else an INSERT's count is thrown away
    done = session.execute(statement, dict(values or {}), execution_options=counted)
    if not isinstance(done, CursorResult):
        raise TypeError("a query changes no rows")
    return done.rowcount
