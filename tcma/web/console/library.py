"""The library a partner chooses from, and one campaign judged before it is started."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.errors import Invalid, LimitReached
from tcma.guidance import playbooks
from tcma.launches import queries as launches
from tcma.launches.queries import LaunchLine
from tcma.launches.rules import AUDIENCE_WORDS, RUNNING, Audience, LaunchState
from tcma.library import queries as library
from tcma.library.ingredients import gather
from tcma.library.queries import CampaignCard
from tcma.library.saved_filters import forget_filter, save_filter, saved_filters
from tcma.mdf.funds import views as fund_views
from tcma.mdf.records import WalletFund
from tcma.partners import queries as partners
from tcma.permissions import Permission
from tcma.rendering.kits import is_rtl
from tcma.reporting.peers import Peers, peers_of
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.chosen_audience import choose
from tcma.web.console.copy_checks import in_words
from tcma.web.console.copy_parts import part_named, parts_of
from tcma.web.console.playbooks import before_launch
from tcma.web.console.previews import card_of, copy_to_show
from tcma.web.filters import local_date
from tcma.web.filters import money as spoken_money
from tcma.web.pictures import address_of
from tcma.web.reading import reader
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

HALF = 5000
FILTERS = (("paid", say("Vendor pays half or more")), ("fresh", say("New to you")))
SORTS = (("newest", say("Newest first")), ("name", say("Name")), ("time", say("Shortest first")))
ENDS_SOON = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A campaign as a card: its picture, marks, facts and what this partner did with it."""

    card: CampaignCard
    href: str
    art: str
    vendor_mark: str
    facts: list[tuple[str, str, str]]
    state: tuple[str, str, str] | None
    fund: WalletFund | None
    latest: LaunchLine | None


@console.get("/library")
@allows(Permission.CAMPAIGN_READ)
def library_index() -> ResponseReturnValue:
    """Offer what this partner may launch, one suggestion first."""
    session, principal = work().session, work().principal
    wanted = request.args.get("q", "")
    chosen = request.args.getlist("f")
    order = request.args.get("sort", "newest")
    today = work().now.date()
    everything = library.library_for(session, principal, today=today)
    cards = everything
    if wanted:
        cards = library.library_for(session, principal, search=wanted, today=today)
    tiles = [t for t in tiles_of(cards) if passes(t, chosen)]
    vendors = sorted({(f"v:{c.vendor_slug}", c.vendor) for c in everything})
    if order == "name":
        tiles.sort(key=lambda t: t.card.name.casefold())
    elif order == "time":
        tiles.sort(key=lambda t: t.card.minutes)
    first = None
    if not wanted and not chosen and principal.may(Permission.LAUNCH_PLAN):
        first = next((t for t in tiles if t.latest is None), None)
    return render_template(
        "console/library/index.html",
        tiles=[t for t in tiles if t is not first],
        first=first,
        why=why_this(first) if first else "",
        count=len(everything),
        audience=choose(),
        wanted=wanted,
        chosen=chosen,
        filters=[*FILTERS, *(vendors if len(vendors) > 1 else ())],
        sorts=SORTS,
        order=order,
        saved=saved_filters(work()),
        query=request.query_string.decode(),
    )


@console.post("/library/filters")
@allows(Permission.CAMPAIGN_READ)
def library_filter_save() -> ResponseReturnValue:
    """Keep the view as it is under a name."""
    query = request.form.get("query", "")
    try:
        kept = save_filter(work(), request.form.get("name", ""), query)
    except (Invalid, LimitReached) as refused:
        flash(refused.message, "stop")
        return redirect(f"{url_for('console.library_index')}?{query}", 303)
    flash(say("Saved. It stands above the campaigns."), "good")
    return redirect(f"{url_for('console.library_index')}?{kept}", 303)


@console.post("/library/filters/removal")
@allows(Permission.CAMPAIGN_READ)
def library_filter_forget() -> ResponseReturnValue:
    """Take a saved view away."""
    forget_filter(work(), request.form.get("name", ""))
    return redirect(url_for("console.library_index"), 303)


def passes(tile: Tile, chosen: list[str]) -> bool:
    """Say whether a tile has everything the chips ask for."""
    paid = tile.fund is not None and tile.fund.share_bps >= HALF
    vendors = [one for one in chosen if one.startswith("v:")]
    return (
        ("paid" not in chosen or paid)
        and ("fresh" not in chosen or tile.latest is None)
        and (not vendors or f"v:{tile.card.vendor_slug}" in vendors)
    )


def tiles_of(cards: list[CampaignCard]) -> list[Tile]:
    """Return cards with what the partner's launches and funds say about them."""
    session, principal = work().session, work().principal
    known = (
        launches.latest_of_campaigns(session, principal, [c.campaign_id for c in cards])
        if principal.may(Permission.LAUNCH_READ)
        else {}
    )
    funds = best_funds()
    peers = peers_of(session, principal, [c.campaign_id for c in cards])
    marks = {
        c.vendor_id: partners.logo_key(session, kind="vendor", organisation_id=c.vendor_id)
        for c in cards
    }
    return [
        Tile(
            card=card,
            href=url_for("console.campaign_show", vendor=card.vendor_slug, slug=card.slug),
            art=address_of(card.hero[0]) if card.hero else "",
            vendor_mark=address_of(marks[card.vendor_id]),
            facts=facts_of(card, funds.get(card.vendor), peers[card.campaign_id]),
            state=state_of(card, known.get(card.campaign_id)),
            fund=funds.get(card.vendor),
            latest=known.get(card.campaign_id),
        )
        for card in cards
    ]


