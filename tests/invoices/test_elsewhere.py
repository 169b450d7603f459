"""Invoices as other countries and programs write them: each field read, or none."""

from datetime import date
from decimal import Decimal

import pytest

from tcma.invoices.fields import fields_of_pages
from tcma.invoices.layout import page_of_rows

PAPERS = {
    "italian": (
        (
            "Tipografia Bassi S.r.l.;P.IVA 01234567890;Fattura n. 57/2026;Data: 30/03/2026;"
            "Imponibile|€ 900,00;IVA 22%|€ 198,00;Totale fattura|€ 1.098,00"
        ),
        ("Tipografia Bassi S.r.l.", "57/2026", "2026-03-30", "EUR", "900", "198", "1098"),
    ),
    "portuguese": (
        (
            "Gráfica Atlântica, Lda.;NIF 501234567;Fatura n.º FT 2026/44;Data de emissão: 18 de março de 2026;"
            "Vencimento: 2026-04-17;Total líquido|500,00 €;IVA 23%|115,00 €;Total a pagar|615,00 €"
        ),
        ("Gráfica Atlântica, Lda.", "FT 2026/44", "2026-03-18", "EUR", "500", "115", "615"),
    ),
    "polish": (
        (
            "Drukarnia Sowa Sp. z o.o.;NIP 521-123-45-67;Faktura VAT nr FV/12/2026;"
            "Data wystawienia: 12 lutego 2026;Termin płatności: 26.02.2026;"
            "Razem netto|2 000,00 PLN;VAT 23%|460,00 PLN;Do zapłaty|2 460,00 PLN"
        ),
        ("Drukarnia Sowa Sp. z o.o.", "FV/12/2026", "2026-02-12", "PLN", "2000", "460", "2460"),
    ),
    "czech": (
        (
            "Dodavatel: Tiskárna Vltava s.r.o.;Faktura č. 2026001;Datum vystavení: 12.3.2026;"
            "Datum splatnosti: 26.3.2026;Základ daně|10 000,00 Kč;DPH 21 %|2 100,00 Kč;"
            "Celkem k úhradě|12 100,00 Kč"
        ),
        ("Tiskárna Vltava s.r.o.", "2026001", "2026-03-12", "CZK", "10000", "2100", "12100"),
    ),
    "swedish": (
        (
            "Tryckhuset i Lund AB;Org.nr 556677-8899;Faktura;Fakturanummer 10234;Fakturadatum 2026-01-22;"
            "Förfallodatum 2026-02-21;Netto|8 400,00;Moms 25%|2 100,00;Att betala SEK|10 500,00"
        ),
        ("Tryckhuset i Lund AB", "10234", "2026-01-22", "SEK", "8400", "2100", "10500"),
    ),
    "danish": (
        (
            "Trykkeriet Nord ApS;CVR 12345678;Faktura;Fakturanr.: 5501;Fakturadato: 03-06-2026;"
            "Forfaldsdato: 17-06-2026;Subtotal|4.000,00;Moms (25%)|1.000,00;I alt DKK|5.000,00"
        ),
        ("Trykkeriet Nord ApS", "5501", "2026-06-03", "DKK", "4000", "1000", "5000"),
    ),
    "norwegian": (
        (
            "Trykk og Skilt AS;Org.nr 987 654 321 MVA;FAKTURA;Fakturanr|20117;Fakturadato|04.05.2026;"
            "Nettobeløp|6 000,00;MVA 25 %|1 500,00;Å betale NOK|7 500,00"
        ),
        ("Trykk og Skilt AS", "20117", "2026-05-04", "NOK", "6000", "1500", "7500"),
    ),
    "finnish": (
        (
            "Painotalo Saari Oy;Y-tunnus 1234567-8;LASKU;Laskun numero: 88012;Laskun päivä: 14.4.2026;"
            "Eräpäivä: 28.4.2026;Veroton yhteensä|1 000,00 €;ALV 25,5 %|255,00 €;"
            "Maksettava yhteensä|1 255,00 €"
        ),
        ("Painotalo Saari Oy", "88012", "2026-04-14", "EUR", "1000", "255", "1255"),
    ),
    "japanese": (
        (
            "請求書;株式会社みなと印刷;請求書番号：2026-031;請求日：2026年4月10日;お支払期限：2026年5月31日;"
            "小計|¥120,000;消費税（10%）|¥12,000;合計金額|¥132,000"
        ),
        ("株式会社みなと印刷", "2026-031", "2026-04-10", "JPY", "120000", "12000", "132000"),
    ),
    "indian: two taxes as large as each other, lakhs": (
        (
            "TAX INVOICE;Kaveri Digital Pvt. Ltd., GSTIN 29ABCDE1234F1Z5;Invoice No: KD/26-27/0012;"
            "Invoice Date: 11-04-2026;Taxable value|₹ 1,50,000.00;CGST 9%|₹ 13,500.00;"
            "SGST 9%|₹ 13,500.00;Grand Total|₹ 1,77,000.00"
        ),
        (
            "Kaveri Digital Pvt. Ltd.",
            "KD/26-27/0012",
            "2026-04-11",
            "INR",
            "150000",
            "27000",
            "177000",
        ),
    ),
    "australian: the title above the letterhead": (
        (
            "TAX INVOICE;Coral Signs Pty Ltd;ABN 12 345 678 901;Invoice # 00451;Issue date 03/04/2026;"
            "Subtotal|A$1,000.00;GST (10%)|A$100.00;Invoice total AUD|A$1,100.00"
        ),
        ("Coral Signs Pty Ltd", "00451", "2026-04-03", "AUD", "1000", "100", "1100"),
    ),
    "british: number and tax point in one line": (
        (
            "Tax Invoice;Bramley Exhibitions Ltd;VAT Reg No GB 123 4567 89;To: Fenwright Solutions Ltd;"
            "Invoice No. BE/2026/331 Date / Tax Point: 17 June 2026;Net total|4,500.00;VAT @ 20%|900.00;"
            "Gross total GBP|5,400.00"
        ),
        ("Bramley Exhibitions Ltd", "BE/2026/331", "2026-06-17", "GBP", "4500", "900", "5400"),
    ),
    "a row of heads over a row of values": (
        (
            "Bramley Exhibitions Ltd;Invoice No.|Invoice Date|Customer No.|Order No.;"
            "77120|01.09.2026|4401|PO-991;Net amount|VAT %|VAT amount|Total amount GBP;"
            "1,200.00|20.00|240.00|1,440.00"
        ),
        ("Bramley Exhibitions Ltd", "77120", "2026-09-01", "GBP", "1200", "240", "1440"),
    ),
    "a receipt that names its invoice": (
        (
            "Receipt;Clickworks OÜ;Receipt number 2231-8812;Invoice number 9A1B-0004;"
            "Date paid March 8, 2026;Subtotal|$50.00;Total|$50.00;Amount paid|$50.00"
        ),
        ("Clickworks OÜ", "9A1B-0004", "2026-03-08", "USD", "50", None, "50"),
    ),
    "swiss: a subtotal of their own": (
        (
            "Leuchtturm Werbung AG;CHE-123.456.789 MWST;Rechnung Nr.|2026-1001;Datum|1. Oktober 2026;"
            "Zwischentotal|CHF 2'500.00;MWST 8.1%|202.50;Rundung|0.00;Total CHF inkl. MWST|2'702.50"
        ),
        ("Leuchtturm Werbung AG", "2026-1001", "2026-10-01", "CHF", "2500", "202.50", "2702.50"),
    ),
    "canadian: federal and provincial tax": (
        (
            "Invoice;Northlight Media Inc.;Toronto ON, Canada;Invoice # INV-0093;Date: March 5, 2026;"
            "Subtotal|$1,000.00;GST 5%|$50.00;PST 7%|$70.00;Total (CAD)|$1,120.00"
        ),
        ("Northlight Media Inc.", "INV-0093", "2026-03-05", "CAD", "1000", "120", "1120"),
    ),
    "australian: inc and ex": (
        (
            "TAX INVOICE;Beacon Media Pty Ltd;ABN 12 345 678 901;Invoice number|00213;Issue date|7/08/2026;"
            "Subtotal (ex GST)|$1,000.00;GST (10%)|$100.00;Total AUD (inc GST)|$1,100.00"
        ),
        ("Beacon Media Pty Ltd", "00213", "2026-08-07", "AUD", "1000", "100", "1100"),
    ),
    "norwegian: the sum without its tax": (
        (
            "Fyr Medier AS;Faktura;Fakturanummer: 3001;Fakturadato: 05.06.2026;"
            "Sum eks. mva|NOK 3 200,00;25 % mva|NOK 800,00;Å betale|NOK 4 000,00"
        ),
        ("Fyr Medier AS", "3001", "2026-06-05", "NOK", "3200", "800", "4000"),
    ),
    "czech: the base of the tax": (
        (
            "Maják Media s.r.o.;Faktura č.|2026000123;Datum vystavení|01.07.2026;"
            "Základ DPH|10 000,00 Kč;DPH 21 %|2 100,00 Kč;Celkem k úhradě|12 100,00 Kč"
        ),
        ("Maják Media s.r.o.", "2026000123", "2026-07-01", "CZK", "10000", "2100", "12100"),
    ),
    "finnish: a plain date": (
        (
            "Majakka Media Oy;LASKU;Laskun numero|5512;Päiväys|3.9.2026;Eräpäivä|17.9.2026;"
            "Veroton yhteensä|600,00 €;ALV 25,5 %|153,00 €;Yhteensä|753,00 €"
        ),
        ("Majakka Media Oy", "5512", "2026-09-03", "EUR", "600", "153", "753"),
    ),
    "french: a discount above the net, net à payer": (
        (
            "Facture;Phare Média SARL;Facture N° FA-2026-09;Date d'émission : 1er mars 2026;Total HT|2 000,00 €;"
            "Remise 5 %|-100,00 €;Total HT après remise|1 900,00 €;TVA 20,00 %|380,00 €;Net à payer TTC|2 280,00 €"
        ),
        ("Phare Média SARL", "FA-2026-09", "2026-03-01", "EUR", "1900", "380", "2280"),
    ),
    "a credit note in brackets": (
        (
            "CREDIT NOTE;Pennant Studio Ltd;Credit Note No: CN-77;Date: 11 May 2026;"
            "Net|(£100.00);VAT @ 20%|(£20.00);Total|(£120.00)"
        ),
        ("Pennant Studio Ltd", "CN-77", "2026-05-11", "GBP", "100", "20", "120"),
    ),
    "billed in one currency, counted in another": (
        (
            "Tax Invoice;Bramley Exhibitions Ltd;Invoice Number: EU-123456;Invoice Date: September 3, 2026;"
            "Net charges excl. VAT (1 USD = 0.925926 EUR)|EUR 100.00;VAT|EUR 19.00;Total amount|EUR 119.00"
        ),
        ("Bramley Exhibitions Ltd", "EU-123456", "2026-09-03", "EUR", "100", "19", "119"),
    ),
    "a receipt of adverts whose sum is not first in its line": (
        (
            "Receipt for Pellworth IT;Invoice/Payment Date|Adverline Platforms Ireland Limited;Aug 15, 2026, 4:12 AM|Dublin;"
            "Transaction ID|Paid;6123-9876|€250.00;Campaigns"
        ),
        (
            "Adverline Platforms Ireland Limited",
            "6123-9876",
            "2026-08-15",
            "EUR",
            None,
            None,
            "250",
        ),
    ),
    "a receipt of adverts": (
        (
            "Receipt for Pellworth IT;Account ID: 1029384756;Invoice/Payment Date|Mar 31, 2026, 11:59 PM;"
            "Transaction ID|5566-7788;Paid;$812.40 USD;Campaigns;Spring security|$812.40;"
            "Adverline Platforms, Inc.;Menlo Park, CA 94025"
        ),
        ("Adverline Platforms, Inc.", "5566-7788", "2026-03-31", "USD", None, None, "812.40"),
    ),
}


