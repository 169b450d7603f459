"""Send every form for real, and take it back: the transaction of a rehearsed request is undone."""

from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import cache

from tcma.wiring import Services
from tests.pages import Page, Visitor, app_over

VENDOR_SIDE = ("Mira", "Finn", "Ada", "Vera")
OTHER_VENDOR = ("Olga", "Rui")


class UndoneError(Exception):
    """Raised at the end of a rehearsed transaction."""


@dataclass(frozen=True)
class Rehearsing(Services):
    """Services whose transactions are rolled back while `switch["undo"]` is on."""

    switch: dict = field(default_factory=lambda: {"undo": False})

    @contextmanager
    def transaction(self, principal):
        try:
            with Services.transaction(self, principal) as work:
                yield work
                take_back(self.switch["undo"])
        except UndoneError:
            return


def take_back(wanted):
    if wanted:
        raise UndoneError


class Rehearsal:
    """`rehearsal.ask(name, method, path)`: the answer somebody gets; nothing is kept."""

    def __init__(self, world, app, switch):
        self.world = world
        self.app = app
        self.switch = switch
        self.visitor = cache(self._visitor)

    def _visitor(self, name):
        one = Visitor(self.app, self.world.emails.get(name))
        one.csrf = one._token()
        return one

    def ask(self, name, method, path, /, *, token=True, **form):
        """Open `path` as somebody (`""` is nobody), with the form's token unless told otherwise."""
        visitor = self.visitor(name)
        data = {"csrf_token": visitor.csrf, **form} if token else form
        self.switch["undo"] = True
        try:
            if method == "GET":
                return Page(visitor.client.get(path), path)
            return Page(visitor.client.open(path, method=method, data=data), path)
        finally:
            self.switch["undo"] = False

    def may(self, name, permission):
        return self.world.people[name].may(permission)

    def insider(self, endpoint, permission):
        """Somebody of the right side whose role carries the permission."""
        if endpoint.startswith(("console.", "public.")):
            return "Alice"
        return next(each for each in VENDOR_SIDE if self.may(each, permission))

    def outsider(self, permission):
        """Somebody of another vendor with the same permission."""
        return next(each for each in OTHER_VENDOR if self.may(each, permission))

    def powerless(self, endpoint, permission):
        """Somebody of the right side whose role lacks the permission; None when all carry it."""
        side = ("Sam", "Tom") if endpoint.startswith("console.") else VENDOR_SIDE
        return next((each for each in side if not self.may(each, permission)), None)


def rehearsal_of(world):
    kept = {each.name: getattr(world.services, each.name) for each in fields(Services)}
    services = Rehearsing(**kept)
    return Rehearsal(world, app_over(services), services.switch)
