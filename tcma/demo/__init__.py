"""The demo world, made through the same verbs the consoles use."""

from tcma.contacts.importing import run_import
from tcma.demo.history import build_history
from tcma.demo.names import publish_names
from tcma.demo.people import PEOPLE, DemoPerson
from tcma.demo.world import build_ground, start_imports
from tcma.demo.world import is_empty as has_no_vendor
from tcma.permissions import SYSTEM
from tcma.wiring import Services

__all__ = ["PEOPLE", "DemoPerson", "build_world", "is_empty"]


def is_empty(services: Services) -> bool:
    """Say whether the database holds no world yet."""
    with services.transaction(SYSTEM) as work:
        return has_no_vendor(work)


def build_world(services: Services) -> None:
    """Fill an empty installation: the ground in one transaction, then lists, domains and a history."""
    with services.transaction(SYSTEM) as work:
        build_ground(work)
        started = start_imports(work)
    for import_id in started:
        run_import(lambda: services.transaction(SYSTEM), import_id)
    publish_names(services)
    build_history(services)
