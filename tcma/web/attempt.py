"""A verb that a page tries: refused, it leaves nothing behind, and the form shows why."""

from collections.abc import Iterator
from contextlib import contextmanager

from tcma.errors import TcmaError
from tcma.web.errors import status_of
from tcma.web.forms.base import Form
from tcma.web.unit_of_work import work


class Attempt:
    """What became of it: `status` is 0 while nothing was refused."""

    def __init__(self) -> None:
        self.status = 0
        self.words = ""

    @property
    def done(self) -> bool:
        """Say whether the verb went through."""
        return not self.status


@contextmanager
def attempt(form: Form | None = None) -> Iterator[Attempt]:
    """Run verbs in a savepoint; a refusal is undone, kept in `words` and shown by `form`."""
    tried = Attempt()
    try:
        with work().session.begin_nested():
            yield tried
    except TcmaError as error:
        tried.status = status_of(error)
        if tried.status == 404:
            raise
        tried.words = error.advice
        if form is not None:
            form.refuse(error)
