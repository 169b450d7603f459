"""Invoices of invented companies, drawn for the tests: several layouts, languages, currencies."""

import io
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


@dataclass(frozen=True)
class Paper:
    """What an invoice says, and in which words."""

    issuer: str
    address: str
    buyer: str
    number: str
    day: date
    written: str
    currency: str
    net: str
    total: str
    taxes: tuple[tuple[str, str], ...]
    words: dict[str, str]
    foot: str = ""
    extras: tuple[tuple[str, str], ...] = ()
    lines: tuple[tuple[str, str], ...] = field(
        default=(("Adverts, four weeks", "1"), ("Copy and list", "2"))
    )
    expected: tuple[str | None, str | None, str] = ("", "", "")
    title: str = ""

    @property
    def sums(self) -> tuple[Decimal | None, Decimal | None, Decimal]:
        net, tax, total = self.expected
        return (
            None if net is None else Decimal(net),
            None if tax is None else Decimal(tax),
            Decimal(total),
        )


ENGLISH = {
    "title": "INVOICE", "number": "Invoice number:", "date": "Invoice date:", "due": "Due date:",
    "buyer": "Bill to:", "net": "Subtotal", "total": "Total due",
}  # fmt: skip
GERMAN = {
    "title": "Rechnung", "number": "Rechnungsnummer:", "date": "Rechnungsdatum:",
    "due": "Fällig am:", "buyer": "Rechnung an:", "net": "Nettobetrag", "total": "Gesamtbetrag",
}  # fmt: skip
FRENCH = {
    "title": "FACTURE", "number": "Facture n°", "date": "Date de facture :", "due": "Échéance :",
    "buyer": "Facturé à :", "net": "Total HT", "total": "Total TTC",
}  # fmt: skip
SPANISH = {
    "title": "FACTURA", "number": "Número de factura:", "date": "Fecha de emisión:",
    "due": "Vencimiento:", "buyer": "Cliente:", "net": "Base imponible", "total": "Total a pagar",
}  # fmt: skip
DUTCH = {
    "title": "Factuur", "number": "Factuurnummer:", "date": "Factuurdatum:",
    "due": "Vervaldatum:", "buyer": "Factuuradres:", "net": "Subtotaal excl. btw",
    "total": "Totaal te betalen",
}  # fmt: skip

