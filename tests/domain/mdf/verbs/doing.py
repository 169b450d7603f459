"""Each verb as the product does it: `do_<verb>(work, row, ...)`, returning what it made, if anything."""

import itertools
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import select

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.mdf import overdue, queries
from tcma.mdf.case_files import proofs
from tcma.mdf.claims import decisions as on_claims
from tcma.mdf.claims import disputes, filing, own_shares, withdrawing
from tcma.mdf.exchange import rates
from tcma.mdf.exchange.reading import Quote
from tcma.mdf.funds import changing, ending, opening, points, reducing, sales
from tcma.mdf.models.approvals import Absence
from tcma.mdf.models.funding import Claim, Invoice
from tcma.mdf.models.own_shares import OwnShare
from tcma.mdf.models.payments import Payment
from tcma.mdf.papers.invoice_lines import InvoiceEntry
from tcma.mdf.payments import batches, holds, repaying, settlements
from tcma.mdf.payments.bank_answers import Answer as BankAnswer
from tcma.mdf.payments.bank_answers import Fate, Reply
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import absences, amending, extending, holding, planning
from tcma.mdf.requests import decisions as on_plans
from tcma.mdf.requests.decisions import Answer
from tcma.mdf.rules import ActivityKind, PaymentState, ProofKind
from tcma.money import Money
from tests.domain.mdf.conftest import a_pdf
from tests.domain.mdf.verbs import payments as said
from tests.domain.mdf.verbs.world import part_of, pounds, rules

NUMBERS = itertools.count(1)
WHY = {"reason": Reason.DUPLICATE, "words": "Seen before."}
FIX = {"reason": Reason.AMOUNT_MISMATCH, "words": "The sums differ."}
NIGHT = (overdue.settle, points.revalue_due, ending.expire_due, ending.expire_whole,
         holding.release)  # fmt: skip
ACTS = {"return": "take_back", "reduce": "reduce", "carry": "carry_over", "end": "close",
        "days": "edit", "more": "extend"}  # fmt: skip


class OfPlans:
    """What partner and vendor do with plans."""

    def plan_of(self, work, sums):
        today = work.now.date()
        return planning.RequestPlan(
            [
                planning.ActivityPlan(
                    self.place.campaign, today, today + timedelta(days),
                    [planning.PlanLine("Adverts", pounds(asked))], kind=ActivityKind.PRINT,
                )
                for asked, days in sums
            ]
        )  # fmt: skip

    def answers_of(self, answers):
        return [
            Answer(refused=True, reason=Reason.OVER_CAP) if answer == "no"
            else Answer(None if answer == "all" else pounds(answer)) for answer in answers
        ]  # fmt: skip

    def do_draft(self, work, _, sums):
        made = planning.draft(work, part_of(work, self.place), self.plan_of(work, sums))
        return "plan", made.ref

    def do_revise(self, work, plan, sums):
        planning.revise(work, plan, self.plan_of(work, sums))

    def do_submit(self, work, plan):
        planning.submit(work, plan)

    def do_appeal(self, work, plan):
        planning.appeal(work, plan, words="The hall was booked.")

    def do_withdraw(self, work, plan):
        planning.withdraw(work, plan)

    def do_approve(self, work, plan):
        on_plans.approve(work, plan)

    def do_decide(self, work, plan, answers):
        on_plans.decide(work, plan, self.answers_of(answers), words="As agreed.")

    def do_hold(self, work, plan, answers):
        on_plans.hold(work, plan, self.answers_of(answers), words="As agreed.")

    def do_give_back(self, work, plan):
        on_plans.return_to_fix(work, plan, **FIX)

    def do_refuse(self, work, plan):
        on_plans.refuse(work, plan, **WHY)

    def do_close(self, work, plan):
        on_plans.close(work, plan)

    def do_amend(self, work, plan, n, asked, later):
        row = queries.activities_of(work.session, plan.id)[n]
        ends = row.ends_on + timedelta(later)
        lines = [planning.PlanLine("Adverts", pounds(asked))]
        amending.ask(work, plan, n + 1, amending.Change(row.starts_on, ends, lines, "More halls."))

    def do_unamend(self, work, plan, n):
        amending.withdraw(work, plan, n + 1)

    def do_amend_yes(self, work, plan, n):
        amending.approve(work, plan, n + 1)

    def do_amend_no(self, work, plan, n):
        amending.refuse(work, plan, n + 1, words="It stays.")

    def later(self, work, plan, n, days):
        row = queries.activities_of(work.session, plan.id)[n]
        return (row.claim_by or work.now.date()) + timedelta(days)

    def do_more_time(self, work, plan, n, days):
        wanted = self.later(work, plan, n, days)
        extending.ask(work, plan, n + 1, wanted=wanted, words="The venue bills late.")

    def do_more_yes(self, work, plan, n, days):
        extending.grant(work, plan, n + 1, until=self.later(work, plan, n, days))

    def do_more_no(self, work, plan, n):
        extending.refuse(work, plan, n + 1, words="It stays.")


