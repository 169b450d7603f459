"""Italian e-invoices: FatturaPA as it is and in signed envelopes; credit notes read alike, printed or not."""

import base64
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from tcma.invoices import reading
from tcma.invoices.einvoice import fields_of_xml
from tcma.invoices.envelope import is_signed, taken_out
from tcma.invoices.kinds import Kind, kind_of
from tcma.invoices.record import ACCEPT, REJECT, Belief, Fields, Refused
from tests.invoices.papers import PAPERS, as_columns
from tests.invoices.test_einvoices import CII, UBL

SPACE = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"
HEAD = """<FatturaElettronicaHeader><DatiTrasmissione><ProgressivoInvio>00007</ProgressivoInvio></DatiTrasmissione>
 <CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>00000000000</IdCodice></IdFiscaleIVA>
  <Anagrafica><Denominazione>Officina  Lanterna S.r.l.</Denominazione></Anagrafica></DatiAnagrafici></CedentePrestatore>
 <CessionarioCommittente><DatiAnagrafici><Anagrafica><Nome>Ada</Nome><Cognome>Torchio</Cognome></Anagrafica>
 </DatiAnagrafici></CessionarioCommittente></FatturaElettronicaHeader>"""
RATE = """<DatiRiepilogo><AliquotaIVA>{rate}</AliquotaIVA><ImponibileImporto>{net}</ImponibileImporto>
 <Imposta>{tax}</Imposta></DatiRiepilogo>"""
RATES = (("22.00", "1000.00", "220.00"), ("4.00", "50.00", "2.00"))


def body(kind="TD01", total="1272.00", rates=RATES, rounding=""):
    sums = "".join(RATE.format(rate=rate, net=net, tax=tax) for rate, net, tax in rates)
    stated = f"<ImportoTotaleDocumento>{total}</ImportoTotaleDocumento>" if total else ""
    rounded = f"<Arrotondamento>{rounding}</Arrotondamento>" if rounding else ""
    return f"""<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>{kind}</TipoDocumento>
 <Divisa>EUR</Divisa><Data>2026-11-17</Data><Numero>7/PA</Numero>{stated}{rounded}</DatiGeneraliDocumento>
 <DatiFattureCollegate><IdDocumento>6/PA</IdDocumento><Data>2026-10-01</Data></DatiFattureCollegate></DatiGenerali>
 <DatiBeniServizi><DettaglioLinee><NumeroLinea>1</NumeroLinea><Descrizione>Stand</Descrizione>
 <PrezzoTotale>1000.00</PrezzoTotale></DettaglioLinee>{sums}</DatiBeniServizi></FatturaElettronicaBody>"""


def fattura(*bodies, space=SPACE):
    inner = HEAD + "".join(bodies or [body()])
    return f'<?xml version="1.0" encoding="UTF-8"?><p:FatturaElettronica versione="FPR12" xmlns:p="{space}">{inner}</p:FatturaElettronica>'.encode()


def simplified(kind="TD07", lines=(("61.00", "11.00"), ("10.40", "0.40"))):
    space = SPACE.replace("v1.2", "v1.0")
    goods = "".join(
        f"<DatiBeniServizi><Descrizione>Carta</Descrizione><Importo>{gross}</Importo><DatiIVA>"
        + (f"<Imposta>{tax}</Imposta>" if tax else "<Aliquota>22.00</Aliquota>")
        + "</DatiIVA></DatiBeniServizi>"
        for gross, tax in lines
    )
    return f"""<n:FatturaElettronicaSemplificata versione="FSM10" xmlns:n="{space}"><FatturaElettronicaHeader>
 <CedentePrestatore><Denominazione>Officina Lanterna S.r.l.</Denominazione></CedentePrestatore>
 <CessionarioCommittente><AltriDatiIdentificativi><Denominazione>Rete Alta S.p.A.</Denominazione></AltriDatiIdentificativi>
 </CessionarioCommittente></FatturaElettronicaHeader><FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento>
 <TipoDocumento>{kind}</TipoDocumento><Divisa>EUR</Divisa><Data>2026-11-18</Data><Numero>S-3</Numero>
 </DatiGeneraliDocumento></DatiGenerali>{goods}</FatturaElettronicaBody></n:FatturaElettronicaSemplificata>""".encode()


def sums(found):
    return tuple(each and str(each) for each in (found.net, found.tax, found.total))


