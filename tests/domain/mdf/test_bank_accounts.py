"""From a stated account to a booked answer of the bank: nothing is paid to an unchecked account."""

from datetime import date
from decimal import Decimal

import pytest
from defusedxml.ElementTree import fromstring
from sqlalchemy import text

from tcma.adapters.payouts_pain import NAMESPACE, PayoutsPain
from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.mdf import queries
from tcma.mdf.exchange import rates
from tcma.mdf.exchange.reading import Quote
from tcma.mdf.ledger import booking
from tcma.mdf.payments import bank_accounts, batches, settlements
from tcma.mdf.payments import views as payment_views
from tcma.mdf.payments.bank_answers import read_reply
from tcma.mdf.payments.bank_rules import Account
from tcma.mdf.rules import AccountKind, BatchState, ClaimState, PaymentState
from tests import builders

OWN = Account(holder="Larkspur Cloud", country="GB", iban="GB29NWBK60161331926819")
THEIRS = Account(holder="Brightwater IT Ltd", country="GB", number="31926819", bank_code="601613")
OTHER = Account(holder="Brightwater IT Ltd", country="DK", iban="DK5000400440116243")


def stated(house, account=THEIRS):
    with house.db(house.alice) as work:
        return bank_accounts.state_account(
            work, account, vendor_id=house.vendor, partner_id=house.partner
        )


def paying(house, account=OWN):
    with house.db(house.finn) as work:
        return bank_accounts.state_account(work, account, vendor_id=house.vendor)


def checked(house, number):
    with house.db(house.finn) as work:
        row = bank_accounts.account_by_id(work.session, house.finn, number)
        bank_accounts.check_account(work, row, how="called the number on the contract")


def approved(house, number="1", net=900):
    ref = house.claimed(house.proven(house.approved(net)), (number, net))
    house.decided(ref)
    return ref


def batch_of(house, *refs):
    with house.db(house.finn) as work:
        claims = [queries.claim_by_ref(work.session, house.finn, ref) for ref in refs]
        return batches.make_batch(work, claims).ref


def exported(house, ref):
    with house.db(house.finn) as work:
        batch = queries.batch_by_ref(work.session, house.finn, ref)
        file = batches.export_batch(work, batch, payouts=PayoutsPain())
    return file.file_name, house.db.files.get(file.key)


def answered(house, ref, content):
    with house.db(house.finn) as work:
        batch = queries.batch_by_ref(work.session, house.finn, ref)
        return settlements.apply_reply(work, batch, read_reply(content))


def state_of(house, ref):
    with house.db(house.finn) as work:
        return payment_views.batch_detail(work.session, house.finn, ref)


