"""Every verb that moves money or a state, by anybody, in any order: as a plain reference has it."""

import os
import pickle
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.domain.mdf.verbs import inventory, tour
from tests.domain.mdf.verbs import tables as t
from tests.domain.mdf.verbs.machine import in_turn
from tests.domain.mdf.verbs.world import KINDS

EXAMPLES = int(os.environ.get("TCMA_TEST_MACHINE", "12"))
"""Lives of a fund that are lived; more for a soak."""
STEPS = 50
SOON = 300 + 60 * EXAMPLES
"""Seconds, on a machine that is busy with other things."""
SUMS = st.one_of(st.sampled_from([1, 40, 100, 400]), st.integers(1, 700))
DAYS = st.sampled_from([0, 1, 3, 9, 20, 40])
LINES = st.lists(st.tuples(SUMS, DAYS), min_size=1, max_size=3)
FIRST = st.lists(st.tuples(st.integers(60, 500), DAYS), min_size=1, max_size=2)
ACTS = ("return", "reduce", "carry", "more", "days", "return", "reduce", "carry", "more", "end")
FATES = st.lists(st.sampled_from(["paid", "refused", None]), min_size=2, max_size=2)
ABOUT = {
    None: "draft add allocate accrue quote change away home stop let_go minimum revalue wait release",
    "sale": "undo",
    "change": "confirm let_be",
    "plan": "revise submit appeal withdraw amend unamend more_time begin approve decide hold"
    " give_back refuse amend_yes amend_no more_yes more_no close",
    "claim": "invoice uninvoice pay_own take_out_own ask_less file appeal_claim discard take_up dispute drop grant"
    " give_claim_back refuse_claim take_back claw_back turn_down uphold pay repay",
    "batch": "export settle fail cancel reply",
}
ABOUT = {kind: verbs.split() for kind, verbs in ABOUT.items()}
OFTEN = {"draft": 3, "submit": 4, "approve": 6, "begin": 6, "file": 6, "grant": 8, "pay": 6, "pay_own": 4,
         "export": 6, "settle": 6, "amend_yes": 3, "more_yes": 3, "confirm": 3, "uphold": 4,
         "claw_back": 4, "repay": 3, "dispute": 4, "hold": 3, "appeal_claim": 3, "appeal": 3,
         "change": 2, "quote": 2, "release": 2}  # fmt: skip
KIND = {verb: kind for kind, verbs in ABOUT.items() for verb in verbs}
VERBS = [verb for verb in reversed(KIND) for _ in range(OFTEN.get(verb, 1))]
"""The furthest first: what comes first is drawn most."""
OF_A_FUND = {
    "revalue": "points",
    "accrue": "accrued",
    "pay_own": "matched",
    "take_out_own": "matched",
}
SOME = {
    "draft": {"sums": LINES},
    "revise": {"sums": LINES},
    "amend": {"n": st.integers(0, 2), "asked": SUMS, "later": st.sampled_from([0, 0, 5, 400])},
    "more_time": {"n": st.integers(0, 2), "days": st.sampled_from([0, 5, 30, 31])},
    "more_yes": {"n": st.integers(0, 2), "days": st.sampled_from([0, 5, 30, 31])},
    "begin": {"n": st.integers(0, 2), "net": SUMS, "foreign": st.booleans()},
    "invoice": {"net": SUMS, "foreign": st.booleans()},
    "ask_less": {"amount": st.one_of(st.none(), SUMS)},
    "grant": {"amount": SUMS, "close": st.booleans()},
    "pay": {"others": st.just([]), "keep": st.booleans()},
    "settle": {"more": st.sampled_from([0, 0, 3, -2, 90])},
    "fail": {"n": st.integers(0, 1)},
    "reply": {"fates": FATES},
    "quote": {"percent": st.integers(80, 95)},
    "minimum": {"amount": st.sampled_from([0, 0, 50, 300])},
    "wait": {"days": st.sampled_from([1, 1, 2, 6, 15, 31, 50])},
    "away": {"deputy": st.sampled_from(t.ANYBODY), "days": DAYS},
    "revalue": {"point": st.sampled_from(["0.75", "1", "1.5", "2"])},
    "change": {"act": st.sampled_from(ACTS), "amount": SUMS,
               "days": st.sampled_from([-1, 0, 30, 200, 330])},
    **{verb: {"n": st.integers(0, 2)} for verb in ("unamend", "amend_yes", "amend_no", "more_no")},
    **{verb: {"amount": SUMS} for verb in (
        "add", "allocate", "accrue", "pay_own", "claw_back", "dispute", "uphold", "repay")},
}  # fmt: skip


