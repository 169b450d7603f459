"""Invoices that programs write as forms: titles with numbers, parties in blocks, tables beside sums."""

import io
from datetime import date
from decimal import Decimal

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from tcma.invoices.fields import fields_of_pages
from tcma.invoices.layout import page_of_rows
from tcma.invoices.pdf import open_pdf, pages_of


def read(*lines):
    return fields_of_pages([page_of_rows(line.split("|") for line in lines)])


FORM = (
    "Muster-Rechnungen, Fassung 3", "Baurechnung (204) Nr. 88-104 vom 07.03.2026", "Währung:|EUR",
    "Verkäufer", "Nummer:|54991", "Globale Nummer:|4000001123452 (GLN)", "Name:|Kranich Werbebau GmbH",
    "Anschrift:|Hafenstraße 4", "Käufer/Leistungsempfänger", "Nummer:|GE-7", "Name:|Brunnenbau AG",
    "Bemerkung|Rechnung gemäß Bestellung vom 01.02.2026.",
    "Positionssumme|300,00", "Rechnungssumme ohne USt.|290,00", "Steuerbetrag|55,10", "Bruttosumme|345,10",
    "Erhaltene Anzahlungen|-100,00", "Zahlbetrag|245,10",
)  # fmt: skip


def test_a_form_is_read_field_by_field():
    found = read(*FORM)
    assert (found.number, found.date, found.currency) == ("88-104", date(2026, 3, 7), "EUR")
    assert (found.issuer, found.made_out_to) == ("Kranich Werbebau GmbH", "Brunnenbau AG")
    assert (found.net, found.tax, found.total) == (
        Decimal(290),
        Decimal("55.10"),
        Decimal("345.10"),
    )


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("Rechnung gemäß Bestellung vom 01.02.2026", None),
        ("Invoice for your order of 1 February 2026", None),
        ("Rechnung Nr. 12 vom 07.03.2026", date(2026, 3, 7)),
        ("Rechnung # RE/12 von 07.03.2026", date(2026, 3, 7)),
        ("Invoice # RE/12 issued at 2026-03-07", date(2026, 3, 7)),
    ],
)
def test_the_date_after_a_title_is_the_title_s_own(title, day):
    assert read("Kontor GmbH", title, "Total EUR|10.00").date == day


def test_a_title_that_ends_before_its_date_finds_it_in_the_next_line():
    assert read("Gutschrift (selbst ausgestellt) Nr. 47 vom", "05.03.2026").date == date(2026, 3, 5)


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("Handelsrechnung (380) Nr. 471", "471"),
        ("Rechnungskorrektur (384) Nr. RK21", "RK21"),
        ("Rechnung des Versicherers (575) Nr. 01.234.5", "01.234.5"),
        ("Beitragsrechnung zur Kraftfahrtversicherung Nr. 00.123", None),
    ],
)
def test_what_kind_of_invoice_it_is_may_stand_before_its_number(title, number):
    assert read(title).number == number


def test_heads_of_a_table_beside_a_sum_are_not_its_label():
    found = read(
        "Facture FA-9", "Taxe|Base|Montant|Total HT|204,75 €", "TVA 20,0 %|81,90 €|16,38 €",
        "TVA 5,5 %|122,85 €|6,76 €", "Total taxes|23,14 €", "Total TTC|227,89 €", "Solde à payer|27,89 €",
    )  # fmt: skip
    assert (found.net, found.tax) == (Decimal("204.75"), Decimal("23.14"))
    assert found.total == Decimal("227.89")


def test_net_and_tax_in_the_words_of_a_small_program():
    found = read(
        "Invoice # 7", "Net total:|496.00 €", "VAT total:|75.04 €", "Due payable:|571.04 €"
    )
    assert (found.net, found.tax, found.total) == (
        Decimal(496),
        Decimal("75.04"),
        Decimal("571.04"),
    )


@pytest.mark.parametrize(
    "label",
    [
        "Référence facture :", "Votre facture N°", "Votre n° de facture :", "Numéro de document", "Rechnungs-ID",
        "RE-Nummer", "Faktuurnummer", "Notanummer", "Sales invoice n.", "Document number",
    ],
)  # fmt: skip
def test_an_invoice_s_number_has_many_names(label):
    assert read("Facture, Rechnung, faktura", f"{label}|K-4711").number == "K-4711"


@pytest.mark.parametrize(
    "line",
    [
        "InvoiceDate:|07.03.2026", "VAT Invoice Date:|07.03.2026", "Issued:|07.03.2026", "Document date:|07.03.2026",
        "Lieferdatum/Rechnungsdatum|07.03.2026", "Rechnungs-/Lieferdatum|07.03.2026", "Votre facture du 7 mars 2026",
    ],
)  # fmt: skip
def test_an_invoice_s_day_has_many_names(line):
    assert read("Facture", line).date == date(2026, 3, 7)


