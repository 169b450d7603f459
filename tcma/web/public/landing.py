"""A partner's landing page at its public address, and its form."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.http import dump_options_header

from tcma.db.scope import found
from tcma.delivery.links import Purpose
from tcma.delivery.queries import message_of_link
from tcma.errors import Invalid, NotFound
from tcma.ids import random_token
from tcma.launches.queries import launch_of_mailing
from tcma.leads.capturing import of_page, take_in
from tcma.leads.countries import country_code
from tcma.leads.intake import Capture
from tcma.library import exporting, prints
from tcma.library.compiling import SHARED_PICTURE
from tcma.library.copies import copy_row
from tcma.library.copy_queries import page_at, page_by_path, site_at
from tcma.library.landings import read_landing
from tcma.library.pictures import picture
from tcma.library.queries import PageView
from tcma.library.rules import PageState
from tcma.library.visits import count_visit
from tcma.partners.kits import partner_kit
from tcma.partners.queries import brand_in_force, partner_of
from tcma.permissions import SYSTEM
from tcma.rendering.landing import HONEYPOT, STAMP, Landing
from tcma.tracking.rules import AgentVerdict, judge_agent
from tcma.tracking.visits import Did, note
from tcma.web import puzzle
from tcma.web.auth import open_to_all
from tcma.web.guards import API_LIMIT, FORM_LIMIT, csrf, limiter
from tcma.web.host_guard import (
    best_address,
    host_partner,
    lasting_address,
    on_this_host,
    this_origin,
)
from tcma.web.public import public
from tcma.web.unit_of_work import services, work

STAMP_LASTS = timedelta(hours=12)
FASTEST = timedelta(seconds=2)
MAILED, VIA = "m", "via"
SHEET = ".pdf"
BUSY = "it came without the small puzzle of its page, while many forms came"
NAMED = ("first_name", "last_name", "email", "company", "phone", "postcode", "consent")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a form's stamp says: its own number, how hard its puzzle is, whose site it stood on."""

    number: str
    bits: int = puzzle.HARDEST
    stood_on: str = ""


@public.get("/go/<path:path>")
@open_to_all("a partner's published page")
def landing(path: str) -> ResponseReturnValue:
    """Show the page, under its partner's own host where one is proved; who comes from a mail brings
    that mail's token along.
    """
    there, name = site_at(work().session, path)
    page = on_this_host(there)
    if page.state is PageState.RECALLED:
        return redirect(lasting_address(page), 302) if host_partner() else recalled(page)
    page = live_page(page.path)
    better = best_address(page)
    if not host_partner() and better != lasting_address(page):
        query = request.query_string.decode()
        better = f"{better}/{name}" if name else better
        return redirect(f"{better}?{query}" if query else better, 302)
    if name.endswith(SHEET):
        return sheet(page, name.removesuffix(SHEET))
    seen(page, Did.VISITED)
    if name:
        return further(page, name)
    if is_person():
        count_visit(work(), page.id, request.args.get(VIA, ""))
    return shown(page, stored(page), values={})


@public.post("/go/<path:path>")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all("a partner's published form: signed stamp, honeypot, rate, consent")
def landing_create(path: str) -> ResponseReturnValue:
    """Take the form: one lead however often it is sent, or the page again with what is wrong."""
    page = on_this_host(page_at(work().session, path))
    if page.state is PageState.RECALLED and exporting.COPY in request.form:
        return heard_elsewhere(recalled(page))
    page = live_page(path)
    values = {name: text[:400] for name, text in request.form.items() if name != STAMP}
    copied = exporting.landing_of_copy(work(), page.id, values.pop(exporting.COPY, ""))
    kept = copied or stored(page)
    stamp = Stamp(exporting.number_of_copy(values)) if copied else read_stamp(page)
    values.pop(exporting.NUMBER, None)
    errors = taken(page, kept, values, stamp)
    answer = shown(page, kept, values=values, errors=errors) if errors else answered(page, kept)
    return heard_elsewhere(answer) if copied else answer


@public.get("/page-state/<path:path>")
@limiter.limit(API_LIMIT)
@open_to_all("says of a published page whether it is recalled")
def page_state(path: str) -> ResponseReturnValue:
    """Answer 204 while a page stands, 410 once it is recalled, for its copies on other servers."""
    page = page_at(work().session, path)
    response = make_response("", 410 if page.state is PageState.RECALLED else 204)
    response.headers["Cache-Control"] = "public, max-age=60"
    return heard_elsewhere(response)