class OfClaims:
    """What partner and vendor do with claims."""

    def add_invoice(self, work, claim, net, foreign):
        currency = "EUR" if foreign else "GBP"
        number = f"No {next(NUMBERS)}"
        entry = InvoiceEntry(
            issuer="Pennant Studio", number=number, issued_on=work.now.date(),
            made_out_to="Brightwater IT Ltd", net=pounds(net, currency), tax=Money.zero(currency),
        )  # fmt: skip
        filing.add_invoice(work, claim, entry, file_name=f"{number}.pdf", content=a_pdf(number))

    def do_begin(self, work, plan, n, net, foreign):
        claim = filing.draft(work, plan, no=n + 1)
        if claim.ref in self.refs["claim"]:
            return None
        proof = {"kind": ProofKind.OTHER, "file_name": "fair.pdf", "content": a_pdf(claim.ref)}
        proofs.upload(work, plan, no=n + 1, **proof)
        self.add_invoice(work, claim, net, foreign)
        return "claim", claim.ref

    def do_invoice(self, work, claim, net, foreign):
        self.add_invoice(work, claim, net, foreign)

    def do_uninvoice(self, work, claim):
        some = select(Invoice.id).where(Invoice.claim_id == claim.id).order_by(Invoice.id)
        filing.remove_invoice(work, claim, work.session.scalars(some).first())

    def do_pay_own(self, work, claim, amount):
        paid = own_shares.OwnPayment(pounds(amount), work.now.date(), "Pennant Studio")
        name = f"No {next(NUMBERS)}"
        own_shares.add(work, claim, paid, file_name=f"{name}.pdf", content=a_pdf(name))

    def do_take_out_own(self, work, claim):
        some = select(OwnShare.id).where(OwnShare.claim_id == claim.id).order_by(OwnShare.id)
        own_shares.remove(work, claim, work.session.scalars(some).first())

    def do_ask_less(self, work, claim, amount):
        filing.ask_less(work, claim, None if amount is None else pounds(amount))

    def do_file(self, work, claim):
        filing.submit(work, claim)

    def do_appeal_claim(self, work, claim):
        filing.appeal(work, claim, words="The photo was there.")

    def do_discard(self, work, claim):
        withdrawing.withdraw(work, claim, words="Another invoice comes.")

    def do_take_up(self, work, claim):
        withdrawing.take_up(work, claim)

    def do_grant(self, work, claim, amount, close):
        on_claims.approve(work, claim, amount=pounds(amount), close=close)

    def do_give_claim_back(self, work, claim):
        on_claims.return_to_fix(work, claim, **FIX)

    def do_refuse_claim(self, work, claim):
        on_claims.refuse(work, claim, **WHY)

    def do_take_back(self, work, claim):
        on_claims.take_back(work, claim, **WHY)

    def do_claw_back(self, work, claim, amount):
        on_claims.claw_back(work, claim, amount=pounds(amount), **WHY)

    def do_dispute(self, work, claim, amount):
        disputes.open_dispute(work, claim, amount=pounds(amount), words="It was agreed.")

    def do_drop(self, work, claim):
        disputes.withdraw_dispute(work, claim)

    def do_turn_down(self, work, claim):
        disputes.turn_down(work, claim, words="It stays.")

    def do_uphold(self, work, claim, amount):
        return "claim", disputes.uphold(work, claim, amount=pounds(amount)).ref

    def do_pay(self, work, claim, others, keep):
        more = [self.row(work, "claim", n) for n in others]
        return "batch", batches.make_batch(work, [claim, *more], keep_owed=keep).ref


