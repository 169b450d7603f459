"""Headers of other tools and languages become our fields."""

import pytest

from tcma.contacts.judging import with_names
from tcma.contacts.mapping import field_of, guess_mapping, header_words
from tcma.contacts.rules import ContactField as F


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("E-Mail-Adresse", F.EMAIL), ("Adresse e-mail", F.EMAIL), ("EMAIL", F.EMAIL),
        ("E-mail 1 - Value", F.EMAIL), ("Correo electrónico", F.EMAIL), ("Email Address *", F.EMAIL),
        ("Vorname", F.FIRST_NAME), ("Prénom", F.FIRST_NAME), ("firstName", F.FIRST_NAME),
        ("given_name", F.FIRST_NAME), ("Nachname", F.LAST_NAME), ("Nom de famille", F.LAST_NAME),
        ("Company / Account", F.COMPANY), ("Société", F.COMPANY), ("Organization 1 - Name", F.COMPANY),
        ("Unternehmen", F.COMPANY), ("Position", F.JOB_TITLE), ("Telefon (geschäftlich)", F.PHONE),
        ("Téléphone portable", F.PHONE), ("PLZ", F.POSTCODE), ("Straße", F.STREET),
        ("Imię", F.FIRST_NAME), ("Stanowisko", F.JOB_TITLE), ("Фамилия", F.LAST_NAME), ("メールアドレス", F.EMAIL),
        ("氏名", F.FULL_NAME), ("电子邮件", F.EMAIL), ("E-mailová adresa", F.EMAIL), ("Příjmení", F.LAST_NAME),
        ("Sähköposti", F.EMAIL), ("Şirket", F.COMPANY), ("Organización", F.COMPANY), ("이메일", F.EMAIL),
        ("Person - Organization", F.COMPANY), ("Person - Email - Work", F.EMAIL),
        ("Do not allow Bulk Emails", F.STATUS), ("deactivated", F.STATUS),
        ("Person - First name", F.FIRST_NAME), ("会社電話", F.PHONE), ("Titre1", F.JOB_TITLE),
        ("Unsubscribed from all email", F.STATUS), ("Schlagwörter", F.TAGS),
    ],
)  # fmt: skip
def test_a_header_names_a_field(header: str, field: F) -> None:
    found = field_of(header)
    assert found is not None
    assert found[0] is field


@pytest.mark.parametrize("header", ["Record ID", "Lead Source", "Connected On", "", "x"])
def test_other_headers_name_none(header: str) -> None:
    assert field_of(header) is None


def test_header_words_lose_case_accents_signs_and_brackets() -> None:
    assert header_words("\ufeff  E-Mail_Adresse (privat) *") == "e mail adresse"


def mapped(columns: list[str], *rows: list[str]) -> dict[str, str]:
    found = guess_mapping(columns, rows, has_header=True)
    return {str(field): columns[index] for field, index in found.items()}


def test_business_comes_before_home_and_a_salutation_is_no_job() -> None:
    columns = ["Title", "Home Phone", "Business Phone", "Job Title", "E-mail Address"]
    told = mapped(columns, ["Dr.", "1", "2", "Buyer", "a@example.com"])
    assert told["phone"] == "Business Phone"
    assert told["job_title"] == "Job Title"
    assert "job_title" not in mapped(["Title", "Email"], ["Mrs.", "a@example.com"])


@pytest.mark.parametrize(
    ("mobile", "business"),
    [
        ("Móvil", "Teléfono del trabajo"),
        ("Telefone celular", "Telefone comercial"),  # codespell:ignore comercial
        ("Mobiltelefon", "Telefon, arbete"),
        ("携帯電話", "会社電話"),
    ],
)
def test_a_business_telephone_comes_before_a_mobile_one(mobile: str, business: str) -> None:
    columns = [mobile, business, "E-mail"]
    assert mapped(columns, ["1", "2", "a@example.com"])["phone"] == business


def test_the_column_that_holds_addresses_wins_over_a_wrong_header() -> None:
    told = mapped(["Email", "Login"], ["yes", "a@example.com"], ["no", "b@example.com"])
    assert told["email"] == "Login"


def test_name_beside_a_first_name_is_the_last_name() -> None:
    assert mapped(["Vorname", "Name", "E-Mail"])["last_name"] == "Name"


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [("Ada Lovelace", "Ada", "Lovelace"), ("Lovelace, Ada", "Ada", "Lovelace"), ("Ada", "Ada", None)],
)  # fmt: skip
def test_a_full_name_is_split(full: str, first: str, last: str | None) -> None:
    values = with_names({F.FULL_NAME: full})
    assert (values.get(F.FIRST_NAME), values.get(F.LAST_NAME)) == (first, last)