def heard_elsewhere(response: Response) -> Response:
    """Let a copy of the page on another server read the answer."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def taken(
    page: PageView, kept: Landing, values: dict[str, str], stamp: Stamp | None
) -> dict[str, str]:
    """Take a submission in, or hold it for a person; return what the visitor must mend, by field."""
    proof = values.pop(puzzle.PROOF, "")
    if values.get(HONEYPOT):
        number = stamp.number if stamp else f"unstamped {random_token(9)}"
        new = capture_of(page, kept, values, Stamp(number))
        take_in(work(), of_page(page), new, trap="a field that people do not see was filled in")
        return {}
    errors = kept.check(values)
    if stamp is None:
        errors["email"] = errors.get("email") or "That was very fast. Send it once more."
    if errors or stamp is None:
        return errors
    solved = puzzle.judged(page.id, request.form.get(STAMP, ""), stamp.bits, proof)
    trap = BUSY if solved.busy and not solved.solved else ""
    new = capture_of(page, kept, values, stamp)
    try:
        take_in(work(), of_page(page), new, trap=trap, proved=solved.solved)
    except Invalid as error:
        return {"consent" if "consent" in error.fields else "email": error.message}
    return {}


def recalled(page: PageView) -> Response:
    """Say that an offer is over, and who can still be asked; 410, so that search engines drop it."""
    kit = partner_kit(
        work().session,
        brand_in_force(work().session, page.partner_id),
        public_url=work().site.public_url,
    )
    logo = kit.logo.url if kit.logo else ""
    shown = render_template(
        "public/recalled.html", partner=kit, organisation=kit.name, logo_url=logo
    )
    return make_response(shown, 410)


@public.get("/share/<path:path>.jpg")
@open_to_all("the picture that link previews of a published page show")
def share_picture(path: str) -> ResponseReturnValue:
    """Return a page's picture for link previews."""
    page = live_page(path)
    with services().transaction(SYSTEM) as house:
        drawn = picture(house, copy_row(house, page.copy_id), SHARED_PICTURE)
    response = make_response(drawn.data)
    response.mimetype = drawn.media_type
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def live_page(path: str) -> PageView:
    """Return the page at an address; NotFound unless it is live."""
    page = on_this_host(page_by_path(work().session, path))
    if page.state is not PageState.LIVE:
        raise NotFound
    return page


def stored(page: PageView) -> Landing:
    """Return what was published."""
    return read_landing(work().files, page.key)


def shown(
    page: PageView,
    kept: Landing,
    *,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
) -> Response:
    """Render the form page for one visit."""
    action = url_for("public.landing_create", path=page.path)
    html = form_of(page, kept, Filled(values, errors), action=action)
    origin = work().site.public_url if host_partner() else ""
    script = f'<script src="{origin}/form.js" defer></script></body>'
    html = placed(html, page).replace("</body>", script)
    return with_policy(html, kept.form.style_hashes, status=422 if errors else 200, runs=True)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a visitor has filled in so far, and what of it is wrong."""

    values: dict[str, str]
    errors: dict[str, str] | None = None


def form_of(
    page: PageView, kept: Landing, filled: Filled, *, action: str, stood_on: str = ""
) -> str:
    """Return the form page with a fresh stamp and puzzle; `stood_on` is the site whose frame it is in."""
    now, bits = work().now, puzzle.asked(page.id)
    text = f"{random_token(9)}|{int(now.timestamp())}|{bits}|{stood_on}"
    stamp = work().site.signer.sign(f"form:{page.id}", text, expires_at=now + STAMP_LASTS)
    mailed = request.values.get(MAILED, "")
    return kept.form.show(
        action=action,
        stamp=stamp,
        values=filled.values,
        errors=filled.errors,
        hidden={puzzle.PROOF: puzzle.unsolved(stamp, bits)} | ({MAILED: mailed} if mailed else {}),
        carry=carried(),
    )


def is_person() -> bool:
    """Say whether a browser that people use asks, as far as it says what it is."""
    return judge_agent(request.headers.get("User-Agent", "")) is AgentVerdict.HUMAN


def seen(page: PageView, did: Did) -> None:
    """Note what somebody who came by a mail does here; a look of a program is none."""
    if request.method == "GET" and request.args.get(MAILED) and is_person():
        note(work(), request.args[MAILED], page.id, did)


def sheet(page: PageView, name: str) -> Response:
    """Return a printed piece of the page's campaign as it was made for this partner."""
    with services().transaction(SYSTEM) as house:
        made = prints.printed(house, copy_row(house, page.copy_id), name)
    seen(page, Did.DOWNLOADED)
    response = make_response(made.data)
    response.mimetype = made.media_type
    called = f"{page.path.rpartition('/')[2]}-{name}{SHEET}"
    response.headers["Content-Disposition"] = dump_options_header("inline", {"filename": called})
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def further(page: PageView, name: str) -> Response:
    """Render a further page of a site; a visit is counted at its first."""
    there = found(stored(page).more.get(name))
    return with_policy(placed(there.show(carry=carried()), page), there.style_hashes)