PAPERS = {
    "english pounds": Paper(
        "Pennant Studio Ltd", "4 Quay Street, Bristol BS1 4QP", "Brightwater IT Ltd", "PS-2291",
        date(2026, 11, 17), "17 November 2026", "GBP", "£2,940.00", "£3,528.00",
        (("VAT 20%", "£588.00"),), ENGLISH, "Pennant Studio Ltd. Registered in England 0812345. VAT GB 812 3456 78",
        expected=("2940.00", "588.00", "3528.00"),
    ),
    "english dollars": Paper(
        "Oakline Media LLC", "12 Elm Street, Austin TX 78701", "Corbelane Partners Inc", "2026-00417",
        date(2026, 3, 14), "03/14/2026", "USD", "$1,200.00", "$1,381.40",
        (("Sales Tax 8.25%", "$101.40"),), ENGLISH, "Oakline Media LLC, hello@oaklinemedia.com",
        extras=(("Shipping", "$80.00"),), expected=("1280.00", "101.40", "1381.40"),
    ),
    "german two rates": Paper(
        "Hallwerk Medien GmbH", "Speicherstraße 12, 20457 Hamburg", "Fenwright Systeme AG", "RE-2026-0815",
        date(2026, 5, 6), "06.05.2026", "EUR", "1.500,00 €", "1.725,00 €",
        (("USt. 19 %", "190,00 €"), ("USt. 7 %", "35,00 €")), GERMAN,
        "Hallwerk Medien GmbH, Amtsgericht Hamburg HRB 99999, USt-IdNr. DE999999999",
        expected=("1500.00", "225.00", "1725.00"),
    ),
    "german named month": Paper(
        "Kontor Nordlicht UG", "Am Deich 3, 26121 Oldenburg", "Fenwright Systeme AG", "4711/26",
        date(2026, 3, 3), "3. März 2026", "EUR", "840,34 EUR", "1.000,00 EUR",
        (("zzgl. 19 % MwSt.", "159,66 EUR"),), GERMAN, "Kontoinhaber: Kontor Nordlicht UG, www.kontor-nordlicht.de",
        expected=("840.34", "159.66", "1000.00"),
    ),
    "french": Paper(
        "Atelier Lumière SARL", "8 rue du Port, 44000 Nantes", "Mistral Réseaux SAS", "F2026-118",
        date(2026, 7, 2), "02 juillet 2026", "EUR", "1 250,00 €", "1 500,00 €",
        (("TVA 20 %", "250,00 €"),), FRENCH,
        "Atelier Lumière SARL au capital de 8 000 € - RCS Nantes 000 000 000 - TVA FR00000000000",
        expected=("1250.00", "250.00", "1500.00"),
    ),
    "spanish": Paper(
        "Faro Digital S.L.", "Calle Mayor 5, 28013 Madrid", "Redes Altamar S.A.", "2026/A/0093",
        date(2026, 2, 25), "25 de febrero de 2026", "EUR", "2.000,00 €", "2.420,00 €",
        (("IVA 21 %", "420,00 €"),), SPANISH, "Faro Digital S.L. CIF B00000000, farodigital.es, hola@farodigital.es",
        expected=("2000.00", "420.00", "2420.00"),
    ),
    "dutch": Paper(
        "Molenpad Media B.V.", "Molenpad 9, 1016 GL Amsterdam", "Dijkstra ICT B.V.", "20260077",
        date(2026, 9, 8), "8-9-2026", "EUR", "€ 750,00", "€ 907,50",
        (("21% btw", "€ 157,50"),), DUTCH, "Molenpad Media B.V. KvK 00000000, BTW NL000000000B01",
        expected=("750.00", "157.50", "907.50"),
    ),
    "swiss francs": Paper(
        "Bergkamm Werbung AG", "Seestrasse 40, 8002 Zürich", "Larix Netzwerke GmbH", "R-88123",
        date(2026, 10, 12), "12.10.2026", "CHF", "CHF 12'500.00", "CHF 13'512.50",
        (("MwSt. 8.1 %", "CHF 1'012.50"),), GERMAN, "Bergkamm Werbung AG, CHE-000.000.000 MWST",
        expected=("12500.00", "1012.50", "13512.50"),
    ),
    "yen": Paper(
        "Hinode Creative Inc.", "2-1 Marunouchi, Tokyo", "Corbelane Japan Ltd", "HC-551",
        date(2026, 4, 1), "2026-04-01", "JPY", "JPY 120,000", "JPY 132,000",
        (("Tax 10%", "JPY 12,000"),), ENGLISH, "Hinode Creative Inc. registered in Tokyo",
        expected=("120000", "12000", "132000"),
    ),
    "reverse charge": Paper(
        "Pennant Studio Ltd", "4 Quay Street, Bristol BS1 4QP", "Fenwright Systeme AG", "PS-2300",
        date(2026, 11, 20), "20 Nov 2026", "EUR", "€900.00", "€900.00", (("VAT 0% (reverse charge)", "€0.00"),),
        ENGLISH, "Pennant Studio Ltd. Registered in England 0812345",
        expected=("900.00", "0.00", "900.00"),
    ),
    "credit note": Paper(
        "Pennant Studio Ltd", "4 Quay Street, Bristol BS1 4QP", "Brightwater IT Ltd", "CN-0042",
        date(2026, 11, 25), "25 November 2026", "GBP", "£100.00", "£120.00", (("VAT 20%", "£20.00"),),
        {**ENGLISH, "title": "CREDIT NOTE", "number": "Credit note number:", "date": "Date of issue:", "total": "Total"},
        "Pennant Studio Ltd. Registered in England 0812345",
        expected=("100.00", "20.00", "120.00"),
    ),
}  # fmt: skip