OF_A_LINE = {
    "begin": lambda line: line["state"] == "approved",
    "amend": lambda line: line["state"] == "approved" and not line["change"],
    "more_time": lambda line: line["state"] == "approved" and not line["more"],
    **dict.fromkeys(("amend_yes", "amend_no", "unamend"), lambda line: line["change"]),
    **dict.fromkeys(("more_yes", "more_no"), lambda line: line["more"]),
}
READY = {
    **{verb: lambda books, plan, fits=fits: any(map(fits, plan["lines"]))
       for verb, fits in OF_A_LINE.items()},
    **dict.fromkeys(("uphold", "turn_down", "drop"), lambda books, claim: books.disputed(claim)),
    **dict.fromkeys(("confirm", "let_be"), lambda books, row: row["state"] == "waits"),
    **dict.fromkeys(("settle", "reply"), lambda books, batch: batch["state"] == "exported"),
    "undo": lambda books, sale: sale["stands"],
    "take_out_own": lambda books, claim: claim["own"],
    "dispute": lambda books, claim: not claim["dispute"] and cut_of(claim),
    "repay": lambda books, claim: books.owed_back(claim),
    "pay": lambda books, claim: claim["state"] == "approved" and not books.stopped_by,
    "export": lambda books, batch: batch["state"] == "draft",
    "cancel": lambda books, batch: batch["state"] in {"draft", "exported"},
    "hold": lambda books, plan: books.asked(plan) > books.free,
    "submit": lambda books, plan: books.asked(plan) <= books.free,
}  # fmt: skip
"""What besides its state a row needs for a verb to be worth trying."""


def cut_of(claim):
    """Return what was left out of a claim, or asked back."""
    return claim["asked"] - claim["approved"] + claim["back"]


