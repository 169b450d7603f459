"""A house of money with its app, and its people at their browsers."""

from functools import cached_property

import pytest
from sqlalchemy import text

from tests import builders
from tests.domain.mdf.conftest import house  # noqa: F401 - the fixture
from tests.pages import Visitor, app_of


class Counter:
    """`counter.mira`, `finn`, `alice` visit the pages of `counter.house`."""

    def __init__(self, of, folder):
        self.house = of
        self.app = app_of(of.db, folder)

    @cached_property
    def mira(self):
        return self.visitor(self.house.mira)

    @cached_property
    def finn(self):
        return self.visitor(self.house.finn)

    @cached_property
    def ada(self):
        with self.house.db() as work:
            ada = builders.ada(work, self.house.vendor)
        return self.visitor(ada)

    @cached_property
    def alice(self):
        return self.visitor(self.house.alice)

    def visitor(self, principal):
        with self.house.db() as work:
            query = text("SELECT email FROM user_account WHERE id = :id")
            email = work.session.scalar(query, {"id": principal.user_id})
        return Visitor(self.app, email)


@pytest.fixture
def counter(house, tmp_path):  # noqa: F811 - the fixture
    return Counter(house, tmp_path)
