"""What a column says of consent: refusals in many tools' words, a yes, and what says neither."""

from pathlib import Path

import pytest

from tcma.contacts.reading import check_file
from tcma.contacts.refusals import About, Told, about, told

REFUSED = """
Opt In: nein, FALSCH, FAUX, Nej, não, 0, 0.0, ☐, 0000-00-00, no consent, Consent declined, не согласен, 同意しない, لا
Marketing contact status: Non-marketing contact, No, false, 0
Opted out of email: Yes, true, 1, x, 2024-03-01, ✗
Opted out of email: Marketing Information: true
Status: cleaned, transactional, nonsubscribed, archived, junk, non-marketable, No consent, OPTED_OUT, optedout
Email Marketing Consent: NEVER_SUBSCRIBED, Unsubscribed
Email Marketing Status: NotSubscribed
Marketing status: no_consent
Email permission status: No Permissions Set
Newsletter: Nein, niemals nein, abgemeldet
Newsletter erlaubt: nein
Newsletter-Anmeldung: nein
Werbung erlaubt?: Nein, NEIN , nein - widersprochen
Werbung: nein
E-Mail-Werbung erlaubt: nein
Werbewiderspruch: X, ja
Keine E-Mails zulassen: Nicht zulassen
Einwilligung: abgelehnt, keine, nicht erteilt, widerrufen
DSGVO: nein
DSGVO-Einwilligung: nein
Consentement: non, refusé, pas encore, Non
Accepte la newsletter: non
Consenso marketing: no
Consent: denied, refused, not given, No - thank you
GDPR consent: none
Subscribed: non abonné, bounced, unconfirmed
Bulk Email: Do Not Allow, no
Global unsubscribe: true
Unsubscribed from emails: true
Email Suppressions: ['UNSUBSCRIBE']
Email Invalid: true
EmailBouncedReason: mailbox full
Email (Opt-out): yes
active: 0, no
activated: 0
State: Unsubscribed, Bounced, cancelled
Status: cancelled, Cancelado, Cancellato, Descadastrado, blocked, removed, quarantined, 購読解除, 配信解除
Stop Status: unsubscribed
email_disabled: true
Marked email as spam: true
Complained: true, 2024-03-01
IsExcludedFromCampaigns: true
Is Bounceback: Yes
Undelivered: true
Bounce type: Hard, permanent
Email valid: invalid
Verification status: invalid, undeliverable
Status: 5.1.1, 5.0.0
Abmeldedatum: 01.02.2024
Ausgetragen: ja
Robinsonliste: x
Sperrvermerk: X
Nicht kontaktieren: ja
Ne plus contacter: oui
Niet mailen: ja
Inscrit: non
Suscrito: no
Iscritto: no
Abonné: non
Ha cancelado la suscripción a todos los correos: Sí
Annullamento iscrizione a tutte le email: sì
Descadastrou-se de todos os e-mails: sim
Inscrição cancelada: sim
Data cancellazione: 01/02/2024
購読解除: 1, はい
全てのEメールの配信登録解除: はい
メルマガ: 不要, 拒否
メール配信: 停止, 不可
"""
AGREED = """
Opt In: yes, Ja, x, 1, 1.0, TRUE, WAHR, ✓, 2024-03-01 10:00:00, 2024-03-01T10:00:00Z, 01.03.2024, Ja (Messe 2024)
Marketing contact status: Marketing contact
Email Marketing Consent: SUBSCRIBED
Einwilligung: erteilt, Double-Opt-In
Consent: Freely given consent from contact
Opted out of email: No, false, , -, 0000-00-00 00:00:00
Email Suppressions: []
Do not allow Bulk Emails: Allow
Bulk Email: Allow
Werbesperre: nein
Status: Customer, Open - not contacted, New, , none
Contact Status: Not contacted
Newsletter: abonniert
Unsubscribe link: https://example.com/u/1
SMS opt in: no
Do not call: 1
OPTIN_TIME:
Marketing emails bounced: 1
Marketing contact status source name:
Order status: declined
State: NE, NO, Baja California, Texas,
activated: 2024-03-01 10:00:00
Bounce type: soft,
Email valid: yes, valid
Inscrit: oui, 01/02/2024
メルマガ: 希望
"""
UNCLEAR = """
Email valid: no, false
Deliverable: no
Opt In: , N/A, unknown, ?, 2, ✗, pending, 1970-01-01, ja - nicht telefonisch
Newsletter: , Monthly news
Email permission status: pending_confirmation
Status: pending, no, 0, declined
Subscribed: 2
"""


def cases(text: str) -> list[tuple[str, str]]:
    found = []
    for line in text.strip().splitlines():
        header, _, cells = line.rpartition(":") if ": " not in line else line.rpartition(": ")
        found += [(header, cell.strip(" ")) for cell in cells.split(",")]
    return found


def verdict(tmp_path: Path, header: str, cell: str) -> str:
    file = tmp_path / "people.csv"
    quoted = cell.replace('"', '""')
    file.write_text(f'E-Mail;"{header}";Note\na@example.com;"{quoted}";n\n')
    rows = check_file(file)["rows"]
    assert isinstance(rows, list)
    return str(rows[0]["verdict"])


@pytest.mark.parametrize(("header", "cell"), cases(REFUSED))
def test_who_refused_elsewhere_is_stopped(tmp_path: Path, header: str, cell: str) -> None:
    assert verdict(tmp_path, header, cell) == "unsubscribed"


@pytest.mark.parametrize(("header", "cell"), cases(AGREED))
def test_a_yes_and_what_speaks_of_other_things_stop_nobody(
    tmp_path: Path, header: str, cell: str
) -> None:
    assert verdict(tmp_path, header, cell) == "accept"


@pytest.mark.parametrize(("header", "cell"), cases(UNCLEAR))
def test_what_says_neither_yes_nor_no_is_left_out(tmp_path: Path, header: str, cell: str) -> None:
    assert verdict(tmp_path, header, cell) == "reject"


def test_a_row_that_ends_before_its_consent_has_given_none(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("E-Mail;Name;Opt In\na@example.com;Ada;yes\nb@example.com;Bob\n")
    rows = check_file(file)["rows"]
    assert isinstance(rows, list)
    assert [row["verdict"] for row in rows] == ["accept", "reject"]


def test_a_refusal_in_one_column_outweighs_doubt_in_another(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("E-Mail;Newsletter;Opt out\na@example.com;;yes\n")
    rows = check_file(file)["rows"]
    assert isinstance(rows, list)
    assert [row["verdict"] for row in rows] == ["unsubscribed"]


@pytest.mark.parametrize(
    "name",
    ["suppression_unsubscribes.csv", "global_unsubscribes.csv", "Opt-Outs 2026.csv", "abmeldungen.csv",
     "bounces.csv", "cleaned_email_audience.csv", "blocklisted.csv"],
)  # fmt: skip
def test_a_file_named_after_those_who_left_stops_all_of_them(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("Email,Name\na@example.com,Ada\n")
    rows = check_file(tmp_path / name)["rows"]
    assert isinstance(rows, list)
    assert [row["verdict"] for row in rows] == ["unsubscribed"]


def test_an_address_column_called_after_the_newsletter_asks_nobody() -> None:
    assert about("E-Mail (Newsletter)") is None
    assert about("Newsletter") is About.CONSENT


def test_a_cell_of_endless_words_is_judged_at_once() -> None:
    assert told(About.CONSENT, "not " * 50_000) is Told.NOT_AGREED
