"""A partner's own pages at LinkedIn and Facebook: connect, try, end."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from tcma.permissions import Permission
from tcma.ports import SocialError, SocialFault
from tcma.social import accounts
from tcma.social.rules import HABITS, SENDABLE, Network
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.social_cards import ICONS
from tcma.web.forms.social import AccountForm
from tcma.web.unit_of_work import services, work
from tcma.web.wording import flash
from tcma.words import joined, say


def sendable(network: str) -> Network:
    """Return a network that posts can be sent to; NotFound for another."""
    if network not in tuple(SENDABLE):
        raise NotFound
    return Network(network)


@console.get("/social")
@allows(Permission.SOCIAL_CONNECT)
def social_index() -> ResponseReturnValue:
    """Show the networks and what is connected there."""
    return accounts_page()


def accounts_page(
    tried: Network | None = None, form: AccountForm | None = None, *, status: int = 200
) -> ResponseReturnValue:
    """Render the page; a form that was refused stays with what was typed."""
    known = accounts.accounts(work().session, work().principal)
    page = render_template(
        "console/social/index.html",
        networks=[
            (
                network,
                HABITS[network].name,
                ICONS[network],
                known.get(network),
                form
                if form and network == tried
                else AccountForm(formdata=None, prefix=f"{network}-"),
            )
            for network in SENDABLE
        ],
        problems={f"{tried}-{n}" if n else "": said for n, said in form.problems.items()}
        if form
        else {},
    )
    return make_response(page, status)


@console.post("/social/<network>")
@allows(Permission.SOCIAL_CONNECT)
def social_connect(network: str) -> ResponseReturnValue:
    """Ask the network whose page it is, then keep the token; one that is refused is not kept."""
    chosen = sendable(network)
    form, status = AccountForm(prefix=f"{network}-"), 422
    if form.validate():
        with attempt(form) as tried:
            access = accounts.wanted_access(chosen, form.account.data or "", form.token.data or "")
            try:
                name = services().social(access).check()
            except SocialError as error:
                away = error.fault in (SocialFault.AWAY, SocialFault.BUSY)
                form.form_errors.append(joined(error.words, error.remedy))
                return accounts_page(chosen, form, status=503 if away else 422)
            accounts.connect(work(), access, name=name)
        if tried.done:
            flash(
                say(
                    "{name} is connected. Posts can be sent to {network} now.",
                    name=name,
                    network=HABITS[chosen].name,
                ),
                "good",
            )
            return redirect(url_for("console.social_index"), 303)
        status = tried.status
    return accounts_page(chosen, form, status=status)


@console.post("/social/<network>/end")
@allows(Permission.SOCIAL_CONNECT)
def social_end(network: str) -> ResponseReturnValue:
    """Forget the token."""
    chosen = sendable(network)
    accounts.end(work(), chosen)
    flash(
        say(
            "{name} is ended and its token is forgotten. Posts there stay.",
            name=HABITS[chosen].name,
        ),
        "good",
    )
    return redirect(url_for("console.social_index"), 303)