def pages(text):
    return [page_of_rows(line.split("|") for line in text.split(";"))]


@pytest.mark.parametrize("name", PAPERS)
def test_papers_of_other_countries_and_programs_are_read(name):
    text, (issuer, number, day, currency, *sums) = PAPERS[name]
    found = fields_of_pages(pages(text))
    assert found.issuer == issuer
    assert (found.number, found.date) == (number, date.fromisoformat(day))
    assert found.currency == currency
    assert [found.net, found.tax, found.total] == [s and Decimal(s) for s in sums]
    assert found.made_out_to in {None, "Pellworth IT", "Fenwright Solutions Ltd"}


def test_a_value_under_its_label_is_nearer_than_another_column():
    page = page_of_rows([["Invoice Number", "", "HU1 2AB"], ["INV-0031"]])
    assert fields_of_pages([page]).number == "INV-0031"


@pytest.mark.parametrize(
    "title", ["PRO FORMA INVOICE", "Pro-forma Rechnung", "2. Mahnung", "Payment reminder"]
)
def test_a_paper_that_asks_for_nothing_has_no_fields(title):
    text = f"{title};Bramley Exhibitions Ltd;Invoice no: 7;Date: 17 June 2026;Subtotal|£100.00;VAT|£20.00;Total|£120.00"
    assert not fields_of_pages(pages(text)).known()


def test_what_was_paid_of_an_invoice_is_not_its_total():
    text = (
        "Invoice;Bramley Exhibitions Ltd;Bill to: Pellworth IT;Invoice no: 7;Stand|£1,500.00;"
        "Total|£1,500.00;Amount paid|£500.00"
    )
    assert fields_of_pages(pages(text)).total == Decimal(1500)
