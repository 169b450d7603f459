"""One mail: compiled once for a partner, filled once for each message."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import mjml as mrml
from jinja2 import Environment

from tcma.delivery.building import Builder, Envelope, Material
from tcma.delivery.claims import Claimed
from tcma.delivery.identity import Identity
from tcma.delivery.links import Links
from tcma.ids import Signer
from tcma.rendering import email, mjml, tokens
from tcma.rendering.headers import Letterhead
from tcma.rendering.kits import VendorKit, partner_from_toml
from tcma.rendering.source import load_files, read_folder
from tests.bench.figures import Figure, in_turn
from tests.bench.limits import at_most, of_peer
from tests.services import ROOT

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HTML = 52_000
"""Octets of HTML that a mail is filled at: those of a full newsletter."""
PERSON = {"first_name": "Astrid", "last_name": "Pell", "company": "Pellmoor Joinery"}


def measure(ground):
    """Processor time on one core: milliseconds to compile, microseconds to fill."""
    source = load_files(read_folder(ROOT / "campaign_templates" / "cloud-migration"))
    key = source.mails[0].key
    given = {
        "partner": partner_from_toml(source.files["sample.toml"].decode()),
        "vendor": VendorKit(),
        "language": "en",
        "page_url": "https://go.partner.example/x",
    }
    compiled, written = _told(lambda: email.compile_mail(source, key, **given))
    times = max(1, ground.size.repeats // 40)
    found = in_turn(
        ground.size.rounds,
        ours=lambda: 1e3 * _each(lambda: email.compile_mail(source, key, **given), times),
        peer=lambda: 1e3 * _each(lambda: mrml.mjml2html(written), times),
    )
    yield Figure(
        name=f"mail.publish: Jinja, MJML, links, text part; {len(compiled.html) / 1000:.0f} kB",
        value=found["ours"],
        unit="ms of one core",
        peer="mrml alone on the finished MJML",
        peer_value=found["peer"],
        bound=at_most(30, "ms"),
    )
    yield from _filled(ground, _weighing(compiled, HTML))


def _told(compiling):
    """Compile; also return what mrml was given."""
    heard = []
    plain = mjml._compiled
    mjml._compiled = lambda text, *rest: (heard.append(text), plain(text, *rest))[1]
    try:
        return compiling(), heard[-1]
    finally:
        mjml._compiled = plain


def _weighing(compiled, octets):
    """Return the mail with rows added to its end until its HTML weighs so much."""
    rows, row = "", '<tr><td style="padding:4px 0">One more line of a longer letter, {}.</td></tr>'
    while len(compiled.html) + len(rows) < octets:
        rows += row.format(len(rows))
    html = compiled.html.replace("</body>", f"<table>{rows}</table></body>")
    return replace(compiled, html=html)


def _filled(ground, compiled):
    artefact = compiled.artefact()
    signer = Signer(b"only-for-measuring-only-for-measuring")
    builder = Builder(None, Links(signer, "https://tcma.example"))
    letterhead = Letterhead(
        from_name="Ann Pell", from_address="ann@partner.example",
        list_id="0.partner.example", feedback_id="1:0:launch:tcma",
    )  # fmt: skip
    identity = Identity(from_name="Ann Pell", from_address="ann@partner.example", reply_to="")
    shared = Envelope(
        artefact=artefact, letterhead=letterhead, identity=identity, until=float("inf")
    )
    rows = [Claimed(n, 1, n, f"p{n}@example.org", 1) for n in range(1, 21)]
    material = Material(shared, {row.contact_id: PERSON for row in rows})
    made = next(builder.make(material, rows, now=NOW)).body
    pieces = [made[at : at + 1_500] for at in range(0, len(made), 1_500)]
    naive = _by_jinja(compiled)
    batches = max(1, ground.size.repeats // len(rows))
    times = ground.size.repeats * 10
    found = in_turn(
        ground.size.rounds,
        ours=lambda: 1e6 * _each(lambda: list(builder.make(material, rows, now=NOW)), batches) / 20,
        floor=lambda: 1e6 * _each(lambda: b"".join(pieces), times),
        plain=lambda: 1e6 * _each(lambda: naive(PERSON), batches),
    )
    size = f"{len(compiled.html) / 1000:.0f} kB of HTML, unsigned"
    yield Figure(
        name=f"mail.fill: headers, signed links, values, MIME; {size}",
        value=found["ours"],
        unit="µs of one core",
        peer=f"joining as many bytes in {len(pieces)} pieces",
        peer_value=found["floor"],
        bound=at_most(60, "µs"),
    )
    yield Figure(
        name=f"mail.naive: the same by Jinja and Python's email package; {size}",
        value=found["plain"],
        unit="µs of one core",
        peer="mail.fill",
        peer_value=found["ours"],
        bound=of_peer(20, "at least 20 times mail.fill"),
    )


def _by_jinja(compiled):
    """Return what everybody would do: a template for each recipient, then `EmailMessage`."""
    around = Environment(autoescape=True)
    html, text = (
        around.from_string(tokens.TOKEN.sub(r"{{ values['\1'] }}", part))
        for part in (compiled.html, compiled.text)
    )
    own = dict.fromkeys(compiled.artefact().names, "https://tcma.example/c/" + "a" * 36)

    def made(person):
        values = own | person
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = "Ann Pell <ann@partner.example>", "p1@example.org"
        mail["Subject"], mail["Date"] = compiled.subject, NOW
        mail["List-Unsubscribe"] = f"<{values['unsubscribe_url']}>"
        mail.set_content(text.render(values=values), cte="quoted-printable")
        mail.add_alternative(html.render(values=values), subtype="html", cte="quoted-printable")
        return mail.as_bytes()

    return made


def _each(case, times):
    begun = time.process_time()
    for _ in range(times):
        case()
    return (time.process_time() - begun) / times
