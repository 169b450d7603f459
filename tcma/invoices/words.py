"""The words that stand beside numbers on invoices: English, German, French, Spanish, Dutch, Italian,
Portuguese, Polish, Czech, Swedish, Danish, Norwegian, Finnish, Japanese.
"""

import re

NUMBER = re.compile(
    r"""(?ix) ^\s*
    (?:votre\s+|your\s+|ihre\s+|uw\s+)?
    (?: (?:tax\s+|vat\s+|commercial\s+|credit\s+|sales\s+)? (?:invoice|inv\.?|bill|credit\s+note|receipt)
            \s* (?:number|numb?er\.?|no\.?|nr\.?|num\.?|n\.|n°|nº|\#|id|ref(?:erence)?\.?)
      | (?:rechnungs?|beleg|gutschrifts?)[\s-]* (?:nummer|nr\.?|no\.?|id) | re-(?:nummer|nr\.?)
      | document\s+(?:number|no\.?) | num[ée]ro\s+(?:de\s+|du\s+)?document
      | r[ée]f(?:[ée]rence|\.)\s*(?:de\s+)?(?:la\s+)?facture
      | (?:[a-zäöü]*rechnung|rechnungskorrektur|gutschrift|beleg) (?:\s+des\s+\w+)? (?:\s*\([^()]{1,40}\)){0,2} \s+ (?:nr\.?|no\.?|nummer|\#)
      | (?:num[ée]ro|n°|nº|no\.?|n\.)\s* (?:de\s+|d['’])? (?:la\s+)? (?:facture|avoir)
      | (?:facture|avoir)\s* (?:num[ée]ro|n°|nº|no\.?|nr\.?|\#)
      | (?:n[úu]mero|n[úu]m\.?|n°|nº|no\.?)\s* (?:de\s+)? (?:la\s+)? factura
      | factura\s* (?:n[úu]mero|n[úu]m\.?|n°|nº|no\.?|\#)
      | (?:fact|fakt)uur[\s-]* (?:nummer|nr\.?|no\.?) | kwitantie-?nummer | nota-?nummer
      | (?:faktura|fakturan?)[\s-]* (?:nummer|numer|nr\.?|no\.?)
      | num(?:er|ery)\s+faktury | faktura \s+ (?:vat\s+)? (?:nr\.?|č\.?|numer|\#) | faktura .{0,20}? daňový\s+doklad \s+ č\.?
      | (?:fattura|fatura)\s* (?:numero|n[úu]mero|num\.?|n°|nº|nr\.?|n\.?[ºo°]?|\#)
      | (?:numero|n[úu]mero|n°|nº|n\.)\s* (?:della\s+|da\s+|di\s+|de\s+)? (?:fattura|fatura)
      | laskun?[\s-]* (?:numero|nro\.?|nr\.?) | 請求書?(?:番号|No\.?)
    ) (?![a-zà-ÿ]) \s* [:.\#：]? \s*
    """
)
"""«Invoice number» and its like at the start of a piece."""
RECEIPT = re.compile(
    r"(?i)^\s*(?:receipt|quittung|kwitantie|document|num[ée]ro\s+(?:de|du)?\s*document)"
)
"""What numbers the payment rather than the invoice."""
TITLE = re.compile(
    r"""(?ix) ^\s* (?:votre\s+|ma\s+|your\s+|ihre\s+|uw\s+)? (?:tax\s+|vat\s+|sales\s+|proforma\s+)?
    (?:invoice|rechnung|facture|factura|factuur|fattura|fatura|faktura|lasku
      |credit\s+note|gutschrift|avoir) \s* [:\#]? \s+
    """
)
"""«Invoice 2023-17»: the title carries the number."""
ALONE = re.compile(
    r"(?i)^\s*(?:invoice|rechnung|facture|factura|factuur|faktura|fattura|fatura|lasku)\s*[:#]?\s*$"
)
HASH = re.compile(r"^\s*(?:#|(?i:transaction\s+id))\s*(?=[\w-]*\d|$)")
PAID = re.compile(r"(?i)^\W*(?:amount\s+)?(?:paid|charged)\b")
"""The total of a receipt."""
DATE = re.compile(
    r"""(?ix) ^\s*
    (?: (?:(?:vat|tax|sales)\s+)?(?:invoice|bill(?:ing)?|tax|document|credit\s+note)(?:\s*/\s*payment)?\s*date | date\s+of\s+(?:issue|invoice)
      | (?:issue|issued)\s+(?:date|on) | issued(?=\s*:) | date\s+(?:issued|d['’ ]émission)
      | (?:lieferdatum\s*/\s*)?(?:rechnungs|beleg|ausstellungs|gutschrifts)-?\s?datum
      | rechnungs-\s?(?:/|und|u\.)?\s?-?lieferdatum
      | date\s+(?:de\s+)?(?:la\s+)?(?:facture|facturation|émission|l['’]avoir)
      | fecha\s+(?:de\s+)?(?:la\s+)?(?:factura|facturación|emisión|expedición)
      | factuur[\s-]*datum | data\s+(?:wystawienia|faktury) | datum\s+vystavení
      | (?:date\s*/\s*)?tax\s+point(?:\s+date)? | faktura?[\s-]?(?:datum|dato)
      | data\s+(?:della\s+fattura|fattura|di\s+emissione|de\s+emissão|da\s+fatura)
      | (?:laskun\s+)?(?:päivä(?:ys|määrä)|pvm) | laskun\s+päivä | laskupäivä | 請求日 | 発行日
    ) (?![a-zà-ÿ]) \s* (?:[:.：]|le\b|am\b|el\b|op\b|il\b)? \s*
    """
)
DATE_WEAK = re.compile(
    r"(?i)^\s*(?:date|datum|dato|data|fecha|dated|le|[A-ZÄÖÜÉ][\wäöüßéèà-]+,?\s+(?:den|le|am|the))\s*[:,.]?\s*"
)
OF_DATE = re.compile(
    r"(?i)\b(?:dated|date(?:\s*/\s*tax\s+point)?|issued\s+(?:at|on)|vom|von|du|del?|van|of|d\.d\.)\s*:?\s+(?=\d|[A-ZÀ-Ý]\w+\s+\d)"
)
"""«Facture n° 12 du 3 mai»: the date after the number."""
OF_LINE = re.compile(r"(?i)\b(?:dated|vom|du|del?|van)\s*$")
"""The same where the line ends before the date."""
OTHER_DATE = re.compile(
    r"""(?ix) due|f[äa]llig|zahlbar|zahlungsziel|échéance|echeance|limite|venc|verval|order|bestel
    |commande|pedido|liefer|deliver|livraison|entrega|lever|leistung|period|zeitraum|période
    |check|start|end|print|ship|valid|gültig|paid|bezahlt|payé|scad|förfall|forfald|forfall|termin
    |płatno|splatno|eräpäivä|期限"""
)
PAID_ON = re.compile(
    r"(?i)^\s*(?:date\s+paid|paid\s+on|payment\s+date|date\s+of\s+payment)\s*:?\s*"
)
"""The day of a receipt."""
TOTAL_BEST = re.compile(
    r"""(?ix) \b(?: grand\s+total | total\s+(?:amount|due|payable|invoice|ttc|factura|facture|incl)
      | amount\s+(?:due|payable|to\s+pay) | balance\s+due | due\s+payable | total\s+for\s+this\s+invoice
      | invoice\s+(?:total|amount) | (?:gesamt|rechnungs|end|brutto|zahl)[\s-]?(?:betrag|summe)
      | gesamt(?:\s*brutto)?\b | zu\s+zahlen(?:der\s+betrag)? | gesamtpreis | summe\s+brutto
      | montant\s+(?:total|ttc|dû|[àa]\s+(?:payer|régler)|eur\s+ttc) | net\s+[àa]\s+payer
      | total\s+(?:[àa]\s+(?:payer|régler)|facturé) | somme\s+[àa]\s+payer | (?:facture|prime)\s+ttc | endpreis
      | (?:importe|monto)\s+total | total\s+a\s+pagar | total\s+con\s+iva | total\s+general
      | totaal(?:\s*bedrag)?\s*(?:incl|te\s+betalen)| te\s+(?:betalen|voldoen) | bedrag\s+incl\w* | eindtotaal | factuur\s*(?:totaal|bedrag)
      | totaalbedrag | należnoś(?:ć|ci)\s+ogółem | wartość\s+faktury | (?:razem\s+)?do\s+zapłaty | razem\s+brutto
      | totale\s+(?:fattura|documento|da\s+pagare|dovuto|complessivo|ivato) | netto\s+a\s+pagare
      | total\s+(?:da\s+fatura|com\s+iva) | valor\s+total | celkem\s+(?:k\s+úhradě|s\s+dph)
      | k\s+úhradě | (?:summa\s+)?att\s+betala | at\s+betale | å\s+betale | beløb\s+i\s+alt
      | maksettava(?:\s+yhteensä)? | yhteensä\s+maksettava )
      | 合計(?:金額)?(?:（税込）|\(税込\))? | ご?請求(?:金|総)?額 | 総額"""
)
FURTHER = re.compile(r"\b[^\W\d_]{4,}")
"""Words between a title and a date, which is then the date of something else."""
TOTAL = re.compile(
    r"""(?ix) ^\W*(?:total|totaal|summe|gesamt|totale|razem|ttc|brutto|gross|totalt|celkem|i\s+alt|summa
      |yhteensä)\b"""
)
NET = re.compile(
    r"""(?ix) \b(?: sub[\s-]?total | \w*(?:summe|betrag|bedrag|suma)\s+\(?(?:ohne|exkl?|excl?|zzgl|netto|sin)\b
      | pre-?tax | untaxed | hors\s+(?:t\.?v\.?a|taxes?\b) | total\s*\(\s*h\.?t | htva | iva\s+excl | net(?:\s+(?:amount|total|value|price|sum))? | total\s+net
      | (?:total|amount|subtotal)\s+\(?(?:excl|ex\.?|before|without|exclusive)
      | netto(?:[\s-]?(?:betrag|summe|wert|total))? | zwischen(?:summe|total) | summe\s+netto
      | (?:gesamt|waren)\s*netto | total\s+h\.?\s?t\.? | montant\s+(?:eur\s+)?h\.?t\.? | (?:sous|s/)[\s-]?total
      | montant\s+net | base\s+(?:ht|imposable|imponible) | base | total\s+hors
      | sub\s?totaal | totaal\s+excl | excl(?:usief)?\.?\s+btw | grondslag | bedrag\s+excl
      | importe\s+neto | sum\s+eks | eksk?l?\.?\s+(?:mva|moms) | total\s+(?:sin|antes) | taxable(?:\s+\w+)? | nett?\b | h\.?t\.?$ | (?<=\s)ht
      | imponibile | totale\s+(?:netto|imponibile) | subtotale | (?:total|valor)\s+(?:(?:il)?[íi]quido|l[íi]quido|tributável)
      | základ\s+(?:daně|dph) | celkem\s+bez\s+dph | summa\s+exkl | nettobelopp | delsumma | veroton
      | exkl?\.?\s+moms | netto(?:beløb|belopp) ) | 小計 | 税抜"""
)
TAX = re.compile(
    r"""(?ix) \b(?: (?:sales\s+)?tax(?:es)? | v\.?a\.?t\.? | gst | hst | pst | qst | rst | cgst | sgst | igst
      | mwst\.? | u(?:msatz)?st(?:euer)?\.? | mehrwertsteuer | umsatzsteuer | steuer(?:betrag|summe)
      | versicherungss?teuer | (?<=total\s)taxes | taxe\s+totale
      | t\.?v\.?a\.? | i\.?v\.?a\.? | igic | b\.?t\.?w\.? (?:[\s-]*bedrag)? | kwota\s+vat | moms | mva | dph
      | alv )(?![a-z]) | 消費税"""
)
EXTRA = re.compile(
    r"""(?ix) \b(?: shipping | freight | postage | delivery | handling | versand\w* | porto | fracht
      | frais\s+de\s+port | port\b | livraison | envío | portes | verzend\w* | discount | rabatt | skonto
      | remise | descuento | dto | korting | nachlass | spedizione | sconto | frakt | fragt | doprava
      | envio | desconto )"""
)
AFTER_EXTRA = re.compile(r"(?i)\b(?:après|after|nach|less|tras|na|dopo|efter|após)\b")
"""«Total HT après remise» is the net, not the discount."""
NOT_TAX = re.compile(
    r"""(?ix) (?:tax|vat|ust|umsatzsteuer|tva|iva|btw|mwst|steuer)[\s./-]*(?:id|no|nr|nummer|number
      |reg|ident|intra|code|point|date|invoice|period) | (?:excl|ex|exkl|eks|hors|sin|zzgl|ohne|without|before|incl?|inkl|con|
      including|inclusief|exclusief)\w*[.\s]+(?:of\s+|de\s+)?(?:sales\s+)?(?:tax|vat|ust|mwst|tva|iva|btw|gst|mva|moms)"""
)
NO_TAX = re.compile(
    r"""(?ix) reverse[\s-]charge | steuerschuldnerschaft | kleinunternehmer | §\s*19 | autoliquidation
      | tva\s+non\s+applicable | inversión\s+del\s+sujeto | btw\s+verlegd | (?:vat|tax)[\s-]exempt
      | steuerfrei | exonér | exent[oa]\s+de\s+iva | no\s+vat | zero[\s-]rated"""
)
CREDIT = re.compile(
    r"(?i)\b(credit\s+note|credit\s+memo|gutschrift|stornorechnung|(?:facture\s+d['’])?avoir"
    r"|nota\s+de\s+cr[ée]dito|factura\s+rectificativa|abono|credit\s?nota|creditfactuur)\b"
)
SELLER = re.compile(
    r"""(?ix) ^\s*(?: seller | vendor | supplier | sold\s+by | from | issued\s+by | service\s+provider
      | verkäufer | lieferant | rechnungs(?:aus|er)?steller | (?:leistungs)?erbringer | absender
      | émetteur | vendeur | fournisseur | emisor | proveedor | vendedor
      | verkoper | leverancier | sprzedawca | fornitore | cedente | fornecedor | dodavatel
      | leverantör | sælger | selger | myyjä ) \s*(?::|$)\s*"""
)
BUYER = re.compile(
    r"""(?ix) ^\s*(?: bill(?:ed|ing)?\s*(?:to|address)(?:\s+address)? | invoice(?:d)?\s+to | sold\s+to
      | made\s+out\s+to | to | for | customer | client | buyer | attn | prepared\s+for
      | rechnung\s+an | rechnungs(?:empfänger|anschrift|adresse) | kunde | käufer | an
      | factur[ée]e?\s+à | adresse\s+de\s+facturation | destinataire | acheteur | client
      | facturar\s+a | facturado\s+a | cliente | comprador | destinatario
      | factuuradres | factuur\s+aan | klant | aan | koper | nabywca | spett(?:\.|\.le|abile) | destinatario
      | cessionario | odběratel | kund | kunde | køber | kjøper | asiakas | ostaja
      )(?:\s*/\s*\w+)?\s*(?::|$)\s*"""
)
NAMED = re.compile(
    r"(?i)^\s*(?:name|firma|company(?:\s+name)?|unternehmen|nom|raison\s+sociale|naam|nombre|razón\s+social"
    r"|ragione\s+sociale|nazwa)\s*(?::|$)\s*"
)
"""The line of a form that holds a party's name."""
PLACE = re.compile(
    r"(?i)^\s*(?:ship(?:ped|ping)?\s+(?:to|address)|deliver\w*|liefer\w*|adresse\s+de\s+livraison"
    r"|afleveradres|enviar\s+a|dirección\s+de\s+entrega|lieferanschrift)\s*(?::|$)"
)
LEGAL = re.compile(
    r"""(?x) \b(?: G(?:mb|MB)H(?:\s*&\s*(?:Co|CO)\.?\s*KG)? | AG | UG | KG | OHG | e\.\s?K\. | e\.\s?V\. | GbR
      | L(?:td|TD)\.? | Limited | LIMITED | LLC | L\.L\.C\. | LLP | I(?:nc|NC)\.? | Incorporated | Corp\.? | Corporation | PLC | plc
      | Pty | Pvt\.? | Co\. | S\.?A\.?R\.?L\.? | Sarl | SARL | S\.?A\.?S\.?U? | EURL | S\.?A\.? | SCOP | SNC
      | S\.?L\.?U? | S\.\s?L\. | S\.?R\.?L\.? | S\.p\.A\. | SpA | B\.?V\.? | b\.v\. | N\.?V\.? | n\.v\. | V\.?O\.?F\.? | VOF
      | Oyj? | OÜ | AB | A/S | ApS | ASA? | Sp\.\s?z\s?o\.\s?o\. | s\.\s?r\.\s?o\. | a\.\s?s\. | S\.r\.l\.
      | Lda\.? | SE | Sàrl )(?=$|[\s,.;:)|–—·•-])"""
)
LEGAL_JA = re.compile(
    r"(?:株式会社|有限会社|合同会社)\S{1,30}|\S{1,30}(?:株式会社|有限会社|合同会社)"
)
TO = re.compile(
    r"^(?:(?P<name>\S.*?)\s*(?:御中|様)|(?i:receipt|invoice)\s+for\s+(?P<named>[A-Z].*))$"
)
"""«Receipt for Pellworth», «… 御中»: whom a paper is made out to, in one line."""
NO_INVOICE = re.compile(
    r"(?i)^\W*(?:pro[\s-]?forma\b|(?:\d\.\s*)?(?:(?:letzte\s+)?mahnung|zahlungserinnerung|(?:final\s+)?payment\s+reminder"
    r"|statement\s+of\s+account|lettre\s+de\s+relance|betalingsherinnering|sollecito\s+di\s+pagamento)\W*$)"
)
"""A paper that looks like an invoice and is none: it asks for nothing, or for what another asked."""
HOLDER = re.compile(
    r"(?i)(?:account\s+(?:holder|name)|beneficiary|kontoinhaber|titulaire(?:\s+du\s+compte)?|titular"
    r"|ten\s+name\s+van|t\.n\.v\.|rekeninghouder|inhaber|payable\s+to)\s*:?\s*"
)
REGISTERED = re.compile(
    r"(?i)\b(registered|reg\.?\s*office|capital|siret|siren|rcs|hrb|registergericht|amtsgericht"
    r"|kvk|cin|vat|ust|tva|iva|btw|nif|cif|gstin|abn|company\s+no|siège|ein)\b"
)