@pytest.mark.parametrize(
    ("net", "total"),
    [
        ("Montant hors TVA", "Montant à payer"),
        ("Total (HT)", "NET A PAYER"),
        ("Montant Hors Taxe", "Facture TTC"),
        ("Pre-tax total", "Total due"),
        ("Untaxed total", "Grand total"),
        ("Totaalbedrag excl.", "Bedrag incl. btw"),
        ("Totaal (excl. btw)", "Totaal te voldoen"),
        ("Totaal exclusief", "Eindtotaal"),
        ("Gesamtsumme ohne USt", "Endpreis"),
        ("Suma sin IVA", "Total a pagar"),
        ("Razem netto", "Wartość faktury"),
    ],
)
def test_net_and_total_have_many_names(net, total):
    found = read(
        "Facture 9, Rechnung, invoice",
        f"{net}|200,00 €",
        "TVA / VAT / USt|40,00 €",
        f"{total}|240,00 €",
    )
    assert (found.net, found.tax, found.total) == (Decimal(200), Decimal(40), Decimal(240))


@pytest.mark.parametrize("last", [(), ("448,99|70,00|EUR|518,99",)])
def test_a_table_of_two_rates_is_added_up_or_adds_itself_up(last):
    rows = ("321,40|61,07|19,0|382,47", "127,59|8,93|7,0|136,52")
    found = read("Warenrechnung EUR", "Nettobetrag|MwSt-Betrag|MwSt-%|Endbetrag", *rows, *last)
    assert (found.net, found.tax) == (Decimal("448.99"), Decimal(70))
    assert found.total == Decimal("518.99")


def test_a_form_of_address_and_a_place_of_delivery_are_nobody_s_name():
    sender = "Mühle am Bach GmbH - Bachweg 2 - 84340 Bachdorf"
    assert read(sender, "Herr", "Karl Kranich", "Rechnung Nr. 4").made_out_to == "Karl Kranich"
    french = read(
        "Moulin SARL - 2 rue du Lac - 84340 Lac",
        "Adresse de livraison",
        "Ma boutique",
        "Facture F4",
    )
    assert french.made_out_to == "Ma boutique"


def test_a_company_that_writes_itself_small_is_found():
    lines = ("kontor.com b.v.|Dhr. K. Vis", "Havenweg 10, 3528 BJ Utrecht|Lindelaan 4", "KvK: 32140000",
             "Geachte klant", "Factuur", "Factuurnummer: 85-7")  # fmt: skip
    assert read(*lines).issuer == "kontor.com b.v."


def test_a_company_in_capitals_beside_its_customer_is_the_one_its_label_says():
    lines = ("Lieferant|Käufer", "GLN 4333741000005|GLN 4304171000002", "KRANICH WERBEBAU GMBH|BRUNNENBAU GMBH",
             "BAHNHOFSTRASSE 99|KUNDENWEG 88", "Rechnung Nr. 5")  # fmt: skip
    found = read(*lines)
    assert (found.issuer, found.made_out_to) == ("KRANICH WERBEBAU GMBH", "BRUNNENBAU GMBH")


def page_with(draw):
    out = io.BytesIO()
    page = Canvas(out, invariant=1)
    draw(page)
    page.save()
    return out.getvalue()


def test_a_letter_set_wide_within_a_word_does_not_cut_it():
    def draw(page):
        page.setFont("Helvetica", 10)
        page.drawString(40, 700, "Ver")
        page.drawString(40 + page.stringWidth("Ver", "Helvetica", 10) + 1.4, 700, "sand")
        page.drawString(40, 660, "two words")

    [page] = pages_of(open_pdf(page_with(draw)))
    assert [piece.text for piece in page.pieces()] == ["Versand", "two words"]


def test_a_picture_among_the_letters_is_no_letter():
    with pikepdf.open(
        io.BytesIO(page_with(lambda page: page.drawString(40, 700, "A Kontor")))
    ) as pdf:
        pairs = b"1 beginbfchar\n<41> <D83DDC4D>\nendbfchar\n"
        cmap = b"/CIDInit /ProcSet findresource begin\n1 dict begin\nbegincmap\n/CMapType 2 def\n"
        cmap += b"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"
        for font in pdf.pages[0].Resources.Font.values():
            font.ToUnicode = pdf.make_stream(cmap + pairs + b"endcmap\nend\nend\n")
        out = io.BytesIO()
        pdf.save(out)
    [page] = pages_of(open_pdf(out.getvalue()))
    assert page.text().encode().decode().endswith("Kontor")