def as_columns(paper: Paper) -> bytes:
    """Letterhead left, facts right, sums at the right edge."""
    out, page = _canvas()
    page.setFont("Helvetica-Bold", 15)
    page.drawString(50, 790, paper.issuer)
    page.setFont("Helvetica", 9)
    page.drawString(50, 776, paper.address)
    page.setFont("Helvetica-Bold", 20)
    page.drawRightString(545, 785, paper.words["title"])
    page.setFont("Helvetica", 10)
    for at, (label, value) in enumerate(
        (
            (paper.words["number"], paper.number),
            (paper.words["date"], paper.written),
            (paper.words["due"], "31.12.2026" if "." in paper.written else "2026-12-31"),
        )
    ):
        page.drawString(340, 720 - at * 14, label)
        page.drawRightString(545, 720 - at * 14, value)
    page.drawString(50, 720, paper.words["buyer"])
    page.drawString(50, 706, paper.buyer)
    page.drawString(50, 692, "1 Example Way")
    _table(page, paper, 600)
    _foot(page, paper)
    return _done(out, page)


def as_letter(paper: Paper) -> bytes:
    """A letter with a window: sender line, address, facts as columns of a table over the text."""
    out, page = _canvas()
    page.setFont("Helvetica", 7)
    page.drawString(57, 700, f"{paper.issuer} - {paper.address.replace(', ', ' - ')}")
    page.setFont("Helvetica", 10)
    for at, line in enumerate((paper.buyer, "Beispielweg 1", "99999 Beispielstadt")):
        page.drawString(57, 680 - at * 13, line)
    page.setFont("Helvetica-Bold", 14)
    page.drawString(57, 570, paper.words["title"])
    page.setFont("Helvetica", 9)
    heads = (paper.words["number"], paper.words["date"], paper.words["due"])
    values = (paper.number, paper.written, "31.12.2026" if "." in paper.written else "2026-12-31")
    for at, (label, value) in enumerate(zip(heads, values, strict=True)):
        page.drawString(57 + at * 150, 545, label)
        page.drawString(57 + at * 150, 531, value)
    _table(page, paper, 490)
    _foot(page, paper)
    return _done(out, page)


def on_two_pages(paper: Paper) -> bytes:
    """Many lines; the sums stand on the second page."""
    out, page = _canvas()
    page.setFont("Helvetica-Bold", 15)
    page.drawString(50, 790, paper.issuer)
    page.setFont("Helvetica", 10)
    page.drawString(50, 776, paper.address)
    page.drawString(50, 740, f"{paper.words['number']} {paper.number}")
    page.drawString(50, 726, f"{paper.words['date']} {paper.written}")
    page.drawString(50, 700, paper.words["buyer"])
    page.drawString(50, 687, paper.buyer)
    for at in range(30):
        page.drawString(50, 640 - at * 16, f"Item {at + 1}")
        page.drawRightString(545, 640 - at * 16, "10.00")
    _foot(page, paper)
    page.showPage()
    page.setFont("Helvetica", 10)
    _table(page, paper, 760)
    _foot(page, paper)
    return _done(out, page)


LAYOUTS = {"columns": as_columns, "letter": as_letter, "two pages": on_two_pages}


def _canvas() -> tuple[io.BytesIO, Canvas]:
    out = io.BytesIO()
    return out, Canvas(out, pagesize=A4, invariant=1)


def _table(page: Canvas, paper: Paper, top: int) -> None:
    page.setFont("Helvetica", 10)
    for at, (what, many) in enumerate(paper.lines):
        page.drawString(57, top - at * 16, what)
        page.drawRightString(400, top - at * 16, many)
    rows = [(paper.words["net"], paper.net), *paper.extras, *paper.taxes]
    rows.append((paper.words["total"], paper.total))
    for at, (label, value) in enumerate(rows):
        page.drawString(350, top - 80 - at * 16, label)
        page.drawRightString(545, top - 80 - at * 16, value)


def _foot(page: Canvas, paper: Paper) -> None:
    page.setFont("Helvetica", 7)
    page.drawString(57, 40, paper.foot)


def _done(out: io.BytesIO, page: Canvas) -> bytes:
    page.save()
    return out.getvalue()
