"""A remittance advice as a file: what its page says, typeset."""

from flask import make_response
from flask.typing import ResponseReturnValue

from tcma.mdf.deadlines import local_day
from tcma.mdf.payments.remittance import Remittance, RemittanceLine
from tcma.mdf.programme.settled import CASH
from tcma.mdf.ways import SETTLED_WORDS, Way
from tcma.mdf.words import spoken_day
from tcma.rendering.remittance import LETTER, MEDIA_TYPE, Advice, remittance_pdf
from tcma.web.filters import money
from tcma.web.reading import reader

NOTE = (
    "A claim may be paid with less than was claimed; the reasons stand with the claim. "
    "Banks need one to three working days."
)


def remittance_file(it: Remittance) -> ResponseReturnValue:
    """Return an advice as PDF to keep."""
    response = make_response(remittance_pdf(advice_of(it), at=it.paid_at or it.sent_at))
    response.mimetype = MEDIA_TYPE
    name = f"remittance-{it.batch_ref}-{it.partner_slug}.pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def advice_of(it: Remittance) -> Advice:
    """Return the words of the sheet, sums and days as this reader writes them."""
    locale = reader().locale
    done = it.paid_at is not None
    cash = it.way == CASH
    facts: list[tuple[str, str]] = [("Settled" if not cash else "Paid" if done else "Sent to the bank",
              spoken_day(local_day(it.paid_at or it.sent_at, it.zone)))]  # fmt: skip
    if not cash:
        facts.append(("How", str(SETTLED_WORDS[Way(it.way)]).capitalize()))
    facts += [("Bank reference", it.bank_reference)] if it.bank_reference and cash else []
    facts += [("Onto account", it.account)] if it.account else []
    total = money(it.total, locale=locale)
    return Advice(
        title=f"Remittance {it.batch_ref}",
        lead=f"{it.vendor_name} {'paid' if done else 'pays'} {total} to {it.partner_name}."
        if cash
        else f"{it.vendor_name} settled {total} for {it.partner_name}.",
        paper="us-letter" if it.partner_country in LETTER else "a4",
        vendor=party(it.vendor_legal, it.vendor_tax_id),
        partner=party(it.partner_legal, it.partner_tax_id),
        facts=facts,
        lines=[
            (line.claim_ref, title_of(line, locale), line.fund, money(line.claimed, locale=locale),
             money(line.paid, locale=locale))
            for line in it.lines
        ],
        total=total,
        note=NOTE if cash else it.note,
        footer=f"Remittance {it.batch_ref}, {it.vendor_name}",
    )  # fmt: skip


def title_of(line: RemittanceLine, locale: str) -> str:
    """Return what a claim was for, with what was kept from it."""
    title = f"{line.title}, order {line.order_number}" if line.order_number else line.title
    title = f"{title}, {line.memo}" if line.memo else title
    if not line.kept:
        return title
    kept = money(line.kept, locale=locale)
    return f"{title}. {kept} kept for {', '.join(line.kept_for)}, which is owed back."


def party(name: str, tax_id: str) -> list[str]:
    """Return who pays or is paid, with the number its tax office knows."""
    return [name, f"Tax number {tax_id}"] if tax_id else [name]