def test_every_field_of_a_fattura_is_read():
    standard, found = fields_of_xml(fattura())
    assert (standard, found.issuer, found.made_out_to) == (
        "FatturaPA",
        "Officina Lanterna S.r.l.",
        "Ada Torchio",
    )
    assert (found.number, found.date, found.currency) == ("7/PA", date(2026, 11, 17), "EUR")
    assert sums(found) == ("1050.00", "222.00", "1272.00")
    assert set(found.belief.values()) == {Belief.SURE}
    assert not found.credit_note


@pytest.mark.parametrize(
    ("changes", "total", "belief"),
    [
        ({"total": ""}, "1272.00", Belief.SURE),
        ({"total": "1270.00"}, "1270.00", Belief.DOUBTFUL),
        ({"total": "1271.98", "rounding": "-0.02"}, "1271.98", Belief.SURE),
        ({"total": "", "rounding": "-0.02"}, "1271.98", Belief.SURE),
        ({"total": "1271.00", "rounding": "-0.02"}, "1271.00", Belief.DOUBTFUL),
        ({"rates": ()}, "1272.00", Belief.DOUBTFUL),
        ({"rates": (("22.00", "1000.00", ""),)}, "1272.00", Belief.DOUBTFUL),
    ],
)
def test_a_total_may_be_left_out_or_rounded_and_is_doubtful_where_it_is_another(
    changes, total, belief
):
    found = fields_of_xml(fattura(body(**changes)))[1]
    assert (str(found.total), found.belief["total"]) == (total, belief)


def test_the_space_of_earlier_versions_is_one_too_and_another_is_not():
    assert fields_of_xml(fattura(space="http://www.fatturapa.gov.it/sdi/fatturapa/v1.1"))[1].number
    with pytest.raises(Refused, match="no e-invoice"):
        fields_of_xml(fattura(space="urn:another"))


def test_several_invoices_in_one_file_are_refused():
    with pytest.raises(Refused, match="several invoices"):
        fields_of_xml(fattura(body(), body()))


def test_a_simplified_invoice_has_its_tax_in_the_sum():
    standard, found = fields_of_xml(simplified())
    assert (standard, found.issuer, found.made_out_to, found.number) == (
        "FatturaPA",
        "Officina Lanterna S.r.l.",
        "Rete Alta S.p.A.",
        "S-3",
    )
    assert sums(found) == ("60.00", "11.40", "71.40")
    assert found.belief["total"] is Belief.SURE
    by_rate = fields_of_xml(simplified(lines=(("61.00", ""),)))[1]
    assert sums(by_rate) == (None, None, "61.00")


