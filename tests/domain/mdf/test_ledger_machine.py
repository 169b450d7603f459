"""The ledger against a plain dictionary: any order of bookings, the same balances."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select

from tcma.errors import Conflict
from tcma.ids import new_id
from tcma.mdf import queries
from tcma.mdf.ledger import booking
from tcma.mdf.models.funding import (
    Claim,
    FundAllocation,
    FundBudget,
    FundRequest,
    Payment,
    PaymentBatch,
)
from tcma.mdf.models.ledger import LedgerAccount
from tcma.mdf.rules import TransferKind
from tcma.money import Money

CAUSE = booking.Cause(reason="machine")
SUMS = st.integers(1, 900)


def money(minor):
    return Money(minor, "GBP")


class Books(RuleBasedStateMachine):
    house = None

    def __init__(self):
        super().__init__()
        with self.house.db(self.house.finn) as work:
            today = work.now.date()
            own = queries.fund_by_ref(work.session, self.house.finn, self.house.fund_ref)
            budget = FundBudget(
                id=new_id(),
                ref=f"FND-{new_id()}",
                vendor_id=self.house.vendor,
                name=str(new_id()),
                currency="GBP",
                starts_on=today,
                ends_on=today,
                programme_id=own.programme_id,
                created_at=work.now,
            )
            work.session.add(budget)
            booking.open_budget(work, budget, money(1_000))
            part = FundAllocation(
                id=new_id(),
                budget_id=budget.id,
                vendor_id=self.house.vendor,
                partner_id=self.house.partner,
                currency="GBP",
                created_at=work.now,
            )
            work.session.add(part)
        self.budget, self.part = budget, part
        self.model = {"unallocated": 1_000, "fund": 0, "paid": 0}
        self.requests, self.claims, self.payments = [], [], []

    def booked(self, act, debit, credit, amount):
        """Book in its own transaction; the model moves exactly when the ledger did."""
        fits = self.model.get(debit, 0) >= amount
        try:
            with self.house.db(self.house.finn) as work:
                act(work)
        except Conflict:
            assert not fits
            return False
        assert fits
        self.model[debit] = self.model.get(debit, 0) - amount
        self.model[credit] = self.model.get(credit, 0) + amount
        return True

    @rule(amount=SUMS)
    def allocate(self, amount):
        self.booked(
            lambda work: booking.allocate(work, self.budget, self.part, money(amount), key=None),
            "unallocated",
            "fund",
            amount,
        )

    @rule(amount=SUMS)
    def reserve(self, amount):
        request = FundRequest(
            id=new_id(),
            ref=f"MDF-{new_id()}",
            vendor_id=self.house.vendor,
            partner_id=self.house.partner,
            allocation_id=self.part.id,
            title="x",
            currency="GBP",
            share_bps=10_000,
            requested_minor=amount,
            created_at=self.house.db.clock.now(),
        )

        def act(work):
            work.session.add(request)
            work.session.flush()  # the account names the request
            booking.reserve(work, request, money(amount), cause=CAUSE)

        if self.booked(act, "fund", f"reserved {len(self.requests)}", amount):
            self.requests.append(request)

    @precondition(lambda self: self.requests)
    @rule(amount=SUMS, data=st.data())
    def release(self, amount, data):
        which = data.draw(st.integers(0, len(self.requests) - 1))
        request = self.requests[which]
        self.booked(
            lambda work: booking.release(work, request, money(amount), cause=CAUSE),
            f"reserved {which}",
            "fund",
            amount,
        )

    @precondition(lambda self: self.requests)
    @rule(amount=SUMS, data=st.data())
    def claim(self, amount, data):
        which = data.draw(st.integers(0, len(self.requests) - 1))
        request = self.requests[which]
        claim = Claim(
            id=new_id(),
            ref=f"CLM-{new_id()}",
            request_id=request.id,
            vendor_id=self.house.vendor,
            partner_id=self.house.partner,
            currency="GBP",
            amount_minor=amount,
            approved_minor=amount,
            decided_by=self.house.mira.user_id,
            created_at=self.house.db.clock.now(),
        )

        def act(work):
            work.session.add(claim)
            work.session.flush()  # the account names the claim
            booking.accrue(work, request, claim, money(amount), cause=CAUSE)

        if self.booked(act, f"reserved {which}", f"accrued {len(self.claims)}", amount):
            self.claims.append((which, request, claim, amount))

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def take_claim_back(self, data):
        which = data.draw(st.integers(0, len(self.claims) - 1))
        place, _, claim, amount = self.claims[which]
        if self.model[f"accrued {which}"] != amount:
            return
        self.booked(
            lambda work: booking.reverse(work, claim.id, TransferKind.CLAIM, reason="wrong"),
            f"accrued {which}",
            f"reserved {place}",
            amount,
        )

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def pay(self, data):
        which = data.draw(st.integers(0, len(self.claims) - 1))
        _, request, claim, amount = self.claims[which]
        if self.model[f"accrued {which}"] < amount:
            return
        batch_id, now = new_id(), self.house.db.clock.now()
        payment = Payment(
            id=new_id(),
            batch_id=batch_id,
            claim_id=claim.id,
            claim_decided_by=claim.decided_by,
            vendor_id=self.house.vendor,
            partner_id=self.house.partner,
            amount_minor=amount,
            currency="GBP",
            made_by=self.house.finn.user_id,
        )
        batch = PaymentBatch(
            id=batch_id,
            ref=f"PAY-{batch_id}",
            vendor_id=self.house.vendor,
            currency="GBP",
            made_at=now,
        )

        def act(work):
            work.session.add(batch)
            work.session.flush()  # the payment names the batch
            work.session.add(payment)
            work.session.flush()  # the booking names the payment
            booking.pay(work, request, payment, cause=CAUSE)

        if self.booked(act, f"accrued {which}", "paid", amount):
            self.payments.append((which, payment, amount))

    @precondition(lambda self: self.payments)
    @rule()
    def bounce(self):
        which, payment, amount = self.payments.pop()

        def act(work):
            booking.reverse(work, payment.id, TransferKind.PAY, reason="account closed")
            work.session.get_one(Payment, payment.id).state = "failed"

        self.booked(act, "paid", f"accrued {which}", amount)

    @invariant()
    def the_accounts_hold_what_the_model_holds(self):
        if not hasattr(self, "model"):
            return
        with self.house.db() as work:
            rows = work.session.execute(
                select(
                    LedgerAccount.kind,
                    LedgerAccount.request_id,
                    LedgerAccount.claim_id,
                    LedgerAccount.balance,
                ).where(LedgerAccount.chain_id == self.budget.id)
            ).all()
        places = {request.id: f"reserved {n}" for n, request in enumerate(self.requests)}
        places |= {claim.id: f"accrued {n}" for n, (_, _, claim, _) in enumerate(self.claims)}
        seen = {places.get(row.request_id or row.claim_id, row.kind): row.balance for row in rows}
        assert seen.pop("source") == -1_000
        assert {k: v for k, v in seen.items() if v} == {k: v for k, v in self.model.items() if v}

    def teardown(self):
        with self.house.db() as work:
            assert booking.verify(work.session) == []


def test_any_order_of_bookings_keeps_the_balances_of_a_plain_model(house):
    machine = type("BooksOfHouse", (Books,), {"house": house})
    machine.TestCase.settings = settings(
        max_examples=12,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    machine.TestCase().runTest()