def best_funds() -> dict[str, WalletFund]:
    """Return for each vendor the fund of this partner with money left that pays most."""
    if not work().principal.may(Permission.FUND_READ):
        return {}
    funds = fund_views.wallet(work().session, work().principal, now=work().now)
    ranked = sorted((f for f in funds if f.usable), key=lambda f: f.share_bps)
    return {fund.vendor_name: fund for fund in ranked}


def facts_of(
    card: CampaignCard, fund: WalletFund | None, peers: Peers
) -> list[tuple[str, str, str]]:
    """Return the facts of a card: time, money, proof, what it brought others, what is in it."""
    facts = [("clock", say("Time to launch"), say("about {minutes} min", minutes=card.minutes))]
    if fund:
        sum_words = spoken_money(fund.usable or fund.available, locale=reader().locale)
        facts.append(("wallet", say("Paid by the vendor"),
                      say("{share_bps:g}% paid, up to {sum_words}", share_bps=fund.share_bps / 100, sum_words=sum_words)))  # fmt: skip
    facts.append(("receipt", say("Proof"), say("Mail, log, page, images, leads")))
    if peers.leads is not None:
        leads = say("1 lead") if peers.leads == 1 else say("{leads} leads", leads=peers.leads)
        facts.append(
            (
                "users",
                say("Partners like you"),
                say("{leads}, median of {partners}", leads=leads, partners=peers.partners),
            )
        )
    else:
        facts.append(("users", say("Partners like you"), say("Too few ran it to say")))
    inside = say(
        "{mails_n} mails, page, {images_n} images", mails_n=card.mails_n, images_n=card.images_n
    )
    return [*facts, ("layout-grid", say("What is in it"), inside)]


def state_of(card: CampaignCard, latest: LaunchLine | None) -> tuple[str, str, str] | None:
    """Return word, icon and tone of what this partner did with a campaign, or of its end."""
    if latest and latest.state in RUNNING:
        since = latest.started_at or latest.due_at
        return (
            say("Running since {since}", since=local_date(since, reader=reader())),
            "send",
            "work",
        )
    if latest and latest.state is LaunchState.FINISHED and latest.finished_at:
        on = local_date(latest.finished_at, reader=reader())
        return say("You ran it, ended {on}", on=on), "circle-check", "good"
    if card.ends_on and (card.ends_on - work().now.date()).days <= ENDS_SOON:
        return say("Ends {day}", day=day_words(card.ends_on)), "clock", "need"
    return None


def day_words(day: date) -> str:
    """Return a day as this reader writes it."""
    return local_date(day, reader=reader())


def why_this(tile: Tile) -> str:
    """Return why this campaign is suggested."""
    if not tile.fund:
        return say("You have not launched it yet.")
    return say(
        "You have not launched it yet, and {left} of “{fund}” waits until {day}.",
        left=spoken_money(tile.fund.usable or tile.fund.available, locale=reader().locale),
        fund=tile.fund.name,
        day=day_words(tile.fund.ends_on),
    )


@console.get("/campaigns/<vendor>/<slug>")
@allows(Permission.CAMPAIGN_READ)
def campaign_show(vendor: str, slug: str) -> ResponseReturnValue:
    """Show a campaign with this partner's logo in it, what it needs and what it brings."""
    card = card_of(vendor, slug)
    tile = tiles_of([card])[0]
    with copy_to_show(card) as (house, copy):
        made = gather(house, copy)
    parts = [p for p in parts_of(made.source) if not p.is_follow_up]
    part = part_named(parts, request.args.get("see", parts[0].slug))
    mails = [
        {
            "subject": in_words(made, mail.subject[made.language]),
            "preview": in_words(made, mail.preview[made.language]),
            "day": mail.day,
            "to": AUDIENCE_WORDS[Audience(mail.audience)],
            "kind": mail.kind,
        }
        for mail in made.source.mails
    ]
    return render_template(
        "console/campaigns/show.html",
        card=card,
        tile=tile,
        part=part,
        parts=parts,
        mails=mails,
        source=made.source,
        language=made.language,
        direction="rtl" if is_rtl(made.language) else "ltr",
        todo=things_to_do(card),
        playbook=before_launch(made.source, made.language, vendor, slug),
        books=[
            book
            for book in playbooks.playbooks(work().session, work().principal, now=work().now)
            if (book.vendor_slug, book.campaign_slug) == (vendor, slug)
        ],
    )


def things_to_do(card: CampaignCard) -> list[dict[str, Any]]:
    """Return what this partner must do before a launch, done or not."""
    session, principal = work().session, work().principal
    profile = partners.brand_in_force(session, found(principal.partner_id))
    return [
        {
            "text": say("Brand profile: logo, names, postal address"),
            "state": "done" if profile.is_complete else "need",
            "href": url_for("console.brand"),
        },
        {
            "text": say("Your texts, or leave the vendor’s as they are"),
            "state": "done" if card.copy_id else "rest",
            "href": url_for("console.copy_show", vendor=card.vendor_slug, slug=card.slug),
        },
        {
            "text": say("List, date and sender"),
            "state": "rest",
            "href": url_for("console.launch_new", campaign=f"{card.vendor_slug}/{card.slug}"),
        },
    ]