def signed(content):
    """An envelope as signing programs make it: DER, what was signed within."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Officina Lanterna")])
    paper = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(7)
    paper = paper.public_key(key.public_key()).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    paper = paper.not_valid_after(datetime(2027, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    made = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(paper, key, hashes.SHA256())
    return made.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])


DATA = bytes.fromhex("06092a864886f70d010701")
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")


def node(tag, inner):
    """One node of DER."""
    size = len(inner)
    if size < 0x80:
        return bytes([tag, size]) + inner
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets + inner


def endless(tag, inner):
    """One node of BER without a length."""
    return bytes([tag, 0x80]) + inner + b"\0\0"


def in_nodes(held, form=node):
    """An envelope without signers around what it holds."""
    inner = form(0x30, b"\x02\x01\x01" + form(0x31, b"") + held + form(0x31, b""))
    return form(0x30, SIGNED_DATA + form(0xA0, inner))


def in_parts(content):
    """BER as programs write it that sign while they read: no lengths, the content cut."""
    parts = [content[at : at + 100] for at in range(0, len(content), 100)]
    octets = endless(0x24, b"".join(node(0x04, part) for part in parts))
    return in_nodes(endless(0x30, DATA + endless(0xA0, octets)), form=endless)


ENVELOPES = {
    "der": signed,
    "ber in parts": in_parts,
    "base64": lambda content: base64.encodebytes(signed(content)),
    "base64 of ber with head and foot": lambda content: (
        b"-----BEGIN PKCS7-----\r\n" + base64.encodebytes(in_parts(content)) + b"-----END PKCS7-----\r\n"
    ),
    "one in another": lambda content: signed(in_parts(content)),
}  # fmt: skip


@pytest.mark.parametrize("name", ENVELOPES)
def test_a_signed_fattura_is_taken_out_of_its_envelope(name):
    sent = ENVELOPES[name](fattura())
    assert kind_of(sent) is Kind.P7M
    found = reading.read(sent).read
    assert (found.verdict, found.reason) == (ACCEPT, "From the e-invoice (FatturaPA).")
    assert (found.kind, found.fields.number, found.fields.total) == (
        Kind.XML,
        "7/PA",
        Decimal("1272.00"),
    )


def test_a_signed_paper_is_read_as_the_paper_it_is():
    found = reading.read(signed(as_columns(PAPERS["english pounds"]))).read
    assert (found.reason, found.fields.number) == ("From the text of the PDF.", "PS-2291")


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (in_nodes(node(0x30, DATA)), "what it signs is not in it"),
        (signed(fattura())[:900], "is broken"),
        (in_parts(fattura())[:900], "is broken"),
        (b"\x30\x80" + SIGNED_DATA + b"\x30\x80" * 5_000, "is broken"),
        (in_nodes(node(0x30, DATA + node(0xA0, node(0x0C, fattura())))), "is broken"),
        (in_nodes(node(0x30, DATA + node(0xA0, b"\x04\x85\x01\x00\x00\x00\x00"))), "is broken"),
        (signed(b"MZ\x90 a program"), "We cannot use this file"),
        (signed(b"<note/>"), "no e-invoice"),
    ],
    ids=["detached", "cut off", "cut off in parts", "deep", "another tag", "endless length", "a program", "other XML"],
)  # fmt: skip
def test_an_envelope_without_a_paper_is_refused(sent, why):
    found = reading.read(sent).read
    assert found.verdict == REJECT
    assert why in found.reason


def test_what_was_signed_comes_out_octet_by_octet():
    content = bytes(range(256)) * 5
    for seal in ENVELOPES.values():
        found = taken_out(seal(content))
        assert (taken_out(found) if is_signed(found) else found) == content


def minus(xml, *amounts):
    for amount in amounts:
        xml = xml.replace(f">{amount}<", f">-{amount}<")
    return xml


CREDIT_CII = CII.format(number="CN-1", total="3528.00").replace(">380<", ">381<")
CREDIT_UBL = UBL.format(kind="CreditNote")
CREDIT_FATTURA = fattura(body("TD04")).decode()
AS_READ = {
    "cii": (CREDIT_CII, ("2940.00", "588.00", "3528.00")),
    "cii, written with a minus": (
        minus(CREDIT_CII, "2940.00", "588.00", "3528.00"), ("2940.00", "588.00", "3528.00"),
    ),
    "an invoice of cii that asks less than nothing": (
        minus(CREDIT_CII.replace(">381<", ">380<"), "2940.00", "588.00", "3528.00"), ("2940.00", "588.00", "3528.00"),
    ),
    "ubl": (CREDIT_UBL, ("100.00", "25.00", "125.00")),
    "ubl, written with a minus": (minus(CREDIT_UBL, "100.00", "25.00", "125.00"), ("100.00", "25.00", "125.00")),
    "TD04": (CREDIT_FATTURA, ("1050.00", "222.00", "1272.00")),
    "TD04, written with a minus": (
        minus(CREDIT_FATTURA, "1000.00", "220.00", "50.00", "2.00", "1272.00"), ("1050.00", "222.00", "1272.00"),
    ),
    "TD08": (simplified("TD08").decode(), ("60.00", "11.40", "71.40")),
}  # fmt: skip


@pytest.mark.parametrize("name", AS_READ)
def test_a_credit_note_says_what_it_gives_back_without_a_minus(name):
    xml, given_back = AS_READ[name]
    found = fields_of_xml(xml.encode())[1]
    assert found.credit_note
    assert sums(found) == given_back
    assert found.belief["total"] is Belief.SURE
    assert reading.fields_from(reading.plain_of(found)) == found


def test_a_sum_keeps_its_sides_when_a_credit_note_is_turned():
    one = Fields(net=Decimal(-100), tax=Decimal(5), total=Decimal(-95), credit_note=True)
    assert sums(one) == ("100", "-5", "95")
    alone = Fields(net=Decimal(-100), credit_note=True)
    assert sums(alone) == ("100", None, None)
    asked = Fields(net=Decimal(-1), total=Decimal(-1))
    assert sums(asked) == ("-1", None, "-1")
