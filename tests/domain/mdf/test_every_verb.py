"""Every verb that moves money, by anybody, in any order: the books stand where plain sums stand."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import func, select

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.errors import TcmaError
from tcma.mdf import queries
from tcma.mdf.case_files import proofs
from tcma.mdf.claims import decisions as on_claims
from tcma.mdf.claims import disputes, filing
from tcma.mdf.exchange import rates
from tcma.mdf.exchange.reading import Quote
from tcma.mdf.funds import ending, opening, sales
from tcma.mdf.ledger import booking
from tcma.mdf.models.funding import Claim, FundRequest, Payment, PaymentBatch
from tcma.mdf.models.ledger import LedgerAccount
from tcma.mdf.models.sales import SalesImport
from tcma.mdf.payments import batches
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as on_plans
from tcma.mdf.requests import planning
from tcma.mdf.rules import ProofKind
from tcma.money import Money
from tests import builders
from tests.domain.mdf.conftest import a_pdf
from tests.domain.mdf.reference_ledger import Reference

_NUMBERS = itertools.count(1)
TOTAL = 3_000
AFTERWARDS = datetime(2027, 1, 2, tzinfo=UTC)
LEAVE = ending.Leave(reason="The fair was moved.")
WHY = {"reason": Reason.DUPLICATE, "words": "Seen before."}
FIX = {"reason": Reason.AMOUNT_MISMATCH, "words": "The sums differ."}
SUMS = st.one_of(st.sampled_from([1, 400, 900]), st.integers(1, 1_200))
ANYBODY = ("alice", "bob", "sam", "charlie", "mira", "finn", "cora", "vera", "stranger")
"""Owner, marketer and seller of the partner, another partner's owner; the vendor's channel manager,
two of finance and a marketer; another vendor's finance."""

USUAL = {
    None: {"ask": "alice", "allocate": "mira", "add": "mira", "accrue": "mira", "expire": "mira",
           "extend": "finn", "carry_over": "finn", "quote": "cora"},
    "sales": {"undo": "finn"},
    "plan": {"approve": "finn", "file": "alice", "answer": "finn", "send_again": "bob",
             "withdraw": "alice", "close": "alice"},
    "claim": {"grant": "mira", "pay": "cora", "give_back": "mira", "file_again": "bob",
              "refuse": "mira", "take_back": "mira", "dispute": "alice", "drop": "bob",
              "uphold": "cora", "turn_down": "cora"},
    "payment": {"export": "cora", "settle": "finn", "fail": "cora", "claw_back": "mira", "cancel": "cora"},
}  # fmt: skip
WITH_AMOUNT = {*USUAL[None], "approve", "file", "grant", "claw_back", "dispute", "uphold"} - {
    "quote"
}
FORWARD = ("approve", "file", "grant", "pay", "export", "settle")
"""What is acted on, the verbs, and whoever usually does each."""


TABLES = {"sales": SalesImport, "plan": FundRequest, "claim": Claim, "payment": PaymentBatch}


def money(minor):
    return Money(minor, "GBP")