class EveryVerb(RuleBasedStateMachine):
    """The life of one fund; each step is done in the product and in the reference."""

    tools = None
    both = None

    @initialize(kind=st.sampled_from(tuple(KINDS)), waits=st.booleans(), sums=FIRST)
    def begin(self, kind, waits, sums):
        """A fund with a plan that was approved, and a claim that was filed."""
        self.lent = ExitStack()
        self.both = self.lent.enter_context(in_turn(self.tools, kind, waits=waits))
        self.both.step("quote", "finn", None, percent=85)
        self.both.step("draft", "alice", None, sums=sums)
        self.both.step("submit", "alice", ("plan", 0))
        for who in ("mira", "finn"):
            self.both.step("approve", who, ("plan", 0))
        self.both.step("begin", "bob", ("plan", 0), n=0, net=sums[0][0], foreign=waits)
        if kind == "matched":
            self.both.step("pay_own", "bob", ("claim", 0), amount=sums[0][0])
        self.both.step("file", "bob", ("claim", 0))

    @rule(data=st.data())
    def of_something(self, data):
        """Mostly what can be done by somebody who may; now and then anything, by anybody."""
        books = self.both.books
        verbs = [verb for verb in VERBS if OF_A_FUND.get(verb, books.kind) == books.kind]
        if data.draw(st.integers(0, 9), "what fits") > 0:
            verbs = [verb for verb in verbs if KIND[verb] is None or self.fitting(verb)]
        verb = data.draw(st.sampled_from(verbs), "verb")
        about = None
        if kind := KIND[verb]:
            some = self.fitting(verb) or range(len(self.both.refs[kind]))
            if not some:
                return
            about = kind, data.draw(st.sampled_from(some[-4:]), "which")
        how = {name: data.draw(some, name) for name, some in SOME.get(verb, {}).items()}
        self.within(data, verb, about, how)
        # Many copies of what one pickle holds cost a quarter of as many deep ones.
        frozen = pickle.dumps((self.both.books, how))
        able = [who for who in sorted(t.WHO[verb]) if would(frozen, verb, who, about)]
        anybody = () if "system" in t.WHO[verb] else t.ANYBODY
        often = able * (4 * len(anybody) // max(len(able), 1) + 1)
        who = data.draw(st.sampled_from([*often, *anybody] or ["system"]), "who")
        self.both.step(verb, who, about, **how)

    def fitting(self, verb):
        """Return what stands where a verb may be done to it."""
        before, _ = t.GRAPH.get(verb, (None, None))
        books, ready = self.both.books, READY.get(verb, lambda *_: True)
        return [
            n
            for n, row in enumerate(books.of(KIND[verb]))
            if (before is None or row["state"] in before) and ready(books, row)
        ]

    def within(self, data, verb, about, how):
        """Keep what is drawn within what there is: as many answers as lines, sums as they stand."""
        known = self.both.known(*about) if about else None
        if verb in {"decide", "hold"}:
            each = st.one_of(st.sampled_from(["all", "all", "no"]), SUMS)
            how["answers"] = [data.draw(each, "answer") for _ in known["lines"]]
        if "n" in how and about[0] == "plan":
            lines = known["lines"]
            some = [
                n for n, line in enumerate(lines) if verb in OF_A_LINE and OF_A_LINE[verb](line)
            ]
            how["n"] = some[how["n"] % len(some)] if some else how["n"] % len(lines)
        if "amount" in how and about and data.draw(st.booleans(), "what stands"):
            how["amount"] = self.stands(verb, known) or how["amount"]
        if verb == "pay":
            ready = [n for n, c in enumerate(self.both.books.claims) if c["state"] == "approved"]
            others = [n for n in ready if n != about[1]]
            how["others"] = others[-1:] if data.draw(st.booleans(), "two") else []

    def stands(self, verb, claim):
        """Return the whole sum that a verb may be about."""
        asked = claim.get("dispute") and claim["dispute"]["asked"]
        left = self.both.books.owed_back(claim)
        return {"grant": claim["asked"], "claw_back": claim["approved"], "dispute": cut_of(claim),
                "uphold": asked, "repay": left}.get(verb)  # fmt: skip

    def teardown(self):
        if self.both:
            with self.lent:
                if not self.both.apart:
                    self.both.prove()


def would(frozen, verb, who, about):
    """Say what the reference would, without doing it."""
    books, how = pickle.loads(frozen)  # noqa: S301 - dumped by ourselves
    return books.do(verb, who, about and books.of(about[0])[about[1]], **how)


@pytest.fixture
def tools(turns, site, files):
    return {"turns": turns, "site": site, "files": files}


@pytest.mark.timeout(SOON)
def test_any_verb_by_anybody_in_any_order_leaves_what_a_plain_reference_has(tools):
    machine = type("LifeOfAFund", (EveryVerb,), {"tools": tools})
    machine.TestCase.settings = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    machine.TestCase().runTest()


NOT_IN_IT = {
    "proofs and papers: files and what was read from them; what they are worth comes with invoices": (
        "case_files.export.export case_files.letting_go.let_go case_files.page_pictures.keep case_files.posts.file_post"
        " case_files.prechecks.keep"
        " case_files.proofs.collect case_files.stamping.stamp_of claims.papers.enter claims.papers.hand_in"
        " claims.papers.throw_away claims.telling.tell requests.carrying_out.tie"
    ),
    "lines of a joint plan become drafts that are sent as any other: test_joint_plans": (
        "joint.agreeing.add_line joint.agreeing.agree joint.agreeing.begin joint.agreeing.note"
        " joint.agreeing.remove_line joint.beginning.begin_line"
    ),
    "many parts at once, by a file: tests/domain/bulk": ("funds.parts.give ledger.many.allocate"),
    "proofs of the books and of decisions, which move nothing: test_ledger_faults, workers/test_mdf": (
        "funds.proof.prove judging.nightly.keep ledger.heads.keep"
    ),
    "settings by which nothing moves: test_programmes, test_bank_accounts, test_spending": (
        "judging.versions.take_back ledger.chart.save_chart payments.bank_accounts.check_account"
        " payments.bank_accounts.state_account requests.ordering.give"
        " requests.spending.set_limit"
    ),
    "what is given instead of money, booked at once by what `settle` does: test_ways": (
        "payments.giving.give"
    ),
    "the same answers of a bank over several batches, by what `reply` does: test_reconciling": (
        "payments.reconciling.reconcile"
    ),
}
"""Whatever writes and is no verb of the machine: why."""


def test_every_verb_of_the_product_is_in_the_machine_or_named_with_its_reason():
    named = [f"{inventory.AREA}.{name}" for names in NOT_IN_IT.values() for name in names.split()]
    assert len(named) == len(set(named))
    assert inventory.verbs() - inventory.in_the_machine() == set(named)
    assert {verb for verbs in ABOUT.values() for verb in verbs} == set(t.WHO)


def test_on_a_way_through_a_funds_life_each_verb_is_done_as_the_reference_does_it(tools):
    done = set()
    for kind, waits, steps in tour.WAYS:
        with in_turn(tools, kind, waits=waits) as both:
            for verb, who, about, how in steps:
                assert both.step(verb, who, about, **how), (verb, who, about, how)
                done.add(verb)
            both.prove()
    assert done == set(t.WHO)
