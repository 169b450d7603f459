"""A partner's pages as one zip that any web server serves: every file beside the page, no part of the
product; forms go to it, and wait in the browser while it is away.
"""

import hashlib
import html
import re
from dataclasses import dataclass
from uuid import UUID

from tcma.db.work import Work
from tcma.errors import Conflict, NotFound
from tcma.ids import Signer
from tcma.library.archive import zip_of_files
from tcma.library.copy_queries import LivePage, live_pages
from tcma.library.export_script import SCRIPT, WORDS
from tcma.library.landings import read_landing
from tcma.partners.queries import partner_of
from tcma.rendering.landing import Landing
from tcma.rendering.page_holes import style_hashes
from tcma.words import say

PURPOSE = "export"
COPY, NUMBER = "export", "number"
"""Names of the two hidden fields of an exported form: what it was copied from, and its own number."""
_MEDIA = re.compile(r"[0-9a-f]{64}\.(?:jpg|png|webp|woff2)")
RTL = ("ar", "he", "fa", "ur")
STYLE = (
    "body{font:17px/1.5 system-ui,sans-serif;color:#10282d;background:#fbf7f1;margin:0}"
    "main{max-width:34rem;margin:12vh auto;padding:0 1.25rem}h1{line-height:1.2}"
    "a{color:#0b5394}@media(prefers-color-scheme:dark){body{color:#f1efe9;background:#16191b}"
    "a{color:#9cc4ff}}"
)
READ_ME = """Pages of {partner}, exported {day}.

Put this folder on any web server; each page is a folder with an index.html. The forms go to
{site}.
While it is away, a form is kept in the visitor's browser and sent later, once. When a page is
recalled there, this copy shows ended.html as soon as it can ask. Export again after a change.
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """A zip and how many pages it holds."""

    data: bytes
    pages: int


def export_pages(work: Work, partner_id: UUID) -> Exported:
    """Return all live pages of a partner; Conflict when there is none.

    The same pages give the same octets on the same day.
    """
    firm = partner_of(work.session, partner_id)
    pages = live_pages(work.session, partner_id)
    if not pages:
        raise Conflict(
            say("There is no page on the web to export."),
            code="export.none",
            remedy=say("A page is published by the first launch of its campaign."),
        )
    site = work.site.public_url
    read_me = READ_ME.format(partner=firm.name, day=work.now.date().isoformat(), site=site)
    files = {"README.txt": read_me.encode(), "tcma.js": SCRIPT.encode()}
    for page in pages:
        name = page.path.replace("/", "-")
        files |= {
            f"{name}/{path}": content.encode()
            for path, content in _pages(work, page, firm.name).items()
        }
    named = sorted({each for content in files.values() for each in _media(content)})
    files |= {f"media/{each}": work.files.get(f"public/{each}") for each in named}
    return Exported(zip_of_files(files, slug=firm.slug), len(pages))


def copy_token(signer: Signer, page_id: UUID, key: str) -> str:
    """Return what an exported form carries: which page, and which version of its words."""
    return signer.sign(PURPOSE, f"{page_id}|{key}")


def landing_of_copy(work: Work, page_id: UUID, token: str) -> Landing | None:
    """Return the page as it was exported; None for a token that is forged or another page's."""
    try:
        text = work.site.signer.read(PURPOSE, token, work.now)
    except NotFound:
        return None
    owner, _, key = text.partition("|")
    return read_landing(work.files, key) if owner == str(page_id) else None


def number_of_copy(values: dict[str, str]) -> str:
    """Return a submission's own number: what the script gave it, else the digest of its answers."""
    own = values.get(NUMBER, "")
    if re.fullmatch(r"[0-9a-f]{32}", own):
        return f"export {own}"
    answers = sorted((k, v) for k, v in values.items() if k not in (COPY, NUMBER))
    return f"export {hashlib.sha256(repr(answers).encode()).hexdigest()[:32]}"


def _pages(work: Work, page: LivePage, partner: str) -> dict[str, str]:
    kept = read_landing(work.files, page.key)
    site = work.site.public_url
    to, state = f"{site}/go/{page.path}", f"{site}/page-state/{page.path}"
    token = copy_token(work.site.signer, page.id, page.key)
    shown = kept.form.show(action=to, hidden={COPY: token, NUMBER: ""})
    script = f'<script src="../tcma.js" data-to="{to}" data-state="{state}"></script>'
    words = WORDS.get(kept.language.split("-")[0], WORDS["en"])
    further = {f"{name}.html": each.show() for name, each in kept.more.items()}
    return {
        "index.html": _alone(_linked(shown, to).replace("</body>", f"{script}</body>"), site),
        **{name: _alone(_linked(each, to), site) for name, each in further.items()},
        "thanks.html": _alone(_linked(kept.thanks.show(facts={"owner": partner}), to), site),
        "kept.html": _alone(_note(kept.language, words["kept"], words["kept_text"], script), site),
        "ended.html": _alone(
            _note(kept.language, words["ended"], words["ended_text"].format(partner=partner)), site
        ),
    }


def _linked(text: str, home: str) -> str:
    """A page whose links to the other pages of its site lead to the files beside it."""

    def beside(link: re.Match[str]) -> str:
        name = link["name"].strip("/")
        return f'{link["a"]}href="{name or "index"}.html{link["place"]}"'

    pattern = rf'(?P<a><a\b[^>]*)href="{re.escape(home)}(?P<name>(?:/[a-z0-9-]+)?)(?P<place>(?:#[\w-]+)?)"'
    return re.sub(pattern, beside, text)


def _alone(text: str, site: str) -> str:
    """A page that needs nobody: its files beside it, and a policy that allows no more than it uses."""
    own = text.replace(f"{site}/m/", "../media/")
    policy = (
        f"default-src 'none'; style-src {' '.join(style_hashes(own))}; img-src 'self' data:; "
        f"font-src 'self'; script-src 'self'; connect-src {site}; form-action {site}; base-uri 'none'"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return re.sub(
        r"(<meta charset[^>]*>)", lambda found: found[1] + meta, own, count=1, flags=re.IGNORECASE
    )


def _note(language: str, heading: str, words: str, script: str = "") -> str:
    direction = ' dir="rtl"' if language.split("-", maxsplit=1)[0] in RTL else ""
    return (
        f'<!doctype html><html lang="{language}"{direction}><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(heading)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{html.escape(heading)}</h1><p>{html.escape(words)}</p></main>{script}</body></html>"
    )


def _media(content: bytes) -> set[str]:
    return set(_MEDIA.findall(content.decode()))