class OfPayments:
    """What finance does with batches, and with partners that are paid."""

    def paid_in(self, work, batch):
        some = select(Payment).where(Payment.batch_id == batch.id).order_by(Payment.id)
        return list(work.session.scalars(some))

    def do_export(self, work, batch):
        batches.export_batch(work, batch, payouts=PayoutsPain())

    def do_settle(self, work, batch, more):
        sent = [p for p in self.paid_in(work, batch) if p.state == PaymentState.SENT]
        taken = more if isinstance(more, Money) else None
        if more and not taken and len(sent) == 1:
            taken = pounds(sent[0].amount_minor + more)
        batches.settle(work, batch, bank_reference=said.BANK, taken=taken)

    def do_fail(self, work, batch, n):
        paid = self.paid_in(work, batch)
        batches.fail(work, paid[n % len(paid)], reason="account closed")

    def do_cancel(self, work, batch):
        batches.cancel_batch(work, batch, reason="the bank never had it")

    def do_reply(self, work, batch, fates):
        refs = [work.session.get(Claim, p.claim_id).ref for p in self.paid_in(work, batch)]
        answers = tuple(
            BankAnswer(reference=ref, fate=Fate(fate), bank_reference=said.REPLY, reason="closed")
            for ref, fate in zip(refs, fates, strict=False)
            if fate
        )
        settlements.apply_reply(work, batch, Reply(batch_ref=batch.ref, answers=answers))

    def do_repay(self, work, claim, amount):
        repaying.repay(work, claim, pounds(amount), bank_reference="IN 1", key=uuid4())

    def do_stop(self, work, _):
        holds.place(work, self.place.partner, reason="We look into it.")

    def do_let_go(self, work, _):
        holds.lift(work, self.place.partner)

    def do_minimum(self, work, _, amount):
        holds.set_minimum(work, None if amount == 0 else pounds(amount), "GBP")

    def do_quote(self, work, _, percent):
        quote = Quote("EUR", "GBP", work.now.date(), Decimal(percent) / 100)
        rates.state(work, [quote], source="ECB")


class OfFunds:
    """What the vendor does with a fund, and what the night does."""

    def budget(self, work, ref=None):
        return queries.fund_by_ref(work.session, work.principal, ref or self.place.fund)

    def do_add(self, work, _, amount):
        opening.add_money(work, self.budget(work), pounds(amount), reason="more")

    def do_allocate(self, work, _, amount):
        opening.allocate(work, self.budget(work), self.place.partner, pounds(amount))

    def do_accrue(self, work, _, amount):
        row = f"Brightwater IT,2026-03-01,{amount / 2:.2f},INV-{next(NUMBERS)}"
        text = f"partner,date,amount,reference\n{row}\n".encode()
        made = sales.import_sales(work, self.budget(work), file_name="q1.csv", content=text)
        return "sale", made.ref

    def do_undo(self, work, made):
        sales.undo_import(work, made)

    def do_change(self, work, _, act, amount, days):
        budget = self.budget(work)
        until = work.now.date() + timedelta(days)
        facts = reducing.facts_of(budget)
        more = {
            "return": {"amount": pounds(amount), "partner_id": self.place.partner},
            "reduce": {"amount": pounds(amount)},
            "carry": {"amount": pounds(amount), "partner_id": self.place.partner,
                      "into": self.budget(work, self.place.next).id},
            "more": {"until": until, "partner_id": self.place.partner},
            "days": {"facts": reducing.Facts(name=facts.name, starts_on=facts.starts_on,
                                             ends_on=until)},
        }  # fmt: skip
        change = changing.Change(act=changing.Act(ACTS[act]), reason="The fair moved.",
                                 **more.get(act, {}))  # fmt: skip
        return "change", changing.ask(work, budget, change, key=uuid4()).id

    def do_confirm(self, work, change):
        changing.confirm(work, change)

    def do_let_be(self, work, change):
        changing.turn_down(work, change)

    def do_away(self, work, _, deputy, days):
        today = work.now.date()
        other = self.place.people[deputy].user_id
        absences.state(work, other, today, today + timedelta(days))

    def do_home(self, work, _):
        mine = select(Absence.id).where(Absence.user_id == work.principal.user_id)
        absences.end(work, work.session.scalars(mine.order_by(Absence.id.desc())).first())

    def do_revalue(self, work, _, point):
        rules(work, self.place, {r'^point = ".*"$': f'point = "{point}"'})

    def do_wait(self, work, _, days):
        """The night that follows does it."""

    def do_release(self, work, _):
        holding.release(work)

    def do_night(self):
        for each in NIGHT:
            with self.by("system") as work:
                each(work)
