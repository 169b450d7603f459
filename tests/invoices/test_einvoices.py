"""E-invoices: what they state is exact, inside a PDF only when one sees the same."""

import io
from datetime import date
from decimal import Decimal

import pikepdf
import pytest

from tcma.invoices import reading
from tcma.invoices.einvoice import fields_of_xml
from tcma.invoices.record import ACCEPT, REJECT, Belief, Refused
from tests.invoices.papers import PAPERS, as_columns

CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
 <rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>380</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">20261117</udt:DateTimeString></ram:IssueDateTime>
 </rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>
  <ram:ApplicableHeaderTradeAgreement>
   <ram:SellerTradeParty><ram:Name>Pennant Studio Ltd</ram:Name></ram:SellerTradeParty>
   <ram:BuyerTradeParty><ram:Name>Brightwater IT Ltd</ram:Name></ram:BuyerTradeParty>
  </ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>GBP</ram:InvoiceCurrencyCode>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    <ram:LineTotalAmount>2940.00</ram:LineTotalAmount><ram:TaxBasisTotalAmount>2940.00</ram:TaxBasisTotalAmount>
    <ram:TaxTotalAmount currencyID="GBP">588.00</ram:TaxTotalAmount>
    <ram:GrandTotalAmount>{total}</ram:GrandTotalAmount><ram:DuePayableAmount>0.00</ram:DuePayableAmount>
   </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  </ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>"""
UBL = """<?xml version="1.0"?>
<{kind} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:ID>2026-77</cbc:ID><cbc:IssueDate>2026-11-17</cbc:IssueDate>
 <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cbc:TaxCurrencyCode>SEK</cbc:TaxCurrencyCode>
 <cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Kesten</cbc:Name></cac:PartyName>
  <cac:PartyLegalEntity><cbc:RegistrationName>Kesten Media AB</cbc:RegistrationName></cac:PartyLegalEntity>
 </cac:Party></cac:AccountingSupplierParty>
 <cac:AccountingCustomerParty><cac:Party><cac:PartyName><cbc:Name>Fenwright Systeme AG</cbc:Name>
 </cac:PartyName></cac:Party></cac:AccountingCustomerParty>
 <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">25.00</cbc:TaxAmount></cac:TaxTotal>
 <cac:TaxTotal><cbc:TaxAmount currencyID="SEK">280.00</cbc:TaxAmount></cac:TaxTotal>
 <cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">110.00</cbc:LineExtensionAmount>
  <cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount>
  <cbc:TaxInclusiveAmount currencyID="EUR">125.00</cbc:TaxInclusiveAmount>
  <cbc:PayableAmount currencyID="EUR">0.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
</{kind}>"""


def cii(number="PS-2291", total="3528.00"):
    return CII.format(number=number, total=total).encode()


def hybrid(xml, name="factur-x.xml"):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(as_columns(PAPERS["english pounds"]))) as paper:
        paper.attachments[name] = xml
        paper.save(out)
    return out.getvalue()


def test_a_cross_industry_invoice_is_exact():
    standard, found = fields_of_xml(cii())
    assert (standard, found.issuer, found.made_out_to) == (
        "CII",
        "Pennant Studio Ltd",
        "Brightwater IT Ltd",
    )
    assert (found.number, found.date, found.currency) == ("PS-2291", date(2026, 11, 17), "GBP")
    assert (found.net, found.tax, found.total) == (Decimal(2940), Decimal(588), Decimal(3528))
    assert set(found.belief.values()) == {Belief.SURE}


def test_a_ubl_invoice_counts_tax_in_its_own_currency_and_what_was_billed():
    standard, found = fields_of_xml(UBL.format(kind="Invoice").encode())
    assert (standard, found.issuer, found.number) == ("UBL", "Kesten Media AB", "2026-77")
    assert (found.net, found.tax, found.total) == (Decimal(100), Decimal(25), Decimal(125))


def test_a_ubl_invoice_in_the_envelope_of_peppol_is_taken_out():
    inner = UBL.format(kind="Invoice").removeprefix('<?xml version="1.0"?>')
    space = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    sent = f'<StandardBusinessDocument xmlns="{space}"><StandardBusinessDocumentHeader/>{inner}</StandardBusinessDocument>'
    assert fields_of_xml(sent.encode())[1].number == "2026-77"


def test_a_ubl_credit_note_is_told_as_one():
    assert fields_of_xml(UBL.format(kind="CreditNote").encode())[1].credit_note


def test_sums_of_an_e_invoice_that_do_not_add_up_are_doubtful():
    assert fields_of_xml(cii(total="3600.00"))[1].belief["total"] is Belief.DOUBTFUL


@pytest.mark.parametrize(
    "xml",
    [
        b"<?xml version='1.0'?><note><to>you</to></note>",
        b"<Invoice><ID>1</ID></Invoice>",
        b"<Invoice",
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Invoice>&a;</Invoice>',
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Invoice>&b;</Invoice>',
    ],
)
def test_other_xml_is_refused(xml):
    with pytest.raises(Refused):
        fields_of_xml(xml)
    assert reading.read(xml).read.verdict == REJECT


def test_an_e_invoice_inside_a_pdf_is_believed_where_one_sees_the_same():
    found = reading.read(hybrid(cii())).read
    assert found.reason == "From the e-invoice in the PDF (CII)."
    assert found.fields.belief["number"] is Belief.SURE


def test_an_e_invoice_that_is_not_what_one_sees_makes_everything_doubtful():
    found = reading.read(hybrid(cii(number="PS-9999")))
    assert found.read.verdict == ACCEPT
    assert found.doubt == "The e-invoice inside the PDF is not the invoice one sees."
    assert found.read.fields.number == "PS-2291"
    assert set(found.read.fields.belief.values()) == {Belief.DOUBTFUL}


def test_an_attachment_that_is_no_e_invoice_leaves_the_text():
    found = reading.read(hybrid(b"<note/>", name="note.xml")).read
    assert (found.reason, found.fields.number) == ("From the text of the PDF.", "PS-2291")
