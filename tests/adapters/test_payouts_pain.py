"""The bank's XML file: valid by the ISO 20022 schema, adds up, names every payment once."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files

import pytest
import xmlschema
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as some

from tcma.adapters.payouts_pain import NAMESPACE, PayoutsPain, latin
from tcma.ports import PaymentAccount, PaymentOrder, PaymentRun

IN = {"p": NAMESPACE}
PAYER = PaymentAccount(
    holder="Corbelane Ltd", country="GB", iban="GB29NWBK60161331926819", bic="NWBKGB2L"
)
DANISH = PaymentAccount(holder="Œuvre & Søn ApS", country="DK", iban="DK5000400440116243")
AMERICAN = PaymentAccount(
    holder="Pellworth Inc", country="US", number="000123456789", bank_code="021000021",
    clearing="USABA",
)  # fmt: skip


@pytest.fixture(scope="module")
def schema():
    path = files("sepaxml").joinpath("schemas/pain.001.001.09.xsd")
    return xmlschema.XMLSchema(str(path))


def run(*orders, payer=PAYER):
    return PaymentRun(
        ref="PAY-2026-0001",
        at=datetime(2026, 3, 6, 10, 0, tzinfo=UTC),
        on=date(2026, 3, 9),
        orders=orders,
        payer=payer,
    )


def order(number, account, amount="1470.00", currency="EUR"):
    ref = f"CLM-2026-{number:04}"
    return PaymentOrder(
        number, account.holder, account.country, amount, currency, f"{ref} PAY-2026-0001",
        reference=ref, account=account,
    )  # fmt: skip


def tree(file):
    return fromstring(file.content)


def said(root, path):
    return [each.text for each in root.findall(f".//{path}", IN)]


def test_a_file_of_two_payments_is_valid_and_adds_up(schema):
    file = PayoutsPain().write(run(order(1, DANISH), order(2, DANISH, "0.05")))
    schema.validate(io.BytesIO(file.content))
    root = tree(file)
    assert file.file_name == "PAY-2026-0001.xml"
    assert said(root, "p:GrpHdr/p:CtrlSum") == ["1470.05"]
    assert said(root, "p:GrpHdr/p:NbOfTxs") == ["2"]
    assert said(root, "p:EndToEndId") == ["CLM-2026-0001", "CLM-2026-0002"]
    assert said(root, "p:Cdtr/p:Nm") == ["OEuvre + Son ApS"] * 2
    assert said(root, "p:SvcLvl/p:Cd") == ["SEPA"]
    assert said(root, "p:ChrgBr") == ["SLEV"]
    assert said(root, "p:ReqdExctnDt/p:Dt") == ["2026-03-09"]


def test_an_account_without_iban_names_its_clearing_system(schema):
    file = PayoutsPain().write(run(order(1, AMERICAN, "12.00", "USD")))
    schema.validate(io.BytesIO(file.content))
    root = tree(file)
    assert said(root, "p:CdtrAgt//p:ClrSysId/p:Cd") == ["USABA"]
    assert said(root, "p:CdtrAgt//p:MmbId") == ["021000021"]
    assert said(root, "p:CdtrAcct//p:Othr/p:Id") == ["000123456789"]
    assert said(root, "p:SvcLvl/p:Cd") == []
    assert said(root, "p:ChrgBr") == ["SHAR"]


def test_the_same_run_gives_the_same_bytes():
    first, again = (PayoutsPain().write(run(order(1, DANISH))) for _ in range(2))
    assert first == again


def test_a_payer_without_account_gets_the_list():
    file = PayoutsPain().write(run(order(1, DANISH), payer=None))
    assert file.file_name == "PAY-2026-0001.csv"


@given(
    names=some.lists(some.text(min_size=1, max_size=90), min_size=1, max_size=5),
    cents=some.integers(1, 10**11),
)
@settings(max_examples=40, deadline=None)
def test_no_name_and_no_sum_breaks_the_file(schema, names, cents):
    amount = str(Decimal(cents) / 100)
    accounts = [PaymentAccount(holder=n, country="DK", iban=DANISH.iban) for n in names]
    orders = [order(n, account, amount) for n, account in enumerate(accounts, 1)]
    file = PayoutsPain().write(run(*orders))
    schema.validate(io.BytesIO(file.content))
    root = tree(file)
    assert Decimal(said(root, "p:GrpHdr/p:CtrlSum")[0]) == Decimal(cents) / 100 * len(names)
    assert len(said(root, "p:EndToEndId")) == len(names)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Nordhägener Größe GmbH & Co. KG", "Nordhagener Grosse GmbH + Co. KG"),
        ("Taarnfjell Ærø AS", "Taarnfjell AEro AS"),
        ("日向雲", "日向雲"),
        ("  two   blanks ", "two blanks"),
    ],
)
def test_names_are_written_in_the_letters_banks_take(name, written):
    assert latin(name, 70) == written