def carried() -> str:
    """Return what links inside a site take along: the mail somebody came from."""
    mailed = request.values.get(MAILED, "")
    return f"?{urlencode({MAILED: mailed})}" if mailed else ""


def answered(page: PageView, kept: Landing) -> Response:
    """Render the thank-you page."""
    partner = partner_of(work().session, page.partner_id)
    html = kept.thanks.show(facts={"owner": partner.name}, carry=carried())
    return with_policy(placed(html, page), kept.thanks.style_hashes)


def placed(html: str, page: PageView) -> str:
    """Return a page whose own address is the one where it is best reached."""
    return html.replace(lasting_address(page), best_address(page))


def with_policy(
    html: str, style_hashes: tuple[str, ...], *, status: int = 200, runs: bool = False
) -> Response:
    """Send a page whose only style is the one whose hash was published; a form `runs` our script."""
    response = make_response(html, status)
    files = f"'self' {work().site.public_url}" if host_partner() else "'self'"
    script = f"script-src {files}; " if runs else ""
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {' '.join(style_hashes) or chr(39) + 'none' + chr(39)}; "
        f"{script}img-src {files} data:; font-src {files}; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'self'"
    )
    return response


def read_stamp(page: PageView) -> Stamp | None:
    """Return what a form carried; None when it is forged, too old or filled in too fast."""
    try:
        text = work().site.signer.read(f"form:{page.id}", request.form.get(STAMP, ""), work().now)
    except NotFound:
        return None
    number, begun, bits, stood_on = f"{text}||".split("|", 3)
    waited = work().now.timestamp() - int(begun)
    if waited < FASTEST.total_seconds():
        return None
    return Stamp(number, int(bits or puzzle.HARDEST), stood_on.rstrip("|"))


def capture_of(page: PageView, kept: Landing, values: dict[str, str], stamp: Stamp) -> Capture:
    """Return the submission as the domain takes it; who names no country is where the partner is."""
    message_id, launch_id = origin()
    typed = country_code(values.get("country", ""))
    said = (*NAMED, "country") if typed else NAMED
    return Capture(
        source=f"page:{page.id}",
        external_id=stamp.number,
        address=values.get("email", ""),
        consent_given=bool(values.get("consent")),
        consent_text=kept.consent_text,
        consent_version=kept.consent_version,
        page_url=stamp.stood_on or f"{this_origin()}/go/{page.path}",
        first_name=values.get("first_name", ""),
        last_name=values.get("last_name", ""),
        company=values.get("company", ""),
        phone=values.get("phone", ""),
        country=typed or partner_of(work().session, page.partner_id).country,
        postcode=values.get("postcode", ""),
        answers={
            field.label: values[field.name]
            for field in kept.fields
            if values.get(field.name) and field.name not in said
        },
        launch_id=launch_id,
        message_id=message_id,
    )


def origin() -> tuple[int | None, UUID | None]:
    """Return the message and launch a visitor came from, None for both when it came by itself."""
    token = request.values.get(MAILED, "")
    if not token:
        return None, None
    try:
        facts = message_of_link(work().session, work().site.signer, Purpose.CLICK, token)
    except NotFound:
        return None, None
    return facts.id, launch_of_mailing(work().session, facts.mailing_id)
