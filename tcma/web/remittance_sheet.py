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
from tcma.web.reading import language_of
from tcma.words import joined, opening, say

NOTE = say(
    "A claim may be paid with less than was claimed; the reasons stand with the claim. Banks need one to three working days."
)


def remittance_file(it: Remittance, *, locale: str) -> ResponseReturnValue:
    """Return an advice as PDF to keep, in the language of a locale."""
    advice = advice_of(it, locale)
    response = make_response(remittance_pdf(advice, at=it.paid_at or it.sent_at))
    response.mimetype = MEDIA_TYPE
    name = f"remittance-{it.batch_ref}-{it.partner_slug}.pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def advice_of(it: Remittance, locale: str) -> Advice:
    """Return the words of the sheet, sums as readers of a locale write them."""
    done = it.paid_at is not None
    cash = it.way == CASH
    settled = say("Settled") if not cash else say("Paid") if done else say("Sent to the bank")
    facts: list[tuple[str, str]] = [
        (settled, spoken_day(local_day(it.paid_at or it.sent_at, it.zone)))
    ]
    if not cash:
        facts.append((say("How"), opening(SETTLED_WORDS[Way(it.way)])))
    facts += [(say("Bank reference"), it.bank_reference)] if it.bank_reference and cash else []
    facts += [(say("Onto account"), it.account)] if it.account else []
    total = money(it.total, locale=locale)
    told = {"vendor": it.vendor_name, "total": total, "partner": it.partner_name}
    if not cash:
        lead = say("{vendor} settled {total} for {partner}.", **told)
    elif done:
        lead = say("{vendor} paid {total} to {partner}.", **told)
    else:
        lead = say("{vendor} pays {total} to {partner}.", **told)
    return Advice(
        title=say("Remittance {batch_ref}", batch_ref=it.batch_ref),
        lead=lead,
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
        footer=say("Remittance {ref}, {vendor}", ref=it.batch_ref, vendor=it.vendor_name),
        language=language_of(locale),
    )  # fmt: skip


def title_of(line: RemittanceLine, locale: str) -> str:
    """Return what a claim was for, with what was kept from it."""
    order = say("order {number}", number=line.order_number) if line.order_number else ""
    title = joined(line.title, order, line.memo, by=", ")
    if not line.kept:
        return title
    kept = say(
        "{kept} kept for {claims}, which is owed back.",
        kept=money(line.kept, locale=locale),
        claims=", ".join(line.kept_for),
    )
    return joined(title, kept, by=". ")


def party(name: str, tax_id: str) -> list[str]:
    """Return who pays or is paid, with the number its tax office knows."""
    return [name, say("Tax number {number}", number=tax_id)] if tax_id else [name]
