"""The demo world, made through the same verbs the consoles use."""

from sqlalchemy import select

from tcma.demo.people import PEOPLE, DemoPerson
from tcma.partners.models import Vendor
from tcma.permissions import SYSTEM
from tcma.wiring import Services

__all__ = ["PEOPLE", "DemoPerson", "build_world", "is_empty"]


def is_empty(services: Services) -> bool:
    """Say whether the database holds no world yet: there is no vendor."""
    with services.transaction(SYSTEM) as work:
        return work.session.scalar(select(Vendor.id).limit(1)) is None


def build_world(services: Services) -> None:
    """Fill an empty installation: the ground in one transaction, then lists, domains and a history.

    What makes it loads now: commands that only look whether there is a world take a third of the time.
    """
    from tcma.contacts.importing import run_import
    from tcma.demo.history import build_history
    from tcma.demo.names import publish_names
    from tcma.demo.world import build_ground, start_imports

    with services.transaction(SYSTEM) as work:
        build_ground(work)
        started = start_imports(work)
    for import_id in started:
        run_import(lambda: services.transaction(SYSTEM), import_id)
    publish_names(services)
    build_history(services)
