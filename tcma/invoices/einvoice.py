"""E-invoices: UBL, the Cross Industry Invoice of Factur-X, ZUGFeRD and XRechnung, and the Italian FatturaPA.

What they state is exact; it is believed when its sum is right. The fields of FatturaPA are those of the
Agenzia delle Entrate, formats FPA12, FPR12 and FSM10.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from tcma.invoices.record import Belief, Fields, Refused

_CREDIT = frozenset({"381", "396", "261", "83"})
"""Type codes of UN/CEFACT 1001 that give money back."""
_CREDIT_IN_ITALY = frozenset({"TD04", "TD08"})
_NOTHING = Decimal(0)


def fields_of_xml(content: bytes) -> tuple[str, Fields]:
    """Return the standard and the fields of an e-invoice; raises Refused for other XML."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise Refused("The XML declares entities, which an e-invoice never does.") from None
    except (ParseError, ValueError, LookupError, RecursionError):
        raise Refused("The XML is broken and cannot be read.") from None
    if _name(root) == "StandardBusinessDocument":  # the envelope of Peppol
        root = _at(root, "Invoice", "CreditNote") or root
    space, _, name = root.tag.rpartition("}")
    if name in {"Invoice", "CreditNote"} and "oasis:names:specification:ubl" in space:
        return "UBL", _sum_told(_ubl(root, credit=name == "CreditNote"))
    if name in {"CrossIndustryInvoice", "CrossIndustryDocument"} and "CrossIndustry" in space:
        return "CII", _sum_told(_cii(root))
    if name == "FatturaElettronica" and "fattur" in space:
        return "FatturaPA", _fattura(root)
    if name == "FatturaElettronicaSemplificata" and "fattur" in space:
        return "FatturaPA", _sum_told(_simplified(root))
    raise Refused(
        "This XML is no e-invoice. UBL, CII (Factur-X, ZUGFeRD, XRechnung) and FatturaPA are."
    )


def _sum_told(found: Fields, *, rounding: Decimal = _NOTHING) -> Fields:
    if found.total is not None and found.total < 0:  # gives money back, whatever its type says
        found = replace(found, credit_note=True)
    adds_up = (
        found.net is not None
        and found.total is not None
        and abs(found.total - found.net - (found.tax or _NOTHING)) in {_NOTHING, abs(rounding)}
    )
    money = Belief.SURE if adds_up else Belief.DOUBTFUL
    belief = {
        name: money if name in {"net", "tax", "total"} else Belief.SURE for name in found.known()
    }
    found.belief.update(belief)
    return found


def _ubl(root: Element, *, credit: bool) -> Fields:
    sums = _at(root, "LegalMonetaryTotal")
    code = _words(root, "InvoiceTypeCode") or _words(root, "CreditNoteTypeCode")
    currency = _words(root, "DocumentCurrencyCode")
    net = _amount(sums, "TaxExclusiveAmount") or _amount(sums, "LineExtensionAmount")
    total = _amount(sums, "TaxInclusiveAmount") or _amount(sums, "PayableAmount")
    return Fields(
        issuer=_ubl_party(_at(root, "AccountingSupplierParty")),
        number=_words(root, "ID"),
        date=_day(_words(root, "IssueDate")),
        currency=currency or _currency_of(sums),
        net=net,
        tax=_ubl_tax(root, currency),
        total=total,
        made_out_to=_ubl_party(_at(root, "AccountingCustomerParty")),
        credit_note=credit or code in _CREDIT,
    )


def _ubl_party(where: Element | None) -> str | None:
    party = _at(where, "Party")
    legal = _words(_at(party, "PartyLegalEntity"), "RegistrationName")
    return legal or _words(_at(party, "PartyName"), "Name")


def _ubl_tax(root: Element, currency: str | None) -> Decimal | None:
    totals = [node for node in root if _name(node) == "TaxTotal"]
    # A second one states the tax in the currency of the tax office.
    for total in totals:
        amount = _at(total, "TaxAmount")
        if amount is not None and amount.get("currencyID") in {currency, None}:
            return _amount(total, "TaxAmount")
    return _amount(totals[0], "TaxAmount") if len(totals) == 1 else None


def _cii(root: Element) -> Fields:
    document = _at(root, "ExchangedDocument", "HeaderExchangedDocument")
    trade = _at(root, "SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")
    agreed = _at(trade, "ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement")
    paid = _at(trade, "ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement")
    sums = _at(
        paid,
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        "SpecifiedTradeSettlementMonetarySummation",
    )
    currency = _words(paid, "InvoiceCurrencyCode")
    return Fields(
        issuer=_words(_at(agreed, "SellerTradeParty"), "Name"),
        number=_words(document, "ID"),
        date=_day(_words(_at(document, "IssueDateTime"), "DateTimeString")),
        currency=currency,
        net=_amount(sums, "TaxBasisTotalAmount") or _amount(sums, "LineTotalAmount"),
        tax=_cii_tax(sums, currency),
        total=_amount(sums, "GrandTotalAmount"),
        made_out_to=_words(_at(agreed, "BuyerTradeParty"), "Name"),
        credit_note=_words(document, "TypeCode") in _CREDIT,
    )


