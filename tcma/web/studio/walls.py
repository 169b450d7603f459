"""The proof wall of a version: for which partners, in which language, which assets, worst first."""

import time
from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from tcma.library.proof_wall import Wall, wall
from tcma.library.samples import SamplePartner, own_partners, sample_partners
from tcma.library.specimens import Specimen, specimen_of
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console.copy_parts import parts_of
from tcma.web.studio import studio
from tcma.web.studio.previews import version_at
from tcma.web.unit_of_work import work

PATIENCE = 4.0
"""Seconds one look may judge partners that nobody judged before; the page then asks again."""
WHO = {"samples": "Invented ones", "own": "Your partners", "all": "Both"}
SEE = {"all": "All", "mail": "Mails", "page": "Page", "image": "Pictures", "print": "Print"}
Address = Callable[..., str]


@studio.get("/campaigns/<slug>/versions/<int:no>/proof-wall")
@allows(Permission.CAMPAIGN_AUTHOR)
def version_wall(slug: str, no: int) -> ResponseReturnValue:
    """Show every asset of a version for many partners at once, worst cases first."""
    version = version_at(slug, no)
    at: dict[str, Any] = {"slug": slug, "no": no}
    return wall_page(
        specimen_of(work(), version.id),
        here=lambda **asked: url_for("studio.version_wall", **at | asked),
        preview=lambda **asked: url_for("studio.preview_document", **at | asked),
        image=lambda **asked: url_for("studio.version_image", **at | asked),
        crumbs=[
            ("Campaigns", url_for("studio.campaign_index")),
            (version.facts["name"], url_for("studio.campaign_show", slug=slug, version=no)),
        ],
        named=f"version {no}",
    )


def wall_page(specimen: Specimen, *, here: Address, **shown: Any) -> ResponseReturnValue:
    """Return the wall of a specimen as the address asks: who, what, in which language."""
    who, see = chosen("who", WHO), chosen("see", SEE)
    language = request.args.get("lang", "")
    language = language if language in specimen.source.languages else ""
    asked = {"who": who, "see": see, "lang": language}
    until = time.monotonic() + PATIENCE
    found = wall(
        work(),
        specimen,
        partners_asked(who),
        language=language,
        is_late=lambda: time.monotonic() > until,
    )
    context = shown | {
        "source": specimen.source,
        "wall": found,
        "parts": {part.mail or part.slug: part for part in parts_of(specimen.source)},
        "said": summary_of(found),
        "kind": see,
        "who": who,
        "language": language,
        "at": lambda **changed: here(**asked | changed),
        "who_words": WHO,
        "see_words": SEE,
    }
    if request.headers.get("HX-Request"):
        return render_block("studio/walls/show.html", "rows", **context)
    return render_template("studio/walls/show.html", **context)


def chosen(name: str, words: dict[str, str]) -> str:
    """Return what the address asks for, the first of the choices when it asks for none of them."""
    asked = request.args.get(name, "")
    return asked if asked in words else next(iter(words))


def partners_asked(who: str) -> tuple[SamplePartner, ...]:
    """Return the partners to try it on."""
    invented = sample_partners() if who in ("samples", "all") else ()
    return invented + (own_partners(work()) if who in ("own", "all") else ())


def summary_of(found: Wall) -> str:
    """Return the verdict in a sentence."""
    stopped = sum(row.stops for row in found.rows)
    looked = sum(bool(row.remarks) and not row.stops for row in found.rows)
    count = len(found.rows)
    partners = "1 partner" if count == 1 else f"{count} partners"
    if not stopped and not looked:
        return f"All of {partners} hold: nothing overflows, nothing vanishes, nothing is missing."
    parts = [
        f"{stopped} cannot be sent as it stands" if stopped else "",
        f"{looked} to look at" if looked else "",
    ]
    return f"Of {partners}, {' and '.join(filter(None, parts))}. The worst stand first."