class EveryVerb(RuleBasedStateMachine):
    """One fund per example; `step` does a verb in the product and in the reference."""

    house = None
    people = None

    def __init__(self):
        super().__init__()
        self.books, self.refs = (
            Reference(TOTAL),
            {"sales": [], "plan": [], "claim": [], "payment": []},
        )
        with self.by("mira") as work:
            plan = opening.FundPlan(
                name=f"Fund {next(_NUMBERS)}",
                total=money(TOTAL),
                starts_on=date(2026, 1, 1),
                ends_on=date(2026, 12, 31),
                kind="accrued",
                accrual_bps=200,
            )
            self.fund = opening.create_fund(work, plan).ref
        self.step("quote", "finn", None, percent=85)
        self.step("allocate", "mira", None, amount=2_000)
        self.step("ask", "alice", None, amount=900)
        self.step("approve", "finn", ("plan", 0), amount=900)
        self.step("file", "alice", ("plan", 0), amount=400, foreign=False)

    def by(self, who):
        return self.house.db(self.people[who])

    def step(self, verb, who, subject, **how):
        """Do a verb both ways; both say whether it was done."""
        about = [self.known(*subject)] if subject else []
        expected = getattr(self.books, verb)(who, *about, *how.values())
        try:
            with self.by(who) as work:
                row = self.row(work, *subject) if subject else None
                new = getattr(self, f"do_{verb}")(work, row, **how)
            done = True
        except TcmaError:
            done, new = False, None
        assert done == bool(expected), (verb, who, about, how)
        if new:
            self.refs[new[0]].append(new[1])

    def known(self, kind, number):
        books = self.books
        rows = {"sales": books.sales, "plan": books.plans, "claim": books.claims}
        return (rows | {"payment": books.payments})[kind][number]

    def row(self, work, kind, number):
        table = TABLES[kind]
        return work.session.scalars(select(table).where(table.ref == self.refs[kind][number])).one()

    @rule(data=st.data())
    def of_something(self, data):
        """Act on what there is, the furthest on most often, mostly by whoever usually does it."""
        kinds = [kind for kind in USUAL if kind is None or self.refs[kind]]
        kind = data.draw(st.sampled_from([*kinds, *kinds[-2:], kinds[-1]]), "kind")
        verbs = [verb for verb in USUAL[kind] for _ in range(1 + 3 * (verb in FORWARD))]
        verb = data.draw(st.sampled_from(verbs), "verb")
        usual = USUAL[kind][verb]
        who = data.draw(st.sampled_from([usual] * len(ANYBODY) * 2 + [*ANYBODY]), "who")
        how = {}
        if verb in WITH_AMOUNT:
            how["amount"] = data.draw(SUMS, "amount")
        if verb == "quote":
            how["percent"] = data.draw(st.integers(80, 95), "percent")
        if verb == "file":
            how["foreign"] = data.draw(st.booleans(), "in euros")
        if verb == "settle":
            how["more"] = data.draw(st.sampled_from([0, 0, 3, -2, 90]), "more")
        if verb == "answer":
            how["to"] = data.draw(st.sampled_from(["info", "rejected"]), "to")
        if kind is None:
            return self.step(verb, who, None, **how)
        newest = len(self.refs[kind]) - 1
        number = newest - data.draw(st.integers(0, min(2, newest)), "how old")
        if verb in {"approve", "grant"} and data.draw(st.booleans(), "all of it"):
            how["amount"] = self.known(kind, number)["asked"]
        return self.step(verb, who, (kind, number), **how)

    def do_add(self, work, _, amount):
        budget = queries.fund_by_ref(work.session, self.people["mira"], self.fund)
        opening.add_money(work, budget, money(amount), reason="more")

    def do_allocate(self, work, _, amount):
        budget = queries.fund_by_ref(work.session, self.people["mira"], self.fund)
        opening.allocate(work, budget, self.house.partner, money(amount))

    def do_ask(self, work, _, amount):
        part = queries.allocation_by_fund(work.session, self.people["alice"], self.fund)
        plan = planning.draft(work, part, self.house.plan(amount / 100))
        planning.submit(work, plan)
        return "plan", plan.ref

    def do_send_again(self, work, plan):
        planning.submit(work, plan)

    def do_accrue(self, work, _, amount):
        name = f"INV-{next(_NUMBERS)}"
        row = f"Brightwater IT,2026-03-01,{amount / 2:.2f},{name}"
        text = f"partner,date,amount,reference\n{row}\n"
        budget = queries.fund_by_ref(work.session, self.people["mira"], self.fund)
        made = sales.import_sales(work, budget, file_name="q1.csv", content=text.encode())
        return "sales", made.ref

    def do_undo(self, work, made):
        sales.undo_import(work, made)

    def part(self, work):
        return queries.allocation_by_fund(work.session, self.people["alice"], self.fund)

    def do_expire(self, work, _, amount):
        ending.expire_due(replace(work, now=AFTERWARDS))

    def do_extend(self, work, _, amount):
        ending.extend(work, self.part(work), until=date(2027, 6, 30), leave=LEAVE)

    def do_carry_over(self, work, _, amount):
        into = queries.fund_by_ref(work.session, self.people["mira"], self.house.fund_ref)
        ending.carry_over(work, self.part(work), into, money(amount), leave=LEAVE)

    def do_claw_back(self, work, batch, amount):
        claim = work.session.scalars(
            select(Claim).join(Payment).where(Payment.batch_id == batch.id)
        ).one()
        on_claims.claw_back(work, claim, amount=money(amount), **WHY)

    def do_withdraw(self, work, plan):
        planning.withdraw(work, plan)

    def do_approve(self, work, plan, amount):
        on_plans.approve(work, plan, amount=money(amount))

    def do_answer(self, work, plan, to):
        if to == "info":
            on_plans.return_to_fix(work, plan, **FIX)
        else:
            on_plans.refuse(work, plan, **WHY)

    def do_close(self, work, plan):
        on_plans.close(work, plan)

    def do_quote(self, work, _, percent):
        quote = Quote("EUR", "GBP", date(2026, 3, 2), Decimal(percent) / 100)
        rates.state(work, [quote], source="ECB")

    def do_file(self, work, plan, amount, foreign):
        claim = filing.draft(work, plan)
        number = f"No {claim.ref}"
        proofs.upload(
            work, plan, kind=ProofKind.OTHER, file_name="fair.pdf", content=a_pdf(claim.ref)
        )
        currency = "EUR" if foreign else "GBP"
        sums = {"net": Money(amount, currency), "tax": Money.zero(currency)}
        invoice = replace(self.house.invoice(number, 1), **sums)
        filing.add_invoice(
            work, claim, invoice, file_name=f"{claim.ref}.pdf", content=a_pdf(number)
        )
        filing.submit(work, claim)
        return "claim", claim.ref

    def do_file_again(self, work, claim):
        filing.submit(work, claim)

    def do_grant(self, work, claim, amount):
        on_claims.approve(work, claim, amount=money(amount), close=False)

    def do_give_back(self, work, claim):
        on_claims.return_to_fix(work, claim, **FIX)

    def do_refuse(self, work, claim):
        on_claims.refuse(work, claim, **WHY)

    def do_take_back(self, work, claim):
        on_claims.take_back(work, claim, **WHY)

    def do_dispute(self, work, claim, amount):
        disputes.open_dispute(work, claim, amount=money(amount), words="It was agreed.")

    def do_drop(self, work, claim):
        disputes.withdraw_dispute(work, claim)

    def do_turn_down(self, work, claim):
        disputes.turn_down(work, claim, words="It stays.")

    def do_uphold(self, work, claim, amount):
        return "claim", disputes.uphold(work, claim, amount=money(amount)).ref

    def do_pay(self, work, claim):
        return "payment", batches.make_batch(work, [claim]).ref

    def do_export(self, work, batch):
        batches.export_batch(work, batch, payouts=PayoutsPain())

    def do_settle(self, work, batch, more):
        paid = select(func.sum(Payment.amount_minor)).where(Payment.batch_id == batch.id)
        taken = money(int(work.session.scalar(paid)) + more) if more else None
        batches.settle(work, batch, bank_reference="BACS 1", taken=taken)

    def do_fail(self, work, batch):
        payment = work.session.scalars(select(Payment).where(Payment.batch_id == batch.id)).one()
        batches.fail(work, payment, reason="account closed")

    def do_cancel(self, work, batch):
        batches.cancel_batch(work, batch, reason="the bank never had it")

    @invariant()
    def the_pots_hold_the_same(self):
        with self.house.db() as work:
            budget = queries.fund_by_ref(work.session, self.people["mira"], self.fund)
            rows = work.session.execute(
                select(LedgerAccount, FundRequest.ref, Claim.ref)
                .outerjoin(FundRequest, FundRequest.id == LedgerAccount.request_id)
                .outerjoin(Claim, Claim.id == LedgerAccount.claim_id)
                .where(LedgerAccount.chain_id == budget.id)
            ).all()
        numbers = {ref: n for refs in self.refs.values() for n, ref in enumerate(refs)}
        held = {}
        for account, plan, claim in rows:
            owner = plan or claim
            name = f"{account.kind} {numbers[owner]}" if owner else account.kind
            held[name] = account.balance
        assert {k: v for k, v in held.items() if v} == {
            k: v for k, v in self.books.pots.items() if v
        }

    def teardown(self):
        with self.house.db() as work:
            assert booking.verify(work.session) == []


@pytest.fixture
def people(house):
    with house.db() as work:
        return {
            "alice": house.alice,
            "bob": builders.a_user(work, "partner_marketer", name="Bob", partner_id=house.partner),
            "sam": builders.sam(work, house.partner),
            "charlie": builders.charlie(work, house.vendor),
            "mira": house.mira,
            "finn": house.finn,
            "cora": builders.a_user(work, "finance", name="Cora", vendor_id=house.vendor),
            "vera": builders.vera(work, house.vendor),
            "stranger": builders.finn(work, builders.a_vendor(work, name="Larkspur")),
        }


def test_any_verb_by_anybody_in_any_order_leaves_the_sums_a_plain_reference_has(house, people):
    machine = type("HouseOfEveryVerb", (EveryVerb,), {"house": house, "people": people})
    machine.TestCase.settings = settings(
        max_examples=6,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    machine.TestCase().runTest()
