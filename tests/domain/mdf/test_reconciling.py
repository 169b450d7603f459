"""What the bank says of whole batches and of several at once, and batches it never pays."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from tcma.delivery.models import MessageBody
from tcma.errors import Conflict, Forbidden, Invalid
from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.ledger import booking
from tcma.mdf.payments import batches, reconciling
from tcma.mdf.payments.bank_answers import read_reply
from tcma.mdf.reasons import Reason
from tcma.mdf.rules import BatchState, ClaimState, PaymentState
from tests import builders
from tests.domain.mdf.test_bank_accounts import (
    answered,
    approved,
    batch_of,
    checked,
    exported,
    paying,
    state_of,
    stated,
    statement,
    status_report,
)


def ready(house):
    paying(house)
    checked(house, stated(house))


def at_the_bank(house, number, net):
    """A claim and its batch of one."""
    ref = approved(house, number, net)
    batch = batch_of(house, ref)
    exported(house, batch)
    return ref, batch


def reconciled(house, content, who=None):
    with house.db(who or house.finn) as work:
        found = reconciling.reconcile(work, read_reply(content))
        assert booking.verify(work.session) == []
    return [(each.reference, each.batch_ref, each.became, each.why) for each in found]


def of_the_whole(batch, *, group="", part="", reason=""):
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    group_says = f"<GrpSts>{group}</GrpSts>{why}" if group else ""
    part_says = f"<PmtInfSts>{part}</PmtInfSts>{why}" if part else ""
    return (
        "<Document><CstmrPmtStsRpt><GrpHdr><MsgId>BANK-9</MsgId></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{batch}</OrgnlMsgId>{group_says}</OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch}</OrgnlPmtInfId>{part_says}</OrgnlPmtInfAndSts>"
        "</CstmrPmtStsRpt></Document>"
    ).encode()


@pytest.mark.parametrize("level", ["group", "part"])
def test_a_file_refused_as_a_whole_fails_every_payment_of_it(house, level):
    ready(house)
    refs = approved(house, "1", 900), approved(house, "2", 600)
    batch = batch_of(house, *refs)
    exported(house, batch)
    report = of_the_whole(batch, reason="AM04", **{level: "RJCT"})
    booked = answered(house, batch, report)
    assert (booked.paid, booked.refused) == (0, 2)
    detail = state_of(house, batch)
    assert detail.row.state == BatchState.CANCELLED
    assert {p.failure for p in detail.payments} == {
        "There is not enough money in your account. (AM04)"
    }
    with house.db(house.finn) as work:
        states = {queries.claim_by_ref(work.session, house.finn, ref).state for ref in refs}
    assert states == {ClaimState.APPROVED}
    again = answered(house, batch, report)
    assert (again.refused, again.already) == (0, 0)
    exported(house, batch_of(house, *refs))


def test_what_is_only_accepted_is_not_final_and_what_is_settled_as_a_whole_is(house):
    ready(house)
    _, batch = at_the_bank(house, "1", 900)
    assert answered(house, batch, of_the_whole(batch, group="ACCP")).paid == 0
    assert answered(house, batch, of_the_whole(batch, group="ACSC")).paid == 1
    assert state_of(house, batch).row.bank_reference == "BANK-9"


def test_a_payment_that_is_named_counts_before_the_whole(house):
    ready(house)
    first, second = approved(house, "1", 900), approved(house, "2", 600)
    batch = batch_of(house, first, second)
    exported(house, batch)
    report = status_report(batch, (first, "ACSC")).replace(
        b"</OrgnlMsgId>", b"</OrgnlMsgId><GrpSts>RJCT</GrpSts>"
    )
    booked = answered(house, batch, report)
    assert (booked.paid, booked.refused) == (1, 1)


def test_one_statement_settles_several_batches_and_says_why_the_rest_does_not(house):
    ready(house)
    first, one = at_the_bank(house, "1", 900)
    second, two = at_the_bank(house, "2", 600)
    third, three = at_the_bank(house, "3", 300)
    waiting = approved(house, "4", 200)
    lines = ((first, "900.00"), (second, "600.00"), (third, "299.99"), (waiting, "200.00"))
    content = statement(*lines, ("RENT", "10.00"))
    assert reconciled(house, content) == [
        (first, one, "paid", ""),
        (second, two, "paid", ""),
        (third, three, "",
         f"{third}: the bank says 299.99 GBP, ordered were 300.00 GBP."),
        (waiting, "", "", "No payment that left has this reference."),
        ("RENT", "", "", "No payment that left has this reference."),
    ]  # fmt: skip
    states = [state_of(house, batch).row.state for batch in (one, two, three)]
    assert states == [BatchState.SETTLED, BatchState.SETTLED, BatchState.EXPORTED]
    again = reconciled(house, content)
    assert [each[3] for each in again[:2]] == ["Booked as paid before."] * 2


def test_a_report_is_matched_to_its_own_batch_and_another_vendors_is_nobodys(house):
    ready(house)
    ref, batch = at_the_bank(house, "1", 900)
    assert reconciled(house, of_the_whole(batch, group="RJCT")) == [(ref, batch, "refused", "")]
    with pytest.raises(Invalid, match="no batch of yours"):
        reconciled(house, of_the_whole("PAY-1999-0001", group="RJCT"))
    with house.db() as work:
        stranger = builders.finn(work, builders.a_vendor(work, name="Larkspur"))
    lines = statement((ref, "900.00"))
    assert reconciled(house, lines, stranger)[0][1] == ""
    with pytest.raises(Forbidden):
        reconciled(house, lines, house.alice)


def test_a_batch_that_the_bank_never_had_is_taken_apart_with_a_reason(house):
    ready(house)
    ref, batch = at_the_bank(house, "1", 900)
    with house.db(house.finn) as work:
        row = queries.batch_by_ref(work.session, house.finn, batch)
        with pytest.raises(Invalid, match="Say why"):
            batches.cancel_batch(work, row)
        batches.cancel_batch(work, row, reason="The file was never uploaded.")
        batches.cancel_batch(work, row, reason="Again.")
    assert {p.state for p in state_of(house, batch).payments} == {PaymentState.FAILED}
    late = reconciled(house, statement((ref, "900.00")))
    assert late[0][3] == reconciling.AFTER_ALL
    again = batch_of(house, ref)
    exported(house, again)
    assert reconciled(house, statement((ref, "900.00"))) == [(ref, "", "", reconciling.NO_DAY)]
    today = statement((ref, "900.00"), day="2026-03-02")
    assert reconciled(house, today) == [(ref, again, "paid", "")]
    with house.db(house.finn) as work:
        row = queries.batch_by_ref(work.session, house.finn, again)
        with pytest.raises(Conflict):
            batches.cancel_batch(work, row, reason="Too late.")


def test_a_batch_of_which_every_payment_came_back_is_over(house):
    ready(house)
    ref, batch = at_the_bank(house, "1", 900)
    with house.db(house.finn) as work:
        row = queries.batch_by_ref(work.session, house.finn, batch)
        (line,) = state_of(house, batch).payments
        payment = queries.payment_by_id(work.session, house.finn, line.id)
        batches.fail(work, payment, reason="Account closed")
        assert row.state == BatchState.CANCELLED
        with pytest.raises(Conflict):
            batches.settle(work, row, bank_reference="BACS 1")
    assert batch_of(house, ref)


def back(ref, net, day):
    """A statement by which a payment came back."""
    return (
        statement((ref, net), day=day)
        .replace(b"DBIT", b"CRDT")
        .replace(b"</Refs>", b"</Refs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>")
    )


def sent_again(house):
    """A claim that was paid, came back, and left for the bank a second time three days later."""
    ready(house)
    ref, batch = at_the_bank(house, "1", 900)
    paid, came = statement((ref, "900.00"), day="2026-03-02"), back(ref, "900.00", "2026-03-03")
    assert reconciled(house, paid) == [(ref, batch, "paid", "")]
    house.db.clock.at += timedelta(1)
    assert reconciled(house, came) == [(ref, batch, "came back", "")]
    house.db.clock.at += timedelta(2)
    again = batch_of(house, ref)
    exported(house, again)
    return ref, (batch, again), (paid, came)


def notes(house):
    """Which batches partners had a remittance note of."""
    with house.db() as work:
        subjects = work.session.scalars(select(MessageBody.subject)).all()
    return [each for line in subjects for each in re.findall(r"PAY-\d+-\d+", line)]


def test_an_old_statement_says_nothing_of_a_payment_that_left_after_it(house):
    ref, (batch, again), (paid, came) = sent_again(house)
    assert reconciled(house, paid) == [(ref, batch, "", reconciling.CAME_BACK)]
    assert reconciled(house, came) == [(ref, batch, "", "Booked as refused before.")]
    assert answered(house, again, paid).strange == (ref,)
    assert state_of(house, again).row.state == BatchState.EXPORTED
    before = statement((ref, "900.00"), day="2026-03-01")
    why = "It was booked on Sun 1 Mar 2026, before this claim left for the bank."
    assert reconciled(house, before) == [(ref, "", "", why)]
    assert reconciled(house, statement((ref, "900.00"), day="2026-03-05")) == [
        (ref, again, "paid", "")
    ]


def test_a_line_that_stands_twice_is_counted_once_and_what_came_back_later_is_booked_too(house):
    ready(house)
    ref, batch = at_the_bank(house, "1", 900)
    twice = statement((ref, "900.00"), (ref, "900.00"), day="2026-03-02")
    assert reconciled(house, twice) == [
        (ref, batch, "paid", ""),
        (ref, batch, "", reconciling.TWICE),
    ]
    other, second = at_the_bank(house, "2", 600)
    there = statement((other, "600.00"), day="2026-03-02")
    back_and_forth = there.replace(
        b"</Stmt>",
        back(other, "600.00", "2026-03-02").split(b"<Stmt>")[1].split(b"</Stmt>")[0] + b"</Stmt>",
    )
    assert reconciled(house, back_and_forth) == [
        (other, second, "paid", ""),
        (other, second, "came back", ""),
    ]
    assert notes(house) == [batch], "only for what stayed paid"


def test_a_batch_refused_as_a_whole_leaves_what_was_paid_by_name(house):
    ready(house)
    first, second = approved(house, "1", 900), approved(house, "2", 600)
    batch = batch_of(house, first, second)
    exported(house, batch)
    answered(house, batch, status_report(batch, (first, "ACSC")))
    report = of_the_whole(batch, group="RJCT")
    assert reconciled(house, report) == [(second, batch, "refused", "")]


def test_money_that_was_asked_back_and_then_comes_back_by_the_bank_is_left_to_a_person(house):
    ready(house)
    first, second = approved(house, "1", 900), approved(house, "2", 600)
    batch = batch_of(house, first, second)
    exported(house, batch)
    answered(house, batch, status_report(batch, (first, "ACSC")))
    with house.db(house.mira) as work:
        claim = queries.claim_by_ref(work.session, house.mira, first)
        claim_decisions.claw_back(work, claim, reason=Reason.DUPLICATE, words="Paid before.")
    booked = answered(house, batch, status_report(batch, (first, "RJCT"), (second, "ACSC")))
    assert (booked.paid, booked.refused, booked.asked_back) == (1, 0, (first,))
