"""A partner's copy and the vendor's newest version: both beside each other, then one confirmation."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.errors import Conflict
from tcma.launches import rebasing as launches
from tcma.library import copies
from tcma.library.compiling import landing_of, preview_mail, problems_of_copy
from tcma.library.queries import CampaignCard
from tcma.library.rebasing import Move, move_of, on_newest
from tcma.library.sources import source_of
from tcma.permissions import Permission
from tcma.rendering.rebase import MINE, THEIRS, Merge
from tcma.rendering.source import CampaignSource
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.copy_checks import as_text
from tcma.web.console.copy_parts import Part, part_named, parts_of
from tcma.web.console.previews import card_of, framed, looked
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import joined, say

PREFIX = "choose-"


@console.get("/campaigns/<vendor>/<slug>/copy/version")
@allows(Permission.COPY_EDIT)
def copy_version(vendor: str, slug: str) -> ResponseReturnValue:
    """Show what changes, what stays and what has to be chosen, both versions side by side."""
    card = card_of(vendor, slug)
    copy = copies.copy_of(work(), card.campaign_id)
    here = url_for("console.copy_show", vendor=vendor, slug=slug)
    try:
        move = move_of(work(), copy)
    except Conflict:
        return redirect(here, 303)
    chosen = choices(move)
    parts = [part for part in parts_of(move.new) if part.kind not in ("images", "social")]
    part = part_named(parts, request.args.get("see") or parts[0].slug)
    return render_template(
        "console/copies/version.html",
        card=card,
        move=move,
        chosen=chosen,
        prefix=PREFIX,
        kept=[each for each in move.slots if each.merge is Merge.KEPT],
        updated=[each for each in move.slots if each.merge is Merge.UPDATED],
        lost=[each for each in move.slots if each.merge in (Merge.LOCKED, Merge.GONE)],
        news=news_of(move),
        parts=parts,
        part=part,
        sides=sides_of(card, move, part, chosen),
        waiting=launches.waiting(work().session, copy.id),
        problems=problems_of_copy(work(), on_newest(copy, move, chosen)),
        as_text=as_text,
    )


@console.post("/campaigns/<vendor>/<slug>/copy/version")
@allows(Permission.COPY_EDIT)
def copy_version_confirm(vendor: str, slug: str) -> ResponseReturnValue:
    """Take the newest version with one's own words as chosen; what has not begun goes with it."""
    copy = copies.copy_of(work(), card_of(vendor, slug).campaign_id)
    if copies.newest_version(work(), copy) is None:
        return redirect(url_for("console.copy_show", vendor=vendor, slug=slug), 303)
    move = move_of(work(), copy)
    seen = request.form.get("seen", type=int)
    try:
        along = launches.confirm(work(), copy.id, choices=choices(move), seen=seen)
    except Conflict as refused:
        flash(refused.advice, "stop")
        return redirect(url_for("console.copy_version", vendor=vendor, slug=slug), 303)
    words = say("Version {to_no} is yours; your words stayed.", to_no=move.to_no)
    if along:
        together = (
            say("{ref} goes out with it.", ref=along[0])
            if len(along) == 1
            else say("{refs} go out with it.", refs=", ".join(along))
        )
        words = joined(words, together)
    flash(words, "good")
    return redirect(url_for("console.copy_show", vendor=vendor, slug=slug), 303)


@console.get("/campaigns/<vendor>/<slug>/copy/version/<side>/<part>")
@allows(Permission.COPY_EDIT)
def copy_version_document(vendor: str, slug: str, side: str, part: str) -> ResponseReturnValue:
    """Return one mail or the page before and after, with what is chosen now."""
    copy = copies.copy_of(work(), card_of(vendor, slug).campaign_id)
    shown, source = copy, source_of(work(), copy.version_id)
    if side == "after" and copies.newest_version(work(), copy):
        move = move_of(work(), copy)
        shown, source = on_newest(copy, move, choices(move)), move.new
    chosen = part_named(parts_of(source), part)
    if chosen.kind == "mail":
        return framed(looked(preview_mail(work(), shown, chosen.mail).html, "light"))
    page = landing_of(work(), shown).form.show(action="#", stamp="-")
    return framed(looked(page, "light"))


def choices(move: Move) -> dict[str, str]:
    """Return slot → mine or theirs, as asked for; one's own where nothing is said."""
    said = {each.key: request.values.get(PREFIX + each.key, MINE) for each in move.asked}
    return {key: THEIRS if value == THEIRS else MINE for key, value in said.items()}


def news_of(move: Move) -> list[tuple[str, str, str]]:
    """Return what the vendor changed in what it keeps: what, before, now."""
    told: list[tuple[str, str, str]] = []
    was = {mail.key: mail for mail in move.old.mails}
    for number, mail in enumerate(move.new.mails, 1):
        old = was.get(mail.key)
        for name, new, before in (
            (say("subject line"), mail.subject, old.subject if old else {}),
            ("headline", mail.headline, old.headline if old else {}),
        ):
            now, then = new[move.language], before.get(move.language, "")
            if now != then:
                told.append((say("Mail {number}, {name}", number=number, name=name), then, now))
    told += _page_news(move.old, move.new, move.language)
    return told


def _page_news(
    old: CampaignSource, new: CampaignSource, language: str
) -> list[tuple[str, str, str]]:
    then, now = (each.page.title.get(language, "") for each in (old, new))
    return [(say("Page, title"), then, now)] if then != now else []


def sides_of(
    card: CampaignCard, move: Move, part: Part, chosen: dict[str, str]
) -> list[tuple[str, str]]:
    """Return heading and address of the two documents beside each other; none where it is not."""
    known = {each.slug for each in parts_of(move.old)}
    asked: dict[str, Any] = {PREFIX + key: value for key, value in chosen.items()}

    def at(side: str) -> str:
        return url_for(
            "console.copy_version_document",
            vendor=card.vendor_slug, slug=card.slug, side=side, part=part.slug,
            v=move.to_no, **(asked if side == "after" else {}),
        )  # fmt: skip

    before = (
        [(say("Version {from_no}, yours now", from_no=move.from_no), at("before"))]
        if part.slug in known
        else []
    )
    return [*before, (say("Version {to_no}, as chosen", to_no=move.to_no), at("after"))]