def _cii_tax(sums: Element | None, currency: str | None) -> Decimal | None:
    for node in sums if sums is not None else ():
        if _name(node) == "TaxTotalAmount" and node.get("currencyID") in {currency, None}:
            return _decimal(node.text)
    return None


def _fattura(root: Element) -> Fields:
    head, body, general = _italian(root)
    rates = _all(_at(body, "DatiBeniServizi"), "DatiRiepilogo")
    net, tax = _added(rates, "ImponibileImporto"), _added(rates, "Imposta")
    rounding = _amount(general, "Arrotondamento") or _NOTHING
    total = _amount(general, "ImportoTotaleDocumento")
    if total is None and net is not None:  # it may be left out
        total = net + (tax or _NOTHING) + rounding
    rounding = rounding or _added(rates, "Arrotondamento") or _NOTHING
    parties = (_at(_at(head, party), "DatiAnagrafici") for party in _PARTIES)
    issuer, buyer = (_named(_at(party, "Anagrafica")) for party in parties)
    found = Fields(issuer=issuer, net=net, tax=tax, total=total, made_out_to=buyer)
    return _sum_told(_of_italy(found, general), rounding=rounding)


def _simplified(root: Element) -> Fields:
    """Read what is asked up to a few hundred euros: sums with the tax in them, which may be a rate only."""
    head, body, general = _italian(root)
    lines = _all(body, "DatiBeniServizi")
    total = _added(lines, "Importo")
    tax = _added([_at(line, "DatiIVA") for line in lines], "Imposta")
    net = total - tax if total is not None and tax is not None else None
    seller, buyer = (_at(head, party) for party in _PARTIES)
    buyer = _at(buyer, "AltriDatiIdentificativi")
    found = Fields(issuer=_named(seller), net=net, tax=tax, total=total, made_out_to=_named(buyer))
    return _of_italy(found, general)


_PARTIES = ("CedentePrestatore", "CessionarioCommittente")


def _italian(root: Element) -> tuple[Element | None, Element | None, Element | None]:
    """Return the head, the one body and its general facts; raises Refused for several invoices in a file."""
    bodies = _all(root, "FatturaElettronicaBody")
    if len(bodies) > 1:
        raise Refused("The file holds several invoices. Upload each by itself.")
    body = bodies[0] if bodies else None
    general = _at(_at(body, "DatiGenerali"), "DatiGeneraliDocumento")
    return _at(root, "FatturaElettronicaHeader"), body, general


def _of_italy(found: Fields, general: Element | None) -> Fields:
    return replace(
        found,
        number=_words(general, "Numero"),
        date=_day(_words(general, "Data")),
        currency=_words(general, "Divisa"),
        credit_note=_words(general, "TipoDocumento") in _CREDIT_IN_ITALY,
    )


def _named(party: Element | None) -> str | None:
    person = filter(None, (_words(party, "Nome"), _words(party, "Cognome")))
    return _words(party, "Denominazione") or " ".join(person) or None


def _added(nodes: Iterable[Element | None], name: str) -> Decimal | None:
    """Return the sum of what stands under a name in each node; None where one has none."""
    amounts = [_amount(node, name) for node in nodes]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, _NOTHING) if known and len(known) == len(amounts) else None


def _all(where: Element | None, name: str) -> list[Element]:
    return [node for node in where if _name(node) == name] if where is not None else []


def _name(node: Element) -> str:
    return node.tag.rpartition("}")[2]


def _at(where: Element | None, *names: str) -> Element | None:
    if where is None:
        return None
    return next((node for node in where if _name(node) in names), None)


def _words(where: Element | None, name: str) -> str | None:
    node = _at(where, name)
    words = " ".join((node.text or "").split()) if node is not None else ""
    return words[:200] or None


def _amount(where: Element | None, name: str) -> Decimal | None:
    node = _at(where, name)
    return _decimal(node.text) if node is not None else None


def _decimal(text: str | None) -> Decimal | None:
    try:
        amount = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < 10**13 else None


def _currency_of(sums: Element | None) -> str | None:
    for node in sums if sums is not None else ():
        if code := node.get("currencyID"):
            return code[:3]
    return None


def _day(text: str | None) -> dt.date | None:
    digits = (text or "").strip()[:10]
    for shape in ("%Y-%m-%d", "%Y%m%d"):
        try:
            return dt.datetime.strptime(digits, shape).date()  # noqa: DTZ007 - a day, no hour
        except ValueError:
            continue
    return None
