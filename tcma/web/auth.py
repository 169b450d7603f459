"""Who asks: the sign-in cookie, the permission each view declares, and the side it belongs to."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Response, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from tcma.accounts.queries import SignedIn
from tcma.accounts.sessions import recognise
from tcma.db.scope import found
from tcma.errors import Forbidden, NotFound
from tcma.permissions import SYSTEM, Permission, Principal, Role
from tcma.web.unit_of_work import services
from tcma.words import say

COOKIE = "tcma_session"
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

VISITOR = Principal(user_id=None, name="visitor", role=Role.SYSTEM, via="public")
"""Whoever follows a public or signed link; its views limit rows by the link itself."""

SIDES = {"console": "partner", "studio": "vendor", "desk": "vendor"}


def who() -> SignedIn | None:
    """Return the signed-in person of this request, read once."""
    if "signed_in" not in g:
        token = request.cookies.get(COOKIE, "")
        g.signed_in = None
        if token:
            with services().transaction(SYSTEM) as work:
                g.signed_in = recognise(work.session, token, now=work.now)
    return cast(SignedIn | None, g.signed_in)


def signed() -> SignedIn:
    """Return the signed-in person; inside a guarded view there is one."""
    return found(who())


def allows(permission: Permission) -> Callable[[View], View]:
    """Let a view run for signed-in people of its side whose role carries `permission`.

    Anonymous people are asked to sign in; the other side's people get 404, a role without the
    permission 403. The view runs inside one transaction that commits before the answer leaves.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(**args: Any) -> ResponseReturnValue:
            person = who()
            if person is None:
                return redirect(url_for("public.sign_in", next=request.full_path.rstrip("?")))
            side = SIDES.get(request.blueprint or "")
            if side and not side_of(person.principal, side):
                raise NotFound
            if not person.principal.may(permission):
                raise Forbidden(
                    say("Your role cannot do this."), remedy=say("Ask a colleague who can.")
                )
            return in_transaction(view, person.principal, args)

        guarded.permission = permission  # type: ignore[attr-defined]
        return cast(View, guarded)

    return guard


def open_to_all(reason: str) -> Callable[[View], View]:
    """Let anybody call a view; `reason` says what limits it instead (token, content hash …)."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(**args: Any) -> ResponseReturnValue:
            return in_transaction(view, VISITOR, args)

        guarded.open_because = reason  # type: ignore[attr-defined]
        return cast(View, guarded)

    return guard


def in_transaction(
    view: Callable[..., ResponseReturnValue], principal: Principal, args: dict[str, Any]
) -> Response:
    """Run a view inside its one transaction; the answer is made before the commit."""
    try:
        with services().transaction(principal) as work:
            g.work = work
            return make_response(view(**args))
    finally:
        g.pop("work", None)


def side_of(principal: Principal, side: str) -> UUID | None:
    """Return the principal's own vendor or partner, None when it stands on the other side."""
    return principal.vendor_id if side == "vendor" else principal.partner_id


def audience(principal: Principal) -> str:
    """Return the audience a role starts in."""
    if principal.partner_id:
        return "console"
    return "studio" if principal.role is Role.VENDOR_MARKETER else "desk"
