"""Which column means what: header words of other tools and languages, then the values themselves."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from tcma.contacts.rules import ContactField, bare_address, name_before

F = ContactField

# Order is preference: a file with both «Business Phone» and «Home Phone» is about business.
_WORDS: Mapping[ContactField, str] = {
    F.EMAIL: (
        "email|email address|e mail|e mail address|mail|work email|business email|primary email|"
        "email 1 value|e mail 1 value|email1|email 1|e mail 1|email work|contact email|lead email|"
        "person email|customer email|member email|user email|email id|emailid|mail address|"
        "subscriber|subscriber email|e mail adresse|email adresse|mailadresse|e mailadresse|"
        "emailadresse|adresse e mail|adresse email|adresse mail|adresse de messagerie|"
        "adresse electronique|courriel|mel|correo electronico|correo|direccion de correo|"
        "indirizzo email|indirizzo e mail|posta elettronica|e mailadres|emailadres|mailadres|"
        "endereco de email|e post|e postadress|email geschaeftlich|"
        "e mail geschaeftlich|e mail geschaftlich|email professionnel|e mail professionnel|"
        "personal email|private email|other email|email addr|emails|email addresses|"
        "e mail 1 adresse|billing email|recipient"
        "|person email work|electronic mail|adres e mail|adres email"
        "|adres poczty elektronicznej|poczta elektroniczna|электронная почта|почта"
        "|эл почта|адрес электроннои почты|email адрес|メールアトレス|メール|eメール|电子邮件|电子邮箱|邮箱|电邮"
        "|電子郵件|이메일|이메일 주소|e mailova adresa|emailova adresa|e mail cim"
        "|email cim|sahkoposti|sahkopostiosoite|e posta|eposta|e posta adresi"
        "|e postadresse|endereco de e mail|direccion de e mail|adresa de e mail"
        "|ηλεκτρονικο ταχυδρομειο|el pastas|e pasts|indirizzo posta elettronica"
        "|електронна пошта"
    ),
    F.FIRST_NAME: (
        "first name|firstname|fname|given name|givenname|forename|christian name|first|"
        "contact first name|lead first name|person first name|billing first name|vorname|rufname|prenom|nombre|"
        "nome|voornaam|fornavn|fornamn|primeiro nome|nombre de pila"
        "|imie|имя|名|名字|이름|jmeno|meno|keresztnev|utonev|etunimi|adı|isim|prenume"
        "|ονομα|ім я"
    ),
    F.LAST_NAME: (
        "last name|lastname|lname|surname|family name|familyname|last|second name|"
        "contact last name|lead last name|person last name|billing last name|nachname|familienname|zuname|"
        "nom|nom de famille|apellido|apellidos|primer apellido|cognome|achternaam|efternavn|"
        "efternamn|etternavn|sobrenome"
        "|nazwisko|фамилия|姓|姓氏|성|prijmeni|priezvisko|vezeteknev|csaladnev|sukunimi"
        "|soyad|soyadı|soyisim|nume|nume de familie|επωνυμο|прізвище"
    ),
    F.FULL_NAME: (
        "full name|fullname|name|contact name|contact|display name|lead name|customer name|"
        "person name|person|member name|your name|vollstandiger name|ansprechpartner|"
        "kontakt|kontaktname|nom complet|nom et prenom|prenom nom|nombre completo|"
        "nome completo|volledige naam|naam|anzeigename"
        "|имя и фамилия|фио|氏名|名前|お名前|姓名|联系人|성명|담당자|imie i nazwisko"
        "|jmeno a prijmeni|cele jmeno|teljes nev|nev|nimi|ad soyad|adı soyadı|namn|navn"
        "|nome e cognome|nombre y apellidos"
    ),
    F.COMPANY: (
        "company|company name|companyname|account name|company account|organization|"
        "organisation|organization name|organisation name|organization 1 name|business name|"
        "business|account|employer|associated company|primary associated company|customer|"
        "current company|company 1|billing company|firma|firmenname|unternehmen|"
        "unternehmensname|organisationsname|betrieb|societe|entreprise|nom de l entreprise|"
        "raison sociale|nom de la societe|empresa|compania|nombre de la empresa|azienda|"
        "societa|ragione sociale|bedrijf|bedrijfsnaam|foretag|virksomhed"
        "|person organization|person organisation|organizacion|organisatie|организация"
        "|компания|会社名|会社|貴社名|公司|公司名称|회사|회사명|firma nazwa|nazwa firmy|społka"
        "|spolecnost|nazev firmy|spolocnost|ceg|cegnev|yritys|organisaatio|sirket"
        "|firma adı|foretagsnamn|firmanavn|companie|societate|εταιρεια|mailing company"
        "|компанія"
    ),
    F.JOB_TITLE: (
        "job title|jobtitle|job|position|title|role|job position|work title|business title|"
        "occupation|profession|organization 1 title|organization title|function|headline|"
        "funktion|stelle|berufsbezeichnung|beruf|stellenbezeichnung|fonction|poste|"
        "titre du poste|titre1|intitule du poste|intitule de poste|cargo|puesto|mansione|ruolo|"
        "functie|befattning"
        "|stanowisko|должность|役職|职位|职务|직책|직위|pozice|funkce|beosztas"
        "|tehtavanimike|unvan|gorev|stilling|posizione|cargo ou funcao|funcao"
        "|функция"
    ),
    F.PHONE: (
        "phone|phone number|phonenumber|business phone|work phone|telephone|"
        "telephone number|tel|office phone|direct phone|primary phone|company main phone|"
        "telefono del trabajo|telefono trabajo|telefono ufficio|telefone comercial|telefon arbete|"
        "会社電話|勤務先電話|"
        "phone 1 value|mobile phone|mobile|mobile phone number|mobile number|mobilephone|cell|"
        "cell phone|contact phone|phone 1|whatsapp|whatsapp number|sms|home phone|telefon|"
        "telefonnummer|telefon geschaftlich|telefon geschaeftlich|rufnummer|mobil|handy|"
        "mobiltelefon|mobilnummer|telefone|telefono|numero de telefono|telephone portable|"
        "numero de telephone|portable|telefono movil|movil|cellulare|telefoonnummer|telefoon|"
        "mobiel|billing phone"
        "|person phone work|person phone|mailing phone|telefon słuzbowy"
        "|telefon komorkowy|numer telefonu|телефон|номер телефона|рабочии телефон"
        "|мобильныи телефон|電話番号|电话|手机|手机号|전화번호|telefonni cislo|telefonszam"
        "|puhelin|puhelinnumero|telefon numarası|cep telefonu|telefone celular"
        "|telefoon op werk|携帯電話|携帯電話番号"
        "|zakelijke telefoon|telephone professionnel|telefonnummer arbete|telefonnr"
        "|τηλεφωνο"
    ),
    F.STREET: (
        "street|street address|address|address 1|address1|address line 1|business street|"
        "mailing street|billing street|strasse|straße|anschrift|adresse|rue|calle|direccion|"
        "via|indirizzo|straat|adres|address 1 street"
    ),
    F.CITY: (
        "city|town|business city|mailing city|billing city|address 1 city|stadt|ort|wohnort|"
        "ville|ciudad|citta|plaats|stad|localite"
    ),
    F.REGION: (
        "state|region|state region|state province|province|county|business state|mailing state|"
        "billing state|address 1 region|bundesland|kanton|departement|provincia|estado"
    ),
    F.POSTCODE: (
        "zip|zip code|zipcode|postcode|postal code|postalcode|business postal code|"
        "mailing zip postal code|billing zip|zip postal code|address 1 postal code|plz|"
        "postleitzahl|code postal|codigo postal|cap|cp"
    ),
    F.COUNTRY: (
        "country|country region|country code|business country|business country region|"
        "mailing country|billing country|address 1 country|land|pays|pais|paese|nation"
    ),
    F.LANGUAGE: (
        "language|preferred language|locale|lang|sprache|langue|idioma|lingua|taal|korrespondenzsprache"
    ),
    F.WEBSITE: (
        "website|web site|website url|company domain name|web page|webpage|homepage|domain|"
        "company website|website 1 value|webseite|internet|internetseite|site web|sitio web|sito"
    ),
    F.TAGS: (
        "tags|tag|labels|label|categories|category|groups|group membership|segments|lists|"
        "kategorien|schlagworter|gruppen|etiquettes|libelles|etiquetas|etichette"
    ),
    F.STATUS: (
        "status|email status|subscription status|subscriber status|email marketing consent|"
        "email marketing status|marketing contact status|email permission status|"
        "subscription state|member status|newsletter status|accepts marketing|"
        "accepts email marketing|email subscriber status|marketing status|unsub time|"
        "unsubscribed on|unsubscribed at|unsubscribe date|unsubscribed|clean time|"
        "unsubscribed from all email|email opt out|has opted out of email|opted out|opt out|"
        "optout|email opted out|email blacklisted|email blocklisted|blacklisted|blocklisted|"
        "do not email|donotemail|do not contact|dnc|email bounced|bounced|email hard bounce reason|"
        "email opt in|opted in|opt in|newsletter|subscribed|marketing consent|consent|"
        "abgemeldet|abgemeldet am|abbestellt|werbesperre|einwilligung|desabonne|desinscrit|"
        "statut|desinscription|estado de suscripcion|stato"
        "|do not allow emails|do not allow bulk emails|do not bulk email|donotbulkemail"
        "|bulk email|deactivated|deactivated at|active|aktiv|email status detail"
        "|unsubscribe reason|unsub reason|unsubscribed time|unsubscribe time"
        "|opt out of email|отписан|wypisany|afgemeld|uitgeschreven|baja|disiscritto"
        "|werbeeinwilligung|werbe einwilligung|einwilligung werbung|newsletter einwilligung"
        "|marketing einwilligung|e mail einwilligung|email einwilligung|werbung erlaubt|opt in status"
        "|gdpr consent|email consent|double opt in|doi status|consentement|consentimiento|consenso"
        "|person marketing status|contact status|配信停止|メール配信停止|退订|取消订阅|수신거부"
    ),
}
SYNONYMS = {field: tuple(words.split("|")) for field, words in _WORDS.items()}
_BY_WORD = {
    unicodedata.normalize("NFC", word): (field, rank)
    for field, words in SYNONYMS.items()
    for rank, word in enumerate(words)
}
_HONORIFIC = re.compile(
    r"(mr|mrs|ms|miss|mx|dr|prof|herr|frau|hr|fr|m|mme|mlle|sr|sra|sig|sir|dame|dipl|ing)"
    r"[.\s]*(dr|med|ing|prof|[.\s])*",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def header_words(header: str) -> str:
    """A header without case, accents, brackets, signs and camel case: «E-Mail_Address*» → e mail address."""
    return _words(re.sub(r"\([^)]*\)|\[[^]]*\]", " ", _flat(header.lstrip("\ufeff"))))


def folded(text: str) -> str:
    """The same of any text, what stands in brackets kept: «OptOut (é)» → opt out e."""
    return _words(_flat(text))


def _flat(text: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    flat = unicodedata.normalize("NFKD", spaced.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in flat if not unicodedata.combining(c)))


def _words(flat: str) -> str:
    return " ".join(re.sub(r"[^\w]+|_", " ", flat).split())


def field_of(header: str) -> tuple[ContactField, int] | None:
    """The field a header names and how good a name it is (0 is best), or None."""
    words = header_words(header)
    return _BY_WORD.get(words) or _BY_WORD.get(words.replace(" ", ""))


def known_headers(cells: Sequence[str]) -> int:
    """How many cells of a row are names of columns we know."""
    return sum(1 for cell in cells if len(cell) <= 60 and field_of(cell))


def names_address_column(cells: Sequence[str]) -> bool:
    """Whether a row holds the header of an address column."""
    found = (field_of(cell) for cell in cells if len(cell) <= 60)
    return any(hit is not None and hit[0] is F.EMAIL for hit in found)


def guess_mapping(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, has_header: bool
) -> dict[ContactField, int]:
    """Field → column index, from headers first and the sample `rows` second.

    An address column is looked for in the values when no header names one, or when the named
    one holds none. Each column serves one field, each field has one column.
    """
    ranked: dict[ContactField, tuple[int, int]] = {}
    for index, column in enumerate(columns if has_header else ()):
        hit = field_of(column)
        if hit is None:
            continue
        field, rank = hit
        values = _values(rows, index)
        if (
            field is F.JOB_TITLE
            and header_words(column) == "title"
            and _mostly(values, lambda v: bool(_HONORIFIC.fullmatch(v)))
        ):
            continue
        rank += 1000 if rows and not values else 0
        if field is F.EMAIL and values and not _mostly(values, _is_addresslike):
            rank += 2000
        if field not in ranked or rank < ranked[field][0]:
            ranked[field] = (rank, index)
    mapping = {field: index for field, (_, index) in ranked.items()}
    if F.EMAIL not in mapping or ranked[F.EMAIL][0] >= 2000:
        best = _address_column(len(columns), rows)
        if best is not None:
            mapping = {f: i for f, i in mapping.items() if i != best}
            mapping[F.EMAIL] = best
    if F.FULL_NAME in mapping and {F.FIRST_NAME, F.LAST_NAME} <= mapping.keys():
        del mapping[F.FULL_NAME]
    elif F.LAST_NAME not in mapping and F.FIRST_NAME in mapping and F.FULL_NAME in mapping:
        mapping[F.LAST_NAME] = mapping.pop(F.FULL_NAME)
    return mapping


def names_stand_before(rows: Sequence[Sequence[str]], index: int | None) -> bool:
    """Whether most addresses of a column are written `Ada Lovelace <a@b.example>`."""
    values = _values(rows, index) if index is not None else []
    return _mostly(values, lambda value: name_before(value) is not None)


def _values(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    cells = (row[index].strip() for row in rows if index < len(row))
    return [cell for cell in cells if cell]


def _mostly(values: Sequence[str], test: Callable[[str], bool]) -> bool:
    return bool(values) and sum(map(test, values)) * 2 > len(values)


def _is_addresslike(value: str) -> bool:
    if name_before(value) is not None:
        return True
    return bool(re.fullmatch(r"[^@\s]+@[^@\s]+", bare_address(value)))


def _address_column(width: int, rows: Sequence[Sequence[str]]) -> int | None:
    counts = [sum(map(_is_addresslike, _values(rows, index))) for index in range(width)]
    best = max(counts, default=0)
    return counts.index(best) if best and best * 4 >= len(rows) else None