def status_report(batch, *lines):
    def one(reference, status, reason):
        why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
        return (
            f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId>"
            f"<TxSts>{status}</TxSts>{why}</TxInfAndSts>"
        )

    space = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
    told = "".join(one(*(*line, "")[:3]) for line in lines)
    return (
        f'<Document xmlns="{space}"><CstmrPmtStsRpt><GrpHdr><MsgId>BANK-7</MsgId></GrpHdr>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{batch}</OrgnlMsgId></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts>{told}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()


def exchanged(reference, ordered, taken, currency):
    """A statement of an account from which another sum was taken than was ordered."""
    return (
        "<Document><BkToCstmrStmt><Stmt><Ntry><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        "<BookgDt><Dt>2026-03-02</Dt></BookgDt><NtryDtls><TxDtls>"
        f"<Refs><EndToEndId>{reference}</EndToEndId></Refs>"
        f'<Amt Ccy="{currency}">{taken}</Amt>'
        f'<AmtDtls><InstdAmt><Amt Ccy="GBP">{ordered}</Amt></InstdAmt></AmtDtls>'
        "</TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"
    ).encode()


def statement(*lines, day=None):
    booked = f"<BookgDt><Dt>{day}</Dt></BookgDt>" if day else ""
    space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
    told = "".join(
        f'<Ntry><Amt Ccy="GBP">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"{booked}<AcctSvcrRef>B-{n}</AcctSvcrRef><NtryDtls><TxDtls><Refs>"
        f"<EndToEndId>{reference}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"
        for n, (reference, amount) in enumerate(lines, 1)
    )
    return (
        f'<Document xmlns="{space}"><BkToCstmrStmt><Stmt>{told}</Stmt></BkToCstmrStmt></Document>'
    ).encode()


def test_an_account_is_stated_by_its_owner_and_the_same_again_is_the_same(house):
    first = stated(house)
    assert stated(house) == first
    changed = stated(house, OTHER)
    assert changed != first
    with house.db(house.alice) as work:
        (row,) = bank_accounts.stated(work.session, house.alice)
        assert (row.id, row.account, row.checked_at) == (changed, OTHER, None)


def test_only_an_owner_states_it_and_a_stranger_finds_nothing(house):
    number = stated(house)
    with house.db() as work:
        charlie = builders.charlie(work, house.vendor)
    with house.db(charlie) as work:
        assert bank_accounts.stated(work.session, charlie) == []
        with pytest.raises(NotFound):
            bank_accounts.account_by_id(work.session, charlie, number)
        with pytest.raises(NotFound):
            bank_accounts.state_account(
                work, OTHER, vendor_id=house.vendor, partner_id=house.partner
            )
    with house.db(house.finn) as work, pytest.raises(Forbidden):
        bank_accounts.state_account(work, OTHER, vendor_id=house.vendor, partner_id=house.partner)


def told(house):
    """Address and subject of every letter, oldest first."""
    with house.db() as work:
        return work.session.execute(
            text(
                "SELECT m.address, b.subject FROM message m"
                " JOIN message_body b ON b.message_id = m.id ORDER BY m.id"
            )
        ).all()


def test_a_change_tells_the_owner_and_asks_the_payer(house):
    stated(house)
    letters = [subject for _, subject in told(house)]
    assert any("…6819 now" in subject for subject in letters)
    assert any(subject.startswith("Check the account of Brightwater") for subject in letters)


def test_whoever_wrote_an_account_does_not_check_it_and_an_old_version_is_not_checked(house):
    own = paying(house)
    first = stated(house)
    with pytest.raises(Conflict, match="another person"):
        checked(house, own)
    stated(house, OTHER)
    with pytest.raises(Conflict, match="replaced"):
        checked(house, first)


def test_without_an_own_account_a_batch_asks_for_none_and_is_a_list(house):
    batch = batch_of(house, approved(house))
    name, content = exported(house, batch)
    assert name == f"{batch}.csv"
    assert b"Brightwater IT Ltd" in content


@pytest.mark.parametrize("known", [False, True])
def test_nothing_leaves_for_an_account_nobody_checked(house, known):
    paying(house)
    ref = approved(house)
    if known:
        stated(house)
    with house.db(house.finn) as work:
        (payable,) = payment_views.ready_to_pay(work.session, house.finn)
    assert ("waits for your check" if known else "No bank account yet") in payable.blocked
    with pytest.raises(Conflict, match=ref):
        batch_of(house, ref)


def test_an_account_changed_after_the_batch_stops_the_file(house):
    paying(house)
    checked(house, stated(house))
    batch = batch_of(house, approved(house))
    stated(house, OTHER)
    with pytest.raises(Conflict, match="changed after the batch"):
        exported(house, batch)
    assert state_of(house, batch).row.state == BatchState.DRAFT


def test_the_bank_s_file_names_the_checked_account(house):
    paying(house)
    checked(house, stated(house))
    ref = approved(house)
    batch = batch_of(house, ref)
    name, content = exported(house, batch)
    assert name == f"{batch}.xml"
    root = fromstring(content)
    where = {"p": NAMESPACE}
    assert root.findtext(".//p:CdtrAcct//p:Othr/p:Id", namespaces=where) == "31926819"
    assert root.findtext(".//p:EndToEndId", namespaces=where) == ref
    assert exported(house, batch)[1] == content


def two_at_the_bank(house):
    paying(house)
    checked(house, stated(house))
    refs = approved(house, "1", 900), approved(house, "2", 600)
    batch = batch_of(house, *refs)
    exported(house, batch)
    return batch, refs


def test_a_status_report_books_each_payment_by_its_reference(house):
    batch, (first, second) = two_at_the_bank(house)
    report = status_report(batch, (first, "ACSC"), (second, "RJCT", "AC04"), ("X-1", "ACSC"))
    booked = answered(house, batch, report)
    assert (booked.paid, booked.refused, booked.strange) == (1, 1, ("X-1",))
    detail = state_of(house, batch)
    assert detail.row.state == BatchState.SETTLED
    assert detail.row.bank_reference == "BANK-7"
    assert {p.claim_ref: p.state for p in detail.payments} == {
        first: PaymentState.SETTLED,
        second: PaymentState.FAILED,
    }
    assert "The account is closed." in {p.failure for p in detail.payments if p.failure}.pop()
    with house.db(house.finn) as work:
        states = [queries.claim_by_ref(work.session, house.finn, r).state for r in (first, second)]
        assert states == [ClaimState.PAID, ClaimState.APPROVED]
        assert booking.verify(work.session) == []
    again = answered(house, batch, report)
    assert (again.paid, again.refused, again.already) == (0, 0, 2)
    assert [subject for _, subject in told(house)].count(f"£900.00 is on its way: {batch}") == 1


def test_a_statement_that_names_half_of_a_batch_leaves_the_rest_under_way(house):
    batch, (first, second) = two_at_the_bank(house)
    assert answered(house, batch, statement((first, "900.00"))).paid == 1
    assert state_of(house, batch).row.state == BatchState.EXPORTED
    assert answered(house, batch, statement((second, "600.00"))).paid == 1
    assert state_of(house, batch).row.state == BatchState.SETTLED


def test_a_sum_that_differs_books_nothing_at_all(house):
    batch, (first, second) = two_at_the_bank(house)
    with pytest.raises(Invalid, match=r"the bank says 599.99 GBP, ordered were 600.00 GBP"):
        answered(house, batch, statement((first, "900.00"), (second, "599.99")))
    assert {p.state for p in state_of(house, batch).payments} == {PaymentState.SENT}


@pytest.mark.parametrize(
    ("taken", "currency", "difference"),
    [
        ("904.50", "GBP", 450),
        ("1053.00", "EUR", 0),
        ("1061.19", "EUR", 700),
        ("890.00", "GBP", -1_000),
    ],
)
def test_what_the_bank_took_when_it_changed_money_is_booked_beside(
    house, taken, currency, difference
):
    batch, (first, _) = two_at_the_bank(house)
    with house.db(house.finn) as work:
        quote = Quote("GBP", "EUR", date(2026, 3, 2), Decimal("1.17"))
        rates.state(work, [quote], source="ECB")
    assert answered(house, batch, exchanged(first, "900.00", taken, currency)).paid == 1
    with house.db(house.finn) as work:
        held = queries.balance(work.session, AccountKind.EXCHANGE, currency="GBP")
        assert held.minor == difference
        assert booking.verify(work.session) == []


@pytest.mark.parametrize(
    ("taken", "currency", "words"),
    [("1100.00", "GBP", "more than a tenth apart"), ("1053.00", "EUR", "no rate from EUR to GBP")],
)
def test_a_charge_that_cannot_be_or_has_no_rate_books_nothing(house, taken, currency, words):
    batch, (first, _) = two_at_the_bank(house)
    with pytest.raises(Invalid, match=words):
        answered(house, batch, exchanged(first, "900.00", taken, currency))
    assert {p.state for p in state_of(house, batch).payments} == {PaymentState.SENT}


def test_the_report_of_another_batch_books_nothing(house):
    batch, (first, _) = two_at_the_bank(house)
    with pytest.raises(Invalid, match="answers PAY-1999"):
        answered(house, batch, status_report("PAY-1999", (first, "ACSC")))


HOSTILE = b'<!DOCTYPE a [<!ENTITY x "xxxx">]><a>&x;</a>'


@pytest.mark.parametrize(
    "content", [b"", b"no xml", HOSTILE, b"<Document><Other/></Document>", b"\xff\xfe\x00"]
)
def test_a_file_of_another_kind_is_refused_with_what_to_choose(content):
    with pytest.raises(Invalid, match="Choose a pain"):
        read_reply(content)
